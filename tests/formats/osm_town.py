"""A small town in OpenStreetMap XML, drawn by hand for the tests of the importer.

At 60 degrees north 0.001 degrees are 55.8 m east and 111.4 m north.
"""

from __future__ import annotations

from pathlib import Path

TOWN_NODES = {
    # the ground of a school, 112 m by 111 m, and a building on it
    1: (24.000, 60.000), 2: (24.002, 60.000), 3: (24.002, 60.001), 4: (24.000, 60.001),
    5: (24.0005, 60.0002), 6: (24.0010, 60.0002), 7: (24.0010, 60.0005), 8: (24.0005, 60.0005),
    # a square with a hole
    11: (24.010, 60.000), 12: (24.014, 60.000), 13: (24.014, 60.002), 14: (24.010, 60.002),
    15: (24.011, 60.0005), 16: (24.012, 60.0005), 17: (24.012, 60.001), 18: (24.011, 60.001),
    # streets
    21: (24.000, 60.005), 22: (24.010, 60.005), 23: (24.020, 60.005),
    # a hall with a tower in it, and a house
    31: (24.020, 60.000), 32: (24.022, 60.000), 33: (24.022, 60.001), 34: (24.020, 60.001),
    35: (24.0201, 60.0001), 36: (24.0203, 60.0001), 37: (24.0203, 60.0002), 38: (24.0201, 60.0002),
    41: (24.030, 60.000), 42: (24.031, 60.000), 43: (24.031, 60.001), 44: (24.030, 60.001),
}  # fmt: skip

TOWN_TAGGED_NODES = """
 <node id="51" lon="24.040" lat="60.000"><tag k="amenity" v="school"/><tag k="name" v="Länsikoulu"/></node>
 <node id="52" lon="24.001" lat="60.0007"><tag k="amenity" v="school"/></node>
 <node id="53" lon="24.015" lat="60.0007"><tag k="amenity" v="marketplace"/><tag k="name" v="Halli"/></node>
"""

TOWN_WAYS = """
 <way id="101"><nd ref="1"/><nd ref="4"/><nd ref="3"/><nd ref="2"/><nd ref="1"/>
  <tag k="amenity" v="school"/><tag k="name" v="Itäkoulu"/></way>
 <way id="102"><nd ref="5"/><nd ref="6"/><nd ref="7"/><nd ref="8"/><nd ref="5"/>
  <tag k="building" v="school"/><tag k="building:levels" v="3"/><tag k="roof:levels" v="1"/></way>
 <way id="103"><nd ref="11"/><nd ref="12"/><nd ref="13"/><nd ref="14"/><nd ref="11"/></way>
 <way id="104"><nd ref="15"/><nd ref="16"/><nd ref="17"/><nd ref="18"/><nd ref="15"/></way>
 <way id="105"><nd ref="21"/><nd ref="22"/><tag k="highway" v="residential"/><tag k="name" v="第一大街"/>
  <tag k="oneway" v="yes"/><tag k="lanes" v="2"/><tag k="width" v="7.5 m"/></way>
 <way id="106"><nd ref="22"/><nd ref="23"/><tag k="highway" v="secondary"/><tag k="name" v="Katu"/>
  <tag k="oneway" v="-1"/><tag k="lanes" v="many"/></way>
 <way id="107"><nd ref="21"/><nd ref="1"/><tag k="highway" v="footway"/><tag k="tunnel" v="yes"/></way>
 <way id="108"><nd ref="31"/><nd ref="32"/><nd ref="33"/><nd ref="34"/><nd ref="31"/>
  <tag k="building" v="yes"/><tag k="height" v="12.5 m"/><tag k="name" v="Halli"/></way>
 <way id="109"><nd ref="35"/><nd ref="36"/><nd ref="37"/><nd ref="38"/><nd ref="35"/>
  <tag k="building:part" v="tower"/><tag k="height" v="30"/></way>
 <way id="110"><nd ref="41"/><nd ref="42"/><nd ref="43"/><nd ref="44"/><nd ref="41"/>
  <tag k="building" v="school"/><tag k="name" v="Pohjoiskoulu"/></way>
 <way id="111"><nd ref="41"/><nd ref="42"/><nd ref="999"/><nd ref="44"/><nd ref="41"/>
  <tag k="leisure" v="park"/><tag k="name" v="Reunapuisto"/></way>
 <way id="112"><nd ref="11"/><nd ref="12"/><nd ref="16"/><nd ref="11"/>
  <tag k="leisure" v="park"/><tag k="name" v="人民公园"/></way>
 <way id="113"><nd ref="31"/><nd ref="32"/><nd ref="33"/><nd ref="31"/>
  <tag k="place" v="square"/><tag k="name" v="Kellaritori"/><tag k="location" v="underground"/></way>
 <way id="114"><nd ref="11"/><nd ref="12"/><nd ref="13"/><nd ref="11"/><tag k="highway" v="pedestrian"/></way>
 <way id="115"><nd ref="12"/><nd ref="13"/><nd ref="14"/><nd ref="12"/>
  <tag k="highway" v="pedestrian"/><tag k="area" v="yes"/><tag k="name" v="Tori"/></way>
 <relation id="201"><member type="way" ref="103" role="outer"/><member type="way" ref="104" role="inner"/>
  <tag k="type" v="multipolygon"/><tag k="place" v="square"/><tag k="name" v="Tori"/></relation>
"""


def town_xml() -> str:
    """Return the town as an ``.osm`` document."""
    nodes = "\n".join(
        f' <node id="{number}" lon="{lon}" lat="{lat}"/>' for number, (lon, lat) in TOWN_NODES.items()
    )
    return f'<?xml version="1.0"?>\n<osm version="0.6">\n{nodes}{TOWN_TAGGED_NODES}{TOWN_WAYS}</osm>\n'


def write_town(folder: Path) -> Path:
    """Write the town into a folder and return its path."""
    path = folder / "town.osm"
    path.write_text(town_xml(), encoding="utf-8")
    return path
