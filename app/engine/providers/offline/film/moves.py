"""How the camera moves through a picture: a smooth warp with depth, without holes or borders.

A picture has no depth, but what it shows has a usual one: outdoors the ground comes nearer towards
the lower edge and the sky is far, indoors walls, floor and ceiling come nearer towards all edges.
`nearness` is that guess, smooth everywhere, so that a move tears nothing; ground and walls move as
planes do before a real lens. The picture is sampled bicubically at places that follow smoothly
from the time: nothing ever jumps by a pixel.
"""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from PIL import Image

from app.engine.providers.offline.painter.arrays import FLOAT, Array
from app.models.vocabulary import Movement

HORIZON: Final = 0.46
"""Where the painter's horizon lies, of the height; models are asked for the same."""
_ACROSS: Final = 12
_DOWN: Final = 12
"""Cells of the mesh: few enough to be quick, and the bends within one are below a pixel."""
_HELD: Final = 0.14
"""Of a fall, before it begins."""
_BOB: Final = 0.0016
"""How far a hand lets the camera sway, of the width."""


@dataclass(frozen=True, slots=True)
class Pose:
    """A camera at one moment, against the one that took the picture."""

    zoom: float = 1.0
    """Of everything: what keeps the edges of the picture out of sight."""
    dolly: float = 0.0
    """Forward; 1 would bring the very nearest twice as near."""
    across: float = 0.0
    """To the right, of the width; what is near moves more."""
    down: float = 0.0
    """Of the height."""
    roll: float = 0.0
    """Radians, clockwise."""


def pose(movement: Movement | None, t: float, seconds: float, sway: float) -> Pose:
    """The camera `t` (0 to 1) through a shot of `seconds`; `sway` is a phase from the seed."""
    bob = _BOB * math.sin(2 * math.pi * 0.45 * t * seconds + sway)
    lift = _BOB * math.sin(2 * math.pi * 0.31 * t * seconds + 2.1 * sway)
    ease = eased(t)
    if movement == "forward":
        return Pose(1.02, dolly=0.22 * ease, across=bob, down=lift)
    if movement == "back":
        return Pose(1.02, dolly=0.22 * (1 - ease), across=bob, down=lift)
    if movement in ("left", "right"):
        side = 1.0 if movement == "right" else -1.0
        return Pose(1.15, dolly=0.03 * ease, across=side * 0.042 * (2 * ease - 1), down=lift)
    if movement == "fall":
        # Held for a moment, then down fast, past the end a little, and to rest.
        u = t - _HELD
        past = math.sin(math.pi * min(1.0, max(0.0, (u - 0.38) / 0.4))) ** 2
        left = 1 - eased(u / 0.4) - 0.14 * past
        return Pose(1.2, across=bob, down=-0.04 * left, roll=-0.03 * left)
    return Pose(1.02, dolly=0.07 * ease, across=bob, down=lift)


def eased(t: float) -> float:
    """Slow to begin and slow to end: no speed and no acceleration at either."""
    t = min(1.0, max(0.0, t))
    return t * t * t * (t * (6 * t - 15) + 10)


class Lens:
    """Shows one picture as cameras at several poses see it."""

    def __init__(self, picture: Image.Image, width: int, height: int, *, indoors: bool) -> None:
        self._picture = picture
        self._size = (width, height)
        columns = np.round(np.linspace(0, width, _ACROSS + 1)).astype(int)
        rows = np.round(np.linspace(0, height, _DOWN + 1)).astype(int)
        self._boxes = [
            (int(left), int(top), int(right), int(bottom))
            for top, bottom in pairwise(rows)
            for left, right in pairwise(columns)
            if right > left and bottom > top
        ]
        # Coordinates about the vanishing point, in heights.
        self._x = ((columns / width - 0.5) * width / height).astype(FLOAT)[None, :]
        self._y = (rows / height - HORIZON).astype(FLOAT)[:, None]
        self._near = nearness(self._x, self._y, width / height, indoors=indoors)
        self._corners = {
            (int(column), int(row)): (i, j)
            for i, row in enumerate(rows)
            for j, column in enumerate(columns)
        }

    def frame(self, at: Pose) -> Array:
        """(height, width, 3) uint8."""
        x, y = self.sampled(at)
        x = np.clip(x, 0, 1) * self._picture.width
        y = np.clip(y, 0, 1) * self._picture.height
        mesh = [(box, self._quad(box, x, y)) for box in self._boxes]
        seen = self._picture.transform(
            self._size, Image.Transform.MESH, mesh, Image.Resampling.BICUBIC
        )
        return np.asarray(seen)

    def sampled(self, at: Pose) -> tuple[Array, Array]:
        """Where in the picture each corner of the mesh is seen; 0 and 1 are its edges."""
        width, height = self._size
        aspect = width / height
        # A plane through the lens at height h shows at h/z; nearer by d, at h/(z - d).
        shrink = 1 / (at.zoom * (1 + at.dolly * self._near))
        x = self._x * shrink + at.across * aspect * (0.55 + 0.75 * self._near)
        y = self._y * shrink + at.down * (0.7 + 0.5 * self._near)
        # The zoom is about the middle of the frame, everything else about the vanishing point.
        y = y + (0.5 - HORIZON) * (1 - 1 / at.zoom)
        turned = math.cos(at.roll), math.sin(at.roll)
        x, y = x * turned[0] - y * turned[1], x * turned[1] + y * turned[0]
        return x / aspect + 0.5, y + HORIZON

    def _quad(self, box: tuple[int, int, int, int], x: Array, y: Array) -> tuple[float, ...]:
        left, top, right, bottom = box
        found: list[float] = []
        for corner in ((left, top), (left, bottom), (right, bottom), (right, top)):
            place = self._corners[corner]
            found += (float(x[place]), float(y[place]))
        return tuple(found)


def nearness(x: Array, y: Array, aspect: float, *, indoors: bool) -> Array:
    """0 far to 1 at the nearest, smooth; `x` and `y` about the vanishing point, in heights."""
    ground = _soft_positive(y / (1 - HORIZON), 0.10)
    if not indoors:
        near: Array = ground + FLOAT(0.06) + x * 0
        return near
    ceiling = _soft_positive(-y / HORIZON, 0.10)
    walls = _soft_positive(np.abs(x) / (aspect / 2) - 0.15, 0.10)
    near = (ground**4 + (ceiling * FLOAT(0.8)) ** 4 + (walls * FLOAT(0.8)) ** 4) ** 0.25
    return near + FLOAT(0.04)


def _soft_positive(v: Array, softness: float) -> Array:
    """max(v, 0) without the corner."""
    result: Array = (v + np.sqrt(v * v + softness * softness)) / 2
    return result
