"""What a simulated ArduCopter does when something fails: one failsafe per module, with the real texts."""
