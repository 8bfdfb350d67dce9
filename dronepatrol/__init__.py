"""Plan patrol routes, fly them with simulated or real drones over MAVLink, and replay what was seen."""

__version__ = "0.1.0"
