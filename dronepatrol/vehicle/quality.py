"""How well a link carries one vehicle's frames, by their sequence numbers."""

from __future__ import annotations

import math

_WINDOW_FRAMES = 200.0
"""About how many frames the loss is an average of."""
_REORDERED = 128
"""So many frames missing are none: a late frame has come, and numbers are modulo 256."""
_REPEATED = 255


class LinkQuality:
    """Loss of the frames of one sender on one link.

    Attributes
    ----------
    heard, lost
        Frames in all; late ones are taken off the lost again.
    heard_s
        When the latest was heard, in loop time.
    loss
        Share lost lately, from 0 to 1.
    """

    __slots__ = ("_next", "heard", "heard_s", "loss", "lost")

    def __init__(self) -> None:
        self.heard = 0
        self.lost = 0
        self.heard_s = -math.inf
        self.loss = 0.0
        self._next = -1

    def take(self, seq: int, now_s: float) -> None:
        """Note one frame."""
        self.heard += 1
        self.heard_s = now_s
        if seq == self._next:
            self._next = (seq + 1) & 255
            if self.loss:
                self.loss -= self.loss / _WINDOW_FRAMES
            return
        if self._next >= 0:
            missed = (seq - self._next) % 256
            if missed == _REPEATED:
                return
            if missed >= _REORDERED:
                self.lost -= self.lost > 0
                return
            self.lost += missed
            # One step of an exponential average for all frames at once, lost and heard.
            weight = min((missed + 1) / _WINDOW_FRAMES, 1.0)
            self.loss += weight * (missed / (missed + 1) - self.loss)
        self._next = (seq + 1) & 255
