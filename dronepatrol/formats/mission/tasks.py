"""Tasks of a mission file: what their cameras see decides altitude, swath and spacing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from zoneinfo import ZoneInfo

from dronepatrol.formats.mission.areas import AreaFiles
from dronepatrol.formats.mission.document import Path_
from dronepatrol.formats.mission.problems import Problems
from dronepatrol.formats.mission.schema import ActionModel, PhotoModel, TaskModel
from dronepatrol.formats.mission.suggest import suggestion
from dronepatrol.formats.mission.zones import area_of, windows_of
from dronepatrol.model import Action, AreaTask, Camera, Drone, PhotoAction, TaskKind, VideoAction

DEFAULT_OVERLAP = 0.3
"""Side overlap when neither overlap nor spacing is given: enough that 5 m of drift leave no gap at 60 m."""
DEFAULT_FRONT_OVERLAP = 0.7
"""Front overlap of pictures: what stitching programs ask for at least."""
ROUNDING_M = 1e-6


def read_tasks(
    entries: Sequence[TaskModel],
    drones: Sequence[Drone],
    cameras: Mapping[str, Camera],
    areas: AreaFiles,
    day: date,
    zone: ZoneInfo,
    problems: Problems,
) -> dict[Path_, AreaTask]:
    """Return the tasks by their place in the file; what is wrong goes to ``problems``."""
    tasks: dict[Path_, AreaTask] = {}
    for index, entry in enumerate(entries):
        path: Path_ = ("tasks", index)
        polygon = area_of(entry.area, areas, (*path, "area"), problems)
        windows = windows_of(entry.windows, (*path, "windows"), day, zone, problems)
        watching = _watching(entry, drones, cameras, path, problems)
        if polygon is None or not watching:
            continue
        altitude_m = _altitude_m(entry, watching)
        swath_m = min(camera.footprint_width_m(altitude_m) for camera in watching)
        tasks[path] = AreaTask(
            id=entry.id,
            name=entry.name or entry.id,
            kind=TaskKind(entry.kind),
            polygon=polygon,
            altitude_agl_m=altitude_m,
            track_spacing_m=_spacing_m(entry, swath_m, path, problems),
            swath_m=swath_m,
            passes=entry.passes,
            windows=windows,
            priority=entry.priority,
            camera_id=entry.camera,
            actions=_actions(entry.actions, watching, altitude_m, path, problems),
        )
    return tasks


def _watching(
    entry: TaskModel,
    drones: Sequence[Drone],
    cameras: Mapping[str, Camera],
    path: Path_,
    problems: Problems,
) -> list[Camera]:
    """Return the cameras that may see the task: the named one, or the first of every drone."""
    if entry.camera is None:
        return list({drone.model.cameras[0].id: drone.model.cameras[0] for drone in drones}.values())
    carried = {camera.id: camera for drone in drones for camera in drone.model.cameras}
    if entry.camera in carried:
        return [carried[entry.camera]]
    known = entry.camera in cameras
    message = "is carried by no drone of this mission" if known else "is not known"
    problems.add((*path, "camera"), f"camera '{entry.camera}' {message}", suggestion(entry.camera, carried))
    return []


def _altitude_m(entry: TaskModel, watching: Sequence[Camera]) -> float:
    """Return the altitude asked for, or the highest from which every camera resolves the ground as asked."""
    if entry.altitude_agl_m is not None:
        return float(entry.altitude_agl_m)
    assert entry.ground_sampling_distance_cm is not None  # the schema lets one of the two pass
    wanted_m = entry.ground_sampling_distance_cm / 100.0
    return min(camera.height_for_sampling_m(wanted_m) for camera in watching)


def _spacing_m(entry: TaskModel, swath_m: float, path: Path_, problems: Problems) -> float:
    if entry.track_spacing_m is None:
        overlap = DEFAULT_OVERLAP if entry.overlap is None else entry.overlap
        return (1.0 - overlap) * swath_m
    if entry.track_spacing_m > swath_m + ROUNDING_M:
        problems.add(
            (*path, "track_spacing_m"),
            f"{entry.track_spacing_m:g} m leaves gaps: the camera sees {swath_m:.1f} m across",
            f"give at most {swath_m:.1f}, or fly higher",
        )
    return min(float(entry.track_spacing_m), swath_m)


def _actions(
    entries: Sequence[ActionModel],
    watching: Sequence[Camera],
    altitude_m: float,
    path: Path_,
    problems: Problems,
) -> tuple[Action, ...]:
    length_m = min(camera.footprint_length_m(altitude_m) for camera in watching)
    actions: list[Action] = []
    for index, entry in enumerate(entries):
        place: Path_ = (*path, "actions", index)
        if entry.photo is None:
            action: Action = VideoAction()
        else:
            action = PhotoAction(_photo_spacing_m(entry.photo, length_m, (*place, "photo"), problems))
        if any(type(action) is type(other) for other in actions):
            problems.add(place, "the same action is given twice", "keep one")
        actions.append(action)
    return tuple(actions)


def _photo_spacing_m(photo: PhotoModel, length_m: float, path: Path_, problems: Problems) -> float:
    if photo.spacing_m is None:
        overlap = DEFAULT_FRONT_OVERLAP if photo.front_overlap is None else photo.front_overlap
        return (1.0 - overlap) * length_m
    if photo.spacing_m > length_m + ROUNDING_M:
        problems.add(
            (*path, "spacing_m"),
            f"{photo.spacing_m:g} m leaves gaps: a picture is {length_m:.1f} m long on the ground",
            f"give at most {length_m:.1f}, or fly higher",
        )
    return float(photo.spacing_m)
