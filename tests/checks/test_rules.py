"""Each rule has a mission or plan that breaks it and one that keeps it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from dronepatrol.checks import (
    altitude_ceiling,
    area_remainder,
    energy_assumed,
    energy_reserve,
    flat_ground,
    photo_interval,
    station_distance,
    takeoff_column,
    task_altitude,
    task_area,
    task_in_zone,
    task_unserved,
    turnaround,
    window_missed,
)
from dronepatrol.model import LegKind, PhotoAction, Remainder, Severity, Unserved, VideoAction, Visit
from tests.checks.building import (
    BATTERY,
    MODEL,
    NOON,
    flight,
    leg,
    mission,
    plan,
    sortie,
    task,
    window,
    with_actions,
    zone,
)


def found(rule, subject):
    """Return the findings of one rule."""
    return list(rule.RULE.function(subject))


def minutes(count: float) -> timedelta:
    """Return a span of minutes."""
    return timedelta(minutes=count)


def test_ceiling_broken_on_a_slope():
    """A leg that climbs over the ceiling is found by its higher end, and its fellows are counted."""
    [finding] = found(altitude_ceiling, plan(mission(), flight((100, 0, 100), (200, 0, 131))))
    assert (finding.value, finding.limit) == ("131 m", "120 m")
    assert finding.where == "sortie S1 leg 2 (transit)"
    assert "2 more of its legs" in finding.message


def test_ceiling_kept():
    """The ceiling itself may be flown."""
    assert found(altitude_ceiling, plan(mission(), flight((100, 0, 120)))) == []


def test_task_above_the_ceiling():
    """A task at 140 m breaks a ceiling of 120 m before anything is planned."""
    [finding] = found(task_altitude, mission(tasks=(task(altitude_m=140.0),)))
    assert (finding.where, finding.value, finding.limit) == ("task school", "140.0 m", "120 m")


def test_transit_above_the_ceiling():
    """The way to the tasks is bound as well."""
    [finding] = found(task_altitude, mission(ceiling_m=50.0))
    assert (finding.where, finding.value) == ("transit", "60 m")


def test_task_below_the_ceiling():
    """A task at 50 m is fine."""
    assert found(task_altitude, mission(tasks=(task(),))) == []


def test_sortie_that_takes_off_sideways():
    """The first leg must be a vertical climb."""
    one = plan(mission(), sortie(leg((0, 0, 0), (50, 0, 60)), leg((0, 0, 60), (0, 0, 0), LegKind.DESCENT)))
    [finding] = found(takeoff_column, one)
    assert "does not begin the sortie with a vertical climb" in finding.message


def test_sortie_that_lands_elsewhere():
    """The last leg must end on the ground at the station."""
    legs = (leg((0, 0, 0), (0, 0, 60), LegKind.CLIMB), leg((40, 0, 60), (40, 0, 0), LegKind.DESCENT))
    [finding] = found(takeoff_column, plan(mission(), sortie(*legs)))
    assert finding.message == "does not end on the ground at station base"
    assert finding.value.startswith("40.0 m away")


def test_zone_beside_the_column():
    """A zone 3 m from the launch point leaves no room to drift: one warning for the station."""
    [finding] = found(takeoff_column, plan(mission(zone(3, -10, 30, 10)), flight((-100, 0, 60))))
    assert finding.severity is Severity.WARNING


def test_free_column():
    """Up, away, back and down over the station is as it should be."""
    assert found(takeoff_column, plan(mission(zone(20, -10, 30, 10)), flight((-100, 0, 60)))) == []


def test_reserve_eaten():
    """81 of 100 Wh leave 19 %, less than the reserve of 20 %."""
    one = plan(mission(), sortie(leg((0, 0, 0), (0, 0, 60), LegKind.CLIMB, energy_wh=81.0)))
    [finding] = found(energy_reserve, one)
    assert (finding.severity, finding.value, finding.limit) == (Severity.ERROR, "19.0 % left", "20 %")


def test_reserve_nearly_eaten():
    """79 of 100 Wh are within the reserve but worth a warning."""
    one = plan(mission(), sortie(leg((0, 0, 0), (0, 0, 60), LegKind.CLIMB, energy_wh=79.0)))
    [finding] = found(energy_reserve, one)
    assert finding.severity is Severity.WARNING


def test_energy_that_does_not_add_up():
    """A sortie may not claim less than its legs need."""
    good = sortie(leg((0, 0, 0), (0, 0, 60), energy_wh=50.0))
    [finding] = found(energy_reserve, plan(mission(), replace(good, energy_wh=40.0)))
    assert (finding.value, finding.limit) == ("40.0 Wh", "50.0 Wh")


def test_reserve_kept():
    """Half a battery is plenty."""
    assert found(energy_reserve, plan(mission(), sortie(leg((0, 0, 0), (0, 0, 60), energy_wh=50.0)))) == []


def test_assumed_powers_are_told_once_for_a_model():
    """Two drones of one model make one remark."""
    assumed = replace(MODEL, battery=replace(BATTERY, assumed=True))
    base = mission().stations[0]
    drones = tuple(replace(drone, model=assumed) for drone in base.drones)
    one = replace(mission(), stations=(replace(base, drones=drones),))
    [finding] = found(energy_assumed, one)
    assert (finding.severity, finding.where) == (Severity.INFO, "drone model quad")


def test_measured_powers_need_no_remark():
    """A measured battery is not mentioned."""
    assert found(energy_assumed, mission()) == []


def test_flat_ground_is_always_told():
    """Every mission carries the remark, with the spread of its stations' heights."""
    base = mission().stations[0]
    one = replace(mission(), stations=(base, replace(base, id="hill", elevation_amsl_m=45.0)))
    [finding] = found(flat_ground, one)
    assert (finding.severity, finding.value) == (Severity.INFO, "stations differ by 40 m")


