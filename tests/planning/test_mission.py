from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from shapely.geometry import LineString, Polygon, box

from dronepatrol.errors import GeometryError, PlanningError
from dronepatrol.geo.polygon import project
from dronepatrol.model import Battery, Camera, LegKind, ZoneKind
from dronepatrol.planning import plan_mission
from dronepatrol.planning.airspace import CORNER_CUT_M
from tests.planning.factory import (
    CAMERA,
    FRAME,
    area,
    at,
    mission,
    model,
    square,
    station,
    task,
    town,
    window,
    zone,
)


@pytest.fixture(scope="module")
def plan():
    """The plan of the town, with a zone in the way."""
    return plan_mission(town())


def ground_line(leg) -> LineString:
    """A leg over ground in metres from the middle of the map."""
    return project(LineString([leg.start.position.lonlat, leg.end.position.lonlat]), FRAME)


def alone(*tasks, **changes):
    """Plan tasks for one drone at a station 300 m south of the middle."""
    return plan_mission(mission(*tasks, stations=(station("base", 0.0, -300.0, "d1"),), **changes))


def near(left, right, tolerance_m=0.01) -> bool:
    """Whether two waypoints are one place in space."""
    a, b = FRAME.enu(left.position), FRAME.enu(right.position)
    return (
        max(abs(a[0] - b[0]), abs(a[1] - b[1]), abs(left.altitude_home_m - right.altitude_home_m))
        < tolerance_m
    )


def test_every_task_is_served(plan):
    """The town's six tasks are all flown whole in their windows."""
    assert plan.unserved == ()
    shares = {}
    for sortie in plan.sorties:
        for visit in sortie.visits:
            shares[visit.task_id] = shares.get(visit.task_id, 0.0) + visit.share
    assert shares == pytest.approx({t.id: 1.0 for t in plan.mission.tasks})


def test_legs_form_one_chain(plan):
    """Each leg begins where the one before it ended, from the launch point up and back down to it."""
    for sortie in plan.sorties:
        assert all(near(a.end, b.start) for a, b in pairwise(sortie.legs))
        home = plan.mission.station(sortie.station_id).position
        for end in (sortie.legs[0].start, sortie.legs[-1].end):
            assert FRAME.enu(end.position) == pytest.approx(FRAME.enu(home), abs=0.01)
            assert end.altitude_home_m == 0.0


def test_sorties_climb_first_and_descend_last(plan):
    """A sortie starts with its only climb and ends with a return and its only descent."""
    for sortie in plan.sorties:
        kinds = [leg.kind for leg in sortie.legs]
        assert kinds[0] is LegKind.CLIMB
        assert kinds[-2:] == [LegKind.RETURN, LegKind.DESCENT]
        assert kinds.count(LegKind.CLIMB) == kinds.count(LegKind.DESCENT) == 1


def test_return_ends_level_at_transit_altitude(plan):
    """The last leg home, which the autopilot flies as it stands, is level at transit altitude."""
    for sortie in plan.sorties:
        last = sortie.legs[-2]
        assert last.start.altitude_home_m == last.end.altitude_home_m == 60.0


def test_zone_and_margin_are_never_crossed(plan):
    """No leg comes nearer to the keep-out zone than its margin and the corners that are cut."""
    palace = project(plan.mission.airspace.zones[0].polygon, FRAME)
    for sortie in plan.sorties:
        for leg in sortie.legs:
            assert ground_line(leg).distance(palace) >= 10.0 + CORNER_CUT_M - 0.01


def test_ceiling_is_kept(plan):
    """No leg is higher than the ceiling."""
    assert all(leg.end.altitude_home_m <= 120.0 for sortie in plan.sorties for leg in sortie.legs)


def test_reserve_is_kept(plan):
    """Every sortie lands with the reserve, by the sum of its legs' energies."""
    for sortie in plan.sorties:
        assert sortie.battery_left >= plan.mission.reserve
        assert sortie.energy_wh == pytest.approx(sum(leg.energy_wh for leg in sortie.legs))


