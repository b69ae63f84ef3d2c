"""A small modeller: things are said as boxes, prisms, cylinders, cards and lines of paint.

A shape is built in its own space, in metres: x to the right, y up, z away, its foot at the origin
and its front toward -z.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np

from app.engine.providers.offline.painter.arrays import FLOAT, Array, Colour, rgb, scaled

Point = tuple[float, float, float]
Outline = Sequence[tuple[float, float]]


class Material:
    """How a face is painted within its outline."""

    PLAIN: Final = 0
    METAL: Final = 1
    PLANKS: Final = 2
    BRICK: Final = 3
    FACADE: Final = 4
    CORRUGATED: Final = 5
    LEAVES: Final = 6
    STRIPES: Final = 7
    SIGN: Final = 8
    GLASS: Final = 9
    GLOW: Final = 10
    BARK: Final = 11
    ROCK: Final = 12
    CLOTH: Final = 13
    MESH: Final = 14
    WATER: Final = 15
    SHADE: Final = 16
    """Unlit and flat: a silhouette."""
    TILED_WALL: Final = 17
    BARE_WALL: Final = 18
    TILED_FLOOR: Final = 19
    BARE_FLOOR: Final = 20
    CEILING: Final = 21
    CAVE: Final = 22
    PATCH: Final = 23
    """A soft dark patch on the floor under a thing."""
    STAIN: Final = 24
    """A ragged, opaque patch on the floor."""
    MASONRY: Final = 25
    """Rough stones of many sizes, or the same under whitewash."""


@dataclass(frozen=True)
class Paint:
    """A colour, a second one for rust, frames or stripes, and how they are laid."""

    colour: Colour
    material: int = Material.PLAIN
    second: Colour = (0.16, 0.10, 0.07)
    glow: float = 0.0

    def dim(self, k: float) -> "Paint":
        """The same paint, `k` times as bright."""
        return replace(self, colour=scaled(self.colour, k))


def paint(
    colour: str, material: int = Material.PLAIN, second: str = "2b1a12", glow: float = 0.0
) -> Paint:
    """Paint from hexadecimal colours."""
    return Paint(rgb(colour), material, rgb(second), glow)


@dataclass(frozen=True)
class Bulb:
    """A light that a shape carries."""

    at: Point
    colour: str
    power: float
    reach: float = 5.0
    size: float = 1.0
    """How large it glows on the tape; 0 for light without a glow."""


@dataclass(frozen=True)
class Cone:
    """A beam that a shape throws through the air."""

    start: Point
    end: Point
    width: float
    power: float = 1.0


SHEER = frozenset((Material.MESH, Material.PATCH, Material.STAIN))
"""Materials through which what lies behind is seen."""


class Shape:
    """Faces and lines that are placed together."""

    def __init__(self, *, facing: bool = False, casts: bool = True) -> None:
        self.points: list[Point] = []
        self.counts: list[int] = []
        self.paints: list[Paint] = []
        self.two_sided: list[bool] = []
        self.ends: list[tuple[Point, Point]] = []
        self.widths: list[float] = []
        self.line_paints: list[Paint] = []
        self.bulbs: list[Bulb] = []
        self.cones: list[Cone] = []
        self.facing = facing
        """Turned to the eye wherever it stands: for silhouettes and far trees."""
        self.casts = casts

    def face(self, points: Iterable[Point], paint: Paint, *, two_sided: bool = False) -> "Shape":
        """A flat polygon, counter-clockwise as seen from its front."""
        corners = list(points)
        self.points += corners
        self.counts.append(len(corners))
        self.paints.append(paint)
        self.two_sided.append(two_sided)
        return self

    def line(self, a: Point, b: Point, width: float, paint: Paint) -> "Shape":
        """A round bar or wire."""
        self.ends.append((a, b))
        self.widths.append(width)
        self.line_paints.append(paint)
        return self

    def path(self, points: Sequence[Point], width: float, paint: Paint) -> "Shape":
        """A bent bar or wire."""
        for a, b in pairwise(points):
            self.line(a, b, width, paint)
        return self

    def box(
        self,
        at: Point,
        size: Point,
        paint: Paint,
        *,
        yaw: float = 0.0,
        top: Paint | None = None,
        front: Paint | None = None,
    ) -> "Shape":
        """A box that stands on `at`, the middle of its foot; size is (wide, high, deep)."""
        half_w, half_d = size[0] / 2, size[2] / 2
        c, s = math.cos(yaw), math.sin(yaw)
        low, high = at[1], at[1] + size[1]
        corners = [
            (at[0] + u * c + v * s, at[2] - u * s + v * c)
            for u, v in ((-half_w, -half_d), (half_w, -half_d), (half_w, half_d), (-half_w, half_d))
        ]
        for i in range(4):
            (ax, az), (bx, bz) = corners[i], corners[(i + 1) % 4]
            side = front if front is not None and i == 0 else paint
            self.face([(ax, low, az), (bx, low, bz), (bx, high, bz), (ax, high, az)], side)
        self.face([(x, high, z) for x, z in corners], top or paint)
        if low > 1.2:
            self.face([(x, low, z) for x, z in reversed(corners)], (top or paint).dim(0.6))
        return self

    def prism(
        self,
        outline: Outline,
        depth: float,
        paint: Paint,
        *,
        z: float = 0.0,
        side: Paint | None = None,
    ) -> "Shape":
        """An outline in (x, y), counter-clockwise from the front, drawn out along z."""
        near, far = z - depth / 2, z + depth / 2
        self.face([(x, y, near) for x, y in outline], paint)
        self.face([(x, y, far) for x, y in reversed(outline)], paint)
        for (ax, ay), (bx, by) in zip(outline, [*outline[1:], outline[0]], strict=True):
            self.face([(bx, by, near), (ax, ay, near), (ax, ay, far), (bx, by, far)], side or paint)
        return self

    def tube(
        self,
        a: Point,
        b: Point,
        radius: float,
        paint: Paint,
        *,
        end: float | None = None,
        sides: int = 8,
        caps: bool = True,
    ) -> "Shape":
        """A cylinder or cone from `a` to `b`."""
        axis = np.subtract(b, a)
        axis = axis / max(1e-6, float(np.linalg.norm(axis)))
        aside = np.cross(axis, (0.0, 0.0, 1.0) if abs(axis[2]) < 0.9 else (1.0, 0.0, 0.0))
        aside = aside / np.linalg.norm(aside)
        other = np.cross(axis, aside)
        last = radius if end is None else end
        angles = [math.tau * k / sides for k in range(sides)]
        low = [_around(a, aside, other, radius, t) for t in angles]
        high = [_around(b, aside, other, last, t) for t in angles]
        for k in range(sides):
            n = (k + 1) % sides
            corners = [low[n], low[k], high[k], high[n]] if last > 0.01 else [low[n], low[k], b]
            self.face(corners, paint)
        if caps:
            self.face(low, paint.dim(0.8))
            if last > 0.01:
                self.face(high[::-1], paint)
        return self

    def card(self, outline: Outline, paint: Paint, z: float = 0.0) -> "Shape":
        """A flat outline in (x, y), seen from both sides."""
        return self.face([(x, y, z) for x, y in outline], paint, two_sided=True)

    def beam(self, start: Point, end: Point, width: float, power: float = 1.0) -> "Shape":
        """A beam through the air, shown when its source is."""
        self.cones.append(Cone(start, end, width, power))
        return self

    def bulb(
        self, at: Point, colour: str, power: float, reach: float = 5.0, size: float = 1.0
    ) -> "Shape":
        """A light."""
        self.bulbs.append(Bulb(at, colour, power, reach, size))
        return self

    def add(self, other: "Shape", at: Point = (0, 0, 0), yaw: float = 0.0) -> "Shape":
        """Another shape as a part of this one."""
        c, s = math.cos(yaw), math.sin(yaw)

        def moved(p: Point) -> Point:
            return (at[0] + p[0] * c + p[2] * s, at[1] + p[1], at[2] - p[0] * s + p[2] * c)

        self.points += [moved(p) for p in other.points]
        self.counts += other.counts
        self.paints += other.paints
        self.two_sided += other.two_sided
        self.ends += [(moved(a), moved(b)) for a, b in other.ends]
        self.widths += other.widths
        self.line_paints += other.line_paints
        self.bulbs += [replace(bulb, at=moved(bulb.at)) for bulb in other.bulbs]
        return self


def _around(centre: Point, aside: Array, other: Array, radius: float, t: float) -> Point:
    x, y, z = np.asarray(centre) + (aside * math.cos(t) + other * math.sin(t)) * radius
    return float(x), float(y), float(z)


def paint_rows(paints: Sequence[Paint]) -> Array:
    """Paints as rows of (colour, second, material, glow)."""
    rows = [(*p.colour, *p.second, float(p.material), p.glow) for p in paints]
    return np.array(rows, FLOAT).reshape(len(rows), 8)
