"""Everything that stands in a frame, gathered into flat arrays of faces and lines in the world."""

import math
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from app.engine.providers.offline.painter.arrays import FLOAT, Array
from app.engine.providers.offline.painter.mesh import Bulb, Cone, Point, Shape, paint_rows

_HORIZON: Final = 1000.0
"""Nothing is placed farther away: it could not be seen, and the numbers would lose their grain."""


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
    label: Array
    """Of each shape, which prop of the facts it belongs to, or -1."""
    tag: Array
    """Of each shape, a number by its place: what makes its rust differ from its neighbour's."""


@dataclass(frozen=True)
class _Model:
    """A shape as arrays, made once however often it is placed."""

    shape: Shape
    points: Array
    ends: Array
    counts: Array
    rows: Array
    two_sided: Array
    widths: Array
    line_rows: Array

    @classmethod
    def of(cls, shape: Shape) -> "_Model":
        return cls(
            shape=shape,
            points=np.array(shape.points, FLOAT).reshape(-1, 3),
            ends=np.array(shape.ends, FLOAT).reshape(-1, 3),
            counts=np.array(shape.counts, np.int32),
            rows=paint_rows(shape.paints),
            two_sided=np.array(shape.two_sided, bool),
            widths=np.array(shape.widths, FLOAT),
            line_rows=paint_rows(shape.line_paints),
        )


@dataclass(frozen=True)
class _Placed:
    """A model in the world."""

    model: _Model
    points: Array
    ends: Array
    away: float
    ground: float
    tag: float
    label: int


@dataclass
class Stage:
    """Where shapes are placed."""

    eye: tuple[float, float]
    bulbs: list[Bulb] = field(default_factory=list)
    cones: list[Cone] = field(default_factory=list)
    label: int = -1
    """Which prop of the facts is being placed."""
    _placed: list[_Placed] = field(default_factory=list)
    _models: dict[int, _Model] = field(default_factory=dict)

    def place(
        self, shape: Shape, x: float, ground: float, z: float, yaw: float = 0.0, scale: float = 1.0
    ) -> None:
        """Stand a shape in the world; yaw turns its front from south (-z), or from the eye."""
        away = math.hypot(x - self.eye[0], z - self.eye[1])
        if away > _HORIZON:
            return
        if shape.facing:
            yaw += math.atan2(x - self.eye[0], z - self.eye[1])
        c, s = math.cos(yaw) * scale, math.sin(yaw) * scale
        turn = np.array([[c, 0, -s], [0, scale, 0], [s, 0, c]], FLOAT)
        at = np.array([x, ground, z], FLOAT)
        model = self._models.get(id(shape))
        if model is None:  # models keep their shapes, so that an id is never used again
            model = self._models[id(shape)] = _Model.of(shape)
        self._placed.append(
            _Placed(
                model,
                _turned(model.points, turn) + at,
                _turned(model.ends, turn) + at,
                away,
                ground,
                (x * 3.71 + z * 1.93) % 61,
                self.label,
            )
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
        if not self._placed:
            return None
        placed, models = self._placed, [entry.model for entry in self._placed]
        index = np.arange(len(models))
        return Gathered(
            points=np.concatenate([entry.points for entry in placed]),
            counts=np.concatenate([model.counts for model in models]),
            rows=np.concatenate([model.rows for model in models]),
            two_sided=np.concatenate([model.two_sided for model in models]),
            owner=np.repeat(index, [len(model.counts) for model in models]),
            ends=np.concatenate([entry.ends for entry in placed]).reshape(-1, 2, 3),
            widths=np.concatenate([model.widths for model in models]),
            line_rows=np.concatenate([model.line_rows for model in models]),
            line_owner=np.repeat(index, [len(model.widths) for model in models]),
            order=np.array([entry.away for entry in placed], FLOAT),
            foot=np.array([entry.ground for entry in placed], FLOAT),
            casts=np.array([model.shape.casts for model in models], bool),
            label=np.array([entry.label for entry in placed], np.int16),
            tag=np.array([entry.tag for entry in placed], FLOAT),
        )


def _turned(points: Array, turn: Array) -> Array:
    # Written out: a matrix product would wake BLAS threads for a handful of points.
    x, y, z = points[:, 0:1], points[:, 1:2], points[:, 2:3]
    result: Array = x * turn[0] + y * turn[1] + z * turn[2]
    return result