def test_sweeps_lie_inside_their_windows(plan):
    """Visits begin after their window opens and end before it closes."""
    for sortie in plan.sorties:
        for visit in sortie.visits:
            assert visit.window.start <= visit.begin < visit.end <= visit.window.end


def test_visit_times_are_those_of_the_legs(plan):
    """A visit begins and ends with the first and last sweep of its task on the sortie's clock."""
    for sortie in plan.sorties:
        clock, spans = 0.0, {}
        for leg in sortie.legs:
            if leg.kind is LegKind.SWEEP:
                begin, _ = spans.get(leg.task_id, (clock, 0.0))
                spans[leg.task_id] = (begin, clock + leg.duration_s)
            clock += leg.duration_s
        for visit in sortie.visits:
            begin, end = spans[visit.task_id]
            assert (visit.begin - sortie.launch).total_seconds() == pytest.approx(begin, abs=0.01)
            assert (visit.end - sortie.launch).total_seconds() == pytest.approx(end, abs=0.01)


def test_a_drone_rests_between_sorties(plan):
    """Sorties of one drone are apart by its station's turnaround."""
    for drone in plan.mission.drones:
        rest = timedelta(seconds=plan.mission.station(drone.station_id).turnaround_s)
        assert all(a.landing + rest <= b.launch for a, b in pairwise(plan.sorties_of(drone.id)))


def test_launches_from_one_station_are_apart():
    """Two drones needed in the same window do not launch within ten seconds."""
    tasks = [task(f"t{i}", square(150.0 * i, 0.0, 140.0), window("08:00", "08:04")) for i in range(2)]
    found = plan_mission(mission(*tasks, stations=(station("base", 75.0, -300.0, "d1", "d2"),)))
    launches = sorted(sortie.launch for sortie in found.sorties)
    assert len(launches) == 2
    assert launches[1] - launches[0] >= timedelta(seconds=10.0)


def test_first_task_is_awaited_on_the_ground():
    """A sortie launches late enough that it need not wait for its first window aloft."""
    found = alone(task("school", square(0.0, 200.0, 100.0), window("09:00", "09:20")))
    assert all(leg.kind is not LegKind.HOLD for leg in found.sorties[0].legs)
    assert at("09:00") <= found.sorties[0].visits[0].begin <= at("09:00") + timedelta(seconds=30)


def test_later_window_is_awaited_aloft():
    """Where one sortie serves two windows with a gap, it holds before the second one opens."""
    tasks = (
        task("early", square(-100.0, 200.0, 100.0), window("09:00", "09:03")),
        task("late", square(100.0, 200.0, 100.0), window("09:05", "09:09")),
    )
    found = alone(*tasks)
    assert len(found.sorties) == 1
    holds = [leg for leg in found.sorties[0].legs if leg.kind is LegKind.HOLD]
    assert len(holds) == 1
    assert holds[0].duration_s > 5.0
    assert found.sorties[0].visits[1].begin >= at("09:05")


def test_passes_are_flown_one_after_the_other():
    """Three passes sweep the same length three times and count up."""
    one = alone(task("square", square(0.0, 200.0, 100.0)))
    three = alone(task("square", square(0.0, 200.0, 100.0), passes=3))

    def swept(found):
        legs = [leg for sortie in found.sorties for leg in sortie.legs if leg.kind is LegKind.SWEEP]
        return sum(leg.length_m for leg in legs), [leg.pass_number for leg in legs]

    assert swept(three)[0] == pytest.approx(3 * swept(one)[0])
    numbers = swept(three)[1]
    assert numbers == sorted(numbers)
    assert set(numbers) == {1, 2, 3}


def test_long_task_is_split_between_sorties():
    """A task that one battery cannot fly is flown by several sorties whose shares add up to all of it."""
    found = alone(task("district", square(0.0, 500.0, 700.0), track_spacing_m=20.0, swath_m=25.0))
    assert found.unserved == ()
    shares = [visit.share for sortie in found.sorties for visit in sortie.visits]
    assert len(shares) > 1
    assert max(shares) < 1.0
    assert sum(shares) == pytest.approx(1.0)


