"""Telemetry logs as columns."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from dronepatrol.mavlink.dialect import dialect
from dronepatrol.mavlink.layouts import layout, message_numbers
from dronepatrol.telemetry.log import Sender, read_log
from tests.telemetry.log.damage import T0_US, attitude, packed, record, sender, text

SECOND_US = 1_000_000


def written(path: Path, records: list[tuple[float, bytes]]) -> Path:
    """A log of frames at seconds after T0."""
    path.write_bytes(b"".join(record(T0_US + round(at * SECOND_US), frame) for at, frame in records))
    return path


def position(boot_s: float, lat_e7: int = 603000000, lon_e7: int = 249000000) -> object:
    """A position 12.345 m above sea level, 2.345 m above home, flying 3 m/s north and 1 m/s up."""
    return dialect.MAVLink_global_position_int_message(
        round(1000 * boot_s), lat_e7, lon_e7, 12345, 2345, 300, 0, -100, 9000
    )


def test_columns_in_si_units(tmp_path: Path) -> None:
    """Scaled columns come in degrees, metres and seconds, with their units."""
    mav = sender()
    log = read_log(written(tmp_path / "a.tlog", [(0.0, packed(mav, position(7.5)))]))
    columns, units = log.si("GLOBAL_POSITION_INT"), log.units("GLOBAL_POSITION_INT")
    values = {name: columns[name].tolist() for name in ("lat", "alt", "vx", "time_boot_ms", "hdg")}
    assert values == {"lat": [60.3], "alt": [12.345], "vx": [3.0], "time_boot_ms": [7.5], "hdg": [90.0]}
    assert [units[name] for name in ("lat", "alt", "vx", "time_boot_ms")] == ["deg", "m", "m/s", "s"]


def test_raw_columns_are_as_sent(tmp_path: Path) -> None:
    """The structured array holds the integers that travelled."""
    log = read_log(written(tmp_path / "a.tlog", [(0.0, packed(sender(), position(7.5)))]))
    assert log["GLOBAL_POSITION_INT"]["lat"].tolist() == [603000000]


def test_times_in_seconds_and_calendar(tmp_path: Path) -> None:
    """Times count from the first frame, and are told as datetime64, too."""
    mav = sender()
    log = read_log(written(tmp_path / "a.tlog", [(at, packed(mav, attitude(1))) for at in (0.0, 0.25, 90.0)]))
    assert log["ATTITUDE"]["time_s"].tolist() == [0.0, 0.25, 90.0]
    assert log.start_utc == datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=T0_US)
    assert log.utc("ATTITUDE")[1] == np.datetime64(T0_US + 250_000, "us")
    assert log.duration_s == 90.0


def test_types_are_listed_without_decoding(tmp_path: Path) -> None:
    """Counts are known before anything is decoded."""
    mav = sender()
    frames = [
        (0.0, packed(mav, attitude(1))),
        (1.0, packed(mav, attitude(2))),
        (2.0, packed(mav, text(b"hi"))),
    ]
    log = read_log(written(tmp_path / "a.tlog", frames))
    assert log.types == {"ATTITUDE": 2, "STATUSTEXT": 1}
    assert log._rows == {}


def test_a_type_is_decoded_once(tmp_path: Path) -> None:
    """Asking again gives the same array, which cannot be written to."""
    log = read_log(written(tmp_path / "a.tlog", [(0.0, packed(sender(), attitude(1)))]))
    assert log["ATTITUDE"] is log["ATTITUDE"]
    with pytest.raises(ValueError, match="read-only"):
        log["ATTITUDE"]["roll"] = 0.0


def test_both_versions_mix(tmp_path: Path) -> None:
    """MAVLink 1 and 2 frames of a type are one table."""
    mav = sender()
    frames = [(k, packed(mav, attitude(k), version=1 + k % 2)) for k in range(6)]
    log = read_log(written(tmp_path / "a.tlog", [(float(at), frame) for at, frame in frames]))
    assert log["ATTITUDE"]["time_boot_ms"].tolist() == [0, 100, 200, 300, 400, 500]


def test_zeros_left_out_are_filled_in(tmp_path: Path) -> None:
    """A payload cut after its last byte that is not zero is read as if it were whole."""
    mav = sender()
    still = dialect.MAVLink_attitude_message(5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    frames = [(0.0, packed(mav, attitude(3))), (1.0, packed(mav, still)), (2.0, packed(mav, attitude(4)))]
    rows = read_log(written(tmp_path / "a.tlog", frames))["ATTITUDE"]
    assert rows["roll"][1] == rows["yawspeed"][1] == rows["pitchspeed"][1] == 0.0
    assert rows["time_boot_ms"][1] == 5


def test_systems_are_told_apart(tmp_path: Path) -> None:
    """Senders are listed, and a selection holds one system's messages alone."""
    first, second = sender(1), sender(2, 7)
    frames = [(0.0, packed(first, attitude(1))), (1.0, packed(second, attitude(2)))]
    log = read_log(written(tmp_path / "a.tlog", frames))
    assert log.systems == (Sender(1, 1), Sender(2, 7))
    assert log.select(system=2)["ATTITUDE"]["time_boot_ms"].tolist() == [200]
    assert "ATTITUDE" not in log.select(system=2, component=1)


