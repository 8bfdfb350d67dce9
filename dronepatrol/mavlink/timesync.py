"""How a vehicle's clock relates to the host's, by TIMESYNC, without I/O.

The question carries the host's time, the answer that and the vehicle's. The vehicle's time was read somewhere
between question and answer, so each exchange bounds the offset to within half its round trip; the bound
of the quickest exchange is kept and grows with the drift that two crystals may have. Sources:
https://mavlink.io/en/services/timesync.html; the minimum filter of RFC 5905, section 10.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from dronepatrol.errors import ProtocolError
from dronepatrol.mavlink.dialect import Message, dialect
from dronepatrol.mavlink.exchange import Exchange, Target
from dronepatrol.mavlink.round_trip import RoundTrip

DRIFT = 50e-6
"""Drift between the clocks in seconds per second: two crystals of 25 parts in a million each."""
KEPT = 16
"""Exchanges that the estimate is taken from."""
SAMPLES = 8
_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class ClockSample:
    """What one exchange tells.

    Attributes
    ----------
    host_s
        The host's clock half-way between question and answer.
    offset_s
        Vehicle time minus host time.
    bound_s
        Half the round trip: the true offset is within this.
    """

    host_s: float
    offset_s: float
    bound_s: float

    def uncertainty_s(self, host_s: float) -> float:
        """Return how far off the offset can be at another moment."""
        return self.bound_s + DRIFT * abs(host_s - self.host_s)


class ClockEstimate:
    """The offset of one vehicle's clock, from the best of the latest exchanges.

    Attributes
    ----------
    jumps
        How often the vehicle's clock was found set anew, as after a reboot; older exchanges then count no
        more.
    """

    def __init__(self) -> None:
        self._samples: deque[ClockSample] = deque(maxlen=KEPT)
        self.jumps = 0

    @property
    def known(self) -> bool:
        """Whether there is an estimate."""
        return bool(self._samples)

    def add(self, sample: ClockSample) -> None:
        """Take the result of an exchange."""
        if self._samples:
            best = self._best(sample.host_s)
            room_s = best.uncertainty_s(sample.host_s) + sample.bound_s
            if abs(sample.offset_s - best.offset_s) > room_s:
                self._samples.clear()
                self.jumps += 1
        self._samples.append(sample)

    def _best(self, host_s: float) -> ClockSample:
        if not self._samples:
            raise ProtocolError("the vehicle's clock is not known yet: no TIMESYNC was answered")
        return min(self._samples, key=lambda sample: sample.uncertainty_s(host_s))

    def offset_s(self, host_s: float) -> float:
        """Return vehicle time minus host time at a moment of the host's clock.

        Raises
        ------
        ProtocolError
            Nothing is known yet.
        """
        return self._best(host_s).offset_s

    def uncertainty_s(self, host_s: float) -> float:
        """Return how far off the offset can be, at most."""
        return self._best(host_s).uncertainty_s(host_s)

    def vehicle_s(self, host_s: float) -> float:
        """Return the vehicle's time at a moment of the host's clock."""
        return host_s + self.offset_s(host_s)

    def host_s(self, vehicle_s: float) -> float:
        """Return the host's time at a moment of the vehicle's clock."""
        latest_s = self._samples[-1].host_s if self._samples else 0.0
        return vehicle_s - self.offset_s(latest_s)


def timesync_answer(message: Message, now_s: float) -> Message | None:
    """Return the answer to a vehicle's question, or None if the message is none."""
    if message.get_type() != "TIMESYNC" or message.tc1 != 0:
        return None
    return dialect.MAVLink_timesync_message(round(now_s * _NS), message.ts1)


class TimeSync(Exchange):
    """Asks a vehicle for its time until there are enough answers.

    Parameters
    ----------
    estimate
        Takes the answers; shared to go on with it later.
    samples
        Answers wanted.
    """

    def __init__(
        self,
        target: Target,
        *,
        estimate: ClockEstimate | None = None,
        samples: int = SAMPLES,
        round_trip: RoundTrip | None = None,
        patience_s: float = 10.0,
    ) -> None:
        super().__init__(target, round_trip=round_trip, patience_s=patience_s)
        self.estimate = estimate or ClockEstimate()
        self.wanted = samples
        self.answers = 0
        self._asked: dict[int, float] = {}
        self._attempt = 0

    def start(self, now_s: float) -> list[Message]:
        """Return the first question."""
        self._progress_s = now_s
        return self._resend(now_s)

    def _resend(self, now_s: float) -> list[Message]:
        stamp = max(1, round(now_s * _NS))
        while stamp in self._asked:
            stamp += 1
        self._asked[stamp] = now_s
        self._resend_s = now_s + self.round_trip.timeout_s(self._attempt)
        self._attempt += 1
        return [dialect.MAVLink_timesync_message(0, stamp)]

    def _take(self, message: Message, now_s: float) -> list[Message]:
        if message.get_type() != "TIMESYNC" or message.tc1 == 0:
            return []
        # Each question is answered once: an answer that comes twice tells nothing new.
        asked_s = self._asked.pop(message.ts1, None)
        if asked_s is None:
            return []
        self._attempt = 0
        self._progress_s = now_s
        self.round_trip.answered([asked_s], now_s)
        middle_s, bound_s = (asked_s + now_s) / 2.0, (now_s - asked_s) / 2.0
        self.estimate.add(ClockSample(middle_s, message.tc1 / _NS - middle_s, bound_s))
        self.answers += 1
        self.done = self.answers >= self.wanted
        return [] if self.done else self._resend(now_s)

    def _silence_text(self) -> str:
        return f"the vehicle answered {self.answers} of {self.wanted} TIMESYNC questions"
