"""Which share of a flat load a mix of solar, wind and battery serves, hour by hour, and what more of each would add.

For each site of a batch the hours are gone through once. Whatever is made beyond the load is stored while there is
room, whatever is missing is taken from the battery while there is any: no other dispatch serves more energy over the
year, since energy used now can never be worth less than the same energy used later, and a full battery loses what
comes. So the share served is the optimum of a linear programme in (solar, wind, battery): concave in them, and its
slopes are that programme's duals. The dual of stored energy is 1 if the battery runs empty before it is next full and
0 otherwise, which one pass backwards finds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steeliq.simulation.arrays import Bools, Floats

type Hourly = NDArray[np.floating[Any]]  # (h, n)

BLOCK = 72  # hours worked on at once: the arrays of some hundred sites stay in the processor's cache


@dataclass(frozen=True, slots=True)
class Battery:
    """How a battery works: share of the charge that comes out again, and hours of full power that it holds."""

    efficiency: float = 0.86
    hours: float = 4.0


def served(solar: Hourly, wind: Hourly, design: Floats, battery: Battery) -> tuple[Floats, Floats]:
    """Share of a flat load of 1 MW that designs serve (n,), and its slopes (n, 3) per MW, MW and MWh.

    ``solar`` and ``wind`` (h, n) are output per unit of capacity, of 4 or 8 bytes, which is the precision of the
    result; ``design`` (n, 3) is MW of solar, MW of wind and MWh of battery that can be taken out. The battery is empty
    in the first hour. Losses are booked when charging; charge and discharge are at most energy / hours.

    >>> sun, still = np.array([[3.0], [0.0], [0.0]]), np.zeros((3, 1))
    >>> share, slope = served(sun, still, np.array([[1.0, 0.0, 1.0]]), Battery(efficiency=1.0, hours=1.0))
    >>> round(float(share[0]), 6), (3 * slope[0]).round(6).tolist()  # two hours of three; a larger battery adds one
    (0.666667, [0.0, 0.0, 1.0])
    """
    hours = len(solar)
    run = _Run(solar, wind, design, battery)
    unmet, empty, room = run.forward()
    worth, refilled = _worth_of_stored(empty, room)
    slope = run.slopes(worth)
    slope[:, 2] += refilled
    return 1.0 - unmet / hours, slope / hours


def _worth_of_stored(empty: Bools, room: Bools) -> tuple[Bools, Floats]:
    """Whether one more MWh stored in an hour is used later (h, n), and how often a full battery wishes for more (n,).

    Both arrays are overwritten.
    """
    later = np.zeros(empty.shape[1], dtype=bool)
    for full_not, here in zip(room[::-1], empty[::-1], strict=True):
        np.logical_and(later, full_not, out=full_not)  # worth that passes this hour, as the battery is not full
        np.logical_or(here, full_not, out=here)
        later = here
    return empty, (empty[1:].sum(axis=0) - room[:-1].sum(axis=0)).astype(float)


class _Run:
    """A batch of designs on its way through the hours."""

    def __init__(self, solar: Hourly, wind: Hourly, design: Floats, battery: Battery) -> None:
        self.solar, self.wind = solar, wind
        self.precision = solar.dtype.type
        self.parts: tuple[Hourly, ...] = tuple(np.ascontiguousarray(part, dtype=solar.dtype) for part in design.T)
        self.efficiency, self.hours = self.precision(battery.efficiency), battery.hours
        self.power = self.parts[2] / self.precision(battery.hours)
        self.buffers = np.empty((2, BLOCK, solar.shape[1]), dtype=solar.dtype)

    def _net(self, start: int, end: int) -> tuple[Hourly, Hourly]:
        """Output less load (b, n) of a block of hours, and a buffer of the same shape."""
        net, other = self.buffers[0, : end - start], self.buffers[1, : end - start]
        np.multiply(self.solar[start:end], self.parts[0], out=net)
        np.multiply(self.wind[start:end], self.parts[1], out=other)
        net += other
        net -= self.precision(1)
        return net, other

    def _blocks(self) -> list[tuple[int, int]]:
        count = len(self.solar)
        return [(start, min(start + BLOCK, count)) for start in range(0, count, BLOCK)]

    def forward(self) -> tuple[Floats, Bools, Bools]:
        """Unmet load (n,) in MWh; hours in which the battery falls short of the need; hours in which it is not full."""
        size = self.parts[2]
        stored = np.zeros_like(size)
        unmet = np.zeros(len(size))
        empty, room = np.empty((2, *self.solar.shape), dtype=bool)
        for start, end in self._blocks():
            net, flow = self._net(start, end)
            np.maximum(net, -self.power, out=flow)
            unmet += (flow - net).sum(axis=0)
            np.minimum(flow, self.power, out=net)
            np.multiply(net, self.efficiency, out=flow)
            np.minimum(net, flow, out=flow)  # into the battery with losses, out of it without
            for level in flow:
                np.add(level, stored, out=level)
                np.maximum(level, 0, out=stored)
                np.minimum(stored, size, out=stored)
            np.less(flow, 0, out=empty[start:end])
            np.less_equal(flow, size, out=room[start:end])
            unmet -= np.minimum(flow, 0, out=flow).sum(axis=0)
        return unmet, empty, room

    def slopes(self, worth: Bools) -> Floats:
        """MWh served a year more per unit of each part (n, 3), but for room in a full battery."""
        out = np.zeros((len(self.parts[2]), 3))
        for start, end in self._blocks():
            net, weight = self._net(start, end)
            wanted = worth[start:end]
            short, over = net < -self.power, net > self.power
            np.multiply(net > 0, self.efficiency - self.precision(1), out=weight)
            weight += self.precision(1)
            weight *= wanted
            weight[short] = 1
            weight[over] = 0
            charged = np.count_nonzero(over & wanted, axis=0) * float(self.efficiency)
            out[:, 2] += (charged + np.count_nonzero(short & ~wanted, axis=0)) / self.hours
            for part, output in enumerate((self.solar, self.wind)):
                out[:, part] += np.multiply(weight, output[start:end], out=net).sum(axis=0)
        return out