def test_selection_by_type_and_time(tmp_path: Path) -> None:
    """A selection keeps the zero of time; its start is included and its end is not."""
    mav = sender()
    frames = [(float(k), packed(mav, attitude(k))) for k in range(5)] + [(5.0, packed(mav, text(b"hi")))]
    part = read_log(written(tmp_path / "a.tlog", frames)).select(types=["ATTITUDE"], start_s=1.0, end_s=3.0)
    assert part.types == {"ATTITUDE": 2}
    assert part["ATTITUDE"]["time_s"].tolist() == [1.0, 2.0]


def test_instances_are_told_apart(tmp_path: Path) -> None:
    """Distance sensors are split by the number that each message holds."""
    mav = sender()
    kind = dialect.MAVLink_distance_sensor_message
    frames = [(float(k), packed(mav, kind(k, 20, 700, 100 + k, 0, k % 2, 25, 0))) for k in range(6)]
    by_sensor = read_log(written(tmp_path / "a.tlog", frames)).instances("DISTANCE_SENSOR")
    found = {sensor: rows["current_distance"].tolist() for sensor, rows in by_sensor.items()}
    assert found == {0: [100, 102, 104], 1: [101, 103, 105]}


def test_vehicle_time_beside_the_stamps(tmp_path: Path) -> None:
    """At ten times the speed, the vehicle's clock runs ten times as fast as the stamps; gaps are bridged."""
    mav = sender()
    frames = [(0.1 * k, packed(mav, position(float(k)))) for k in range(5)]
    frames.insert(3, (0.25, packed(mav, text(b"between"))))
    log = read_log(written(tmp_path / "a.tlog", frames))
    assert log.vehicle_time_s("GLOBAL_POSITION_INT").tolist() == [0.0, 1.0, 2.0, 3.0, 4.0]
    assert log.vehicle_time_s("STATUSTEXT") == pytest.approx([2.5])


def unknown_frame(number: int, extra: int, payload: bytes, sequence: int) -> bytes:
    """A MAVLink 2 frame of a message of another dialect."""
    body = bytes([len(payload), 0, 0, sequence, 1, 1]) + number.to_bytes(3, "little") + payload
    return b"\xfd" + body + dialect.x25crc(body + bytes([extra])).crc.to_bytes(2, "little")


def test_unknown_messages_are_kept_raw(tmp_path: Path) -> None:
    """Frames of another dialect are counted and kept, between and beside known ones."""
    mav = sender()
    strange = [unknown_frame(54321, 77, bytes([k, 1, 2]), k) for k in range(4)]
    frames = [packed(mav, attitude(1)), *strange[:2], packed(mav, attitude(2)), *strange[2:]]
    log = read_log(written(tmp_path / "a.tlog", [(float(k), frame) for k, frame in enumerate(frames)]))
    assert log.types == {"ATTITUDE": 2}
    assert log.unknown == {54321: 4}
    assert log.raw(54321) == strange
    assert log.skipped == ()