def test_sweeps_of_a_split_task_still_cover_it():
    """The sweeps of all sorties together show the whole task."""
    wanted = task("district", square(0.0, 500.0, 700.0), track_spacing_m=20.0, swath_m=25.0)
    found = alone(wanted)
    shape = project(wanted.polygon, FRAME)
    for sortie in found.sorties:
        for leg in sortie.legs:
            if leg.kind is LegKind.SWEEP:
                shape = shape.difference(ground_line(leg).buffer(12.5))
    assert shape.area <= 0.01 * 700.0**2


def test_two_drones_share_a_task_that_one_cannot_finish_in_time():
    """A window too short for one drone is used by two at once."""
    wanted = task("park", square(0.0, 300.0, 500.0), window("09:00", "09:12"))
    found = plan_mission(mission(wanted, stations=(station("base", 0.0, -50.0, "d1", "d2"),)))
    assert found.unserved == ()
    assert {sortie.drone_id for sortie in found.sorties} == {"d1", "d2"}


def test_each_window_is_served():
    """A task with two windows is flown in both."""
    found = alone(
        task("school", square(0.0, 200.0, 100.0), window("07:40", "08:00"), window("15:00", "15:20"))
    )
    assert [visit.begin.hour for sortie in found.sorties for visit in sortie.visits] == [7, 15]


def test_window_too_short_for_any_drone_is_told():
    """What no drone can finish in its window is named with figures and a remedy."""
    found = alone(task("park", square(0.0, 300.0, 600.0), window("09:00", "09:05")))
    left = found.unserved[0]
    assert left.task_id == "park"
    assert "only" in left.reason
    assert "the window is 5 min long" in left.reason
    assert "widen the window" in left.remedy


def test_task_out_of_reach_is_told():
    """A task beyond the drone's range is named with the time that it needs and that it has."""
    found = alone(task("far", square(0.0, 14000.0, 100.0)))
    assert found.sorties == ()
    assert "the way there and back alone takes" in found.unserved[0].reason
    assert "20 % reserve" in found.unserved[0].reason
    assert "base a drone nearer" in found.unserved[0].remedy


def test_task_above_the_ceiling_is_told():
    """A task higher than the ceiling is not flown."""
    found = alone(task("high", square(0.0, 200.0, 100.0), altitude_agl_m=130.0))
    assert found.unserved[0].reason == "its altitude of 130 m is above the ceiling of 120 m"
    assert found.unserved[0].remedy == "lower it to 120 m or less"


def test_task_inside_a_zone_is_told():
    """A task that a zone covers whole is not flown, and the zone is named."""
    blocked = task("court", square(0.0, 200.0, 100.0))
    found = alone(blocked, zones=(zone("palace", square(0.0, 200.0, 160.0)),))
    assert "palace" in found.unserved[0].reason
    assert found.sorties == ()


def test_enclosed_task_is_told():
    """A task in a courtyard of zones has no way to it."""
    ring = box(-150.0, 50.0, 150.0, 350.0).difference(box(-100.0, 100.0, 100.0, 300.0))
    found = alone(task("court", square(0.0, 200.0, 100.0)), zones=(zone("ring", area(ring)),))
    assert "close every way" in found.unserved[0].reason


def test_missing_camera_is_told():
    """A task that asks for a camera no drone carries is not flown."""
    found = alone(task("school", square(0.0, 200.0, 100.0), camera_id="thermal"))
    assert found.unserved[0].reason == "no drone carries the camera thermal"


