"""Telemetry: record, read, and turn into tracks."""
