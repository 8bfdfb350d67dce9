"""What tags mean."""

from __future__ import annotations

import pytest

from dronepatrol.formats.osm.tags import (
    OsmKind,
    built_as,
    height_m,
    line_kind,
    parse_metres,
    place_kind,
    road_properties,
)


@pytest.mark.parametrize(
    ("text", "metres"),
    [
        ("12", 12.0),
        ("12.5 m", 12.5),
        ("12,5", 12.5),
        ("40 ft", 12.192),
        ("40'", 12.192),
        ("6'4\"", 1.9304),
        ("about 12", None),
        ("-3", None),
        ("nan", None),
        ("1,200,000", None),
        ("", None),
    ],
)
def test_lengths_are_read_with_their_units(text: str, metres: float | None) -> None:
    """Metres are the default, feet are converted, and other text counts as none."""
    assert parse_metres(text) == (None if metres is None else pytest.approx(metres))


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"amenity": "school"}, OsmKind.SCHOOL_ZONE),
        ({"amenity": "kindergarten"}, OsmKind.KINDERGARTEN_ZONE),
        ({"amenity": "college"}, OsmKind.UNIVERSITY),
        ({"amenity": "marketplace", "place": "square"}, OsmKind.MARKET),
        ({"leisure": "stadium"}, OsmKind.STADIUM),
        ({"leisure": "pitch"}, OsmKind.STADIUM),
        ({"place": "square", "leisure": "park"}, OsmKind.SQUARE),
        ({"highway": "pedestrian", "area": "yes"}, OsmKind.SQUARE),
        ({"leisure": "garden", "name": "Botanical Garden"}, OsmKind.PARK),
    ],
)
def test_place_kinds_follow_the_tags(tags: dict[str, str], kind: OsmKind) -> None:
    """Each kind of place is told by its usual tags, the first rule winning."""
    found = place_kind(tags)
    assert found is not None
    assert found[0] is kind


@pytest.mark.parametrize(
    "tags",
    [{"highway": "pedestrian"}, {"leisure": "garden"}, {"disused:amenity": "school"}, {"amenity": "bar"}],
)
def test_other_outlines_are_no_places(tags: dict[str, str]) -> None:
    """A footpath round a block, a private garden and a school that is no more are not places."""
    assert place_kind(tags) is None


def test_roads_and_paths_are_told_apart() -> None:
    """Carriageways are roads, footways are paths, surfaces and building sites are neither."""
    assert line_kind({"highway": "secondary_link"}) is OsmKind.ROAD
    assert line_kind({"highway": "steps"}) is OsmKind.PATH
    assert line_kind({"highway": "pedestrian", "area": "yes"}) is None
    assert line_kind({"highway": "construction"}) is None


def test_tagged_height_goes_before_levels() -> None:
    """A height in metres is believed before an estimate from storeys."""
    assert height_m({"height": "17.5", "building:levels": "4"}) == (17.5, "tagged")


def test_levels_give_an_estimate() -> None:
    """Storeys count 3 m each, those in the roof included, and the source says so."""
    assert height_m({"building:levels": "4", "roof:levels": "1.5"}) == (16.5, "levels")


@pytest.mark.parametrize("tags", [{}, {"height": "tall"}, {"height": "0"}, {"building:levels": "9999"}])
def test_unusable_heights_count_as_none(tags: dict[str, str]) -> None:
    """Nonsense, zero and towers of kilometres are no heights."""
    assert height_m(tags) is None


def test_roundabouts_run_one_way_without_a_tag() -> None:
    """A roundabout is one-way unless it says otherwise."""
    assert road_properties({"highway": "tertiary", "junction": "roundabout"})["oneway"] is True
    assert "oneway" not in road_properties({"highway": "tertiary", "junction": "roundabout", "oneway": "no"})


def test_a_former_school_building_is_no_school() -> None:
    """A building that was built as a school but holds a restaurant is not one."""
    assert built_as({"building": "school"}) is OsmKind.SCHOOL_ZONE
    assert built_as({"building": "school", "amenity": "restaurant"}) is None
