"""Simulated drones that speak MAVLink."""
