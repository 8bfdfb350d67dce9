"""The parameters and the mission that a log tells of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from dronepatrol.mavlink.dialect import dialect
from dronepatrol.mavlink.items import MissionType, WireItem, degrees_e7
from dronepatrol.mavlink.mode_names import AUTOPILOT_PX4
from dronepatrol.telemetry.log.detect import TLOG, ULOG
from dronepatrol.telemetry.log.log import Log, Sender
from dronepatrol.telemetry.log.status import first_vehicle, of_vehicle
from dronepatrol.telemetry.log.table import Rows, has_numbers, has_text

# MAV_PARAM_TYPE of integers up to 32 bits, which PX4 sends as the bits of a float
# (mavlink.io/en/services/parameter.html, "Bytewise Encoding").
_BYTEWISE = {
    int(dialect.MAV_PARAM_TYPE_UINT8): "<u1",
    int(dialect.MAV_PARAM_TYPE_INT8): "<i1",
    int(dialect.MAV_PARAM_TYPE_UINT16): "<u2",
    int(dialect.MAV_PARAM_TYPE_INT16): "<i2",
    int(dialect.MAV_PARAM_TYPE_UINT32): "<u4",
    int(dialect.MAV_PARAM_TYPE_INT32): "<i4",
}

# `Type` of ArduPilot's FNCE records (AC_PolyFence_loader.h, AC_PolyFenceType) as mission commands.
_FENCE_COMMANDS = {
    98: int(dialect.MAV_CMD_NAV_FENCE_POLYGON_VERTEX_INCLUSION),
    97: int(dialect.MAV_CMD_NAV_FENCE_POLYGON_VERTEX_EXCLUSION),
    96: int(dialect.MAV_CMD_NAV_FENCE_CIRCLE_EXCLUSION),
    95: int(dialect.MAV_CMD_NAV_FENCE_RETURN_POINT),
    94: int(dialect.MAV_CMD_NAV_FENCE_CIRCLE_INCLUSION),
    93: int(dialect.MAV_CMD_NAV_FENCE_CIRCLE_EXCLUSION),
    92: int(dialect.MAV_CMD_NAV_FENCE_CIRCLE_INCLUSION),
}
_ABOVE_HOME = int(dialect.MAV_FRAME_GLOBAL_RELATIVE_ALT)


def parameters(log: Log, vehicle: Sender | None = None) -> dict[str, float]:
    """Return the last value told of each parameter of a vehicle, by default the first, by name."""
    chosen = vehicle or first_vehicle(log)
    name, label, number = {TLOG: ("PARAM_VALUE", "param_id", "param_value"), ULOG: ULOG_PARAMETERS}.get(
        log.format, ("PARM", "Name", "Value")
    )
    rows = None if chosen is None else of_vehicle(log, chosen, name)
    if rows is None or chosen is None or not has_numbers(rows, number) or not has_text(rows, label):
        return {}
    values = rows[number].astype(np.float64)
    if log.format == TLOG and _is_px4(log, chosen):
        values = _bytewise(rows, values)
    names = [raw.split(b"\0", 1)[0].decode("utf-8", "replace") for raw in rows[label].tolist()]
    found = dict(zip(names, values.tolist(), strict=True))
    return dict(sorted(found.items()))


ULOG_PARAMETERS = ("parameters", "name", "value")
"""Table and columns that the reader of PX4 logs makes of the parameters."""


def _is_px4(log: Log, vehicle: Sender) -> bool:
    beats = of_vehicle(log, vehicle, "HEARTBEAT")
    return beats is not None and bool((beats["autopilot"] == AUTOPILOT_PX4).any())


def _bytewise(
    rows: Rows, values: np.ndarray[tuple[int], np.dtype[np.float64]]
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    raw = np.ascontiguousarray(rows["param_value"])
    found = values.copy()
    for kind, code in _BYTEWISE.items():
        chosen = rows["param_type"] == kind
        found[chosen] = raw[chosen].view(np.uint8).reshape(-1, 4)[:, : int(code[2])].copy().view(code)[:, 0]
    return found


def mission_items(
    log: Log, vehicle: Sender | None = None, kind: MissionType = MissionType.MISSION
) -> tuple[WireItem, ...]:
    """Return the last mission, fence or rally list of a vehicle that a log holds as a whole.

    In a telemetry log that is the last transfer in either direction in which no item is missing; where one
    was edited item by item, with its edits.

    Parameters
    ----------
    log
        The log.
    vehicle
        Whose, by default the first vehicle's.
    kind
        Which list.
    """
    chosen = vehicle or first_vehicle(log)
    if chosen is None or log.format == ULOG:
        return ()
    if log.format == TLOG:
        return _transferred(log, chosen, kind)
    match kind:
        case MissionType.MISSION:
            return _whole(_of_records(log, "CMD", "CNum", "CTot"))
        case MissionType.FENCE:
            return _whole(_of_records(log, "FNCE", "Seq", "Tot"))
        case MissionType.RALLY:
            return _whole(_of_records(log, "RALY", "Seq", "Tot"))


_Step = tuple[int | None, WireItem | None]
"""How many items a list is going to have, if it begins; an item, if one comes."""


def _whole(steps: Iterable[_Step]) -> tuple[WireItem, ...]:
    """Return the last list in which no item is missing."""
    whole: tuple[WireItem, ...] = ()
    items: dict[int, WireItem] = {}
    announced: int | None = None
    for count, item in steps:
        if item is None:
            items, announced = {}, count
            if count == 0:
                whole = ()
            continue
        # A list that is sent again without a count begins again with its first item.
        if item.seq == 0 and any(seq > 0 for seq in items) and announced != len(items):
            items, announced = {}, None
        announced = count if count is not None else announced
        items[item.seq] = item
        if len(items) == max(items) + 1 and (announced is None or len(items) >= announced):
            whole = tuple(items[seq] for seq in range(len(items)))
    return whole


def _transferred(log: Log, vehicle: Sender, kind: MissionType) -> tuple[WireItem, ...]:
    steps: list[tuple[float, int, _Step]] = []
    for name in ("MISSION_COUNT", "MISSION_CLEAR_ALL", "MISSION_ITEM_INT", "MISSION_ITEM"):
        if name not in log:
            continue
        rows = log[name]
        own = (rows["system"] == vehicle.system) | (rows["target_system"] == vehicle.system)
        for row in rows[own & (rows["mission_type"] == int(kind))]:
            steps.append((float(row["time_s"]), len(steps), _step(name, row)))
    return _whole(step for *_, step in sorted(steps, key=lambda entry: entry[:2]))


def _step(name: str, row: np.void) -> _Step:
    if name == "MISSION_COUNT":
        return int(row["count"]), None
    if name == "MISSION_CLEAR_ALL":
        return 0, None
    scaled = name == "MISSION_ITEM"
    x, y = row["x"], row["y"]
    return None, WireItem(
        seq=int(row["seq"]),
        frame=int(row["frame"]),
        command=int(row["command"]),
        params=(float(row["param1"]), float(row["param2"]), float(row["param3"]), float(row["param4"])),
        x=_e7(float(x)) if scaled else int(x),
        y=_e7(float(y)) if scaled else int(y),
        z=float(row["z"]),
        current=int(row["current"]),
        autocontinue=int(row["autocontinue"]),
    )


def _e7(angle_deg: float) -> int:
    return degrees_e7(angle_deg) if np.isfinite(angle_deg) else 0


def _of_records(log: Log, name: str, seq: str, total: str) -> Iterator[_Step]:
    """Yield the items that an ArduPilot wrote into its log."""
    needed = {"CMD": ("CId", "Alt"), "FNCE": ("Type",), "RALY": ()}[name]
    if name not in log or not has_numbers(log[name], seq, total, "Lat", "Lng", *needed):
        return
    numbers = [field for field in log[name].dtype.names or () if has_numbers(log[name], field)]
    columns = {field: np.nan_to_num(log.si(name)[field]).tolist() for field in numbers}
    for k in range(len(log[name])):
        record = {field: values[k] for field, values in columns.items()}
        yield int(record[total]), _record_item(name, int(record[seq]), record)


def _record_item(name: str, seq: int, record: dict[str, float]) -> WireItem:
    x, y = _e7(record["Lat"]), _e7(record["Lng"])
    if name == "FNCE":
        kind = int(record["Type"])
        # The first parameter is the number of corners, or the radius of a circle.
        corners, radius_m = float(record.get("Count", 0)), float(record.get("Radius", 0.0))
        size = radius_m if kind in (92, 93, 94, 96) else corners
        return WireItem(seq, 0, _FENCE_COMMANDS.get(kind, 0), (size, 0.0, 0.0, 0.0), x, y)
    if name == "RALY":
        command = int(dialect.MAV_CMD_NAV_RALLY_POINT)
        return WireItem(seq, _ABOVE_HOME, command, x=x, y=y, z=float(record.get("Alt", 0.0)))
    params = tuple(float(record.get(f"Prm{k}", 0.0)) for k in (1, 2, 3, 4))
    return WireItem(
        seq=seq,
        frame=int(record.get("Frame", _ABOVE_HOME)),
        command=int(record["CId"]),
        params=(params[0], params[1], params[2], params[3]),
        x=x,
        y=y,
        z=float(record["Alt"]),
    )
