"""How long an answer takes on this link, and so how long to wait before asking again.

Source: the smoothed round-trip time and its deviation of RFC 6298, sections 2 and 3. Two things differ
because radio links lose frames by chance and not by congestion: a repeated question waits only up to half
as long again, and of several copies of a question the one that can have been answered is looked for.
"""

from __future__ import annotations

from collections.abc import Sequence

FIRST_S = 1.0
"""Time-out while nothing is known (RFC 6298, 2.1)."""
SHORTEST_S = 0.25
"""A vehicle that steps at 10 Hz answers within this on a perfect link."""
LONGEST_S = 10.0
_GAIN, _DEVIATION_GAIN = 1 / 8, 1 / 4
_BACKOFF, _MOST_BACKOFF = 1.2, 1.5
_BLIND_BACKOFF, _MOST_BLIND_BACKOFF = 1.25, 2.5


class RoundTrip:
    """The measured round-trip time of one link to one vehicle; may be shared by all its exchanges.

    Attributes
    ----------
    smoothed_s, deviation_s
        As in RFC 6298; None and 0 before the first measurement.
    shortest_s
        The quickest answer so far.
    """

    def __init__(self) -> None:
        self.smoothed_s: float | None = None
        self.deviation_s = 0.0
        self.shortest_s = float("inf")
        self._sure = False

    def timeout_s(self, attempt: int = 0) -> float:
        """Return how long to wait for an answer to the question sent `attempt` times before."""
        if self.smoothed_s is None:
            return min(FIRST_S * min(_BLIND_BACKOFF**attempt, _MOST_BLIND_BACKOFF), LONGEST_S)
        once_s = max(SHORTEST_S, self.smoothed_s + 4.0 * self.deviation_s)
        return min(once_s * min(_BACKOFF**attempt, _MOST_BACKOFF), LONGEST_S)

    def answered(self, sent_s: Sequence[float], now_s: float) -> None:
        """Learn from an answer to a question whose copies were sent at some times, in order."""
        if not sent_s:
            return
        if len(sent_s) == 1:
            self._sample(now_s - sent_s[0], sure=True)
        elif self.smoothed_s is None:
            # It may be the answer to any copy; the first gives an upper bound, which later ones correct.
            self._sample(now_s - sent_s[0], sure=False)
        else:
            possible = [at for at in sent_s if now_s - at >= 0.8 * self.shortest_s]
            if len(possible) == 1:
                self._sample(now_s - possible[0], sure=True)

    def _sample(self, elapsed_s: float, *, sure: bool) -> None:
        if sure:
            self.shortest_s = min(self.shortest_s, elapsed_s)
        if self.smoothed_s is None or (sure and not self._sure):
            self.smoothed_s, self.deviation_s = elapsed_s, elapsed_s / 2.0
        else:
            self.deviation_s += _DEVIATION_GAIN * (abs(elapsed_s - self.smoothed_s) - self.deviation_s)
            self.smoothed_s += _GAIN * (elapsed_s - self.smoothed_s)
        self._sure |= sure
