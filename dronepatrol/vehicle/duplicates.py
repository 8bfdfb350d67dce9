"""Recognises what several links bring more than once."""

from __future__ import annotations

from collections import OrderedDict

from dronepatrol.mavlink.framing import Frame

WINDOW_S = 3.0
"""How much later a slow link may bring the same: a radio with a full queue."""
MOST_KEPT = 4096

_Key = tuple[int, int, int, bytes]


class DuplicateFilter:
    """Lets each message through once, however many links bring it.

    Sequence numbers differ between an autopilot's links, so messages are compared by content. A message that
    the vehicle says twice comes twice on each link, and is let through twice.
    """

    def __init__(self) -> None:
        self.dropped = 0
        self._seen: OrderedDict[_Key, tuple[float, dict[int, int]]] = OrderedDict()

    def is_new(self, frame: Frame, link: int, now_s: float) -> bool:
        """Tell whether a frame from a link, by its number, says what no other link has brought."""
        key = (frame.system, frame.component, frame.number, frame.payload)
        entry = self._seen.get(key)
        if entry is None or now_s - entry[0] > WINDOW_S:
            self._seen[key] = (now_s, {link: 1})
            self._seen.move_to_end(key)
            self._forget(now_s)
            return True
        counts = entry[1]
        highest = max(counts.values())
        counts[link] = counts.get(link, 0) + 1
        if counts[link] > highest:
            return True
        self.dropped += 1
        return False

    def _forget(self, now_s: float) -> None:
        while self._seen:
            key, (since_s, _) = next(iter(self._seen.items()))
            if now_s - since_s <= WINDOW_S and len(self._seen) <= MOST_KEPT:
                return
            del self._seen[key]
