"""Bad links, counted."""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest

from dronepatrol.clock import run_virtual
from dronepatrol.link.impaired import ImpairedLink, Impairment
from dronepatrol.link.memory import memory_pair
from dronepatrol.mavlink.codec import Codec
from tests.link.frames import heartbeats, numbers

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
COUNT = 4000

Arrivals = list[tuple[float, bytes]]


def send_through(
    outgoing: Impairment, *, seed: int = 1, count: int = COUNT, every_s: float = 0.01, glue: int = 1
) -> tuple[Arrivals, ImpairedLink]:
    """Send numbered heartbeats through a link and return what arrived when."""

    async def main() -> tuple[Arrivals, ImpairedLink]:
        near, far = memory_pair()
        link = ImpairedLink(near, outgoing=outgoing, seed=seed)
        loop, heard = asyncio.get_running_loop(), []
        far.set_receiver(lambda data: heard.append((loop.time(), data)))
        frames = heartbeats(count)
        for at in range(0, count, glue):
            link.send(b"".join(frames[at : at + glue]))
            await asyncio.sleep(every_s)
        await asyncio.sleep(60.0)
        return heard, link

    return run_virtual(main(), epoch_utc=EPOCH)


def heard_numbers(arrivals: Arrivals) -> list[int]:
    """Return the numbers that came through whole."""
    return numbers(b"".join(data for _, data in arrivals))


def assert_share(count: int, share: float, *, of: int = COUNT) -> None:
    """Assert a binomial count within four standard deviations (the seeds are fixed)."""
    assert abs(count - share * of) <= 4.0 * math.sqrt(of * share * (1.0 - share))


def test_loss_takes_its_share_of_frames() -> None:
    """Three frames in ten are lost, the rest arrive in order."""
    arrivals, link = send_through(Impairment(loss=0.3))
    heard = heard_numbers(arrivals)
    assert_share(len(heard), 0.7)
    assert heard == sorted(heard)
    assert link.sent.lost + len(heard) == link.sent.frames == COUNT


