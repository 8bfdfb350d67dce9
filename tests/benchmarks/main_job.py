"""How long the main job takes, and how much faster than real time one simulated drone flies.

Run: ``python -m tests.benchmarks.main_job`` from the project root.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from dronepatrol import api
from tests.missions import YARD, write_yard

MISSION = Path(__file__).resolve().parents[2] / "missions" / "helsinki-centre" / "mission.yaml"
DEMO_LIMIT_S = 60.0
FACTOR_BAR = 100.0


def demo(folder: Path) -> None:
    """Time the whole command, start of Python to the last file, as a user would."""
    command = [sys.executable, "-m", "dronepatrol", "fly", str(MISSION), "--out", str(folder / "demo")]
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    wall_s = time.perf_counter() - began
    summary = json.loads((folder / "demo" / "summary.json").read_text("utf-8"))
    airborne_min = sum(sortie["airborne_s"] for sortie in summary["sorties"]) / 60.0
    print(
        f"demo: {len(summary['sorties'])} sorties, {airborne_min:.1f} min in the air: "
        f"{wall_s:.1f} s wall ({wall_s / DEMO_LIMIT_S:.2f} of the {DEMO_LIMIT_S:.0f} s allowed)"
    )


def one_drone(folder: Path) -> None:
    """Time the flight of one drone with its 4 Hz telemetry, logging included, drawing left out."""
    text = YARD.replace("    actions:", "    passes: 12\n    actions:", 1)
    plan = api.plan_mission(api.load_mission(write_yard(folder, text)))
    wall, cpu = time.perf_counter(), time.process_time()
    report = api.fly(plan, folder / "one", pictures=False)
    wall_s, cpu_s = time.perf_counter() - wall, time.process_time() - cpu
    flown_s = sum(result.airborne_s for result in report.results)
    print(
        f"one drone: {flown_s:.0f} s in the air took {wall_s:.2f} s wall, {cpu_s:.2f} s CPU: "
        f"{flown_s / wall_s:.0f} times real time by wall, {flown_s / cpu_s:.0f} by CPU "
        f"(bar {FACTOR_BAR:.0f}: ratio {flown_s / wall_s / FACTOR_BAR:.2f})"
    )


def main() -> None:
    """Print both."""
    with tempfile.TemporaryDirectory() as folder:
        demo(Path(folder))
        one_drone(Path(folder))


if __name__ == "__main__":
    main()
