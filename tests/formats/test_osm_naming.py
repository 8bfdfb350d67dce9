"""Identifiers of imported features."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dronepatrol.formats.osm.naming import Ids, slug


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Ressun lukio", "ressun-lukio"),
        ("Kruununhaan yläasteen koulu", "kruununhaan-ylaasteen-koulu"),
        ("Åsa's Götgatan / 5", "asas-gotgatan-5"),
        ("Łódź Straße", "lodz-strasse"),
        ("达西第5小学", ""),
        ("Парк Gorky", ""),
        ("---", ""),
    ],
)
def test_slugs_are_transliterated(name: str, expected: str) -> None:
    """Latin accents fall away; a name that would lose letters gives no slug at all."""
    assert slug(name) == expected


@given(st.text(max_size=40))
def test_slugs_hold_nothing_but_plain_signs(name: str) -> None:
    """Whatever the name, a slug is empty or made of a-z, 0-9 and single hyphens."""
    assert re.fullmatch(r"([a-z0-9]+(-[a-z0-9]+)*)?", slug(name))


def test_the_first_of_a_name_gets_the_bare_slug() -> None:
    """Others of the name carry their OpenStreetMap number."""
    ids = Ids()
    assert ids.place("Tori", "square", "way/1") == "tori"
    assert ids.place("Tori", "square", "relation/2") == "tori-r2"


def test_the_unnamed_are_called_by_kind_and_number() -> None:
    """A place without a usable name gets its kind and number."""
    assert Ids().place("人民公园", "park", "way/7") == "park-w7"


def test_pieces_of_one_way_are_counted() -> None:
    """Two pieces of a road cut in two get different ids."""
    ids = Ids()
    assert [ids.numbered("Katu", "road", "way/3") for _ in range(2)] == ["katu-w3", "katu-w3-2"]
