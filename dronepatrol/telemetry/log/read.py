"""Open a log file of any of the formats."""

from __future__ import annotations

import mmap
from collections import Counter
from pathlib import Path

import numpy as np

from dronepatrol.errors import InputError
from dronepatrol.telemetry.log.crc import Bytes
from dronepatrol.telemetry.log.dataflash import DataflashFile, calendar_offset_us
from dronepatrol.telemetry.log.dataflash_text import DataflashText
from dronepatrol.telemetry.log.detect import DATAFLASH, DATAFLASH_TEXT, TLOG, ULOG, format_of, likeness
from dronepatrol.telemetry.log.integrity import Integrity, backward, spans
from dronepatrol.telemetry.log.log import Contents, Log
from dronepatrol.telemetry.log.tlog import TlogFile
from dronepatrol.telemetry.log.ulog import calendar_start_us, parse_ulog, ulog_tables


def read_log(path: str | Path) -> Log:
    """Open a telemetry log, ArduPilot dataflash log (binary or text) or PX4 log.

    The format is told by content. The file is mapped and searched once; messages are decoded when asked for.
    What cannot be read is skipped and located, see `Log.integrity`.

    Parameters
    ----------
    path
        A `.tlog`, `.BIN`, `.log` or `.ulg` file, whatever its name.

    Raises
    ------
    InputError
        The file cannot be opened or is no log; the message says what it looks like.
    MissingExtraError
        It is a PX4 log and pyulog is not installed.
    """
    path = Path(path)
    data = _mapped(path)
    match format_of(data):
        case "tlog":
            contents = _tlog(data)
        case "dataflash":
            contents = _dataflash(data)
        case "dataflash text":
            contents = _dataflash_text(data)
        case "ulog":
            contents = _ulog(path, data)
        case _:
            raise _no_log(path, data)
    if not contents.tables and not contents.integrity.unknown:
        raise _no_log(path, data)
    return Log(path, contents)


def _no_log(path: Path, data: Bytes) -> InputError:
    return InputError(
        f"no log that can be read: {likeness(data)}",
        file=path,
        remedy="name a .tlog, a dataflash .BIN or .log, or a PX4 .ulg",
    )


def _mapped(path: Path) -> Bytes:
    """Map a file into memory, so that only what is looked at is read."""
    try:
        with path.open("rb") as file:
            if path.stat().st_size == 0:
                return np.zeros(0, np.uint8)
            return np.frombuffer(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), np.uint8)
    except IsADirectoryError as error:
        raise InputError("a folder is no log", file=path, remedy="name a file in it") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"cannot read the log: {reason}", file=path) from error


def _tlog(data: Bytes) -> Contents:
    file = TlogFile(data)
    steps, largest_s = backward(file.backward_us)
    integrity = Integrity(
        size_bytes=data.size,
        messages=len(file.frames) + len(file.unknown),
        skipped=spans(file.skipped),
        unknown=dict(sorted(Counter(file.unknown.numbers.tolist()).items())),
        mended_stamps=file.mended,
        backward_steps=steps,
        largest_backward_s=largest_s,
        dated=file.start_us > 0,
    )
    return Contents(TLOG, file.tables(), file.start_us, integrity, file.raw)


def _dataflash(data: Bytes) -> Contents:
    file = DataflashFile(data)
    tables = file.tables()
    boot_us = calendar_offset_us(tables)
    steps, largest_s = backward(file.backward_us)
    integrity = Integrity(
        size_bytes=data.size,
        messages=file.scan.starts.size,
        skipped=spans(file.scan.skipped),
        unknown=file.scan.unknown,
        backward_steps=steps,
        largest_backward_s=largest_s,
        dated=boot_us is not None,
    )
    return Contents(DATAFLASH, tables, (boot_us or 0) + file.start_us, integrity)


def _dataflash_text(data: Bytes) -> Contents:
    file = DataflashText(data)
    tables = file.tables()
    boot_us = calendar_offset_us(tables)
    steps, largest_s = backward(file.backward_us)
    integrity = Integrity(
        size_bytes=data.size,
        messages=sum(len(table) for table in tables.values()),
        skipped=spans(file.skipped),
        backward_steps=steps,
        largest_backward_s=largest_s,
        dated=boot_us is not None,
    )
    return Contents(DATAFLASH_TEXT, tables, (boot_us or 0) + file.start_us, integrity)


def _ulog(path: Path, data: Bytes) -> Contents:
    ulog = parse_ulog(path, data)
    tables = ulog_tables(ulog)
    start_us = calendar_start_us(ulog)
    integrity = Integrity(
        size_bytes=data.size,
        messages=sum(len(table) for table in tables.values()),
        dated=start_us is not None,
    )
    return Contents(ULOG, tables, start_us if start_us is not None else ulog.start_timestamp, integrity)
