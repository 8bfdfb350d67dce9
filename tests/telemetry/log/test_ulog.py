"""PX4 logs, against pyulog itself."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from dronepatrol.errors import InputError, MissingExtraError
from dronepatrol.telemetry.log import mode_changes, parameters, read_log, texts, tracks
from tests.telemetry.log.real_logs import real_log

SAMPLE = "logs/pyulog_sample_log_small.ulg"


def test_every_topic_equals_pyulog() -> None:
    """Counts and fields of each topic and instance are pyulog's."""
    pyulog = pytest.importorskip("pyulog")
    path = real_log(SAMPLE)
    log, theirs = read_log(path), pyulog.ULog(str(path))
    names = set()
    for dataset in theirs.data_list:
        name = dataset.name + (f"[{dataset.multi_id}]" if dataset.multi_id else "")
        names.add(name)
        rows = log[name]
        for field, column in dataset.data.items():
            base, _, index = field[:-1].rpartition("[") if field.endswith("]") else (field, "", "")
            ours = rows[base][:, int(index)] if index else rows[base]
            np.testing.assert_array_equal(ours, column, err_msg=f"{name}.{field}")
    assert set(log.types) - {"parameters", "logged_messages"} == names


def test_settings_and_words() -> None:
    """Parameters, texts and modes are told, and the date of the GPS."""
    pytest.importorskip("pyulog")
    log = read_log(real_log(SAMPLE))
    assert len(parameters(log)) == 980
    assert texts(log)[0].text == "[commander] Takeoff detected"
    assert texts(log)[0].severity == 6
    assert mode_changes(log)[0].mode == "MANUAL"
    assert log.start_utc.strftime("%Y-%m-%d") == "2021-04-21"


def test_a_track_with_the_same_columns() -> None:
    """The flight is one track with position, attitude and battery."""
    pytest.importorskip("pyulog")
    (track,) = tracks(read_log(real_log(SAMPLE)))
    assert track.lat_deg[0] == pytest.approx(63.417, abs=1e-3)
    assert np.isfinite(track.yaw_deg[2:]).all()
    assert 70.0 < track.battery_percent[-1] < 80.0


@pytest.mark.parametrize("size", [16, 100, 5_000, 400_000])
def test_cut_off_logs(size: int, tmp_path: Path) -> None:
    """A log cut off anywhere is read as far as it goes, or refused by name."""
    pytest.importorskip("pyulog")
    path = tmp_path / "cut.ulg"
    path.write_bytes(real_log(SAMPLE).read_bytes()[:size])
    try:
        log = read_log(path)
    except InputError as error:
        text = str(error)
    else:
        text = f"cut.ulg {len(log)}"
    assert "cut.ulg" in text


def test_the_missing_library_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without pyulog the error says what to install."""
    monkeypatch.setitem(sys.modules, "pyulog", None)
    path = tmp_path / "a.ulg"
    path.write_bytes(b"ULog\x01\x12\x35\x01" + bytes(100))
    with pytest.raises(MissingExtraError, match=r"dronepatrol\[ulog\]"):
        read_log(path)
