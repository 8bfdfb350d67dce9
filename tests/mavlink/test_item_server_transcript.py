"""The item server against what a real ArduCopter was recorded to answer."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from tests.mavlink.transcript import TRANSCRIPT, Heard, Replay, Section, matches, same, sections

pytestmark = pytest.mark.skipif(
    not TRANSCRIPT.exists(), reason="needs the shared recordings of a real ArduCopter"
)

SECTIONS = sections() if TRANSCRIPT.exists() else []


@dataclass
class Outcome:
    """What the replay of one section gave."""

    section: Section
    wrong: list[str] = field(default_factory=list)
    texts: list[Heard] = field(default_factory=list)
    totals: list[tuple[str, float]] = field(default_factory=list)
    stored: str = ""


@pytest.fixture(scope="module")
def outcomes() -> list[Outcome]:
    """Replay the whole transcript once: its sections build on each other."""
    replay = Replay()
    starts = [exchange.time_s for section in SECTIONS for exchange in section.exchanges] + [1e9]
    found = []
    for section in SECTIONS:
        replay.prepare(section)
        outcome = Outcome(section)
        for exchange in section.exchanges:
            until_s = min(start for start in starts if start > exchange.time_s)
            if exchange.sent[0] == "COMMAND_LONG":
                continue
            got, texts = replay.exchange(exchange, until_s)
            outcome.texts += texts
            if not matches(exchange.answers, got):
                outcome.wrong.append(f"{exchange.sent} gave {got}, recorded {exchange.answers}")
        outcome.totals = list(replay.totals)
        outcome.stored = replay.stored(section)
        found.append(outcome)
    return found


def test_transcript_is_read_completely() -> None:
    """The parser finds every message that the client sent."""
    sent = sum(len(section.exchanges) for section in SECTIONS)
    assert sent == TRANSCRIPT.read_text().count(" --> ")
    assert len(SECTIONS) == 75


@pytest.mark.parametrize("number", range(len(SECTIONS)), ids=[s.title[:50] for s in SECTIONS])
def test_answers_are_the_recorded_ones(number: int, outcomes: list[Outcome]) -> None:
    """Each client message gets the recorded MISSION messages, field by field and at the recorded times."""
    assert outcomes[number].wrong == []


@pytest.mark.parametrize("number", range(len(SECTIONS)), ids=[s.title[:50] for s in SECTIONS])
def test_texts_and_totals_are_the_recorded_ones(number: int, outcomes: list[Outcome]) -> None:
    """Each section brings the recorded texts and the recorded values of the three totals."""
    outcome = outcomes[number]
    assert len(outcome.texts) == len(outcome.section.texts)
    assert all(same(*pair) for pair in zip(outcome.section.texts, outcome.texts, strict=True))
    assert outcome.totals == outcome.section.totals


@pytest.mark.parametrize(
    "number",
    [i for i, section in enumerate(SECTIONS) if section.stored],
    ids=[s.title[:50] for s in SECTIONS if s.stored],
)
def test_what_is_stored_is_the_recorded(number: int, outcomes: list[Outcome]) -> None:
    """After each section the lists hold what the recorder found by downloading them."""
    assert outcomes[number].stored == outcomes[number].section.stored.strip()
