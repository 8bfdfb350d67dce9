"""Every field of every message of the real logs, against pymavlink."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pymavlink import DFReader, mavutil

from dronepatrol.telemetry.log import read_log
from dronepatrol.telemetry.log.log import Log
from tests.telemetry.log.real_logs import DATAFLASH, TLOGS, cases


def same(ours: list[Any], theirs: list[Any], label: str) -> None:
    """Assert that two columns are equal, where NaN equals NaN."""
    assert len(ours) == len(theirs), label
    if ours == theirs:
        return
    wrong = [(k, a, b) for k, (a, b) in enumerate(zip(ours, theirs, strict=True)) if a != b]
    if isinstance(wrong[0][1], str):
        assert wrong == [], label
    np.testing.assert_array_equal(
        np.array([a for _, a, _ in wrong]), np.array([b for *_, b in wrong]), err_msg=label
    )


def heard(path: Path) -> dict[str, dict[str, list[Any]]]:
    """Read a telemetry log with pymavlink: columns by type."""
    tables: dict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    log = mavutil.mavlogfile(str(path))
    while (message := log.recv_msg()) is not None:
        kind = message.get_type()
        if kind == "BAD_DATA" or kind.startswith("UNKNOWN"):
            continue
        table = tables[kind]
        table["time_s"].append(message._timestamp)
        table["system"].append(message.get_srcSystem())
        table["component"].append(message.get_srcComponent())
        for field in message.get_fieldnames():
            table[field].append(getattr(message, field))
    log.close()
    return tables


@pytest.mark.parametrize("path", cases(TLOGS))
def test_telemetry_log(path: Path) -> None:
    """Counts, times, senders and fields of a telemetry log are those that pymavlink reads."""
    theirs, log = heard(path), read_log(path)
    assert log.types == {kind: len(table["time_s"]) for kind, table in theirs.items()}
    start_s = log.start_us / 1e6
    for kind, table in theirs.items():
        rows = log[kind]
        assert set(rows.dtype.names or ()) == set(table)
        np.testing.assert_allclose(rows["time_s"], np.array(table.pop("time_s")) - start_s, atol=2e-6)
        texts = {field for field in table if rows[field].dtype.kind == "S"}
        for field, column in table.items():
            values = log.si(kind)[field] if field in texts else rows[field]
            same(values.tolist(), column, f"{kind}.{field}")


def written(path: Path) -> dict[str, list[Any]]:
    """Read a dataflash log with pymavlink: messages by type."""
    tables: dict[str, list[Any]] = defaultdict(list)
    log = DFReader.DFReader_binary(str(path))
    while (message := log.recv_msg()) is not None:
        tables[message.get_type()].append(message)
    log.filehandle.close()
    return tables


def comparable(log: Log, kind: str, field: str) -> list[Any]:
    """Return a column as DFReader gives it: with the factor of its type, texts decoded."""
    rows = log[kind][field]
    form = log._table(kind).format  # type: ignore[attr-defined]
    factor = form.factor(form.columns.index(field))
    if rows.dtype.kind == "S":
        return log.si(kind)[field].tolist()  # type: ignore[no-any-return]
    if factor is not None:
        # The reference divides by 100.0 and by 1 / 1e-7, which is 9999999.999999998.
        return (rows / (1.0 / factor)).tolist()  # type: ignore[no-any-return]
    return rows.tolist()  # type: ignore[no-any-return]


@pytest.mark.parametrize("path", cases(DATAFLASH))
def test_dataflash_log(path: Path) -> None:
    """Counts and fields of a dataflash log are those that DFReader reads."""
    theirs, log = written(path), read_log(path)
    assert log.types == {kind: len(messages) for kind, messages in theirs.items()}
    for kind, messages in theirs.items():
        for field in messages[0].get_fieldnames():
            ours = comparable(log, kind, field)
            column = [getattr(message, field) for message in messages]
            if ours and isinstance(ours[0], list):
                column = [list(value) for value in column]
            if kind == "FILE" and column and isinstance(column[0], bytes):
                ours = [bytes(value) for value in log[kind][field].tolist()]
                column = [value.rstrip(b"\0") for value in column]
            same(ours, column, f"{kind}.{field}")


@pytest.mark.parametrize("path", cases(DATAFLASH))
def test_dataflash_times(path: Path) -> None:
    """Each record's time is the microseconds that it tells, from the first record that tells on."""
    log = read_log(path)
    first_us = min(int(log[kind]["TimeUS"].min()) for kind in log if "TimeUS" in log[kind].dtype.names)
    for kind in log:
        rows = log[kind]
        if "TimeUS" in rows.dtype.names:
            np.testing.assert_allclose(rows["time_s"], (rows["TimeUS"] - first_us) / 1e6, atol=1e-9)
