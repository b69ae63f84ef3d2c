"""Noise from two tables that are made once: a lookup costs four gathers whatever its octaves.

The tables are `bytes`, which nothing can change, and are read in place. A place is told from
another by where in the table it lies and how it is turned.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from app.engine.providers.offline.painter.arrays import FLOAT, Array

SIZE: Final = 512
_MASK: Final = SIZE - 1
_SHIFT: Final = 9


def _octave(random: np.random.Generator, cells: int) -> Array:
    """One octave of value noise, `cells` to the side, that tiles."""
    lattice = random.random((cells, cells), dtype=FLOAT)
    at = np.arange(SIZE, dtype=FLOAT) * FLOAT(cells / SIZE)
    low = at.astype(np.int64) % cells
    high = (low + 1) % cells
    t = at - np.floor(at)
    t = t * t * (3 - 2 * t)
    rows = lattice[low] + (lattice[high] - lattice[low]) * t[:, None]
    result: Array = rows[:, low] + (rows[:, high] - rows[:, low]) * t[None]
    return result


def _octaves(seed: int, cells: int, octaves: int, gain: float) -> bytes:
    random = np.random.default_rng(seed)
    total = np.zeros((SIZE, SIZE), FLOAT)
    weight, weights = 1.0, 0.0
    for k in range(octaves):
        total += FLOAT(weight) * _octave(random, cells << k)
        weights += weight
        weight *= gain
    return (total / FLOAT(weights)).astype(FLOAT).tobytes()


_FRACTAL: Final = _octaves(11, 16, 5, 0.5)
_BROAD: Final = _octaves(23, 16, 4, 0.42)
_VALUE: Final = _octaves(37, 128, 1, 1.0)
_GRIT: Final = _octaves(53, 64, 3, 0.8)


def _smooth(table: bytes, x: Array, y: Array) -> Array:
    """Bilinear lookup at texels (x, y)."""
    t = np.frombuffer(table, FLOAT)
    left, top = np.floor(x), np.floor(y)
    u, v = x - left, y - top
    i = left.astype(np.int32)
    j = (top.astype(np.int32) & _MASK) << _SHIFT
    down = (j + SIZE) & (SIZE * SIZE - 1)
    right = (i + 1) & _MASK
    i &= _MASK
    a = t.take(j + i)
    a += (t.take(j + right) - a) * u
    b = t.take(down + i)
    b += (t.take(down + right) - b) * u
    result: Array = a + (b - a) * v
    return result


def _near(table: bytes, x: Array, y: Array) -> Array:
    """The texel at (x, y), not interpolated."""
    t = np.frombuffer(table, FLOAT)
    return t.take(((y.astype(np.int32) & _MASK) << _SHIFT) + (x.astype(np.int32) & _MASK))


@dataclass(frozen=True)
class Noise:
    """Noise of one place. All functions give values in [0, 1] with a mean near one half."""

    across: float
    down: float
    turned: bool

    @classmethod
    def of(cls, seed: int) -> "Noise":
        """The noise of a seed."""
        random = np.random.default_rng(abs(seed))
        across, down = random.random(2) * SIZE
        return cls(float(across), float(down), bool(random.random() < 0.5))

    def _at(self, x: Array, y: Array, texels: float) -> tuple[Array, Array]:
        if self.turned:
            x, y = y, x
        return x * FLOAT(texels) + FLOAT(self.across), y * FLOAT(texels) + FLOAT(self.down)

    def fractal(self, x: Array, y: Array) -> Array:
        """Five octaves, the coarsest one unit long."""
        return _smooth(_FRACTAL, *self._at(x, y, SIZE / 16))

    def broad(self, x: Array, y: Array) -> Array:
        """Four octaves that fall off faster: land rather than texture."""
        return _smooth(_BROAD, *self._at(x, y, SIZE / 16))

    def value(self, x: Array, y: Array) -> Array:
        """One octave, one unit long."""
        return _smooth(_VALUE, *self._at(x, y, SIZE / 128))

    def grit(self, x: Array, y: Array) -> Array:
        """Rough small grain, one unit long, not interpolated: cheap, for close ground."""
        return _near(_GRIT, *self._at(x, y, SIZE / 64))

    def cells(self, x: Array, y: Array) -> Array:
        """One value for each unit cell."""
        return _near(
            _GRIT, *self._at(np.floor(x) * FLOAT(1.37), np.floor(y) * FLOAT(1.91), SIZE / 16)
        )
