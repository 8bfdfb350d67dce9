"""Which expectations of a scenario held, with what was found and what was wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

import numpy as np
import shapely

from dronepatrol.geo.frame import LocalFrame
from dronepatrol.geo.polygon import project
from dronepatrol.model.zone import ZoneKind
from dronepatrol.sim.scenario.scenario import Scenario
from dronepatrol.sim.scenario.witness import Witness


@dataclass(frozen=True, slots=True)
class Outcome:
    """One expectation and what came of it.

    Attributes
    ----------
    what
        ``"k1: mode RTL"``.
    found, wanted
        As people read them: ``"4.2 s"``, ``"at most 6 s"``.
    """

    what: str
    held: bool
    found: str
    wanted: str


@dataclass(frozen=True, slots=True)
class Result:
    """What a run left to judge.

    Attributes
    ----------
    witnesses
        By drone.
    events
        Of the event log.
    problems
        By sortie, or by drone of a fleet without a mission; empty text for none.
    seen
        By task, the share of its area that was seen; None where it is not known.
    """

    witnesses: Mapping[str, Witness]
    events: Sequence[Mapping[str, Any]]
    problems: Mapping[str, str]
    seen: Mapping[str, float | None]


def judge(scenario: Scenario, result: Result) -> Iterator[Outcome]:
    """Give an outcome for each expectation and each drone that it concerns."""
    for expectation in scenario.expectations:
        if expectation.kind in _OF_RUN:
            yield _OF_RUN[expectation.kind](scenario, result, expectation.figures)
            continue
        drones = [expectation.drone] if expectation.drone else _flew(result)
        for drone in drones:
            yield _OF_DRONE[expectation.kind](scenario, result.witnesses[drone], drone, expectation.figures)


def _flew(result: Result) -> list[str]:
    return [drone for drone, witness in result.witnesses.items() if witness.track] or list(result.witnesses)


Figures = Mapping[str, Any]


# Of the whole run


def _complete(_scenario: Scenario, result: Result, _figures: Figures) -> Outcome:
    bad = [f"{key}: {problem}" for key, problem in result.problems.items() if problem]
    found = f"{len(result.problems) - len(bad)} of {len(result.problems)}"
    return Outcome(
        "all sorties complete", not bad, found + (f" ({'; '.join(bad)})" if bad else ""), "all of them"
    )


def _no_text(_scenario: Scenario, result: Result, figures: Figures) -> Outcome:
    wanted = figures["text"]
    said = [
        f"{drone} at {time_s:.1f} s"
        for drone, witness in result.witnesses.items()
        if figures.get("drone") in (None, drone)
        for time_s, _, text in witness.texts
        if wanted in text
    ]
    return Outcome(f"nobody says '{wanted}'", not said, ", ".join(said) or "nobody", "nobody")


def _seen(_scenario: Scenario, result: Result, figures: Figures) -> Outcome:
    share = result.seen.get(figures["task"])
    least = figures["at_least"]
    found = "not known" if share is None else f"{100.0 * share:.1f} %"
    return Outcome(
        f"{figures['task']} is seen",
        share is not None and share >= least,
        found,
        f"at least {100.0 * least:.0f} %",
    )


def _event(_scenario: Scenario, result: Result, figures: Figures) -> Outcome:
    drone, kind = figures.get("drone"), figures["event"]
    count = sum(e["kind"] == kind and drone in (None, e.get("drone")) for e in result.events)
    return Outcome(
        f"event {kind}", count >= figures["at_least"], f"{count}", f"at least {figures['at_least']}"
    )


def _no_zone(scenario: Scenario, result: Result, figures: Figures) -> Outcome:
    found = [
        f"{drone} {where}"
        for drone, witness in result.witnesses.items()
        if figures.get("drone") in (None, drone)
        for where in _zones_met(scenario, witness)
    ]
    return Outcome("no zone is breached", not found, "; ".join(found) or "none", "none")


def _zones_met(scenario: Scenario, witness: Witness) -> Iterator[str]:
    if not witness.track:
        return
    mission = scenario.mission
    frame = LocalFrame(mission.stations[0].position)
    places_e7 = np.array([(place.lon_e7, place.lat_e7) for place in witness.track], dtype=np.float64)
    points = shapely.points(frame.to_enu(places_e7 / 1e7))
    heights = np.array([place.height_m for place in witness.track])
    for zone in mission.airspace.zones:
        area = project(zone.polygon, frame)
        shapely.prepare(area)
        inside = shapely.contains(area, points)
        wrong = inside if zone.kind is ZoneKind.KEEP_OUT else ~inside
        wrong &= (heights >= zone.floor_agl_m) & (heights < zone.ceiling_agl_m)
        if wrong.any():
            first = witness.track[int(np.argmax(wrong))]
            yield f"{zone.id} at {first.time_s:.0f} s"


# Of one drone


def _lands(_scenario: Scenario, witness: Witness, drone: str, figures: Figures) -> Outcome:
    what, near_m, by_s = f"{drone} lands", figures.get("near_home_m"), figures.get("by_s")
    wanted = [f"within {near_m:g} m of its start"] if near_m is not None else []
    wanted += [f"by {by_s:g} s"] if by_s is not None else []
    if witness.armed or not witness.landings:
        found = "in the air" if witness.armed else "never flew"
        return Outcome(what, False, found, ", ".join(wanted) or "down")
    last = witness.landings[-1]
    held = (near_m is None or last.from_start_m <= near_m) and (by_s is None or last.time_s <= by_s)
    found = f"{last.from_start_m:.1f} m from its start at {last.time_s:.0f} s"
    return Outcome(what, held, found, ", ".join(wanted) or "down")


def _text(scenario: Scenario, witness: Witness, drone: str, figures: Figures) -> Outcome:
    times_s = [time_s for time_s, _, text in witness.texts if figures["text"] in text]
    return _reached(scenario, witness, drone, f"{drone} says '{figures['text']}'", times_s, figures)


def _mode(scenario: Scenario, witness: Witness, drone: str, figures: Figures) -> Outcome:
    times_s = [time_s for time_s, mode in witness.modes if mode == figures["mode"]]
    return _reached(scenario, witness, drone, f"{drone}: mode {figures['mode']}", times_s, figures)


def _reached(
    scenario: Scenario, witness: Witness, drone: str, what: str, times_s: list[float], figures: Figures
) -> Outcome:
    """Judge by the first time after the first fault, or at all where there is no fault."""
    start_s = min(witness.faults[0][0] if witness.faults else inf, scenario.conditions.outage_begins_s(drone))
    within_s, by_s = figures.get("within_s"), figures.get("by_s")
    zero_s = start_s if within_s is not None and start_s < inf else 0.0
    first_s = min((time_s for time_s in times_s if time_s >= zero_s - 1e-9), default=None)
    limit_s = within_s if within_s is not None else by_s
    wanted = "at any time" if limit_s is None else f"at most {limit_s:g} s" + (" after it" if zero_s else "")
    if first_s is None:
        return Outcome(what, False, "never", wanted)
    return Outcome(what, limit_s is None or first_s - zero_s <= limit_s, f"{first_s - zero_s:.1f} s", wanted)


def _battery(_scenario: Scenario, witness: Witness, drone: str, figures: Figures) -> Outcome:
    least = min((landing.battery_left for landing in witness.landings), default=None)
    found = "never landed" if least is None else f"{100.0 * least:.0f} %"
    held = least is not None and least >= figures["at_least"]
    return Outcome(f"{drone}: battery at landing", held, found, f"at least {100 * figures['at_least']:.0f} %")


def _stays(_scenario: Scenario, witness: Witness, drone: str, figures: Figures) -> Outcome:
    most_m = max((place.from_start_m for place in witness.track), default=0.0)
    limit_m = figures["of_home_m"]
    return Outcome(
        f"{drone} stays near its start", most_m <= limit_m, f"{most_m:.1f} m", f"at most {limit_m:g} m"
    )


_OF_RUN: Mapping[str, Callable[[Scenario, Result, Figures], Outcome]] = {
    "all_sorties_complete": _complete,
    "no_text": _no_text,
    "no_zone_breached": _no_zone,
    "task_seen": _seen,
    "event": _event,
}
_OF_DRONE: Mapping[str, Callable[[Scenario, Witness, str, Figures], Outcome]] = {
    "lands": _lands,
    "text": _text,
    "mode": _mode,
    "battery_at_landing": _battery,
    "stays_within": _stays,
}
