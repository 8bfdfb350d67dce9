"""How well a link carries one vehicle's frames, by their sequence numbers."""

from __future__ import annotations

import math

_WINDOW_FRAMES = 200.0
"""About how many frames the loss is an average of."""
_REORDERED = 128
"""A step back in the sequence by less than this is a late or repeated frame, not a loss (numbers are modulo
256)."""


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

    __slots__ = ("_seq", "heard", "heard_s", "loss", "lost")

    def __init__(self) -> None:
        self.heard = 0
        self.lost = 0
        self.heard_s = -math.inf
        self.loss = 0.0
        self._seq = -1

    def take(self, seq: int, now_s: float) -> None:
        """Note one frame."""
        self.heard += 1
        self.heard_s = now_s
        if self._seq >= 0:
            step = (seq - self._seq) % 256
            if step > _REORDERED:
                self.lost -= self.lost > 0
                return
            if step == 0:
                return
            missed = step - 1
            self.lost += missed
            # One step of an exponential average for all frames at once, lost and heard.
            weight = min(step / _WINDOW_FRAMES, 1.0)
            self.loss += weight * (missed / step - self.loss)
        self._seq = seq
