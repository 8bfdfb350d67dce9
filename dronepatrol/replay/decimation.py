"""Fewer samples that look the same."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def needed_samples(time_s: Array, columns: Array) -> npt.NDArray[np.intp]:
    """Return the samples that linear interpolation over time needs to stay within tolerance.

    The Douglas-Peucker scheme (1973) with the time-synchronised distance of Meratnia and de By (2004): a
    span is split at its worst sample until every dropped sample is reproduced. All spans of one depth are
    handled in one vectorised pass.

    Parameters
    ----------
    time_s
        Shape (n,), increasing.
    columns
        Shape (n, k), each column divided by its tolerance. NaN counts as the last value seen before it.

    Returns
    -------
    indices
        Sorted; the first and the last sample are always among them.
    """
    n = len(time_s)
    if n <= 2:
        return np.arange(n)
    filled = _forward_filled(columns)
    kept = np.array([0, n - 1])
    open_samples = np.arange(n)
    while open_samples.size:
        span = np.minimum(np.searchsorted(kept, open_samples, side="right") - 1, len(kept) - 2)
        error = _error(time_s, filled, open_samples, kept[span], kept[span + 1])
        # samples of one span lie side by side, so its worst one comes from a reduction over a slice
        first = np.flatnonzero(np.diff(span, prepend=-1))
        worst = np.maximum.reduceat(error, first)
        group = np.cumsum(np.diff(span, prepend=span[0]) > 0)
        split_here = (error == worst[group]) & (worst[group] > 1.0)
        candidates = np.flatnonzero(split_here)
        _, unique = np.unique(group[candidates], return_index=True)
        kept = np.union1d(kept, open_samples[candidates[unique]])
        open_samples = open_samples[worst[group] > 1.0]
    return kept


def _error(
    time_s: Array,
    columns: Array,
    at: npt.NDArray[np.intp],
    start: npt.NDArray[np.intp],
    end: npt.NDArray[np.intp],
) -> Array:
    """Largest deviation over the columns of each sample from the chord of its span."""
    span_s = np.maximum(time_s[end] - time_s[start], 1e-9)
    share = ((time_s[at] - time_s[start]) / span_s)[:, None]
    chord = columns[start] + share * (columns[end] - columns[start])
    deviation: Array = np.abs(columns[at] - chord).max(axis=1)
    return deviation


def _forward_filled(columns: Array) -> Array:
    """Replace each NaN by the last finite value above it, or by zero."""
    row = np.where(np.isfinite(columns), np.arange(len(columns))[:, None], 0)
    last = np.maximum.accumulate(row, axis=0)
    return np.nan_to_num(np.take_along_axis(columns, last, axis=0), posinf=0.0, neginf=0.0)
