"""The fixtures, used as test authors use them: in test files of their own."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path

import pytest

# An inner run forgets the modules that it loads, and numpy cannot be loaded twice: so they are loaded here.
for name in ("pymavlink.mavutil", "dronepatrol.sim.background", "dronepatrol.sim.bench"):
    import_module(name)

pytest_plugins = ["pytester"]

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "testing-with-dronepatrol.md"
INSTALLED = any(point.value == "dronepatrol.pytest_plugin" for point in entry_points(group="pytest11"))
LOAD = () if INSTALLED else ("-p", "dronepatrol.pytest_plugin")
"""A checkout whose metadata is older than the plugin names it by hand."""


def run(pytester: pytest.Pytester, text: str, *arguments: str) -> pytest.RunResult:
    """Run a user's test file."""
    pytester.makepyfile(text)
    # hypothesis would be loaded anew in every inner run.
    less = ("-p", "no:cacheprovider", "-p", "no:hypothesispytest")
    return pytester.runpytest_inprocess(*LOAD, *less, "-W", "error", *arguments)


def blocks() -> list[str]:
    """Return the examples of the page."""
    return re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)


@pytest.mark.parametrize("text", [block for block in blocks() if "def test_" in block])
def test_the_examples_of_the_page_pass(pytester: pytest.Pytester, text: str) -> None:
    """What the page shows is what runs."""
    run(pytester, text).assert_outcomes(passed=text.count("def test_"))


def test_the_example_without_pytest_runs() -> None:
    """The last example is a script."""
    (text,) = [block for block in blocks() if "def test_" not in block]
    scope: dict[str, object] = {}
    exec(compile(text, PAGE.name, "exec"), scope)
    assert not scope["drone"].state.armed  # type: ignore[attr-defined]


def test_the_first_example_has_ten_lines() -> None:
    """Ten lines are promised, blank ones and imports apart."""
    lines = [line for line in blocks()[0].splitlines() if line and not line.startswith("import")]
    assert len(lines) <= 10


def test_waiting_for_mode_position_and_text(pytester: pytest.Pytester) -> None:
    """The helpers return when what they wait for has happened, and find each text once."""
    text = """
        import pytest
        from dronepatrol.errors import FlightError

        def test_waits(drone):
            drone.arm()
            drone.takeoff(10, wait=False)
            drone.wait_altitude(10)
            drone.goto((30, 0), wait=False)
            drone.wait_position((30, 0))
            drone.set_mode("BRAKE")
            drone.wait_mode("BRAKE")
            assert drone.wait_text("Arm") == "Arming motors"
            with pytest.raises(FlightError, match="no text like 'Arming' within 5 s .mode BRAKE, armed"):
                drone.wait_text("Arming", timeout_s=5)
            first = drone.wait_message("ATTITUDE").time_boot_ms
            assert drone.wait_message("ATTITUDE").time_boot_ms > first
    """
    run(pytester, text).assert_outcomes(passed=1)


def test_the_same_seed_flies_the_same_flight(pytester: pytest.Pytester) -> None:
    """Two runs with a seed end at the same place, another seed elsewhere."""
    text = """
        import pytest
        places = {}

        @pytest.mark.drone(wind_mps=6, gust_mps=2, loss=0.1)
        @pytest.mark.parametrize(
            "seed", [pytest.param(s, marks=pytest.mark.drone(seed=s)) for s in (1, 1, 2)]
        )
        def test_flight(drone, seed):
            drone.arm()
            drone.takeoff(15)
            drone.goto((40, 20))
            place = drone.autopilot.pilot.position_ned_m, drone.bench.time_s, drone.link.heard.lost
            assert places.setdefault(seed, place) == place

        def test_differ():
            assert places[1] != places[2]
    """
    run(pytester, text).assert_outcomes(passed=4)


def test_the_link_is_as_bad_as_the_marker_says(pytester: pytest.Pytester) -> None:
    """Frames are lost in both directions, and orders get through all the same."""
    text = """
        import pytest

        @pytest.mark.drone(loss=0.4, delay_s=0.1, jitter_s=0.1, duplicate=0.1, reorder=0.1, corrupt=0.05)
        def test_bad_link(drone):
            drone.arm()
            drone.takeoff(10)
            drone.advance(30)
            for counts in (drone.link.sent, drone.link.heard):
                assert counts.lost > 0.25 * counts.frames
                assert counts.duplicated and counts.corrupted
            drone.land()
    """
    run(pytester, text).assert_outcomes(passed=1)


def test_a_dead_link_is_seen_and_survived(pytester: pytest.Pytester) -> None:
    """A test may cut the link in flight and mend it."""
    text = """
        from dronepatrol.link.impaired import Impairment

        def test_outage(drone):
            drone.arm()
            drone.takeoff(10)
            heard = drone.link.heard.delivered
            drone.link.impair(incoming=Impairment(loss=1.0))
            drone.advance(20)
            assert drone.link.heard.delivered == heard
            drone.link.impair(incoming=Impairment())
            drone.wait_message("HEARTBEAT", timeout_s=2)
    """
    run(pytester, text).assert_outcomes(passed=1)


