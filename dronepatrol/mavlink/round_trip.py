"""How long an answer takes on this link, and so how long to wait before asking again.

As in RFC 6298, section 2, the time-out is the usual round-trip time and four times its deviation. Radio
links lose frames by chance and not by congestion, so three things differ: medians of the latest measurements
take the place of running means, because a lost answer that the vehicle repeats of its own accord looks like
a slow one; a repeated question waits only up to half as long again; and of several copies of a question the
one that can have been answered is looked for.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence

FIRST_S = 1.0
"""Time-out while nothing is known (RFC 6298, 2.1)."""
SHORTEST_S = 0.25
"""A vehicle that steps at 10 Hz answers within this on a perfect link."""
LONGEST_S = 10.0
KEPT = 15
"""Measurements that the medians are taken of."""
DOUBTS = 8
"""Answers in a row that may belong to several copies, after which the link has probably become slower."""
_SPREAD = 4.0
"""How much slower than the quickest of the latest answers the usual one may be."""
_BACKOFF, _MOST_BACKOFF = 1.2, 1.5
_BLIND_BACKOFF, _MOST_BLIND_BACKOFF = 1.2, 1.5


class RoundTrip:
    """The measured round-trip time of one link to one vehicle; may be shared by all its exchanges.

    Attributes
    ----------
    usual_s
        Median of the latest measurements; None before the first.
    deviation_s
        Median of their distances from it.
    shortest_s
        The quickest answer so far.
    """

    def __init__(self) -> None:
        self.usual_s: float | None = None
        self.deviation_s = 0.0
        self.shortest_s = math.inf
        self._latest: deque[float] = deque(maxlen=KEPT)
        self._doubts: list[float] = []

    def timeout_s(self, attempt: int = 0) -> float:
        """Return how long to wait for an answer to the question sent `attempt` times before."""
        if self.usual_s is None:
            return min(FIRST_S * min(_BLIND_BACKOFF**attempt, _MOST_BLIND_BACKOFF), LONGEST_S)
        once_s = max(SHORTEST_S, self.usual_s + 4.0 * self.deviation_s)
        if self._latest:
            # Losses make answers seem slow but never quick, so the quickest bounds what is believed.
            once_s = min(once_s, _SPREAD * min(self._latest) + SHORTEST_S)
        return min(once_s * min(_BACKOFF**attempt, _MOST_BACKOFF), LONGEST_S)

    @property
    def expected_s(self) -> float | None:
        """When an answer should have come: the usual time, but no more than twice the quickest lately."""
        if self.usual_s is None or not self._latest:
            return self.usual_s
        return min(self.usual_s, 2.0 * min(self._latest))

    def answered(self, sent_s: Sequence[float], now_s: float, *, any_copy: bool = True) -> None:
        """Learn from an answer to a question whose copies were sent at some times, in order.

        Parameters
        ----------
        any_copy
            Every copy that arrives is answered. An item of an upload is not if it came before its turn.
        """
        if not sent_s:
            return
        # A copy younger than the link is quick cannot have been answered.
        possible = [at for at in sent_s if now_s - at >= 0.8 * self.shortest_s] if self._latest else sent_s
        if len(sent_s) == 1 or len(possible) == 1:
            self._measure(now_s - (possible or sent_s)[0])
        elif not self._latest:
            # It may be the answer to any copy; the first gives an upper bound until there is a measurement.
            self.usual_s = now_s - sent_s[0]
            self.deviation_s = self.usual_s / 2.0
        elif any_copy:
            self._doubts.append(now_s - sent_s[0])
            if len(self._doubts) == DOUBTS:
                self._measure(min(self._doubts))

    def _measure(self, elapsed_s: float) -> None:
        self._doubts.clear()
        self.shortest_s = min(self.shortest_s, elapsed_s)
        self._latest.append(elapsed_s)
        self.usual_s = _median(self._latest)
        if len(self._latest) == 1:
            self.deviation_s = elapsed_s / 2.0
        else:
            self.deviation_s = _median([abs(one - self.usual_s) for one in self._latest])


def _median(values: Sequence[float]) -> float:
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2.0