def test_a_damaged_unknown_message_is_skipped(tmp_path: Path) -> None:
    """A frame whose checksum disagrees with the others of its message is told as skipped."""
    mav = sender()
    strange = [unknown_frame(54321, 77, bytes([k, 1, 2]), k) for k in range(4)]
    strange[1] = strange[1][:11] + b"\x55" + strange[1][12:]
    frames = [packed(mav, attitude(1)), *strange, packed(mav, attitude(2))]
    log = read_log(written(tmp_path / "a.tlog", [(float(k), frame) for k, frame in enumerate(frames)]))
    assert log.unknown == {54321: 3}
    # Its time stamp goes with it.
    assert [length for _, length in log.skipped] == [8 + len(strange[1])]


def test_skipped_bytes_are_located(tmp_path: Path) -> None:
    """Rubbish between records is told with its offset and length."""
    mav, path = sender(), tmp_path / "a.tlog"
    first = record(T0_US, packed(mav, attitude(1)))
    path.write_bytes(first + b"rubbish" + record(T0_US + 1, packed(mav, attitude(2))) + b"end")
    log = read_log(path)
    assert log.skipped == ((len(first), 7), (path.stat().st_size - 3, 3))
    assert "10 bytes skipped at 2 places" in log.integrity.summary()


def test_a_damaged_stamp_is_mended(tmp_path: Path) -> None:
    """A stamp decades away takes the time of the frame before, and is counted."""
    mav, path = sender(), tmp_path / "a.tlog"
    stamps = [T0_US + k * SECOND_US for k in range(9)]
    stamps[4] ^= 1 << 60
    stamps[6] ^= 1 << 50
    path.write_bytes(b"".join(record(stamp, packed(mav, attitude(k))) for k, stamp in enumerate(stamps)))
    log = read_log(path)
    assert log["ATTITUDE"]["time_s"].tolist() == [0.0, 1.0, 2.0, 3.0, 3.0, 5.0, 5.0, 7.0, 8.0]
    assert log.integrity.mended_stamps == 2


def test_time_stepping_back_is_told(tmp_path: Path) -> None:
    """A log whose clock was set back is read as it is, and says so."""
    mav = sender()
    frames = [(at, packed(mav, attitude(1))) for at in (10.0, 20.0, 15.5, 16.0)]
    log = read_log(written(tmp_path / "a.tlog", frames))
    assert log["ATTITUDE"]["time_s"].tolist() == [0.0, 10.0, 5.5, 6.0]
    assert (log.integrity.backward_steps, log.integrity.largest_backward_s) == (1, 4.5)


def test_a_type_that_is_not_there(tmp_path: Path) -> None:
    """A misspelt type says what was probably meant."""
    log = read_log(written(tmp_path / "a.tlog", [(0.0, packed(sender(), attitude(1)))]))
    with pytest.raises(KeyError, match="did you mean ATTITUDE"):
        log["ATITUDE"]


@pytest.mark.parametrize("name", sorted(message_numbers()))
def test_layouts_pack_as_pymavlink_does(name: str) -> None:
    """Offsets and sizes of a message are those of pymavlink's unpacker, and no field is called as ours."""
    kind = dialect.mavlink_map[message_numbers()[name]]
    found = layout(message_numbers()[name])
    assert found.size == kind.unpacker.size
    assert not {"time_s", "system", "component"} & set(found.fields)
    random = np.random.default_rng(found.number).integers(1, 100, found.size).astype(np.uint8).tobytes()
    theirs = list(kind.unpacker.unpack(random))
    ours = []
    for field in kind.ordered_fieldnames:
        k = found.fields.index(field)
        value = np.frombuffer(
            random,
            found.formats[k].base,
            found.formats[k].itemsize // found.formats[k].base.itemsize,
            found.offsets[k],
        )
        ours.extend(value.tolist())
    np.testing.assert_array_equal(np.array(ours, object), np.array(theirs, object))
