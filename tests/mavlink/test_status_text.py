"""Status texts joined from chunks that come late, twice, out of order or not at all."""

from __future__ import annotations

import math
import random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dronepatrol.mavlink.codec import Codec
from dronepatrol.mavlink.dialect import dialect
from dronepatrol.mavlink.status_text import COMPLETE_S, StatusText, TextJoiner

LONG = "PreArm: " + "compasses inconsistent, " * 5 + "拱墅 check the wiring"


def chunks(text: str, number: int = 7, severity: int = 4) -> list[Any]:
    """Return a text as an autopilot sends it, heard."""
    data = text.encode()
    codec = Codec(1, 1)
    pieces = [data[at : at + 50] for at in range(0, len(data), 50)]
    found = []
    for seq, piece in enumerate(pieces):
        message = dialect.MAVLink_statustext_message(severity, piece, number, seq)
        found += Codec(9, 9).parse(codec.pack(message))
    return found


def texts(joiner: TextJoiner, messages: list[Any], now_s: float = 0.0) -> list[StatusText]:
    """Return what the joiner gives out for messages heard at one moment."""
    return [text for message in messages for text in joiner.receive(message, now_s)]


def test_short_text_passes_at_once() -> None:
    """A text without an id is whole as it is."""
    (text,) = texts(TextJoiner(), chunks("EKF variance", number=0))
    assert text == StatusText(4, "EKF variance", 1, 1)


def test_long_text_is_joined() -> None:
    """Chunks make one text, even where a character lies across two of them."""
    (text,) = texts(TextJoiner(), chunks(LONG))
    assert text == StatusText(4, LONG, 1, 1)


@given(
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=51, max_size=400), st.integers()
)
def test_order_and_repeats_do_not_matter(words: str, seed: int) -> None:
    """In any order, with any chunk repeated, the same text comes out once."""
    messages = chunks(words)
    shuffled = messages + messages[::2]
    random.Random(seed).shuffle(shuffled)
    joiner = TextJoiner()
    found = texts(joiner, shuffled) + joiner.poll(COMPLETE_S + 1.0)
    assert [(text.text, text.complete) for text in found] == [(words, True)]


def test_lost_chunk_is_marked() -> None:
    """After a wait, a text without its middle comes with an ellipsis in its place, and says so."""
    messages = chunks("a" * 50 + "b" * 50 + "c" * 10)
    joiner = TextJoiner()
    assert texts(joiner, [messages[0], messages[2]]) == []
    (text,) = joiner.poll(joiner.next_wakeup_s)
    assert text.text == "a" * 50 + "…" + "c" * 10
    assert not text.complete


def test_lost_end_is_given_out_after_the_wait() -> None:
    """A text whose end is lost, or that fills its chunks exactly, is not held back for ever."""
    joiner = TextJoiner()
    texts(joiner, chunks("a" * 100), now_s=5.0)
    assert joiner.poll(5.0 + COMPLETE_S - 0.1) == []
    assert [text.text for text in joiner.poll(5.0 + COMPLETE_S)] == ["a" * 100]
    assert joiner.next_wakeup_s == math.inf


def test_late_chunk_gives_no_second_text() -> None:
    """A chunk that comes after its text was given out is passed over."""
    messages = chunks("a" * 50 + "b" * 10)
    joiner = TextJoiner()
    texts(joiner, messages[:1])
    assert len(joiner.poll(COMPLETE_S)) == 1
    assert texts(joiner, messages[1:], now_s=COMPLETE_S + 1.0) == []
    assert joiner.next_wakeup_s == math.inf


def test_id_used_again_later_is_a_new_text() -> None:
    """Ids start anew after a while; the same one much later belongs to another text."""
    joiner = TextJoiner()
    assert len(texts(joiner, chunks(LONG))) == 1
    assert len(texts(joiner, chunks(LONG), now_s=60.0)) == 1


def test_repeated_frame_gives_one_text_and_a_repeated_text_gives_two() -> None:
    """The link's repeat of a frame is dropped; the vehicle saying the same twice is not."""
    joiner = TextJoiner()
    (message,) = chunks("Radio Failsafe", number=0)
    codec = Codec(1, 1)
    plain = dialect.MAVLink_statustext_message(4, b"Radio Failsafe")
    said = [one for _ in range(2) for one in Codec(9, 9).parse(codec.pack(plain))]
    assert len(texts(joiner, [message, message])) == 1
    assert len(texts(TextJoiner(), said)) == 2


def test_vehicles_are_kept_apart() -> None:
    """Two vehicles may use the same id at the same time."""
    first, second = chunks("a" * 60), chunks("b" * 60)
    for message in second:
        message._header.srcSystem = 2
    joiner = TextJoiner()
    found = texts(joiner, [first[0], second[0], first[1], second[1]])
    assert [(text.system, text.text) for text in found] == [(1, "a" * 60), (2, "b" * 60)]
