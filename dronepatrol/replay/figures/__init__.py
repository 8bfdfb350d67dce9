"""Figures: each is a function that takes data and ``ax=``, and returns the axes."""

from dronepatrol.replay.figures.altitude import altitude
from dronepatrol.replay.figures.battery import battery
from dronepatrol.replay.figures.composite import plan_figure, replay_figure
from dronepatrol.replay.figures.map import map_figure
from dronepatrol.replay.figures.save import save_figure
from dronepatrol.replay.figures.speed import speed
from dronepatrol.replay.figures.table import summary_table
from dronepatrol.replay.figures.timeline import timeline

__all__ = [
    "altitude",
    "battery",
    "map_figure",
    "plan_figure",
    "replay_figure",
    "save_figure",
    "speed",
    "summary_table",
    "timeline",
]
