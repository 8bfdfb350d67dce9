"""Checks: one rule per file, from mission and plan to findings."""
