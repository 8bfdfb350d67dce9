"""Thinned columns stay within tolerance."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dronepatrol.replay.decimation import needed_samples


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 400), st.integers(0, 2**31), st.integers(1, 4))
def test_every_dropped_sample_is_reproduced(n, seed, k):
    """Interpolating between the kept samples misses no dropped one by more than the tolerance."""
    rng = np.random.default_rng(seed)
    time_s = np.cumsum(rng.uniform(0.1, 0.4, n))
    columns = np.cumsum(rng.normal(0.0, 1.0, (n, k)), axis=0)
    kept = needed_samples(time_s, columns)
    assert kept[0] == 0
    assert kept[-1] == n - 1
    for column in columns.T:
        again = np.interp(time_s, time_s[kept], column[kept])
        assert np.abs(again - column).max() <= 1.0 + 1e-9


def test_a_straight_flight_needs_two_samples():
    """Steady flight is drawn from its ends."""
    time_s = np.arange(0.0, 100.0, 0.25)
    assert needed_samples(time_s, np.column_stack([8.0 * time_s, time_s])).tolist() == [0, len(time_s) - 1]


def test_not_a_number_is_taken_as_no_change():
    """A hole in a column does not force samples."""
    columns = np.zeros((50, 2))
    columns[10:20, 1] = np.nan
    assert needed_samples(np.arange(50.0), columns).tolist() == [0, 49]


@pytest.mark.parametrize("n", [0, 1, 2])
def test_short_columns_stay_whole(n):
    """There is nothing to leave out of two samples."""
    assert needed_samples(np.arange(float(n)), np.zeros((n, 1))).tolist() == list(range(n))
