"""The recorded mission-protocol transcript of a real ArduCopter, and its replay against the item server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dronepatrol.mavlink.codec import Codec
from dronepatrol.mavlink.dialect import dialect
from dronepatrol.mavlink.item_server import Answer, ItemHooks, ItemServer
from dronepatrol.mavlink.items import MissionType, WireItem

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "arducopter"
TRANSCRIPT = FOLDER / "protocol-transcript.txt"
TOTALS = ("MIS_TOTAL", "FENCE_TOTAL", "RALLY_TOTAL")
OTHER_TEXTS = re.compile(r"EKF3|AHRS|Barometer|ArduPilot|RC7|GPS|Field Elevation")
"""Texts in the transcript that have other causes than the mission protocol."""
HOME = WireItem(0, 0, 16, x=300300000, y=1208700000, z=10.1)
CLOCK_TOLERANCE_S = 0.06

Fields = dict[str, Any]
Heard = tuple[str, Fields]


@dataclass(slots=True)
class Exchange:
    """One client message, with everything heard until the next one."""

    time_s: float
    system: int
    sent: Heard
    answers: list[tuple[float, Heard]] = field(default_factory=list)


@dataclass(slots=True)
class Section:
    """What stands under one heading.

    `hidden_upload` tells that a mission of four items was uploaded first, which is not in the transcript;
    `stored` is the mission that the recorder found afterwards, as sequence, command and position.
    """

    title: str
    hidden_upload: bool = False
    exchanges: list[Exchange] = field(default_factory=list)
    texts: list[Heard] = field(default_factory=list)
    reads_parameters: bool = False
    totals: list[tuple[str, float]] = field(default_factory=list)
    stored: str = ""


LINE = re.compile(r"\s*([\d.]+) (-->|<--|##)\s+(.*)")
STATUSTEXT = re.compile(r"(severity|text)=(.*?)(?=\s(?:text|id)=)")
FIELD = re.compile(r"(\w+)=(.*?)(?=\s\w+=|$)")


def sections(path: Path = TRANSCRIPT) -> list[Section]:
    """Return the sections of the transcript in order."""
    found: list[Section] = []
    for line in path.read_text().splitlines():
        match = LINE.match(line)
        if match is None:
            continue
        time_s, direction, rest = float(match[1]), match[2], match[3]
        if direction == "##":
            _take_heading(found, line, rest)
        else:
            kind, _, fields = rest.partition(" ")
            heard = (kind, dict(_values(fields)))
            _take_message(found[-1], time_s, direction, heard)
    return found


def _values(text: str) -> Iterator[tuple[str, Any]]:
    pattern = STATUSTEXT if " text=" in text else FIELD
    for name, value in pattern.findall(text):
        try:
            yield name, float(value) if re.search(r"[.n]|e[+-]", value) else int(value)
        except ValueError:
            yield name, value


def _take_heading(found: list[Section], line: str, rest: str) -> None:
    if stored := re.search(r"stored(?: afterwards| now)?:? ?(.*)", rest) if "##   " in line else None:
        found[-1].stored = stored[1]
    elif not re.match(r"(?:ACK|result|cmp|\(dropping|\(waiting)", rest):
        found.append(Section(rest))


def _take_message(section: Section, time_s: float, direction: str, heard: Heard) -> None:
    kind, fields = heard
    if direction == "-->":
        section.exchanges.append(Exchange(time_s, 255, heard))
    elif kind == "PARAM_VALUE":
        section.reads_parameters |= fields["param_id"] == "FENCE_ENABLE"
        if fields["param_id"] not in TOTALS or section.reads_parameters:
            return
        section.totals.append((fields["param_id"], fields["param_value"]))
    elif kind == "STATUSTEXT" and not OTHER_TEXTS.search(fields["text"]):
        if section.exchanges:
            section.texts.append(heard)
        else:
            section.hidden_upload = True
    elif kind.startswith("MISSION_") and section.exchanges:
        section.exchanges[-1].answers.append((time_s, heard))
        # The recorder noted no sender; whom the vehicle answers at once is who had asked.
        if kind == "MISSION_ACK" and fields["target_system"] == 254:
            section.exchanges[-1].system = 254


class Replay:
    """Feeds the recorded client's messages, through real frames, to an item server."""

    def __init__(self) -> None:
        self.home: WireItem | None = None
        self.totals: list[tuple[str, float]] = []
        hooks = ItemHooks(
            home=lambda: self.home,
            announce=lambda name, value: self.totals.append((name, value)),
            set_current=self._set_current,
        )
        self.server = ItemServer(system=1, component=1, hooks=hooks)
        self._codecs = {system: Codec(system, 190) for system in (254, 255)}
        self._vehicle = Codec(1, 1)

    def _set_current(self, seq: int) -> Any:
        return dialect.MAVLink_mission_current_message(seq, self.server.mission.count - 1, 2, 0)

    def prepare(self, section: Section) -> None:
        """Bring about what the recorder did unseen before a section."""
        if section.title.startswith("2."):
            self.home = HOME
            self.server.mission.home_was_set()
        if section.hidden_upload:
            self.server.mission.load(
                [
                    WireItem(i, 3, 16, x=300300000 + 1000 * i, y=1208700000 + 1000 * i, z=20.0)
                    for i in range(4)
                ]
            )
        self.totals.clear()

    def exchange(self, exchange: Exchange, until_s: float) -> tuple[list[tuple[float, Heard]], list[Heard]]:
        """Return what the server answers to one client message until a time: messages, and texts."""
        message = self._through_wire(self._codecs[exchange.system], self._message(exchange.sent))
        sender = (message.get_srcSystem(), message.get_srcComponent())
        said = [(exchange.time_s, a) for a in self.server.receive(message, sender, exchange.time_s)]
        while self.server.next_wakeup_s < until_s:
            wakeup_s = self.server.next_wakeup_s
            said += [(wakeup_s, answer) for answer in self.server.poll(wakeup_s)]
        heard = [(time_s, self._heard(answer)) for time_s, answer in said]
        return (
            [(time_s, one) for time_s, one in heard if one[0] != "STATUSTEXT"],
            [one for _, one in heard if one[0] == "STATUSTEXT"],
        )

    def _message(self, sent: Heard) -> Any:
        kind, fields = sent
        name = f"MAVLink_{kind.lower()}_message"
        return getattr(dialect, name)(**fields)

    def _through_wire(self, codec: Codec, message: Any) -> Any:
        (received,) = Codec(9, 9).parse(codec.pack(message))
        return received

    def _heard(self, answer: Answer) -> Heard:
        message = self._through_wire(self._vehicle, answer.message)
        fields = message.to_dict()
        fields.pop("mavpackettype")
        return message.get_type(), fields

    def stored(self, section: Section) -> str:
        """Return the stored items the way the recorder wrote them down."""
        if section.stored.startswith("["):
            return str([(item.command, item.params[0]) for item in self.server.fence.items])
        mission = self.server.mission
        items = [mission.item(seq) for seq in range(mission.count)]
        return ", ".join(f"{i}:{item.command}@{(item.x - 300300000) // 1000}" for i, item in enumerate(items))


def matches(expected: list[tuple[float, Heard]], got: list[tuple[float, Heard]]) -> bool:
    """Return True if the same messages with the same fields came at the same times."""
    return len(expected) == len(got) and all(
        abs(expected_s - got_s) < CLOCK_TOLERANCE_S and same(one, other)
        for (expected_s, one), (got_s, other) in zip(expected, got, strict=True)
    )


def same(expected: Heard, got: Heard) -> bool:
    """Return True if every recorded field has the recorded value."""
    return expected[0] == got[0] and all(got[1].get(name) == value for name, value in expected[1].items())


__all__ = [
    "FOLDER",
    "TRANSCRIPT",
    "Exchange",
    "MissionType",
    "Replay",
    "Section",
    "matches",
    "same",
    "sections",
]
