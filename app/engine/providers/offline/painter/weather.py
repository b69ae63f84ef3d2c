"""What is in the air between the eye and the world: rain, snow, dust, fog."""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from app.engine.providers.offline.painter.arrays import FLOAT, planar
from app.engine.providers.offline.painter.camera import View
from app.engine.providers.offline.painter.light import TORCH, Light, Torch
from app.engine.providers.offline.painter.noise import Noise
from app.engine.providers.offline.painter.props_shading import Canvas

_RAIN = ((420, 0.022, 46, 1), (190, 0.045, 66, 1), (46, 0.10, 52, 2))
_SNOW = ((800, 0.0011, 120), (240, 0.0022, 140), (60, 0.0042, 105), (14, 0.008, 60))


def fall(
    canvas: Canvas, view: View, light: Light, torch: Torch | None, noise: Noise, turn: int
) -> None:
    """Lay the weather over the painted world."""
    if light.weather in ("rain", "snow"):
        random = np.random.default_rng(turn % 2**32)
        mask = (_rain if light.weather == "rain" else _snow)(view, random)
        _add(canvas, view, light, torch, mask)
    elif light.weather in ("dust", "fog"):
        _drift(canvas, view, light, torch, noise, turn)


def _rain(view: View, random: np.random.Generator) -> Image.Image:
    """Streaks in three distances."""
    image = Image.new("L", (view.width, view.height), 0)
    pen = ImageDraw.Draw(image)
    for count, long, bright, width in _RAIN:
        drop = long * view.height
        for x, y in (random.random((count, 2)) * (1.1, 1.15)).tolist():
            column, row = x * view.width, y * view.height - drop
            pen.line([column, row, column - drop * 0.2, row + drop], fill=bright, width=width)
    return image.filter(ImageFilter.GaussianBlur(view.width / 1500))


def _snow(view: View, random: np.random.Generator) -> Image.Image:
    """Flakes from far specks to a few soft ones before the lens."""
    image = Image.new("L", (view.width, view.height), 0)
    pen = ImageDraw.Draw(image)
    for count, size, bright in _SNOW:
        radius = max(0.5, size * view.width)
        for x, y, k in random.random((count, 3)).tolist():
            column, row, r = x * view.width, y * view.height, radius * (0.6 + 0.8 * k)
            pen.ellipse([column - r, row - r * 1.2, column + r, row + r], fill=bright)
    return image.filter(ImageFilter.GaussianBlur(view.width / 950))


def _add(canvas: Canvas, view: View, light: Light, torch: Torch | None, image: Image.Image) -> None:
    mask = np.asarray(image).ravel()
    pixels = np.flatnonzero(mask)
    bright = mask[pixels].astype(FLOAT) * FLOAT(1 / 255)
    colour = planar(light.horizon) * FLOAT(0.85) + FLOAT(0.05 if not light.day else 0.14)
    falling = colour * bright
    if torch is not None:
        beam = torch.ring((pixels % view.width).astype(FLOAT), (pixels // view.width).astype(FLOAT))
        falling = falling + planar(TORCH) * (bright * beam * FLOAT(0.8))
    canvas.colour[:, pixels] = canvas.colour[:, pixels] * (1 - bright * FLOAT(0.25)) + falling


def _drift(
    canvas: Canvas, view: View, light: Light, torch: Torch | None, noise: Noise, turn: int
) -> None:
    """Banks of dust or fog before the lens, thicker low down; the torch lights them."""
    width, height = max(8, view.width // 8), max(8, view.height // 8)
    x = np.linspace(0, 3.2, width, dtype=FLOAT)[None] + FLOAT(turn % 97) * FLOAT(0.61)
    y = np.linspace(0, 5.0, height, dtype=FLOAT)[:, None]
    flow = noise.fractal(x + 0 * y, y + 0 * x)
    thick = np.clip((flow - FLOAT(0.36)) * FLOAT(1.9), 0, 1) * FLOAT(
        0.34 if light.weather == "dust" else 0.26
    )
    mask = np.asarray(
        Image.fromarray(thick).resize((view.width, view.height), Image.Resampling.BILINEAR)
    ).ravel()
    haze = planar(light.horizon) * FLOAT(0.95)
    canvas.colour += (haze - canvas.colour) * mask
    if torch is not None:
        rows, columns = np.mgrid[0:height, 0:width].astype(FLOAT) * FLOAT(8)
        beam = torch.ring(columns, rows) * (FLOAT(0.10) + thick * FLOAT(0.5))
        lit = np.asarray(
            Image.fromarray(beam.astype(FLOAT)).resize(
                (view.width, view.height), Image.Resampling.BILINEAR
            )
        ).ravel()
        canvas.colour += planar(TORCH) * (lit * FLOAT(0.42))
