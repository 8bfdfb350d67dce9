"""What in a log file was damaged, unknown or out of order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Integrity:
    """What in a log file could not be read, and what was mended.

    Attributes
    ----------
    size_bytes
        Of the file.
    messages
        Messages read, unknown ones included.
    skipped
        Offset and length of each stretch of bytes that is no message, in order.
    unknown
        How many messages there are of each type that is not known, by its number. They are kept as raw
        bytes, see `Log.raw`.
    mended_stamps
        Messages whose time stamp was damaged or missing; they have that of the message before.
    backward_steps, largest_backward_s
        How often time stepped back from one message to the next, and by how much at most.
    dated
        Whether the log tells the calendar; if not, its zero stands at 1970.
    """

    size_bytes: int
    messages: int
    skipped: tuple[tuple[int, int], ...] = ()
    unknown: Mapping[int, int] = field(default_factory=dict)
    mended_stamps: int = 0
    backward_steps: int = 0
    largest_backward_s: float = 0.0
    dated: bool = True

    @property
    def skipped_bytes(self) -> int:
        """How many bytes are no message."""
        return sum(length for _, length in self.skipped)

    @property
    def whole(self) -> bool:
        """Whether nothing was skipped and no stamp mended."""
        return not self.skipped and not self.mended_stamps

    def summary(self) -> str:
        """Return one line for people."""
        parts = [f"{self.messages} messages in {self.size_bytes} bytes"]
        if self.skipped:
            stretches = "1 place" if len(self.skipped) == 1 else f"{len(self.skipped)} places"
            first = self.skipped[0][0]
            parts.append(f"{self.skipped_bytes} bytes skipped at {stretches}, the first at {first}")
        if self.unknown:
            kinds = len(self.unknown)
            parts.append(f"{sum(self.unknown.values())} messages of {kinds} unknown type(s) kept raw")
        if self.mended_stamps:
            parts.append(f"{self.mended_stamps} damaged time stamps mended")
        if self.backward_steps:
            most = f"{self.largest_backward_s:.3f} s at most"
            parts.append(f"time steps back {self.backward_steps} times, by {most}")
        if not self.dated:
            parts.append("the calendar date is not known")
        return "; ".join(parts)


def spans(skipped: npt.NDArray[np.int64]) -> tuple[tuple[int, int], ...]:
    """Return offsets and lengths of shape (n, 2) as pairs."""
    return tuple((int(offset), int(length)) for offset, length in skipped)


def backward(steps_us: npt.NDArray[np.int64]) -> tuple[int, float]:
    """Return how many steps back there are and the largest, in seconds."""
    return int(steps_us.size), float(steps_us.max()) / 1e6 if steps_us.size else 0.0
