"""Fixtures for tests that need a drone; see docs/testing-with-dronepatrol.md.

pytest loads this file in every run of everyone who has dronepatrol installed, so it imports nothing heavy:
the simulation is loaded by the first test that asks for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from dronepatrol.sim.background import ServedUrl
    from dronepatrol.sim.bench import BenchDrone, BenchFleet
    from dronepatrol.sim.bench_settings import BenchSettings

MARKER = "drone"
FLEET_COUNT = 3
"""Drones of the fixture ``fleet`` where no marker says otherwise."""
SHOWN_TEXTS = 20

_flown = pytest.StashKey[list["BenchDrone"]]()


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    words = "wind_mps=0, loss=0, count=..., model='reference', seed=0, ..."
    config.addinivalue_line("markers", f"{MARKER}({words}): what the simulated drones of this test are like")


@pytest.fixture
def drone(request: pytest.FixtureRequest) -> Iterator[BenchDrone]:
    """Give a simulated drone on a virtual clock, ready to arm in GUIDED, with calls that wait."""
    for fleet in _benched(request, 1):
        yield fleet[0]


@pytest.fixture
def fleet(request: pytest.FixtureRequest) -> Iterator[BenchFleet]:
    """Give several simulated drones on one virtual clock."""
    yield from _benched(request, FLEET_COUNT)


@pytest.fixture
def sitl_url(request: pytest.FixtureRequest) -> Iterator[ServedUrl]:
    """Say where any MAVLink client finds a simulated drone, served on a free port while the test runs."""
    for urls in _served(request, 1):
        yield urls[0]


@pytest.fixture
def sitl_urls(request: pytest.FixtureRequest) -> Iterator[tuple[ServedUrl, ...]]:
    """Say the same of several drones."""
    yield from _served(request, FLEET_COUNT)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Add what the drones did and said to the report of a test that failed."""
    report: pytest.TestReport = yield  # type: ignore[assignment]
    if call.when == "call" and report.failed:
        for each in item.stash.get(_flown, []):
            report.sections.append((f"drone {each.vehicle.target.system}", _account(each)))
    return report  # type: ignore[return-value]


def _account(each: BenchDrone) -> str:
    state = each.state
    head = (
        f"after {each.bench.time_s:.1f} s: mode {state.mode}, {'armed' if state.armed else 'disarmed'}, "
        f"{state.altitude_home_m:.1f} m above home"
    )
    return "\n".join([head, *each.texts[-SHOWN_TEXTS:]])


def _benched(request: pytest.FixtureRequest, count: int) -> Iterator[BenchFleet]:
    from dronepatrol.sim.bench import Bench, BenchFleet

    bench = Bench(_settings(request), default_count=count)
    request.node.stash.setdefault(_flown, []).extend(bench.drones)
    try:
        yield BenchFleet(bench)
    finally:
        bench.close()


def _served(request: pytest.FixtureRequest, count: int) -> Iterator[tuple[ServedUrl, ...]]:
    from dronepatrol.sim.background import BackgroundServer

    with BackgroundServer(_settings(request), default_count=count) as server:
        yield server.urls


def _settings(request: pytest.FixtureRequest) -> BenchSettings:
    """Return what the markers say, the nearest to the test winning word by word."""
    from dronepatrol.errors import InputError
    from dronepatrol.sim.bench_settings import BenchSettings

    words: dict[str, object] = {}
    for marker in request.node.iter_markers(MARKER):
        if marker.args:
            example = f"words such as wind_mps=8, not {marker.args[0]!r}"
            raise pytest.UsageError(f"@pytest.mark.{MARKER} takes {example}")
        words = {**marker.kwargs, **words}
    try:
        return BenchSettings.from_words(words)
    except InputError as error:
        raise pytest.UsageError(f"@pytest.mark.{MARKER}: {error}") from None
