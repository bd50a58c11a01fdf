"""Array types and axis letters used everywhere.

Axes: f furnace group, g dispatch group, t technology, o BOM option, k commodity, c country, y year, r route,
m mine, s storage or supply area, a arc.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

type Floats = NDArray[np.float64]
type Ints = NDArray[np.int64]
type Bools = NDArray[np.bool_]
type Labels = NDArray[Any]


def frozen[T: np.generic](array: NDArray[T]) -> NDArray[T]:
    """The same array, refusing writes: a step that changes its input fails at the culprit's line."""
    array.flags.writeable = False
    return array


def records(frame: pd.DataFrame) -> Iterator[Any]:
    """Rows with columns as attributes; only for tables of a few thousand rows that are read once."""
    return iter(frame.itertuples(index=False))


def group_rows(values: Floats, group: Ints, count: int) -> Floats:
    """Sum the rows of (n, ...) by group -> (count, ...)."""
    # Adds in the order of rows, as numpy.add.at would, at a fifth of its time.
    width = int(np.prod(values.shape[1:]))
    cell = (np.asarray(group)[:, None] * width + np.arange(width)).ravel()
    return np.bincount(cell, values.ravel(), count * width).reshape(count, *values.shape[1:])


def rising(values: Floats, names: Ints) -> Ints:
    """Positions by rising value (n,), those that are equal to a millionth by rising name.

    Equal plants must not be told apart by the last digits of what they are worth: these depend on the processor.

    >>> rising(np.array([2.0, 1.0 + 1e-12, 1.0]), np.array([7, 8, 9])).tolist()
    [1, 2, 0]
    """
    return np.lexsort((names, np.round(values, 6)))