def test_glued_frames_are_lost_one_by_one() -> None:
    """Ten frames in one piece do not share their fate."""
    arrivals, _ = send_through(Impairment(loss=0.3), glue=10)
    heard = set(heard_numbers(arrivals))
    assert_share(len(heard), 0.7)
    whole = sum(all(at + k in heard for k in range(10)) for at in range(0, COUNT, 10))
    assert_share(whole, 0.7**10, of=COUNT // 10)


def test_duplicates_arrive_twice() -> None:
    """A fifth of the frames is repeated, none more than once."""
    arrivals, link = send_through(Impairment(duplicate=0.2))
    counts = Counter(heard_numbers(arrivals))
    assert set(counts.values()) == {1, 2}
    twice = sum(count == 2 for count in counts.values())
    assert_share(twice, 0.2)
    assert link.sent.duplicated == twice
    assert link.sent.delivered == COUNT + twice


def test_reordered_frames_are_overtaken() -> None:
    """A tenth of the frames comes after its successors; none is lost."""
    arrivals, link = send_through(Impairment(reorder=0.1, reorder_s=0.035))
    heard = heard_numbers(arrivals)
    assert sorted(heard) == list(range(COUNT))
    overtaken = sum(
        any(later < number for later in heard[at + 1 : at + 6]) for at, number in enumerate(heard)
    )
    assert link.sent.reordered > 0
    assert overtaken > 0
    assert_share(link.sent.reordered, 0.1)


def test_corrupt_frames_fail_their_checksum() -> None:
    """A damaged frame arrives at its full length and is no valid message."""
    arrivals, link = send_through(Impairment(corrupt=0.25))
    assert_share(link.sent.corrupted, 0.25)
    codec = Codec(255, 190)
    valid = [message for _, data in arrivals for message in codec.parse(data)]
    assert sum(len(data) for _, data in arrivals) == sum(len(frame) for frame in heartbeats(COUNT))
    # A changed length byte can swallow the frame after it; no damaged frame is ever taken for a good one.
    assert COUNT - 2 * link.sent.corrupted <= len(valid) <= COUNT - link.sent.corrupted
    assert codec.bad_bytes + codec.unknown_frames > 0


def test_delay_and_jitter_are_kept_and_keep_the_order() -> None:
    """Frames take from the delay to delay plus jitter, spread evenly, in order."""
    arrivals, _ = send_through(Impairment(delay_s=0.2, jitter_s=0.1), every_s=0.5, count=1000)
    delays = [at - 0.5 * number for number, (at, _) in enumerate(arrivals)]
    assert heard_numbers(arrivals) == list(range(1000))
    assert min(delays) >= 0.2 - 1e-9
    assert max(delays) <= 0.3 + 1e-9
    assert sum(delays) / len(delays) == pytest.approx(0.25, abs=4 * 0.1 / math.sqrt(12 * 1000))


def test_jitter_longer_than_the_gap_keeps_the_order() -> None:
    """A frame does not overtake one that was sent before it."""
    arrivals, _ = send_through(Impairment(jitter_s=0.2))
    assert heard_numbers(arrivals) == list(range(COUNT))


def test_the_rate_limit_spaces_frames() -> None:
    """Frames sent at once leave at the link's rate."""
    size = len(heartbeats(1)[0])
    arrivals, link = send_through(
        Impairment(rate_bytes_per_s=size * 10.0, queue_bytes=size * 1000), count=50, glue=50
    )
    times = [at for at, _ in arrivals]
    assert times == pytest.approx([(number + 1) / 10.0 for number in range(50)])
    assert link.sent.overflowed == 0


def test_what_the_queue_cannot_hold_is_lost() -> None:
    """Of fifty frames at once a queue for ten keeps ten."""
    size = len(heartbeats(1)[0])
    arrivals, link = send_through(
        Impairment(rate_bytes_per_s=size * 10.0, queue_bytes=size * 10), count=50, glue=50
    )
    assert heard_numbers(arrivals) == list(range(10))
    assert link.sent.overflowed == 40


def test_an_outage_is_silent_from_start_to_end() -> None:
    """What is sent while the link is dead is lost; before and after it all arrives."""
    arrivals, link = send_through(Impairment(outages_s=((5.0, 65.0),)), count=100, every_s=1.0)
    assert heard_numbers(arrivals) == [*range(5), *range(65, 100)]
    assert link.sent.cut == 60


def test_equal_seeds_make_equal_links() -> None:
    """The same seed gives the same bytes at the same times, another seed others."""
    bad = Impairment(loss=0.2, duplicate=0.1, reorder=0.1, corrupt=0.1, delay_s=0.1, jitter_s=0.1)
    first, _ = send_through(bad, count=500)
    again, _ = send_through(bad, count=500)
    other, _ = send_through(bad, count=500, seed=2)
    assert first == again
    assert first != other


def test_directions_suffer_on_their_own() -> None:
    """What is heard may be lost while what is sent arrives."""

    async def main() -> tuple[list[bytes], list[bytes]]:
        near, far = memory_pair()
        link = ImpairedLink(near, incoming=Impairment(loss=1.0), seed=1)
        at_near: list[bytes] = []
        at_far: list[bytes] = []
        link.set_receiver(at_near.append)
        far.set_receiver(at_far.append)
        frame = heartbeats(1)[0]
        link.send(frame)
        far.send(frame)
        await asyncio.sleep(1.0)
        return at_near, at_far

    assert run_virtual(main(), epoch_utc=EPOCH) == ([], heartbeats(1))


def test_impairment_can_change_on_the_way() -> None:
    """A link made bad and good again loses only what was sent while it was bad."""

    async def main() -> list[int]:
        near, far = memory_pair()
        link, heard = ImpairedLink(near), bytearray()
        far.set_receiver(heard.extend)
        for number, frame in enumerate(heartbeats(30)):
            if number == 10:
                link.impair(outgoing=Impairment(loss=1.0))
            if number == 20:
                link.impair(outgoing=Impairment())
            link.send(frame)
            await asyncio.sleep(0.1)
        return numbers(bytes(heard))

    assert run_virtual(main(), epoch_utc=EPOCH) == [*range(10), *range(20, 30)]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"loss": 1.5}, "loss is a probability from 0 to 1, got 1.5"),
        ({"corrupt": math.nan}, "corrupt is a probability"),
        ({"delay_s": -0.1}, "delay_s must be 0 or more"),
        ({"rate_bytes_per_s": 0.0}, "rate_bytes_per_s must be above 0"),
        ({"outages_s": ((5.0, 4.0),)}, "an outage from 5.0 to 4.0 s ends before it starts"),
    ],
)
def test_nonsense_is_refused(wrong: dict[str, Any], message: str) -> None:
    """Figures that mean nothing are refused where they are given."""
    with pytest.raises(ValueError, match=message):
        Impairment(**wrong)