def test_drone_that_flies_twice_at_once():
    """A drone cannot be in the air two times."""
    sorties = (flight((500, 0, 60)), flight((500, 0, 60), key="S2", launch=NOON + minutes(1)))
    [finding] = found(turnaround, plan(mission(), *sorties))
    assert "overlaps sortie S1 of the same drone d1" in finding.message


def test_drone_that_does_not_charge():
    """Ten minutes of turnaround are ten minutes after landing."""
    first = flight((500, 0, 60))
    second = flight((500, 0, 60), key="S2", launch=first.landing + minutes(4))
    [finding] = found(turnaround, plan(mission(), first, second))
    assert (finding.value, finding.limit) == ("4.0 min", "10 min")


def test_drone_that_charges():
    """After the turnaround, or with another drone at once, all is well."""
    first = flight((500, 0, 60))
    later = flight((500, 0, 60), key="S2", launch=first.landing + minutes(10))
    other = flight((500, 0, 60), key="S3", drone="d2")
    assert found(turnaround, plan(mission(), first, later, other)) == []


def test_window_given_up():
    """What the planner gave up is an error with its reason and remedy."""
    of = mission(tasks=(task(windows=(window(0, 20),)),))
    one = replace(plan(of), unserved=(Unserved("school", window(0, 20), "no drone is free", "add a drone"),))
    [finding] = found(task_unserved, one)
    assert finding.where == "task school, window 09:00-09:20"
    assert (finding.message, finding.remedy) == ("is not flown: no drone is free", "add a drone")


def test_window_forgotten():
    """A window that no sortie visits and no reason excuses is found."""
    windows = (window(0, 20), window(60, 80))
    visit = Visit("school", windows[0], NOON, NOON + minutes(5), 1.0)
    of = mission(tasks=(task(windows=windows),))
    [finding] = found(task_unserved, plan(of, sortie(visits=(visit,))))
    assert (finding.where, finding.message) == ("task school, window 10:00-10:20", "is in no sortie")


def test_task_flown_in_part():
    """Two sorties that fly 40 % each leave a fifth."""
    visit = Visit("school", None, NOON, NOON + minutes(5), 0.4)
    of = mission(tasks=(task(),))
    [finding] = found(task_unserved, plan(of, sortie(visits=(visit,)), sortie(visits=(visit,), key="S2")))
    assert (finding.message, finding.value) == ("is flown only in part", "80.0 %")


def test_task_shared_by_two_sorties():
    """Two halves are a whole."""
    visit = Visit("school", None, NOON, NOON + minutes(5), 0.5)
    of = mission(tasks=(task(),))
    assert found(task_unserved, plan(of, sortie(visits=(visit,)), sortie(visits=(visit,), key="S2"))) == []


