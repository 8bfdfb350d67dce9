"""Area coverage: one pass over polygons with holes, around obstacles, in the least flight time found."""

from dronepatrol.planning.coverage.route import CoverageRoute
from dronepatrol.planning.coverage.search import plan_coverage

__all__ = ["CoverageRoute", "plan_coverage"]