def test_camera_decides_the_drone():
    """The drone that carries the camera asked for flies the task."""
    thermal = Camera("thermal", "Thermal", 7.7, 6.2, 13.0, 640, 512, 0.5, "made for tests")
    stations = (
        station("a", 0.0, 0.0, "plain"),
        station("b", 900.0, 0.0, "warm", drone_model=model(id="warm", cameras=(CAMERA, thermal))),
    )
    found = plan_mission(
        mission(task("t", square(0.0, 200.0, 100.0), camera_id="thermal"), stations=stations)
    )
    assert [sortie.drone_id for sortie in found.sorties] == ["warm"]


def test_slow_camera_slows_the_sweeps():
    """Sweeps are flown no faster than the camera takes pictures."""
    slow = model(
        id="slow", cameras=(Camera("wide", "Wide", 13.2, 8.8, 8.8, 5472, 3648, 4.0, "made for tests"),)
    )
    found = plan_mission(
        mission(
            task("t", square(0.0, 200.0, 100.0)), stations=(station("a", 0.0, 0.0, "d", drone_model=slow),)
        )
    )
    speeds = {leg.speed_mps for leg in found.sorties[0].legs if leg.kind is LegKind.SWEEP}
    assert speeds == {5.0}


def test_zone_that_is_not_active_is_ignored():
    """A zone active in the afternoon does not bend a morning flight."""
    wanted = task("school", square(0.0, 300.0, 100.0), window("08:00", "08:20"))
    afternoon = zone("wall", area(box(-400.0, 0.0, 400.0, 100.0)), active=(window("15:00", "16:00"),))
    free, crossed = alone(wanted), alone(wanted, zones=(afternoon,))
    assert crossed.sorties[0].length_m == pytest.approx(free.sorties[0].length_m)


def test_zone_that_is_active_is_flown_around():
    """The same zone active in the morning makes the way longer."""
    wanted = task("school", square(0.0, 300.0, 100.0), window("08:00", "08:20"))
    morning = zone("wall", area(box(-400.0, 0.0, 400.0, 100.0)), active=(window("07:00", "09:00"),))
    free, around = alone(wanted), alone(wanted, zones=(morning,))
    assert around.sorties[0].length_m > free.sorties[0].length_m + 200.0


def test_zone_above_the_flight_is_ignored():
    """A zone whose band begins above every leg does not matter."""
    wanted = task("school", square(0.0, 300.0, 100.0), window("08:00", "08:20"))
    above = zone("wall", area(box(-400.0, 0.0, 400.0, 100.0)), floor_agl_m=80.0)
    assert alone(wanted, zones=(above,)).sorties[0].length_m == pytest.approx(
        alone(wanted).sorties[0].length_m
    )


def test_legs_stay_inside_the_keep_in_zones():
    """With keep-in zones every leg lies inside their union, and what they cut off is a remainder."""
    room = Polygon([(-300, -400), (300, -400), (300, 250), (-300, 250)])
    found = alone(
        task("school", square(0.0, 200.0, 200.0)), zones=(zone("room", area(room), ZoneKind.KEEP_IN),)
    )
    assert all(room.buffer(-13.0).covers(ground_line(leg)) for leg in found.sorties[0].legs)
    assert "outside keep-in zone room" in found.remainders[0].reason
    assert found.remainders[0].share == pytest.approx(0.24, abs=0.03)


def test_ground_inside_a_zone_is_a_remainder():
    """What a zone hides is told with its share, its reason and its place."""
    wanted = task("school", square(0.0, 200.0, 200.0))
    found = alone(wanted, zones=(zone("palace", square(0.0, 300.0, 120.0)),))
    left = next(r for r in found.remainders if "palace" in r.reason)
    assert left.share == pytest.approx(left.area_m2 / 200.0**2, rel=1e-3)
    assert project(left.polygon, FRAME).area == pytest.approx(left.area_m2, rel=1e-3)


def test_small_area_is_one_photo_point():
    """An area inside one footprint is watched from a hold that takes the picture."""
    found = alone(task("spot", square(0.0, 200.0, 15.0), window("08:00", "08:10")))
    watching = [leg for leg in found.sorties[0].legs if leg.task_id == "spot"]
    assert [leg.kind for leg in watching] == [LegKind.HOLD]
    assert watching[0].actions
    assert found.sorties[0].visits[0].share == 1.0


