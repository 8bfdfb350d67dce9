"""Replay: what was flown and what was seen, as figures, tables and a page."""

from dronepatrol.replay.data import ReplayData, SummaryRow
from dronepatrol.replay.figures import (
    altitude,
    battery,
    map_figure,
    plan_figure,
    replay_figure,
    save_figure,
    speed,
    summary_table,
    timeline,
)
from dronepatrol.replay.page import write_page
from dronepatrol.replay.seen import TaskSeen, VisitSeen, VisitSpan, seen, visit_spans

__all__ = [
    "ReplayData",
    "SummaryRow",
    "TaskSeen",
    "VisitSeen",
    "VisitSpan",
    "altitude",
    "battery",
    "map_figure",
    "plan_figure",
    "replay_figure",
    "save_figure",
    "seen",
    "speed",
    "summary_table",
    "timeline",
    "visit_spans",
    "write_page",
]
