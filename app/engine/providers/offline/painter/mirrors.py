"""Wet ground and water show the picture above the horizon upside down, broken by ripples."""

import numpy as np

from app.engine.providers.offline.painter.arrays import FLOAT, Array
from app.engine.providers.offline.painter.camera import View
from app.engine.providers.offline.painter.noise import Noise
from app.engine.providers.offline.painter.props_shading import Canvas


def mirror(view: View, canvas: Canvas, wet: Array, noise: Noise, turn: int) -> None:
    """Blend the mirrored picture into pixels that are wet."""
    pixels = np.flatnonzero(wet > 0.04)
    if not len(pixels):
        return
    ahead = canvas.depth[pixels]
    column, row = pixels % view.width, pixels // view.width
    horizon = view.horizons()[column]
    below = row - horizon
    # A thing that stands on the wet ground hides it: only level ground mirrors.
    ground = np.abs(below * ahead * FLOAT(1 / view.focal)) > FLOAT(0.45)
    if not ground.all():
        pixels, ahead, column, horizon, below = (
            v[ground] for v in (pixels, ahead, column, horizon, below)
        )
    wave = noise.fractal(
        column.astype(FLOAT) * FLOAT(0.035), ahead * FLOAT(2.2) + FLOAT(turn % 64)
    ) - FLOAT(0.5)
    strength = np.clip(below * FLOAT(0.22), 1, 22) * (view.height / 768)
    above = horizon - below + wave * strength * 3
    up = np.clip(above, 0, view.height - 1).astype(np.int64)
    aside = np.clip(column + (wave * strength).astype(np.int64), 0, view.width - 1)
    shown = canvas.colour.take(up * view.width + aside, axis=1)
    k = wet[pixels] * (FLOAT(0.9))
    under = canvas.colour[:, pixels]
    under += (shown - under) * k
    canvas.colour[:, pixels] = under
