"""Write a telemetry log as ground stations do.

A `.tlog` is a sequence of records: a big-endian unsigned 64-bit count of microseconds since 1970,
then one MAVLink frame as it travelled.
"""

from __future__ import annotations

import struct
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from dronepatrol.errors import OutputError

_STAMP = struct.Struct(">Q")
_FLUSH_BYTES = 1 << 16


class TlogRecorder:
    """Appends frames, heard and sent, to one file.

    Parameters
    ----------
    path
        The file to make; it must not exist yet.
    shift_s
        Added to every time stamp. A simulated day in the future is shifted back by whole weeks, since
        ground stations refuse logs from the future.

    Raises
    ------
    OutputError
        The file cannot be made or written.
    """

    def __init__(self, path: Path, *, shift_s: float = 0.0) -> None:
        self.path = path
        self.frames = 0
        self._shift_us = round(shift_s * 1e6)
        self._last_us = 0
        self._buffer: list[bytes] = []
        self._buffered = 0
        try:
            self._file: BinaryIO = path.open("xb")
        except OSError as error:
            raise OutputError(f"{path}: cannot write the log: {error.strerror or error}") from error

    def __enter__(self) -> TlogRecorder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def write(self, frame: bytes, unix_s: float) -> None:
        """Append one frame; time never runs backwards within a log."""
        stamp_us = max(round(unix_s * 1e6) + self._shift_us, self._last_us)
        self._last_us = stamp_us
        self._buffer.append(_STAMP.pack(stamp_us))
        self._buffer.append(frame)
        self._buffered += 8 + len(frame)
        self.frames += 1
        if self._buffered >= _FLUSH_BYTES:
            self.flush()

    def flush(self) -> None:
        """Hand what is buffered to the operating system."""
        if not self._buffer:
            return
        data = b"".join(self._buffer)
        self._buffer.clear()
        self._buffered = 0
        try:
            self._file.write(data)
            self._file.flush()
        except OSError as error:
            raise OutputError(f"{self.path}: cannot write the log: {error.strerror or error}") from error

    def close(self) -> None:
        """Write what is left and close the file; closing twice is allowed."""
        if not self._file.closed:
            try:
                self.flush()
            finally:
                self._file.close()
