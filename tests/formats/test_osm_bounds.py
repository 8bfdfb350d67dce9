"""The box that limits an import."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import LineString

from dronepatrol.errors import InputError
from dronepatrol.formats.osm import Bounds

coordinate = st.floats(-2.0, 3.0, allow_nan=False).map(lambda value: round(value, 3))


def test_text_and_numbers_mean_the_same() -> None:
    """The text of the command line and four numbers give equal bounds."""
    assert Bounds.of("24.93, 60.16,24.96,60.18") == Bounds.of((24.93, 60.16, 24.96, 60.18))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("24.93,60.16,24.96", "not four numbers"),
        ("24.93,60.16,24.96,north", "not four numbers"),
        ("nan,60.16,24.96,60.18", "not a finite number"),
        ("24.96,60.16,24.93,60.18", "west 24.96 not west of its east 24.93"),
        ("24.93,60.18,24.96,60.16", "south 60.18 not below its north 60.16"),
        ("1,2,3,95", "latitude outside -90 to 90"),
        ("-181,2,3,9", "longitude outside -180 to 180"),
    ],
)
def test_malformed_bounds_are_refused_with_the_remedy(text: str, complaint: str) -> None:
    """Each way to get a box wrong is named, with the order that is meant."""
    with pytest.raises(InputError, match=rf"bbox: .*{complaint}.*; give west,south,east,north"):
        Bounds.of(text)


@given(st.lists(st.tuples(coordinate, coordinate), min_size=2, max_size=8))
def test_clipping_keeps_what_is_inside(points: list[tuple[float, float]]) -> None:
    """The pieces are as long as the overlay by shapely says, segment by segment, and lie in the box."""
    box = Bounds(0.0, 0.0, 1.0, 1.0)
    pieces = box.clip(np.array(points))
    square = shapely.box(0.0, 0.0, 1.0, 1.0)
    segments = [LineString(pair) for pair in pairwise(points)]
    expected = sum(segment.intersection(square).length for segment in segments)
    assert sum(LineString(piece).length for piece in pieces) == pytest.approx(expected, abs=1e-9)
    assert all(np.all((piece >= -1e-12) & (piece <= 1.0 + 1e-12)) for piece in pieces)


def test_clipping_keeps_the_direction() -> None:
    """A street drawn westward is still drawn westward after the cut."""
    (piece,) = Bounds(0.0, 0.0, 1.0, 1.0).clip(np.array([[3.0, 0.5], [-3.0, 0.5]]))
    assert piece.tolist() == [[1.0, 0.5], [0.0, 0.5]]


def test_a_line_that_leaves_and_returns_is_cut_in_two() -> None:
    """A street that leaves the box and comes back gives two pieces."""
    line = np.array([[0.5, 0.2], [1.5, 0.2], [1.5, 0.8], [0.5, 0.8]])
    assert len(Bounds(0.0, 0.0, 1.0, 1.0).clip(line)) == 2
