"""What the importer says to input that it cannot use."""

from __future__ import annotations

import gzip
import sys
from pathlib import Path

import pytest

from dronepatrol.errors import InputError, MissingExtraError, OutputError
from dronepatrol.formats.osm import import_osm, write_geojson
from tests.formats.osm_town import TOWN_TAGGED_NODES, town_xml, write_town


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """The path and a remedy are in the message."""
    with pytest.raises(InputError, match=r"none\.osm\.pbf: no such file; give an extract"):
        import_osm(tmp_path / "none.osm.pbf")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    """A folder in place of a file is an input error."""
    with pytest.raises(InputError, match="cannot be read"):
        import_osm(tmp_path)


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("a.osm.pbf", b"hello, world", "starts with 'hello, world'"),
        ("a.osm", b"<gpx></gpx>", "is not an OpenStreetMap file"),
        ("a.osm", b"", "is empty"),
        ("a.osm.gz", b"\x1f\x8bnot packed at all", "cannot be read"),
        ("a.osm", b'<osm version="0.6"><node id="1"', "cannot be read as OpenStreetMap data"),
        ("a.osm.pbf", b"\x00\x00\x00\x0d\n\tOSMHeader\x18\x7c", "cannot be read as OpenStreetMap data"),
    ],
)
def test_what_is_no_map_is_told_by_its_content(
    tmp_path: Path, name: str, content: bytes, complaint: str
) -> None:
    """Other files, empty and cut-off ones are refused whatever their suffix."""
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError, match=complaint) as caught:
        import_osm(path)
    assert caught.value.file == str(path)
    assert ".osm.pbf or .osm" in caught.value.remedy


def test_a_truncated_packed_file_is_refused(tmp_path: Path) -> None:
    """A download that broke off is an input error and not a smaller town."""
    path = tmp_path / "town.osm.gz"
    path.write_bytes(gzip.compress(town_xml().encode())[:-200])
    with pytest.raises(InputError, match=r"town\.osm\.gz"):
        import_osm(path)


def test_ways_before_their_nodes_are_explained(tmp_path: Path) -> None:
    """A file in the wrong order is refused with the remedy instead of giving nothing."""
    path = tmp_path / "unsorted.osm"
    way = '<way id="1"><nd ref="5"/><nd ref="6"/><nd ref="5"/><tag k="amenity" v="school"/></way>'
    path.write_text(f'<osm version="0.6">{way}{TOWN_TAGGED_NODES}</osm>', encoding="utf-8")
    with pytest.raises(InputError, match=r"ways before the nodes.*osmium sort"):
        import_osm(path)


def test_a_bbox_elsewhere_names_the_box_of_the_data(tmp_path: Path) -> None:
    """The box asked for and the box of the data are both in the message."""
    with pytest.raises(
        InputError, match=r"in the bbox 10,50,11,51; the data covers 23\.9+,59\.9+,24\.04.*,60\.005"
    ):
        import_osm(write_town(tmp_path), bbox="10,50,11,51")


def test_an_empty_map_is_no_success(tmp_path: Path) -> None:
    """A map with nothing in it is an error that says so."""
    path = tmp_path / "empty.osm"
    path.write_text('<osm version="0.6"></osm>')
    with pytest.raises(InputError, match="nothing of interest found; the file holds no nodes"):
        import_osm(path)


def test_a_kind_that_does_not_occur_is_named(tmp_path: Path) -> None:
    """Asking only for stadiums where there are none is an error."""
    with pytest.raises(InputError, match="no stadium found"):
        import_osm(write_town(tmp_path), kinds=["stadium"])


def test_an_unknown_kind_suggests_the_nearest(tmp_path: Path) -> None:
    """A misspelt kind gets the nearest known one."""
    with pytest.raises(InputError, match="kinds: 'bulding' is not a kind; did you mean 'building'"):
        import_osm(write_town(tmp_path), kinds=["bulding"])


def test_an_unknown_name_suggests_the_nearest(tmp_path: Path) -> None:
    """A misspelt id gets the nearest known one."""
    with pytest.raises(InputError, match="only: 'itakuolu' is not in the extract; did you mean 'itakoulu'"):
        import_osm(write_town(tmp_path), only=["itakuolu"])


@pytest.mark.parametrize("margin_m", [-1.0, 5000.0, float("nan")])
def test_a_margin_out_of_range_is_refused(tmp_path: Path, margin_m: float) -> None:
    """Negative, huge and undefined margins are refused with the limits."""
    with pytest.raises(InputError, match=r"school_margin_m: .* is outside 0 to 1000 m"):
        import_osm(write_town(tmp_path), school_margin_m=margin_m)


def test_without_pyosmium_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing library leads to the command that installs it."""
    monkeypatch.setitem(sys.modules, "osmium", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'dronepatrol\[osm\]'"):
        import_osm(write_town(tmp_path))


def test_an_unwritable_target_leaves_nothing(tmp_path: Path) -> None:
    """A folder that does not exist is an output error; a name taken by a folder leaves no temporary file."""
    town = import_osm(write_town(tmp_path))
    with pytest.raises(OutputError, match=r"none.*cannot be written"):
        write_geojson(town, tmp_path / "none" / "a.geojson")
    (tmp_path / "taken").mkdir()
    with pytest.raises(OutputError, match=r"taken.*cannot be written"):
        write_geojson(town, tmp_path / "taken")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["taken", "town.osm"]
