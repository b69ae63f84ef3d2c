"""Everything that stands in a frame, gathered into flat arrays of faces and lines in the world."""

import math
from dataclasses import dataclass, field

import numpy as np

from app.engine.providers.offline.painter.arrays import FLOAT, Array
from app.engine.providers.offline.painter.mesh import Bulb, Cone, Point, Shape, paint_rows


@dataclass(frozen=True)
class Gathered:
    """Faces and lines of all placed shapes, in world coordinates."""

    points: Array
    counts: Array
    rows: Array
    two_sided: Array
    owner: Array
    ends: Array
    widths: Array
    line_rows: Array
    line_owner: Array
    order: Array
    """Of each shape, how far it is from the eye."""
    foot: Array
    """Of each shape, the height of the ground it stands on."""
    casts: Array


@dataclass
class Stage:
    """Where shapes are placed."""

    eye: tuple[float, float]
    bulbs: list[Bulb] = field(default_factory=list)
    cones: list[Cone] = field(default_factory=list)
    _shapes: list[tuple[Shape, Array, Array, float, float]] = field(default_factory=list)

    def place(
        self, shape: Shape, x: float, ground: float, z: float, yaw: float = 0.0, scale: float = 1.0
    ) -> None:
        """Stand a shape in the world; yaw turns its front from south (-z) as a heading turns."""
        if shape.facing:
            yaw = math.atan2(x - self.eye[0], z - self.eye[1])
        c, s = math.cos(yaw) * scale, math.sin(yaw) * scale
        turn = np.array([[c, 0, -s], [0, scale, 0], [s, 0, c]], FLOAT)
        at = np.array([x, ground, z], FLOAT)
        points = np.array(shape.points, FLOAT).reshape(-1, 3)
        ends = np.array(shape.ends, FLOAT).reshape(-1, 3)
        away = math.hypot(x - self.eye[0], z - self.eye[1])
        self._shapes.append(
            (shape, _turned(points, turn) + at, _turned(ends, turn) + at, away, ground)
        )

        def moved(p: Point) -> Point:
            return (x + p[0] * c + p[2] * s, ground + p[1] * scale, z - p[0] * s + p[2] * c)

        self.bulbs += [
            Bulb(moved(b.at), b.colour, b.power, b.reach * scale, b.size) for b in shape.bulbs
        ]
        self.cones += [
            Cone(moved(k.start), moved(k.end), k.width * scale, k.power) for k in shape.cones
        ]

    def gather(self) -> Gathered | None:
        """All that was placed, or None if nothing was."""
        if not self._shapes:
            return None
        shapes = [entry[0] for entry in self._shapes]
        index = np.arange(len(shapes))
        return Gathered(
            points=np.concatenate([entry[1] for entry in self._shapes]),
            counts=np.array([n for shape in shapes for n in shape.counts], np.int32),
            rows=np.concatenate([paint_rows(shape.paints) for shape in shapes]),
            two_sided=np.array([t for shape in shapes for t in shape.two_sided], bool),
            owner=np.repeat(index, [len(shape.counts) for shape in shapes]),
            ends=np.concatenate([entry[2] for entry in self._shapes]).reshape(-1, 2, 3),
            widths=np.array([w for shape in shapes for w in shape.widths], FLOAT),
            line_rows=np.concatenate([paint_rows(shape.line_paints) for shape in shapes]),
            line_owner=np.repeat(index, [len(shape.widths) for shape in shapes]),
            order=np.array([entry[3] for entry in self._shapes], FLOAT),
            foot=np.array([entry[4] for entry in self._shapes], FLOAT),
            casts=np.array([shape.casts for shape in shapes], bool),
        )


def _turned(points: Array, turn: Array) -> Array:
    # Written out: a matrix product would wake BLAS threads for a handful of points.
    x, y, z = points[:, 0:1], points[:, 1:2], points[:, 2:3]
    return x * turn[0] + y * turn[1] + z * turn[2]
