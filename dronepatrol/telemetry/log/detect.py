"""Tell what a file is from its content, whatever its name says."""

from __future__ import annotations

from dronepatrol.telemetry.log.crc import Bytes
from dronepatrol.telemetry.log.dataflash_scan import MAGIC as DATAFLASH_MAGIC
from dronepatrol.telemetry.log.dataflash_scan import scan_dataflash
from dronepatrol.telemetry.log.frames import is_magic
from dronepatrol.telemetry.log.tlog_scan import scan
from dronepatrol.telemetry.log.ulog import MAGIC as ULOG_MAGIC

TLOG, DATAFLASH, DATAFLASH_TEXT, ULOG = "tlog", "dataflash", "dataflash text", "ulog"
_STAMP_BYTES = 8
_GLANCE_BYTES = 1 << 10
_LOOK_BYTES = 1 << 16
_FEW_RECORDS = 3

# What people hand over by mistake, by first bytes.
_OTHERS = (
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"PK\x03\x04", "a ZIP archive (KMZ and DOCX are such)"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"%PDF", "a PDF document"),
    (b"\x7fELF", "a program"),
    (b"\x89MCAP", "an MCAP log"),
    (b"PAR1", "a Parquet table"),
    (b"SQLite format 3", "an SQLite database"),
    (b"QGC WPL", "a waypoint list of a ground station"),
    (b"<?xml", "an XML document (KML and GPX are such)"),
    (b"\xa3\x95", "a dataflash log without one readable record"),
)


def format_of(data: Bytes) -> str | None:
    """Return the format of a log's bytes, None if they are no log that can be read."""
    head = data[:_LOOK_BYTES]
    start = head[:16].tobytes()
    if start.startswith(ULOG_MAGIC[:4]):
        return ULOG
    if start.startswith(bytes(DATAFLASH_MAGIC)):
        return DATAFLASH
    if (
        head.size > _STAMP_BYTES
        and is_magic(head[_STAMP_BYTES : _STAMP_BYTES + 1])[0]
        and len(scan(head[:_GLANCE_BYTES]).frames)
    ):
        return TLOG
    if _is_text(head) and any(line.startswith(b"FMT,") for line in head.tobytes().splitlines()):
        return DATAFLASH_TEXT
    return _by_records(head) or (_by_records(data) if data.size > head.size else None)


def _by_records(data: Bytes) -> str | None:
    """Look for records, for files whose beginning is damaged or cut off."""
    frames = len(scan(data).frames)
    # A frame proves itself by its checksum, a dataflash record only by the company of others.
    records = scan_dataflash(data).starts.size
    if records >= _FEW_RECORDS and records > frames:
        return DATAFLASH
    return TLOG if frames else None


def _is_text(head: Bytes) -> bool:
    return bool(head.size) and not (head == 0).any()


def likeness(data: Bytes) -> str:
    """Say in words what a file that is no log looks like."""
    if data.size == 0:
        return "the file is empty"
    start = data[:64].tobytes().lstrip(b"\xef\xbb\xbf \r\n\t")
    for magic, name in _OTHERS:
        if start.startswith(magic):
            return f"it looks like {name}"
    if start[:1] in (b"{", b"["):
        return "it looks like JSON"
    if not data[:_LOOK_BYTES].any():
        return "it holds only zero bytes"
    if _printable(data[:_LOOK_BYTES]):
        return "it looks like text"
    return "it holds no valid MAVLink frame and no dataflash record"


def _printable(head: Bytes) -> bool:
    try:
        text = head.tobytes().decode("utf-8", "strict")
    except UnicodeDecodeError as error:
        # A character cut in two at the end of what was looked at is no sign of anything.
        return error.start >= head.size - 4
    return all(character.isprintable() or character in "\r\n\t" for character in text)
