"""Read a telemetry log frame by frame, or straight into a track.

For columns of a whole log see `dronepatrol.telemetry.log`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

import numpy as np

from dronepatrol.errors import InputError
from dronepatrol.mavlink.codec import Codec
from dronepatrol.mavlink.dialect import AUTOPILOT_COMPONENT, Message
from dronepatrol.telemetry.log import Log, read_log, vehicles, whole_track
from dronepatrol.telemetry.log.tlog import TlogFile
from dronepatrol.telemetry.track import Track


def frames(data: bytes) -> Iterator[tuple[int, int, int, bytes]]:
    """Yield microseconds since 1970, system id, message id and frame of each record of a `.tlog`.

    Frames of messages that the dialect does not know, and damaged ones, are left out.
    """
    file = TlogFile(np.frombuffer(data, np.uint8))
    found = file.frames
    columns = (file.stamps_us, found.systems, found.numbers, found.starts, found.ends)
    for stamp_us, system, number, start, end in zip(*(c.tolist() for c in columns), strict=True):
        yield stamp_us, system, number, data[start:end]


def messages(path: Path, numbers: Collection[int]) -> Iterator[tuple[float, Message]]:
    """Yield seconds since 1970 and the decoded message of every autopilot frame of the given types.

    Raises
    ------
    InputError
        The file cannot be read.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read the log: {error.strerror or error}", file=path) from error
    codec = Codec(0, 0)
    wanted = frozenset(numbers)
    for stamp_us, _, number, frame in frames(data):
        if number in wanted:
            for message in codec.parse(frame):
                if message.get_srcComponent() == AUTOPILOT_COMPONENT:
                    yield stamp_us / 1e6, message


def read_track(path: Path, vehicle: str) -> Track:
    """Return the track in a log of one vehicle, one row per reported position.

    Of a log that holds several vehicles it is the one that reported most.

    Raises
    ------
    InputError
        The file cannot be read or holds no position.
    """
    log: Log = read_log(path)
    found = [whole_track(log, sender, vehicle) for sender in vehicles(log)]
    flown = [track for track in found if track is not None]
    if not flown:
        raise InputError("the log holds no position", file=path)
    return max(flown, key=len)
