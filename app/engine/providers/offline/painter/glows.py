"""Light that spreads: halos of lamps, beams in the air, and the bloom of what is too bright."""

import math

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from app.engine.providers.offline.painter.arrays import FLOAT, Array, planar, rgb
from app.engine.providers.offline.painter.camera import View
from app.engine.providers.offline.painter.mesh import Bulb, Cone
from app.engine.providers.offline.painter.props_shading import Canvas

_QUARTER = 4
_EIGHTH = 8
_BEAM = rgb("dfeee6")


def shine(canvas: Canvas, view: View, bulbs: list[Bulb], cones: list[Cone]) -> None:
    """Add halos and beams of the lights that can be seen, then bloom."""
    width, height = max(8, view.width // _QUARTER), max(8, view.height // _QUARTER)
    halo = np.zeros((3, height, width), FLOAT)
    shown = [_halo(halo, canvas, view, bulb) for bulb in bulbs]
    shown += [_beam(halo, canvas, view, cone) for cone in cones]
    added = _bloom(canvas, view)
    if any(shown):
        small = np.stack([_resized(plane, added.shape[2], added.shape[1]) for plane in halo])
        added += small
    canvas.colour += np.stack([_resized(plane, view.width, view.height).ravel() for plane in added])


def _resized(plane: Array, width: int, height: int) -> Array:
    image = Image.fromarray(np.ascontiguousarray(plane, dtype=FLOAT))
    return np.asarray(image.resize((width, height), Image.Resampling.BILINEAR), FLOAT)


def _visible(canvas: Canvas, view: View, at: tuple[float, float, float]) -> bool:
    """Whether nothing stands before a point of the picture."""
    column, row, ahead = at
    i, j = round(column), round(row)
    if not (0 <= i < view.width and 0 <= j < view.height):
        return False
    return bool(canvas.depth[j * view.width + i] > ahead - 0.6)


def _halo(halo: Array, canvas: Canvas, view: View, bulb: Bulb) -> bool:
    at = view.pixel(bulb.at)
    if bulb.size <= 0 or at is None or not _visible(canvas, view, at):
        return False
    column, row, ahead = at[0] / _QUARTER, at[1] / _QUARTER, at[2]
    k = view.width / 1024
    rows, columns = np.mgrid[0 : halo.shape[1], 0 : halo.shape[2]].astype(FLOAT)
    r2 = ((columns - FLOAT(column)) ** 2 + (rows - FLOAT(row)) ** 2) * FLOAT(1 / k**2)
    near = min(1.7, 0.5 + 6 / (ahead + 3)) * bulb.size
    core = np.exp(r2 * FLOAT(-1 / (2.2 * near**2))) * FLOAT(1.2)
    wide = np.exp(np.sqrt(r2) * FLOAT(-1 / (7 * near))) * FLOAT(0.34)
    halo += planar(rgb(bulb.colour))[..., None] * (core + wide)
    return True


def _beam(halo: Array, canvas: Canvas, view: View, cone: Cone) -> bool:
    """A cone is shown only with its source: a beam from nowhere explains nothing."""
    start, end = view.pixel(cone.start), view.pixel(cone.end)
    if start is None or end is None or not _visible(canvas, view, start):
        return False
    height, width = halo.shape[1:]
    image = Image.new("L", (width, height), 0)
    sx, sy, ex, ey = (v / _QUARTER for v in (start[0], start[1], end[0], end[1]))
    long = max(1.0, math.hypot(ex - sx, ey - sy))
    half = min(cone.width * view.focal / end[2], view.width * 0.07) / _QUARTER
    ax, ay = -(ey - sy) / long * half, (ex - sx) / long * half
    ImageDraw.Draw(image).polygon(
        [sx - 1, sy, ex + ax, ey + ay, ex - ax, ey - ay, sx + 1, sy], fill=150
    )
    mask = np.asarray(image.filter(ImageFilter.GaussianBlur(max(1.0, width / 110))), FLOAT) / 255
    rows, columns = np.mgrid[0:height, 0:width].astype(FLOAT)
    away = np.hypot(columns - sx, rows - sy) / long
    halo += planar(_BEAM)[..., None] * (mask * np.clip(1.2 - away, 0.12, 1.2) * (0.45 * cone.power))
    return True


def _bloom(canvas: Canvas, view: View) -> Array:
    """What is brighter than the tape holds, spread around, at an eighth of the size."""
    width, height = max(8, view.width // _EIGHTH), max(8, view.height // _EIGHTH)
    planes = canvas.colour.reshape(3, view.height, view.width)[:, ::2, ::2]
    spread = []
    for plane in planes:
        over = np.clip(_resized(plane, width, height) - FLOAT(0.62), 0, 1.0)
        image = Image.fromarray((over * 255).astype(np.uint8))
        soft = image.filter(ImageFilter.GaussianBlur(max(1.0, width / 26)))
        spread.append(np.asarray(soft, FLOAT) * FLOAT(0.7 / 255))
    return np.stack(spread)
