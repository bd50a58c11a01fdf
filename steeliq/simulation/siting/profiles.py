"""Synthetic hourly output of solar and wind at a site: a stated shape, the same on every machine, to a stated mean.

No weather record ships with steeliq, so the shapes are made up and everything that rests on them is an estimate:

- sun: a panel that faces the equator, tilted by the latitude, under a clear sky (Meinel 1976: 0.7^(air mass^0.678) of
  the beam, a tenth of it diffuse), times a transmittance that changes from day to day with a memory of two days. Its
  distribution u^(1/r - 1) has the mean r, the ratio of the site's capacity factor to that of the clear sky: a desert
  has mostly clear days, a cloudy coast has all kinds.
- wind: Weibull speeds (shape 2) with a memory of 40 hours, stronger in winter away from the equator and a little by
  day, through a cubic power curve between 3 and 11.5 m/s, cut out at 25 m/s.

The noise is a hash of site name and hour (splitmix64), so a site keeps its weather whatever else is computed. Both
shapes are scaled to the stated capacity factors. Users who need more bring their own profiles (`importer.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from steeliq.simulation.arrays import Floats
from steeliq.simulation.draws import stable_hash

HOURS = 8760
CUT_IN, RATED, CUT_OUT = 3.0, 11.5, 25.0  # m/s
CLOUD_MEMORY, WIND_MEMORY = 2.0, 40.0  # days, hours
SHARPNESS = 1.702  # logistic curve that comes nearest to the normal distribution's

type Single = NDArray[np.float32]


def sun(names: Sequence[str], latitude: Floats, capacity_factor: Floats) -> Single:
    """Hourly solar output per unit of capacity (8760, n) at a mean of ``capacity_factor`` (n,); latitude in degrees.

    >>> made = sun(["a", "b"], np.array([25.0, 52.0]), np.array([0.2, 0.11]))
    >>> made.mean(axis=0, dtype=float).round(4).tolist(), bool(made.max() <= 1.0)
    ([0.2, 0.11], True)
    """
    clear = _clear_sky(latitude)
    ratio = np.clip(capacity_factor / np.maximum(clear.mean(axis=0, dtype=float), 1e-6), 0.05, 1.0)
    days = _persistent(_noise(names, "sun", HOURS // 24), CLOUD_MEMORY)
    sky = _share(days) ** (1.0 / ratio - 1.0).astype(np.float32)
    return _scaled(clear * np.repeat(sky, 24, axis=0), capacity_factor)


def wind(names: Sequence[str], latitude: Floats, capacity_factor: Floats) -> Single:
    """Hourly wind output per unit of capacity (8760, n) at a mean of ``capacity_factor`` (n,); latitude in degrees."""
    hour = np.arange(HOURS, dtype=np.float32)[:, None]
    gusts = _persistent(_noise(names, "wind", HOURS), WIND_MEMORY)
    winter = np.cos(2 * np.pi * (hour / 24 - 20) / 365) * (0.6 * np.sin(np.radians(latitude))).astype(np.float32)
    gusts += winter + np.float32(0.15) * np.cos(2 * np.pi * (hour % 24 - 15) / 24)
    speed = np.sqrt(-np.log1p(-np.clip(_share(gusts), 1e-6, 1 - 1e-6)))
    return _scaled(_power(speed * _weibull_scale(capacity_factor).astype(np.float32)), capacity_factor)


def _clear_sky(latitude: Floats) -> Single:
    """Output of a tilted panel under a sky without clouds, 1 at its rated output (8760, n), by half degrees."""
    degrees, column = np.unique(np.round(2 * latitude) / 2, return_inverse=True)
    hour = np.arange(HOURS)
    declination = np.radians(23.45) * np.sin(2 * np.pi * (284 + hour // 24 + 1) / 365)
    angle = np.radians(15.0) * (hour % 24 + 0.5 - 12.0)

    def height(at: Floats) -> Single:
        """Sine of the sun's height above a plane at this latitude."""
        still = np.sin(declination)[:, None] * np.sin(at)
        moving = (np.cos(declination) * np.cos(angle))[:, None] * np.cos(at)
        return np.asarray(still + moving, dtype=np.float32)

    place = np.radians(degrees)
    up = height(place)
    beam = np.float32(0.7) ** (1 / np.maximum(up, np.float32(0.05))) ** np.float32(0.678)
    facing = np.maximum(height(np.zeros_like(place)), 0)  # tilted by the latitude, the panel stands as at the equator
    output: Single = np.where(up > 0.02, beam * (facing + np.float32(0.1)) / np.float32(0.77), np.float32(0))
    return output[:, column]


def _power(speed: Single) -> Single:
    """Output at wind speeds in m/s, 1 at the rated one."""
    rise = (speed**3 - np.float32(CUT_IN**3)) / np.float32(RATED**3 - CUT_IN**3)
    output: Single = np.clip(rise, 0, 1) * (speed < CUT_OUT)
    return output


def _weibull_scale(capacity_factor: Floats) -> Floats:
    """Scale in m/s of the speeds whose mean output is the capacity factor (n,)."""
    scales = np.linspace(1.0, 16.0, 200)
    shares = (np.arange(400) + 0.5) / 400
    means = _power((np.sqrt(-np.log1p(-shares))[:, None] * scales).astype(np.float32)).mean(axis=0, dtype=float)
    rising = slice(0, int(np.argmax(means)) + 1)
    return np.interp(capacity_factor, means[rising], scales[rising])


def _noise(names: Sequence[str], purpose: str, count: int) -> Single:
    """Noise of mean 0 and deviation 1 (count, n), a hash of purpose, name and position."""
    start = np.array([stable_hash(f"{purpose}|{name}") for name in names], dtype=np.uint64)
    step = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    mixed = start + step[:, None]
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed ^= mixed >> np.uint64(shift)
        mixed *= np.uint64(factor)
    mixed ^= mixed >> np.uint64(31)
    share = ((mixed >> np.uint64(41)).astype(np.float32) + np.float32(0.5)) / np.float32(2**23)
    return np.log(share / (1 - share)) * np.float32(np.sqrt(3.0) / np.pi)


def _persistent(noise: Single, memory: float) -> Single:
    """The noise with each value near the one before, which fades with this ``memory``; overwritten."""
    keep = np.exp(-1.0 / memory)
    noise[1:] *= np.float32(np.sqrt(1.0 - keep**2))
    for before, now in pairwise(noise):
        np.add(now, np.float32(keep) * before, out=now)
    return noise


def _share(normal: Single) -> Single:
    """Share of a standard normal distribution below each value."""
    return np.float32(1) / (np.float32(1) + np.exp(np.float32(-SHARPNESS) * normal))


def _scaled(output: Single, capacity_factor: Floats) -> Single:
    """Output in 0..1 with the stated mean, as far as a factor reaches it."""
    for _ in range(20):
        factor = capacity_factor / np.maximum(output.mean(axis=0, dtype=float), 1e-9)
        if np.allclose(factor, 1.0, atol=1e-6):
            break
        output *= factor.astype(np.float32)
        np.minimum(output, 1, out=output)
    return output
