"""The guide's examples do what they say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dronepatrol.sim.opener import open_simulated
from dronepatrol.vehicle.opening import register_scheme

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "vehicle-client.md"


def test_the_guides_examples_run(capsys: pytest.CaptureFixture[str]) -> None:
    """Every block of Python is executed in order; the flights take place, on simulated drones."""
    register_scheme("sim", open_simulated)
    names: dict[str, object] = {}
    blocks = re.findall(r"```python\n(.*?)```", GUIDE.read_text("utf-8"), flags=re.DOTALL)
    for block in blocks:
        exec(compile(block, GUIDE.name, "exec"), names)
    said = capsys.readouterr().out
    assert len(blocks) == 3
    assert "heartbeats of system 1 (a quadrotor)" in said
    assert "system 1, a quadrotor with ArduCopter 4.7.0" in said
    assert "25 m above home" in said
