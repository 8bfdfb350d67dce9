"""How fast logs are read, and in how much memory, beside pymavlink and, where it installs, fasttlogparser.

Run it with ``python -m tests.benchmarks.log_reader``. A telemetry log of 1.2 million MAVLink 2 messages of 20
types is made once in the temporary folder, always the same; ``--messages 200000`` makes it shorter, as
pymavlink takes half a minute and more per pass over the whole. Each reading runs in a process of its own and
tells its processor time and the memory that it added; on a shared machine the ratios are what counts.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from dronepatrol.mavlink.dialect import dialect
from dronepatrol.mavlink.layouts import layout, message_numbers

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
TYPES = (
    *("ATTITUDE", "GLOBAL_POSITION_INT", "LOCAL_POSITION_NED", "VFR_HUD", "SYS_STATUS", "RAW_IMU"),
    *("SCALED_PRESSURE", "GPS_RAW_INT", "SERVO_OUTPUT_RAW", "RC_CHANNELS", "NAV_CONTROLLER_OUTPUT"),
    *("MISSION_CURRENT", "HEARTBEAT", "BATTERY_STATUS", "SYSTEM_TIME", "VIBRATION", "EKF_STATUS_REPORT"),
    *("POWER_STATUS", "TIMESYNC", "STATUSTEXT"),
)
TWO = ["ATTITUDE", "GLOBAL_POSITION_INT"]
_START_US = 1_750_000_000_000_000
_APART_US = 200
_POOL = 200
_DAMAGED_SHARE = 1e-4


def make_tlog(path: Path, messages: int, seed: int = 1) -> None:
    """Write a log of the given number of messages of `TYPES` in turn, with random values."""
    dice = random.Random(seed)
    pools = [[_message(name, dice) for _ in range(_POOL)] for name in TYPES]
    mav = dialect.MAVLink(None, srcSystem=1, srcComponent=1)
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        for k in range(messages):
            mav.seq = k & 0xFF
            file.write(struct.pack(">Q", _START_US + k * _APART_US))
            file.write(dice.choice(pools[k % len(TYPES)]).pack(mav))
    part.rename(path)


def _message(name: str, dice: random.Random) -> Any:
    kind = dialect.mavlink_map[message_numbers()[name]]
    values = []
    for dtype in layout(message_numbers()[name]).formats:
        count = int(np.prod(dtype.shape)) if dtype.shape else 0
        one = [_value(dtype.base, dice) for _ in range(max(count, 1))]
        values.append(one if count else one[0])
    return kind(*values)


def _value(dtype: np.dtype[np.generic], dice: random.Random) -> Any:
    if dtype.kind == "S":
        return bytes(dice.randrange(65, 91) for _ in range(dice.randrange(5, min(30, dtype.itemsize + 1))))
    if dtype.kind == "f":
        return dice.gauss(0.0, 10.0)
    # Values as small as real ones, so that MAVLink 2 has zeros at the end to leave out.
    limits = np.iinfo(dtype)  # type: ignore[type-var]
    return dice.randint(int(limits.min) // 64, int(limits.max) // 64)


def damage(source: Path, target: Path, seed: int = 2) -> None:
    """Write a log with one in ten thousand of its bytes changed."""
    data = np.fromfile(source, np.uint8)
    dice = np.random.default_rng(seed)
    at = dice.choice(data.size, int(data.size * _DAMAGED_SHARE), replace=False)
    data[at] ^= dice.integers(1, 256, at.size).astype(np.uint8)
    data.tofile(target)


def ours_all(path: str) -> tuple[int, object]:
    """Open a log and decode every type."""
    from dronepatrol.telemetry.log import read_log

    log = read_log(path)
    return len(log), [log[name] for name in log]


def ours_two(path: str) -> tuple[int, object]:
    """Open a log and decode two types."""
    from dronepatrol.telemetry.log import read_log

    log = read_log(path)
    return len(log), [log[name] for name in TWO]


def pymavlink_all(path: str) -> tuple[int, object]:
    """Let pymavlink read every message and keep none."""
    from pymavlink import mavutil

    log, count = mavutil.mavlogfile(path), 0
    while (message := log.recv_msg()) is not None:
        count += message.get_type() != "BAD_DATA"
    return count, None


def pymavlink_kept(path: str) -> tuple[int, object]:
    """Let pymavlink read every message and keep it as a dictionary."""
    from pymavlink import mavutil

    log, kept = mavutil.mavlogfile(path), []
    while (message := log.recv_msg()) is not None:
        if message.get_type() != "BAD_DATA":
            kept.append(message.to_dict())
    return len(kept), kept


def pymavlink_two(path: str) -> tuple[int, object]:
    """Let pymavlink look for two types in the whole log, as with ``recv_match`` on a link or a log file."""
    from pymavlink import mavutil

    log, count = mavutil.mavlogfile(path), 0
    while log.recv_match(type=TWO) is not None:
        count += 1
    return count, None


def pymavlink_indexed(path: str) -> tuple[int, object]:
    """Let pymavlink index the log by type, checksums unseen, and decode two types."""
    from pymavlink import mavutil

    log, count = mavutil.mavlink_connection(path), 0
    while log.recv_match(type=TWO) is not None:
        count += 1
    return count, None


def dfreader_all(path: str) -> tuple[int, object]:
    """Let pymavlink's DFReader read every record."""
    from pymavlink import DFReader

    log, count = DFReader.DFReader_binary(path), 0
    while log.recv_msg() is not None:
        count += 1
    return count, None


