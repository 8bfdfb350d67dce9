"""Write a telemetry log as ground stations do, so that nothing heard or sent is lost.

A `.tlog` is a sequence of records: a big-endian unsigned 64-bit count of microseconds since 1970, then one
MAVLink frame as it travelled. What is written reaches the operating system within a second of the wall clock,
so a killed process loses at most that, and never the file.
"""

from __future__ import annotations

import os
import struct
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

from dronepatrol.errors import OutputError
from dronepatrol.telemetry.chain import ChainWriter

FLUSH_BYTES = 1 << 16
FLUSH_S = 0.5
"""Longest time on the wall clock that a record waits in memory."""
KEPT_BYTES = 8 << 20
"""Bytes kept in memory while the disk takes nothing; older ones are lost, counted, then."""

Trouble = Callable[[str], None]
"""Takes one sentence when the disk stops taking data, and one when it takes it again."""

_pack_stamp = struct.Struct(">Q").pack


class TlogRecorder:
    """Appends frames, heard and sent, to a file.

    Parameters
    ----------
    path
        The file to make; it must not exist yet.
    shift_s
        Added to every time stamp. A simulated day in the future is shifted back by whole weeks, since
        ground stations refuse logs from the future.
    max_bytes
        Begin another file, ``NAME.part2.tlog`` and so on, once one is this large; None for never.
    on_trouble
        Told when a full disk stops the recording, and when it goes on; recording never raises for that.

    Attributes
    ----------
    frames
        Records taken so far.
    lost_bytes
        Bytes that a full disk cost.
    paths
        The files made so far.

    Raises
    ------
    OutputError
        The first file cannot be made.
    """

    def __init__(
        self,
        path: Path,
        *,
        shift_s: float = 0.0,
        max_bytes: int | None = None,
        on_trouble: Trouble | None = None,
    ) -> None:
        self.path = path
        self.frames = 0
        self.lost_bytes = 0
        self.paths: list[Path] = []
        self.links: dict[Path, str] = {}
        self._shift_us = round(shift_s * 1e6)
        self._max_bytes = max_bytes
        self._on_trouble = on_trouble
        self._last_us = 0
        self._buffer = bytearray()
        self._in_trouble = False
        self._closed = False
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._open(path)
        self._flusher = threading.Thread(target=self._flush_regularly, name="tlog flusher", daemon=True)
        self._flusher.start()

    def __enter__(self) -> TlogRecorder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def write(self, frame: bytes, unix_s: float) -> None:
        """Append one frame; time never runs backwards within a log."""
        stamp_us = int(unix_s * 1e6 + 0.5) + self._shift_us
        with self._lock:
            if stamp_us < self._last_us:
                stamp_us = self._last_us
            self._last_us = stamp_us
            buffer = self._buffer
            buffer += _pack_stamp(stamp_us)
            buffer += frame
            self.frames += 1
            if len(buffer) >= FLUSH_BYTES and not self._in_trouble:
                self._flush()

    def write_all(self, frames: Sequence[bytes], unix_s: float) -> None:
        """Append frames that came together: one look at the clock and one copy for all of them."""
        if not frames:
            return
        stamp_us = int(unix_s * 1e6 + 0.5) + self._shift_us
        with self._lock:
            if stamp_us < self._last_us:
                stamp_us = self._last_us
            self._last_us = stamp_us
            stamp = _pack_stamp(stamp_us)
            buffer = self._buffer
            buffer += stamp
            buffer += stamp.join(frames)
            self.frames += len(frames)
            if len(buffer) >= FLUSH_BYTES and not self._in_trouble:
                self._flush()

    def flush(self) -> None:
        """Hand what is buffered to the operating system."""
        with self._lock:
            self._flush()

    def close(self) -> None:
        """Write what is left, seal the chain and close the file; closing twice is allowed."""
        self._stopped.set()
        if threading.current_thread() is not self._flusher:
            self._flusher.join()
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._flush()
            self.lost_bytes += len(self._buffer)
            self._buffer.clear()
            self._end_file()

    def _flush_regularly(self) -> None:
        while not self._stopped.wait(FLUSH_S):
            self.flush()

    def _open(self, path: Path) -> None:
        try:
            self._descriptor = os.open(
                path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o644
            )
            self._chain = ChainWriter(path)
        except OSError as error:
            raise OutputError(f"{path}: cannot write the log: {error.strerror or error}") from error
        self.paths.append(path)

    def _end_file(self) -> None:
        self.links[self.paths[-1]] = self._chain.seal()
        os.close(self._descriptor)

    def _flush(self) -> None:
        if not self._buffer or (self._closed and not self._stopped.is_set()):
            return
        data = bytes(self._buffer)
        try:
            self._write_whole(data)
        except OSError as error:
            self._keep(error)
            return
        self._buffer.clear()
        self._chain.extend(data)
        if self._in_trouble:
            self._in_trouble = False
            self._tell(f"{self.paths[-1].name}: recording goes on; {self.lost_bytes} bytes were lost")
        if self._max_bytes is not None and self._chain.size >= self._max_bytes and not self._stopped.is_set():
            self._rotate()

    def _write_whole(self, data: bytes) -> None:
        """Write all of it, or leave the file as long as it was: a record cut in two would end its readers."""
        view = memoryview(data)
        try:
            while view:
                view = view[os.write(self._descriptor, view) :]
        except OSError:
            os.ftruncate(self._descriptor, self._chain.size)
            os.lseek(self._descriptor, 0, os.SEEK_END)
            raise

    def _keep(self, error: OSError) -> None:
        if not self._in_trouble:
            self._in_trouble = True
            self._tell(f"{self.paths[-1].name}: cannot record: {error.strerror or error}; trying again")
        if len(self._buffer) > KEPT_BYTES:
            # Records have no marks to cut at, so the whole backlog goes: a gap, but no broken record.
            self.lost_bytes += len(self._buffer)
            self._buffer.clear()

    def _rotate(self) -> None:
        following = self.path.with_name(f"{self.path.stem}.part{len(self.paths) + 1}{self.path.suffix}")
        self._end_file()
        self._open(following)

    def _tell(self, text: str) -> None:
        if self._on_trouble is not None:
            self._on_trouble(text)
