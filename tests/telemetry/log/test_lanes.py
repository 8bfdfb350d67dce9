"""Long logs are followed in lanes, and give what looking at every byte gives."""

from __future__ import annotations

import numpy as np
import pytest

from dronepatrol.telemetry.log import lanes
from dronepatrol.telemetry.log.lanes import follow
from dronepatrol.telemetry.log.tlog_scan import scan
from tests.telemetry.log.damage import small_log

PART, PLACES = small_log(200)
LONG = np.frombuffer(PART * (9_000_000 // len(PART) + 1), np.uint8)
FRAMES = len(PLACES) * (LONG.size // len(PART))


def starts(data: np.ndarray) -> list[int]:
    """Offsets of the frames that the scan finds."""
    return scan(data).frames.starts.tolist()  # type: ignore[no-any-return]


def test_an_intact_log_is_followed_whole() -> None:
    """Every frame lies on a lane, and nothing but the bytes before the first lane is left."""
    offsets, left = follow(LONG, 0, LONG.size)
    assert len(left) == 1
    assert left[0][0] == 0
    assert left[0][1] < 1000
    assert offsets.size > FRAMES - 20
    assert len(starts(LONG)) == FRAMES


def test_short_logs_are_not_cut_into_lanes() -> None:
    """A log of a few lanes is left to the search for magic bytes."""
    offsets, left = follow(LONG, 0, 100_000)
    assert offsets.size == 0
    assert left == [(0, 100_000)]


@pytest.mark.parametrize("flips", [5, 100, 20_000])
def test_damaged_logs_give_the_same_both_ways(flips: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """With some or all lanes broken, the frames are those that looking at every byte finds."""
    data = LONG.copy()
    random = np.random.default_rng(flips)
    data[random.choice(data.size, flips, replace=False)] ^= 0x3D
    followed = starts(data)
    monkeypatch.setattr(lanes, "_FEWEST_LANES", 1 << 30)
    assert followed == starts(data)


def test_a_hole_leaves_only_its_own_lanes() -> None:
    """Where a stretch is overwritten, only that stretch is looked at byte by byte."""
    data = LONG.copy()
    data[4_000_000:4_050_000] = 0x55
    offsets, left = follow(data, 0, data.size)
    assert sum(stop - start for start, stop in left) < 120_000
    assert offsets.size > 0.98 * FRAMES
