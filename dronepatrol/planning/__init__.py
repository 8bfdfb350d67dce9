"""Planning: from a mission to sorties."""

from dronepatrol.planning.coverage import CoverageRoute, plan_coverage
from dronepatrol.planning.mission import plan_mission
from dronepatrol.planning.timing import (
    Motion,
    corner_speed_mps,
    landing_time_s,
    leg_time_s,
    path_times_s,
    route_time_s,
    takeoff_time_s,
    vertical_time_s,
)

__all__ = [
    "CoverageRoute",
    "Motion",
    "corner_speed_mps",
    "landing_time_s",
    "leg_time_s",
    "path_times_s",
    "plan_coverage",
    "plan_mission",
    "route_time_s",
    "takeoff_time_s",
    "vertical_time_s",
]
