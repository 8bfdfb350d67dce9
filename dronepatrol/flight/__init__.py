"""Fly a plan with vehicles."""