@pytest.mark.parametrize(
    ("begin_min", "end_min", "message"),
    [(-2, 10, "begins before its window"), (5, 22, "ends after its window")],
)
def test_visit_outside_its_window(begin_min, end_min, message):
    """Being early or late is an error."""
    visit = Visit("school", window(0, 20), NOON + minutes(begin_min), NOON + minutes(end_min), 1.0)
    [finding] = found(window_missed, plan(mission(tasks=(task(),)), sortie(visits=(visit,))))
    assert finding.message == message


def test_visit_inside_its_window():
    """Beginning with the window is on time, and a task without a window is never late."""
    visits = (
        Visit("school", window(0, 20), NOON, NOON + minutes(20), 1.0),
        Visit("school", None, NOON, NOON + minutes(500), 1.0),
    )
    assert found(window_missed, plan(mission(tasks=(task(),)), sortie(visits=visits))) == []


@pytest.mark.parametrize(("share", "severity"), [(0.02, Severity.WARNING), (0.0005, Severity.INFO)])
def test_remainder(share, severity):
    """Ground that cannot be seen is a warning, and a remark if it is hardly any."""
    remainder = Remainder("school", 200.0, share, "inside keep-out zone z (margin 10 m)")
    [finding] = found(area_remainder, replace(plan(mission(tasks=(task(),))), remainders=(remainder,)))
    assert finding.severity is severity
    assert finding.message == "leaves ground unseen: inside keep-out zone z (margin 10 m)"


def test_no_remainder():
    """A plan that shows all ground has nothing to say."""
    assert found(area_remainder, plan(mission(tasks=(task(),)))) == []


@pytest.mark.parametrize(("side_m", "message"), [(5.0, "so small"), (4000.0, "larger than")])
def test_area_of_an_unlikely_size(side_m, message):
    """25 square metres and 16 square kilometres are probably mistakes."""
    [finding] = found(task_area, mission(tasks=(task(0, 0, side_m, side_m),)))
    assert message in finding.message


def test_area_of_a_likely_size():
    """A hectare is an ordinary task."""
    assert found(task_area, mission(tasks=(task(),))) == []


def test_task_partly_in_a_zone():
    """A zone and its margin of 10 m over the task's eastern edge hide 30 by 100 metres."""
    [finding] = found(task_in_zone, mission(zone(180, 0, 300, 300), tasks=(task(),)))
    assert finding.severity is Severity.WARNING
    assert finding.value == "3000 m2 (30.0 %)"


def test_task_wholly_in_a_zone():
    """A task of which nothing may be overflown is an error."""
    [finding] = found(task_in_zone, mission(zone(0, 0, 300, 300), tasks=(task(),)))
    assert finding.severity is Severity.ERROR


def test_task_over_or_beside_a_zone():
    """A zone below the task, elsewhere, or over before the window, hides nothing."""
    below = zone(0, 0, 300, 300, ceiling_m=30.0)
    beside = zone(-300, -300, 0, 0)
    earlier = zone(0, 0, 300, 300, active=(window(-60, -30),))
    assert found(task_in_zone, mission(below, beside, earlier, tasks=(task(windows=(window(0, 20),)),))) == []


def test_task_out_of_radio_range():
    """Four kilometres are too far for a link among buildings."""
    [finding] = found(station_distance, mission(tasks=(task(3900, 0, 4000, 100),)))
    assert (finding.value, finding.limit) == ("4.0 km", "3 km")


def test_task_in_radio_range():
    """Two hundred metres are not."""
    assert found(station_distance, mission(tasks=(task(),))) == []


def test_pictures_too_fast_for_the_camera():
    """At 10 m/s a picture every 5 m is two a second; the camera takes one."""
    one = with_actions(leg((0, 0, 50), (100, 0, 50)), PhotoAction(5.0), task_id="school")
    [finding] = found(photo_interval, plan(mission(tasks=(task(),)), sortie(one, one)))
    assert (finding.value, finding.limit) == ("0.50 s", "1 s")
    assert finding.remedy.startswith("fly at 5.0 m/s")


def test_pictures_slow_enough():
    """A picture every 10 m at 10 m/s is just what the camera does, and video has no interval."""
    legs = [
        with_actions(leg((0, 0, 50), (9, 0, 50)), action, task_id="school")
        for action in (PhotoAction(10.0), VideoAction())
    ]
    assert found(photo_interval, plan(mission(tasks=(task(),)), sortie(*legs))) == []
