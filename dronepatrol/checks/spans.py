"""Stretches of a leg as intervals of its parameter, 0 at the start and 1 at the end."""

from __future__ import annotations

from collections.abc import Iterable

Span = tuple[float, float]
Spans = list[Span]

WHOLE: Spans = [(0.0, 1.0)]
_TINY = 1e-12
"""Shorter stretches are a touch and not a stretch."""


def tidy(spans: Iterable[Span]) -> Spans:
    """Return the spans cut to the leg, in order, joined where they touch, without those of no length."""
    joined: Spans = []
    for begin, end in sorted((max(0.0, a), min(1.0, b)) for a, b in spans):
        if end - begin <= _TINY:
            continue
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((begin, end))
    return joined


def both(a: Spans, b: Spans) -> Spans:
    """Return what lies in both."""
    return tidy((max(x[0], y[0]), min(x[1], y[1])) for x in a for y in b)


def without(a: Spans, b: Spans) -> Spans:
    """Return what lies in the first and not in the second."""
    left = tidy(a)
    for begin, end in tidy(b):
        left = tidy(piece for x in left for piece in ((x[0], min(x[1], begin)), (max(x[0], end), x[1])))
    return left


def total(spans: Spans) -> float:
    """Return the share of the leg they make up."""
    return sum(end - begin for begin, end in spans)
