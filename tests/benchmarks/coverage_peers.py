"""Flight times of ``fastest_coverage`` against the best of twelve peer configurations.

Run ``python -m tests.benchmarks.coverage_peers SECONDS [NAME ...]``. Needs the open polygons and their
scorer beside the project; processor time stands for the time limit, so that other work on the machine does
not count.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from dronepatrol.planning.coverage import contest
from dronepatrol.planning.coverage.fastest import fastest_coverage

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "coverage"


def main(arguments: list[str]) -> int:
    """Print one line per polygon, then the geometric mean, the worst, and medians over the bound."""
    if not FOLDER.is_dir():
        print(f"the open polygons are not at {FOLDER}")
        return 1
    limit_s, names = float(arguments[0]), arguments[1:]
    sys.path.insert(0, str(FOLDER))
    score, geo = importlib.import_module("score"), importlib.import_module("geo")
    contest.time = SimpleNamespace(monotonic=time.process_time)
    peers = json.loads((FOLDER / "peers.json").read_text("utf-8"))
    ratios, over_bound = [], {}
    for name in [n for n in sorted(peers) if not names or any(part in n for part in names)]:
        area, swath_m, _, _ = geo.load_instance(str(FOLDER / f"{name}.geojson"))
        found = fastest_coverage(area, swath_m=swath_m, time_limit_s=limit_s)
        seen = score.score_xy(area, swath_m, found.path_enu_m)
        ratios.append(seen["time_s"] / peers[name]["best_peer_time_s"])
        over_bound.setdefault(name.split("_")[0], []).append(seen["time_ratio"])
        outside_m = seen["path_outside_m"] + seen["path_in_holes_m"]
        print(
            f"{name:28s} {ratios[-1]:.3f} of the best peer, {seen['time_ratio']:.3f} of the bound, "
            f"{seen['coverage']:.4f} covered, {outside_m:.2f} m outside, {found.pattern}",
            flush=True,
        )
    print(f"geometric mean {np.exp(np.mean(np.log(ratios))):.4f}, worst {max(ratios):.3f}")
    for kind, values in over_bound.items():
        print(f"{kind}: median {np.median(values):.3f} of the bound")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
