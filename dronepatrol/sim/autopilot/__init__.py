"""The autopilot of a simulated drone: what answers on its MAVLink links.

The flight itself is `dronepatrol.sim.motion`; here is the face that clients see, one file per service.
"""
