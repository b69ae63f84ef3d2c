"""Where the player's eye is, and how the world falls on the picture."""

import math
from dataclasses import dataclass, replace

import numpy as np

from app.engine.providers.offline.painter.arrays import FLOAT, Array
from app.models.scene import Camera

_FIELD_OF_VIEW = math.radians(78)
_HORIZON = 0.47
_BASE_WIDTH = 640


@dataclass(frozen=True)
class View:
    """A pinhole at (x, eye, z). Roll and pitch shear and shift the horizon."""

    width: int
    height: int
    x: float
    z: float
    eye: float
    yaw: float
    focal: float
    horizon: float
    roll: float

    @classmethod
    def of(cls, camera: Camera, width: int, height: int, jitter: float) -> "View":
        """The view of a camera; `jitter` is the unsteadiness of the hand this turn."""
        return cls(
            width=width,
            height=height,
            x=camera.x,
            z=camera.z,
            eye=1.65,
            yaw=math.remainder(camera.yaw, math.tau),
            focal=max(width, height * 4 / 3) / 2 / math.tan(_FIELD_OF_VIEW / 2),
            horizon=height * (_HORIZON + max(-300.0, min(300.0, camera.pitch)) / 768),
            roll=max(-0.6, min(0.6, camera.roll)) + jitter,
        )

    @property
    def sin(self) -> float:
        return math.sin(self.yaw)

    @property
    def cos(self) -> float:
        return math.cos(self.yaw)

    @property
    def centre(self) -> float:
        return self.width / 2 - 0.5

    def raised(self, ground: float) -> "View":
        """The same view with its feet on `ground`."""
        return replace(self, eye=ground + self.eye)

    def base(self, share: float = 0.5) -> "View":
        """The same view at a share of the size: what softens under the film is painted there."""
        width = max(32, min(round(_BASE_WIDTH * 2 * share), round(self.width * share)))
        k = width / self.width
        height = max(32, round(self.height * k))
        return replace(
            self,
            width=width,
            height=height,
            focal=self.focal * k,
            horizon=(self.horizon + 0.5) * k - 0.5,
        )

    def slopes(self) -> Array:
        """Of each column, how far aside a ray goes for each metre ahead."""
        return ((np.arange(self.width) - self.centre) / self.focal).astype(FLOAT)

    def horizons(self) -> Array:
        """The row of the horizon in each column."""
        return (self.horizon + self.roll * (np.arange(self.width) - self.centre)).astype(FLOAT)

    def headings(self) -> tuple[Array, Array]:
        """Of each column, the (x, z) a ray goes for each metre ahead."""
        aside = self.slopes()
        return (self.sin + aside * self.cos).astype(FLOAT), (self.cos - aside * self.sin).astype(
            FLOAT
        )

    def eye_space(self, points: Array) -> Array:
        """World points (N, 3) as (right, up, ahead) of the eye."""
        dx, dz = points[:, 0] - self.x, points[:, 2] - self.z
        return np.stack(
            [dx * self.cos - dz * self.sin, points[:, 1] - self.eye, dx * self.sin + dz * self.cos],
            axis=1,
        )

    def to_picture(self, seen: Array) -> Array:
        """Points of eye space, all ahead of the eye, as pixels (N, 2)."""
        k = self.focal / seen[:, 2]
        across = seen[:, 0] * k
        return np.stack(
            [self.centre + across, self.horizon + self.roll * across - seen[:, 1] * k], axis=1
        )

    def pixel(self, point: tuple[float, float, float]) -> tuple[float, float, float] | None:
        """One point as (column, row, distance ahead), or None if it is behind the eye."""
        seen = self.eye_space(np.array([point], FLOAT))
        if seen[0, 2] < 0.3:
            return None
        at = self.to_picture(seen)[0]
        return float(at[0]), float(at[1]), float(seen[0, 2])
