"""The one array type of the painter, and the few curves that every module needs.

Pixels are flat (N,) float32; colours are planar (3, N), which NumPy broadcasts several times
faster than (N, 3).
"""

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[Any]
Colour: TypeAlias = tuple[float, float, float]
FLOAT = np.float32


def rgb(code: str) -> Colour:
    """A colour from six hexadecimal digits."""
    red, green, blue = (int(code[i : i + 2], 16) / 255 for i in (0, 2, 4))
    return red, green, blue


def planar(colour: Colour | Array) -> Array:
    """A colour as a (3, 1) column that broadcasts over flat pixels."""
    return np.asarray(colour, FLOAT).reshape(3, 1)


def blend(a: Colour, b: Colour, t: float) -> Colour:
    """From `a` (t = 0) to `b` (t = 1)."""
    red, green, blue = (p + (q - p) * t for p, q in zip(a, b, strict=True))
    return red, green, blue


def scaled(colour: Colour, k: float) -> Colour:
    """The colour, `k` times as bright."""
    return colour[0] * k, colour[1] * k, colour[2] * k


def smoothstep(low: float, high: float, x: Array) -> Array:
    """0 below `low`, 1 above `high`, smooth between; `low` may exceed `high`."""
    t = np.clip((x - FLOAT(low)) * FLOAT(1 / (high - low)), 0, 1)
    result: Array = t * t * (3 - 2 * t)
    return result


def luma(colour: Array) -> Array:
    """Brightness of planar colours."""
    result: Array = colour[0] * FLOAT(0.30) + colour[1] * FLOAT(0.59) + colour[2] * FLOAT(0.11)
    return result
