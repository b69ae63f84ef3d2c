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


class _Plane:
    """One plane of a picture, and the mesh by which it is bent into one of a frame."""

    def __init__(self, plane: Image.Image, width: int, height: int, how: Image.Resampling) -> None:
        self._plane, self._how = plane, how
        self._size = (width, height)
        columns = np.round(np.linspace(0, width, _ACROSS + 1)).astype(int).tolist()
        rows = np.round(np.linspace(0, height, _DOWN + 1)).astype(int).tolist()
        self._cells = [
            ((left, top, right, bottom), (i, j))
            for i, (top, bottom) in enumerate(pairwise(rows))
            for j, (left, right) in enumerate(pairwise(columns))
            if right > left and bottom > top
        ]
        self.x, self.y = np.array(columns) / width, np.array(rows) / height

    def bent(self, x: Array, y: Array) -> Image.Image:
        """The plane as a frame shows it; `x` and `y` say where each corner of the mesh is seen."""
        corners = np.stack([x * self._plane.width, y * self._plane.height], 2)
        around = (corners[:-1, :-1], corners[1:, :-1], corners[1:, 1:], corners[:-1, 1:])
        quads = np.concatenate(around, 2).tolist()
        mesh = [(box, tuple(quads[i][j])) for box, (i, j) in self._cells]
        return self._plane.transform(self._size, Image.Transform.MESH, mesh, self._how)


class Lens:
    """Shows one picture as cameras at several poses see it.

    The eye sees brightness sharply and colour softly, and so does tape: colour is worked at a
    quarter of the size.
    """

    def __init__(self, picture: Image.Image, width: int, height: int, *, indoors: bool) -> None:
        self._size, self._indoors = (width, height), indoors
        bright, *colours = picture.convert("YCbCr").split()
        self._bright = _Plane(bright, width, height, Image.Resampling.BICUBIC)
        half = (max(1, width // 2), max(1, height // 2))
        smaller = (max(1, picture.width // 2), max(1, picture.height // 2))
        self._colours = [
            _Plane(plane.resize(smaller, Image.Resampling.BOX), *half, Image.Resampling.BILINEAR)
            for plane in colours
        ]

    def frame(self, at: Pose) -> Array:
        """(height, width, 3) uint8."""
        bright = self._bright.bent(*self._inside(at, self._bright))
        soft = [
            plane.bent(*self._inside(at, plane)).resize(self._size, Image.Resampling.BILINEAR)
            for plane in self._colours
        ]
        return np.asarray(Image.merge("YCbCr", [bright, *soft]).convert("RGB"))

    def _inside(self, at: Pose, plane: _Plane) -> tuple[Array, Array]:
        x, y = self.sampled(at, plane)
        return np.clip(x, 0, 1), np.clip(y, 0, 1)

    def sampled(self, at: Pose, plane: _Plane | None = None) -> tuple[Array, Array]:
        """Where in the picture each corner of the mesh is seen; 0 and 1 are its edges."""
        plane = plane or self._bright
        width, height = self._size
        aspect = width / height
        # About the vanishing point, in heights.
        across = ((plane.x - 0.5) * aspect).astype(FLOAT)[None, :]
        down = (plane.y - HORIZON).astype(FLOAT)[:, None]
        near = nearness(across, down, aspect, indoors=self._indoors)
        # A plane through the lens at height h shows at h/z; nearer by d, at h/(z - d).
        shrink = 1 / (at.zoom * (1 + at.dolly * near))
        x = across * shrink + at.across * aspect * (0.55 + 0.75 * near)
        y = down * shrink + at.down * (0.7 + 0.5 * near)
        # The zoom is about the middle of the frame, everything else about the vanishing point.
        y = y + (0.5 - HORIZON) * (1 - 1 / at.zoom)
        turned = math.cos(at.roll), math.sin(at.roll)
        x, y = x * turned[0] - y * turned[1], x * turned[1] + y * turned[0]
        return x / aspect + 0.5, y + HORIZON


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
