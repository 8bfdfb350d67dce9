"""Pictures are not asked for faster than the camera takes them."""

from __future__ import annotations

from collections.abc import Iterator

from dronepatrol.checks.flown import FlownLeg, flown_legs
from dronepatrol.checks.rule import Rule
from dronepatrol.model import Camera, Finding, PhotoAction, Plan, Severity


def find(plan: Plan) -> Iterator[Finding]:
    """Give a finding for each task and sortie flown too fast for its pictures."""
    seen: set[tuple[str, str | None]] = set()
    for flown in flown_legs(plan):
        key = (flown.sortie.id, flown.leg.task_id)
        photos = [action for action in flown.leg.actions if isinstance(action, PhotoAction)]
        if not photos or key in seen or flown.leg.speed_mps <= 0.0:
            continue
        camera = _camera(plan, flown)
        spacing_m = min(photo.spacing_m for photo in photos)
        interval_s = spacing_m / flown.leg.speed_mps
        if interval_s < camera.min_interval_s - 1e-9:
            seen.add(key)
            yield RULE.finding(
                flown.where,
                f"needs pictures faster than {camera.id} takes them",
                value=f"{interval_s:.2f} s",
                limit=f"{camera.min_interval_s:g} s",
                remedy=f"fly at {spacing_m / camera.min_interval_s:.1f} m/s, higher, or with less overlap",
                position=flown.leg.start.position,
            )


def _camera(plan: Plan, flown: FlownLeg) -> Camera:
    task = plan.mission.task(flown.leg.task_id) if flown.leg.task_id else None
    model = plan.mission.drone(flown.sortie.drone_id).model
    return model.camera(task.camera_id if task else None)


RULE = Rule(
    id="photo-interval",
    title="Pictures are not asked for faster than the camera takes them",
    severity=Severity.WARNING,
    source="camera table: min_interval_s (speed = spacing / interval)",
    function=find,
)
