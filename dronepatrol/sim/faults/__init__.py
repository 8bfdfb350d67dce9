"""What can be broken on a simulated drone, and when.

Nearly every fault is a value of one of ArduPilot's SIM_ parameters, so that a client breaks things over
MAVLink in the same way as a scenario does.
"""
