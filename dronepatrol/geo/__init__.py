"""Geometry: WGS84 to local metres and back, polygons, obstacles and the visibility graph."""
