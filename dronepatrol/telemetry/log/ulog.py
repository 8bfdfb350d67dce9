"""PX4 logs (`.ulg`), read by pyulog."""

from __future__ import annotations

import io
import re
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from dronepatrol.errors import InputError, MissingExtraError
from dronepatrol.telemetry.log.crc import Bytes
from dronepatrol.telemetry.log.table import RowsTable, Table

MAGIC = b"ULog\x01\x12\x35"
"""First bytes of every ULog file (docs.px4.io/main/en/dev_log/ulog_file_format.html, "Header Section")."""

_ARRAY = re.compile(r"^(.*)\[(\d+)\]$")


def parse_ulog(path: Path, data: Bytes) -> Any:
    """Return pyulog's reading of a file.

    Raises
    ------
    MissingExtraError
        pyulog is not installed.
    InputError
        The file is damaged beyond what pyulog reads.
    """
    try:
        library = import_module("pyulog")
    except ImportError as error:
        raise MissingExtraError("pyulog", "ulog", "reading PX4 logs") from error
    try:
        return library.ULog(io.BytesIO(data.tobytes()))
    # pyulog lets whatever a damaged file provokes through.
    except Exception as error:
        raise InputError(
            f"the PX4 log is damaged: {error or type(error).__name__}",
            file=path,
            remedy="copy it from the vehicle again, or cut it before the damage",
        ) from error


def ulog_tables(ulog: Any) -> dict[str, Table]:
    """Return one table per topic; further instances of a topic are ``"battery_status[1]"``."""
    tables: dict[str, Table] = {}
    for dataset in sorted(ulog.data_list, key=lambda one: (one.name, one.multi_id)):
        if len(dataset.data.get("timestamp", ())) == 0:
            continue
        name = dataset.name if dataset.multi_id == 0 else f"{dataset.name}[{dataset.multi_id}]"
        tables[name] = RowsTable(name, _rows(dataset.data, ulog.start_timestamp), {})
    tables |= _spoken(ulog)
    return tables


def _spoken(ulog: Any) -> dict[str, Table]:
    """Return texts and parameters as tables of their own; PX4 logs do not hold them as topics."""
    start_us = ulog.start_timestamp
    found: dict[str, Table] = {}
    initial = [(start_us, name, value) for name, value in sorted(ulog.initial_parameters.items())]
    changed = [(at_us, name, value) for at_us, name, value, *_ in ulog.changed_parameters]
    values = [((at - start_us) / 1e6, name.encode(), value) for at, name, value in [*initial, *changed]]
    if values:
        rows = np.array(values, [("time_s", "<f8"), ("name", "S16"), ("value", "<f8")])
        found["parameters"] = RowsTable("parameters", rows, {})
    # PX4 writes the level as a printable digit.
    said = [
        ((text.timestamp - start_us) / 1e6, int(text.log_level) - ord("0"), text.message.encode())
        for text in ulog.logged_messages
    ]
    if said:
        width = max(1, *(len(words) for *_, words in said))
        rows = np.array(said, [("time_s", "<f8"), ("level", "u1"), ("message", f"S{width}")])
        found["logged_messages"] = RowsTable("logged_messages", rows, {})
    return found


def _rows(data: dict[str, Any], start_us: int) -> np.ndarray[Any, np.dtype[np.void]]:
    """Join a topic's columns; ``q[0]`` to ``q[3]`` become one column of four."""
    columns: dict[str, list[Any]] = {}
    for name, values in data.items():
        match = _ARRAY.match(name)
        columns.setdefault(match[1] if match else name, []).append(np.asarray(values))
    fields: list[Any] = [("time_s", "<f8")]
    for name, parts in columns.items():
        fields.append((name, parts[0].dtype) if len(parts) == 1 else (name, parts[0].dtype, (len(parts),)))
    rows = np.empty(len(data["timestamp"]), np.dtype(fields))
    rows["time_s"] = (data["timestamp"].astype(np.int64) - start_us) / 1e6
    for name, parts in columns.items():
        rows[name] = parts[0] if len(parts) == 1 else np.column_stack(parts)
    return rows


def calendar_start_us(ulog: Any) -> int | None:
    """Return microseconds since 1970 of the log's start, from the first GPS position that has a date."""
    for dataset in ulog.data_list:
        if dataset.name in ("vehicle_gps_position", "sensor_gps") and "time_utc_usec" in dataset.data:
            utc_us = dataset.data["time_utc_usec"].astype(np.int64)
            dated = np.flatnonzero(utc_us > 0)
            if dated.size:
                at = dated[0]
                boot_us = int(dataset.data["timestamp"][at]) - int(ulog.start_timestamp)
                return int(utc_us[at]) - boot_us
    return None
