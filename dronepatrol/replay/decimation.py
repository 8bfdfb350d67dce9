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
    rows = np.ascontiguousarray(_forward_filled(columns).T)
    kept = np.array([0, n - 1])
    open_samples = np.arange(n)
    while open_samples.size:
        span = np.minimum(np.searchsorted(kept, open_samples, side="right") - 1, len(kept) - 2)
        # samples of one span lie side by side, so its worst one comes from a reduction over a slice
        first = np.flatnonzero(np.diff(span, prepend=-1))
        counts = np.diff(first, append=len(span))
        starts = span[first]
        error = _error(time_s, rows, open_samples, kept[starts], kept[starts + 1], counts)
        worst = np.maximum.reduceat(error, first)
        too_far = np.repeat(worst > 1.0, counts)
        split_here = np.flatnonzero((error == np.repeat(worst, counts)) & too_far)
        group = np.repeat(np.arange(len(first)), counts)[split_here]
        one_each = split_here[np.flatnonzero(np.diff(group, prepend=-1))]
        kept = np.sort(np.concatenate([kept, open_samples[one_each]]))
        open_samples = open_samples[too_far]
    return kept


def _error(
    time_s: Array,
    rows: Array,
    at: npt.NDArray[np.intp],
    start: npt.NDArray[np.intp],
    end: npt.NDArray[np.intp],
    counts: npt.NDArray[np.intp],
) -> Array:
    """Largest deviation over the rows of each sample from its span's chord; spans have ``counts`` samples."""
    span_s = np.maximum(time_s[end] - time_s[start], 1e-9)
    passed_s = time_s[at] - np.repeat(time_s[start], counts)
    error = np.zeros(len(at))
    for row in rows:
        slope = (row[end] - row[start]) / span_s
        chord = np.repeat(row[start], counts) + passed_s * np.repeat(slope, counts)
        np.maximum(error, np.abs(row[at] - chord), out=error)
    return error


def _forward_filled(columns: Array) -> Array:
    """Replace each NaN by the last finite value above it, or by zero."""
    row = np.where(np.isfinite(columns), np.arange(len(columns))[:, None], 0)
    last = np.maximum.accumulate(row, axis=0)
    return np.nan_to_num(np.take_along_axis(columns, last, axis=0), posinf=0.0, neginf=0.0)
