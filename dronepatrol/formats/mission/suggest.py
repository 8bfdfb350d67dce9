"""The nearest known word to a mistyped one."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

LISTED = 12
"""Most words listed when none is near."""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word most like the given one, or None if none is like it (case does not count)."""
    by_lower = {candidate.lower(): candidate for candidate in known}
    found = get_close_matches(word.lower(), list(by_lower), n=1, cutoff=0.6)
    return by_lower[found[0]] if found else None


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return the remedy for an unknown word: the nearest known one, or the list of all of them."""
    words = sorted(set(known))
    near = nearest(word, words)
    if near is not None:
        return f"did you mean '{near}'?"
    if not words:
        return "there are none to choose from"
    listed = ", ".join(words[:LISTED])
    return f"known: {listed}" + (", ..." if len(words) > LISTED else "")