def fasttlogparser_all(path: str) -> tuple[int, object]:
    """Let fasttlogparser read every message."""
    import fasttlogparser  # type: ignore[import-not-found]

    messages, _ = fasttlogparser.parseTLog(path)
    return sum(len(next(iter(columns.values()))) for columns in messages.values()), messages


READERS: dict[str, Callable[[str], tuple[int, object]]] = {
    reader.__name__: reader
    for reader in (
        ours_all,
        ours_two,
        pymavlink_all,
        pymavlink_kept,
        pymavlink_two,
        pymavlink_indexed,
        dfreader_all,
        fasttlogparser_all,
    )
}


def run_one(reader: str, path: str) -> None:
    """Read a log in this process and print what it took."""
    # Imports are not what is measured.
    import pymavlink.DFReader
    import pymavlink.mavutil

    import dronepatrol.telemetry.log

    del pymavlink, dronepatrol
    before_kb, before_s = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    count, kept = READERS[reader](path)
    cpu_s = time.process_time() - before_s
    peak_mb = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb) / 1024
    del kept
    print(json.dumps({"count": count, "cpu_s": cpu_s, "peak_mb": peak_mb}))


def measure(reader: str, path: Path, times: int = 1) -> dict[str, float]:
    """Run a reader in processes of its own and return the best of some times."""
    best: dict[str, float] = {}
    for _ in range(times):
        done = subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.log_reader", "--one", reader, str(path)],
            capture_output=True,
            text=True,
            check=True,
        )
        found = json.loads(done.stdout.splitlines()[-1])
        if not best or found["cpu_s"] < best["cpu_s"]:
            best = found
    return best


def compare(what: str, bar: float, ours: str, theirs: str, path: Path) -> None:
    """Measure two readers on a log in one go and print the ratio of their processor times."""
    # Alternating in time keeps what else the machine does from favouring one.
    first = measure(ours, path, 2)
    peer = measure(theirs, path)
    again = measure(ours, path, 1)
    own = min(first, again, key=lambda found: found["cpu_s"])
    ratio = peer["cpu_s"] / own["cpu_s"]
    verdict = "ok" if ratio >= bar else "BELOW"
    times = f"{own['cpu_s']:8.3f} s {peer['cpu_s']:8.2f} s {ratio:7.1f} times (at least {bar:g}) {verdict}"
    counts = f"{own['count']:.0f} and {peer['count']:.0f} messages"
    print(f"{what:44s} {times}; {counts}", flush=True)


def compare_memory(path: Path) -> None:
    """Measure the memory of reading all, against pymavlink keeping dictionaries."""
    own, peer = measure("ours_all", path), measure("pymavlink_kept", path)
    ratio = own["peak_mb"] / peer["peak_mb"]
    verdict = "ok" if ratio < 1.0 / 3.0 else "ABOVE"
    sizes = f"{own['peak_mb']:7.0f} MB {peer['peak_mb']:6.0f} MB {ratio:7.2f} times (under 0.33) {verdict}"
    print(f"{'memory of reading all, against dictionaries':44s} {sizes}", flush=True)


def compare_fasttlogparser(path: Path) -> None:
    """Measure fasttlogparser, if it is installed."""
    try:
        peer = measure("fasttlogparser_all", path)
    except subprocess.CalledProcessError:
        print("fasttlogparser is not installed here (its wheels need glibc 2.39)")
        return
    own = measure("ours_all", path, 2)
    print(
        f"against fasttlogparser: {peer['cpu_s'] / own['cpu_s']:.1f} times (at least 1.5),"
        f" {own['peak_mb'] / peer['peak_mb']:.2f} of its memory (under 0.5)"
    )


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=1_200_000, help="messages in the made log")
    parser.add_argument("--one", nargs=2, metavar=("READER", "PATH"), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.one:
        run_one(*chosen.one)
        return
    folder = Path(tempfile.gettempdir()) / "dronepatrol-benchmarks"
    folder.mkdir(exist_ok=True)
    made = folder / f"made-{chosen.messages}.tlog"
    if not made.is_file():
        make_tlog(made, chosen.messages)
    damaged = folder / f"damaged-{chosen.messages}.tlog"
    damage(made, damaged)
    print(f"{made.stat().st_size / 1e6:.1f} MB, {chosen.messages} messages of {len(TYPES)} types")
    print(f"{'':44s} {'ours':>10s} {'theirs':>10s}")
    compare("all of it, checksums on", 35, "ours_all", "pymavlink_all", made)
    compare("two types of it", 80, "ours_two", "pymavlink_two", made)
    compare("two types, pymavlink without checksums", 1, "ours_two", "pymavlink_indexed", made)
    compare("all of it, one byte in 10,000 changed", 20, "ours_all", "pymavlink_all", damaged)
    real = DATA / "logs" / "uavlogviewer_vtol.tlog"
    if real.is_file():
        compare("a real log of 24 thousand messages", 25, "ours_all", "pymavlink_all", real)
    written = DATA / "arducopter" / "flight.BIN"
    if written.is_file():
        compare("a real .BIN of 109 thousand records", 15, "ours_all", "dfreader_all", written)
    compare_memory(made)
    compare_fasttlogparser(made)


if __name__ == "__main__":
    main()
