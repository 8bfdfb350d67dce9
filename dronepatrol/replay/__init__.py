"""Replay: figures, page and tables of a run."""