def test_a_fresh_drone_is_not_ready(pytester: pytest.Pytester) -> None:
    """`ready=False` hands over a drone that refuses to arm, with its reasons, and boots as time passes."""
    text = """
        import pytest
        from dronepatrol.errors import CommandRefusedError

        @pytest.mark.drone(ready=False)
        def test_boot(drone):
            drone.wait_text("ArduPilot Ready")
            drone.set_mode("GUIDED")
            with pytest.raises(CommandRefusedError, match="Need Position Estimate"):
                drone.arm()
            drone.wait(lambda: drone.state.prearm_ok, "passed checks")
            assert 30 < drone.bench.time_s < 50
            drone.arm()
    """
    run(pytester, text).assert_outcomes(passed=1)


def test_a_model_of_the_table_flies(pytester: pytest.Pytester) -> None:
    """The marker's model gives the drone its parameters and battery."""
    text = """
        import pytest

        @pytest.mark.drone(model="m30t", count=2, home=(35.0, 139.0, 40.0, 90.0))
        def test_model(fleet):
            assert len(fleet) == 2
            assert fleet[1].autopilot.battery.cells == 6
            assert fleet[0].state.position.lat_deg == pytest.approx(35.0, abs=1e-6)
    """
    run(pytester, text).assert_outcomes(passed=1)


def test_markers_add_up_and_the_nearest_wins(pytester: pytest.Pytester) -> None:
    """A module's marker holds for its tests word by word."""
    text = """
        import pytest
        pytestmark = pytest.mark.drone(count=2, seed=5)

        @pytest.mark.drone(seed=6)
        def test_words(fleet):
            assert len(fleet) == 2
            assert fleet.bench.settings.seed == 6
    """
    run(pytester, text).assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("wnd_mps=8", "'wnd_mps' is not known here; did you mean 'wind_mps'?"),
        ("loss=2", "loss is a probability from 0 to 1, got 2"),
        ("count=0", "count 0 is not from 1 to 250"),
        ("model='m30'", "drone model 'm30' is not known; did you mean"),
        ("8", "takes words such as wind_mps=8, not 8"),
    ],
)
def test_a_wrong_marker_says_what_to_write(pytester: pytest.Pytester, words: str, message: str) -> None:
    """A misspelt word is an error of the test that has it, not a drone without wind."""
    text = f"""
        import pytest

        @pytest.mark.drone({words})
        def test_wrong(drone):
            pass
    """
    result = run(pytester, text)
    result.assert_outcomes(errors=1)
    assert message in result.stdout.str()


def test_a_failure_tells_what_the_drone_did(pytester: pytest.Pytester) -> None:
    """The report of a failed test ends with mode, height and texts."""
    text = """
        def test_fails(drone):
            drone.arm()
            drone.takeoff(10)
            assert False
    """
    result = run(pytester, text)
    result.assert_outcomes(failed=1)
    result.stdout.re_match_lines(
        [r"-+ drone 1 -+", r"after .* s: mode GUIDED, armed, .* m above home", "Arming motors"]
    )


@pytest.mark.parametrize("link", ["tcp", "udp"])
def test_a_served_drone_flies_for_a_foreign_client(pytester: pytest.Pytester, link: str) -> None:
    """Pymavlink arms and lifts a drone that it reaches over a socket, at ten times the wall clock."""
    text = f"""
        import pytest
        from pymavlink import mavutil

        @pytest.mark.drone(speed=10, link="{link}")
        def test_client(sitl_url):
            client = mavutil.mavlink_connection(sitl_url.pymavlink)
            client.wait_heartbeat(timeout=10)
            client.set_mode("GUIDED")
            client.arducopter_arm()
            client.motors_armed_wait()
            client.mav.request_data_stream_send(1, 1, 0, 4, 1)
            client.mav.command_long_send(1, 1, mavutil.mavlink.MAV_CMD_NAV_TAKEOFF, 0, 0, 0, 0, 0, 0, 0, 5)
            ok = client.recv_match(
                type="GLOBAL_POSITION_INT",
                condition="GLOBAL_POSITION_INT.relative_alt > 4000",
                blocking=True,
                timeout=10,
            )
            client.close()
            assert ok is not None
    """
    # pymavlink leaves warnings of its own.
    run(pytester, text, "-W", "default").assert_outcomes(passed=1)


def test_several_served_drones_have_their_own_ports(pytester: pytest.Pytester) -> None:
    """`sitl_urls` gives as many addresses as the marker asks for drones."""
    text = """
        import pytest

        @pytest.mark.drone(count=4)
        def test_urls(sitl_urls):
            assert len({url.port for url in sitl_urls}) == 4
            assert sitl_urls[0] == f"tcp://127.0.0.1:{sitl_urls[0].port}"
            assert sitl_urls[0].mavsdk == f"tcpout://127.0.0.1:{sitl_urls[0].port}"
            assert sitl_urls[0].pymavlink == f"tcp:127.0.0.1:{sitl_urls[0].port}"
    """
    run(pytester, text).assert_outcomes(passed=1)


def test_the_plugin_is_an_entry_point() -> None:
    """Installing the package is enough: the project file names the plugin to pytest."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["entry-points"]["pytest11"] == {"dronepatrol": "dronepatrol.pytest_plugin"}


def test_loading_the_plugin_loads_nothing_heavy() -> None:
    """A test run that needs no drone loads neither numpy nor pymavlink, nor anything that flies."""
    code = (
        "import sys, pytest, dronepatrol.pytest_plugin\n"
        "heavy = {'numpy', 'pymavlink', 'rich', 'asyncio', 'dronepatrol.sim', 'dronepatrol.vehicle'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
