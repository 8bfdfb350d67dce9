"""The made-up run, built once."""

from __future__ import annotations

import pytest

from dronepatrol.replay.data import ReplayData
from tests.replay.scene import scene


@pytest.fixture(scope="session")
def run() -> ReplayData:
    """Return a run of three drones over six tasks."""
    return scene()
