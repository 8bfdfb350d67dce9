"""Mean wind by height and time, and the statistics of gusts."""

from __future__ import annotations

import numpy as np
import pytest

from dronepatrol.errors import InputError
from dronepatrol.sim.weather import Breeze, DrydenGusts, GustModel, Profile, Weather, dryden_figures


def test_blows_from_where_it_says() -> None:
    """Wind from the east moves the air to the west."""
    n, e, u = Weather([Breeze(0.0, 8.0, 90.0)], profile=Profile.CONSTANT).at(0, 0.0, 0.05, 40.0)
    assert (n, e, u) == pytest.approx((0.0, -8.0, 0.0), abs=1e-9)


def test_root_of_height() -> None:
    """The reference's wind is 8 m/s at 60 m and 6.5 m/s at 40 m, and no more above."""
    weather = Weather.reference(8.0, 120.0, 0.0)
    assert 8.0 * weather.factor_at(40.0) == pytest.approx(6.53, abs=0.01)
    assert weather.factor_at(200.0) == 1.0


def test_power_law() -> None:
    """The power law gives its speed at the reference height and more above."""
    weather = Weather([Breeze(0.0, 5.0, 0.0)], reference_m=10.0, exponent=0.2)
    assert weather.factor_at(10.0) == pytest.approx(1.0)
    assert weather.factor_at(100.0) == pytest.approx(10.0**0.2)


def test_schedule_turns_the_shorter_way() -> None:
    """Between two entries speed and direction change steadily, over north where that is shorter."""
    weather = Weather([Breeze(0.0, 4.0, 350.0), Breeze(100.0, 8.0, 10.0)])
    middle = weather.breeze_at(50.0)
    assert (middle.speed_mps, middle.from_deg) == pytest.approx((6.0, 0.0))
    assert weather.breeze_at(1e4).speed_mps == 8.0


def test_same_seed_same_gusts() -> None:
    """Gusts repeat with the seed, and differ between drones."""
    a, b = (Weather([Breeze(0.0, 8.0, 0.0, 8.0)], seed=7) for _ in range(2))
    first = [a.at(0, 0.0, 0.05, 40.0) for _ in range(50)]
    assert first == [b.at(0, 0.0, 0.05, 40.0) for _ in range(50)]
    assert first != [b.at(1, 0.0, 0.05, 40.0) for _ in range(50)]


def test_figures_of_the_specification() -> None:
    """At 1000 ft gusts are isotropic with a tenth of the wind at 20 ft (MIL-F-8785C)."""
    f = dryden_figures(10.0, 304.8)
    assert f.sigma_u == pytest.approx(f.sigma_w) == pytest.approx(1.0)
    assert f.length_u == pytest.approx(f.length_w) == pytest.approx(304.8)
    low = dryden_figures(10.0, 30.48)
    assert low.sigma_u / low.sigma_w == pytest.approx((0.177 + 0.0823) ** -0.4)


def test_size_of_dryden_gusts() -> None:
    """The standard deviations are those of the specification."""
    gusts = DrydenGusts((1, 0))
    x = np.array([gusts.step(0.5, 10.0, 40.0, 10.0) for _ in range(40000)])
    f = dryden_figures(10.0, 40.0)
    assert x.std(axis=0) == pytest.approx([f.sigma_u, f.sigma_u, f.sigma_w], rel=0.06)


def test_correlation_of_dryden_gusts() -> None:
    """Autocorrelations are the transforms of the spectra: exp(-T) along, (1 - T/2) exp(-T) across."""
    gusts, lag = DrydenGusts((3, 0)), 20
    x = np.array([gusts.step(0.5, 10.0, 40.0, 10.0) for _ in range(60000)])
    t = lag * 0.5 * 10.0 / dryden_figures(10.0, 40.0).length_u
    x -= x.mean(axis=0)
    r = (x[lag:] * x[:-lag]).mean(axis=0) / x.var(axis=0)
    assert r[0] == pytest.approx(np.exp(-t), abs=0.06)
    assert r[1] == pytest.approx((1.0 - t / 2.0) * np.exp(-t), abs=0.06)


def noise(dt_s: float, count: int) -> np.ndarray:
    """Return noise gusts of 1 m/s, shape (count, 3)."""
    weather = Weather([Breeze(0.0, 0.0, 0.0, 1.0)], gusts=GustModel.NOISE)
    return np.array([weather.at(0, 0.0, dt_s, 40.0) for _ in range(count)])


def test_size_of_noise() -> None:
    """Noise gusts have the standard deviation asked for in the plane, and none up."""
    x = noise(0.002, 60000)
    assert np.sqrt((x[:, :2] ** 2).sum(axis=1).mean()) == pytest.approx(1.0, rel=0.05)
    assert not x[:, 2].any()


def test_long_steps_feel_the_mean_of_the_noise() -> None:
    """Over a second the mean of the noise is as strong whatever the step: the root of 2 x 41 ms over 1 s."""
    for dt_s in (0.01, 0.05):
        steps = round(1.0 / dt_s)
        means = noise(dt_s, 1500 * steps)[:, 0].reshape(-1, steps).mean(axis=1)
        assert means.std() == pytest.approx(np.sqrt(0.5 * 2 * 0.041), rel=0.08)


@pytest.mark.parametrize(
    ("breezes", "message"),
    [
        ([], "without any wind"),
        ([Breeze(0.0, -1.0, 0.0)], r"breezes\[0\]: negative"),
        ([Breeze(5.0, 1.0, 0.0), Breeze(5.0, 1.0, 0.0)], r"breezes\[1\]: time 5.0 s is not after"),
    ],
)
def test_refuses_nonsense(breezes: list[Breeze], message: str) -> None:
    """What cannot blow is refused with its place."""
    with pytest.raises(InputError, match=message):
        Weather(breezes)
