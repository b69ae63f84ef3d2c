"""How an outdoor frame is lit: sun and sky on faces, torch and lamps on pixels, haze."""

from dataclasses import dataclass

import numpy as np

from app.engine.providers.offline.painter.arrays import FLOAT, Array, Colour, planar, rgb, scaled
from app.engine.providers.offline.painter.camera import View
from app.engine.providers.offline.painter.light import TORCH, Lamp, Light, Torch
from app.engine.providers.offline.painter.props_shading import Seen

_TORCH_LAND = 0.9


@dataclass(frozen=True)
class Outdoors:
    """The lighting of one frame in one view."""

    light: Light
    view: View
    torch: Torch | None
    lamps: tuple[Lamp, ...]
    haze: Array

    def on_pieces(self, normals: Array) -> Array:
        """Sun and sky, even over a face."""
        return self.light.on_faces(normals)

    def on_pixels(self, seen: Seen) -> Array | None:
        """Torch and lamps."""
        return lit_by_lamps(seen, self.torch, self.lamps, self.view)

    def veil(self, ahead: Array, column: Array, width: int) -> tuple[Array, Array]:
        """Fog, in the colour of the horizon behind each pixel."""
        at = np.minimum(
            (column * FLOAT(self.haze.shape[1] / width)).astype(np.int32), self.haze.shape[1] - 1
        )
        return self.light.fog(ahead), self.haze[:, at]

    def flat(self) -> Colour:
        """Silhouettes get a third of the sky."""
        return scaled(self.light.ambient, 0.8)


def lit_by_lamps(
    seen: Seen, torch: Torch | None, lamps: tuple[Lamp, ...], view: View
) -> Array | None:
    """Light of the torch and of lamps on pixels (3, N), or None where there is neither."""
    total: Array | None = None
    if torch is not None:
        total = planar(TORCH) * (
            torch.beam(seen.column, seen.row, seen.ahead) * _toward(seen, view)
        )
    for lamp in lamps:
        dx, dy, dz = FLOAT(lamp.x) - seen.x, FLOAT(lamp.y) - seen.y, FLOAT(lamp.z) - seen.z
        r2 = dx * dx + dy * dy + dz * dz + FLOAT(0.15)
        n = seen.normal
        facing = np.clip((n[0] * dx + n[1] * dy + n[2] * dz) / np.sqrt(r2) + FLOAT(0.25), 0, 1)
        reach = FLOAT(lamp.reach**2)
        shed = planar(lamp.colour) * (facing * (FLOAT(lamp.power) * reach / (reach + r2 * 4)))
        total = shed if total is None else total + shed
    return total


def _toward(seen: Seen, view: View) -> Array:
    """How squarely pixels face the eye, softened: rough things shine a little at any angle."""
    dx, dy, dz = FLOAT(view.x) - seen.x, FLOAT(view.eye) - seen.y, FLOAT(view.z) - seen.z
    n = seen.normal
    square = np.abs(n[0] * dx + n[1] * dy + n[2] * dz) / np.sqrt(
        dx * dx + dy * dy + dz * dz + FLOAT(0.01)
    )
    result: Array = FLOAT(0.42) + FLOAT(0.58) * np.sqrt(square)
    return result


def lamp(at: tuple[float, float, float], colour: str, power: float, reach: float) -> Lamp:
    """A lamp from what a shape carries."""
    return Lamp(at[0], at[1], at[2], rgb(colour), power, reach)