def test_transit_is_flown_at_transit_altitude():
    """Long ways to a lower task are level at transit altitude before they slope down."""
    legs = alone(task("far", square(0.0, 900.0, 100.0))).sorties[0].legs
    assert legs[1].kind is LegKind.TRANSIT
    assert legs[1].end.altitude_home_m == 60.0
    assert legs[1].length_m > 500.0
    assert legs[2].end.altitude_home_m == 40.0


def test_slopes_keep_the_vertical_speeds():
    """No leg climbs or descends faster than the model does."""
    for leg in [leg for sortie in plan_mission(town()).sorties for leg in sortie.legs[1:-1]]:
        rise = leg.end.altitude_home_m - leg.start.altitude_home_m
        assert -1.5 * leg.duration_s - 0.01 <= rise <= 2.5 * leg.duration_s + 0.01


def test_higher_priority_goes_first():
    """Where only one of two tasks fits, the one of higher priority is flown."""
    tasks = [
        task("low", square(-200.0, 200.0, 200.0), window("09:00", "09:05"), priority=1),
        task("high", square(200.0, 200.0, 200.0), window("09:00", "09:05"), priority=5),
    ]
    found = alone(*tasks)
    whole = [visit.task_id for sortie in found.sorties for visit in sortie.visits if visit.share > 0.99]
    assert whole == ["high"]
    assert [left.task_id for left in found.unserved] == ["low"]


def test_same_seed_gives_the_same_plan(plan):
    """Planning again gives equal sorties."""
    assert plan_mission(town()).sorties == plan.sorties


def test_progress_is_told_in_order():
    """Progress goes from 0 to 1 without stepping back."""
    shares = []
    plan_mission(town(), progress=lambda share, _text: shares.append(share))
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_mission_without_tasks_is_refused():
    """There is nothing to plan without a task."""
    with pytest.raises(PlanningError, match="has no task"):
        plan_mission(mission())


def test_mission_without_drones_leaves_all_unserved():
    """Without a drone every task is told to need one."""
    found = plan_mission(mission(task("t", square(0.0, 0.0, 100.0)), stations=(station("empty", 0.0, 0.0),)))
    assert found.unserved[0].reason == "the mission has no drone"


def test_bad_geometry_names_its_task():
    """A spacing that cannot be used is told with the task it belongs to."""
    with pytest.raises(GeometryError, match=r"task t: a track spacing of 0\.0 m is not above 0"):
        alone(task("t", square(0.0, 0.0, 100.0), track_spacing_m=0.0))


def test_launch_beside_a_zone_is_possible():
    """A station inside a zone's margin but outside the zone can still launch away from it."""
    beside = zone("wall", area(box(-50.0, -292.0, 50.0, -200.0)))
    found = alone(task("school", square(0.0, 200.0, 100.0)), zones=(beside,))
    assert found.unserved == ()
    wall = box(-50.0, -292.0, 50.0, -200.0)
    assert not any(ground_line(leg).intersects(wall) for leg in found.sorties[0].legs)


def test_launch_under_a_low_zone_is_refused():
    """A drone does not climb through a zone that ends below its transit altitude."""
    low = zone("low", square(0.0, -300.0, 80.0), ceiling_agl_m=30.0)
    found = alone(task("school", square(0.0, 200.0, 100.0)), zones=(low,))
    assert found.sorties == ()
    assert "close every way" in found.unserved[0].reason


def test_stronger_battery_needs_fewer_sorties():
    """A long task takes fewer sorties with more energy on board."""
    wanted = task("district", square(0.0, 500.0, 700.0))
    big = model(battery=Battery(400.0, 354.0, 386.0, 386.0, True))
    few = plan_mission(mission(wanted, stations=(station("base", 0.0, -300.0, "d1", drone_model=big),)))
    assert len(few.sorties) < len(alone(wanted).sorties)
