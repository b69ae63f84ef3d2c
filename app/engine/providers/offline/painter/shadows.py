"""Shadows that things throw on level ground, and the dark where they stand on it."""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from app.engine.providers.offline.painter.arrays import FLOAT, Array
from app.engine.providers.offline.painter.camera import View
from app.engine.providers.offline.painter.stage import Gathered

_REACH = 75.0
_NEAR = 0.35


@dataclass(frozen=True)
class Shadows:
    """Two masks of the picture's size, 0-1: no sun, and little sky."""

    sun: Array
    sky: Array


def throw(view: View, things: Gathered, toward: tuple[float, float, float]) -> Shadows:
    """Project all that casts along the light onto the ground it stands on."""
    sun = Image.new("L", (view.width, view.height), 0)
    sky = Image.new("L", (view.width, view.height), 0)
    _draw_shadows(view, things, toward, ImageDraw.Draw(sun))
    _draw_feet(view, things, ImageDraw.Draw(sky))
    sun = sun.filter(ImageFilter.GaussianBlur(max(0.5, view.width / 700)))
    sky = sky.filter(ImageFilter.GaussianBlur(max(0.8, view.width / 130)))
    return Shadows(_mask(sun), _mask(sky))


def _mask(image: Image.Image) -> Array:
    return (np.asarray(image, FLOAT) * FLOAT(1 / 255)).ravel()


def _draw_shadows(
    view: View, things: Gathered, toward: tuple[float, float, float], pen: ImageDraw.ImageDraw
) -> None:
    east, up, north = toward
    counts = things.counts
    if up < 0.04 or not len(counts):
        return
    foot = np.repeat(things.foot[things.owner], counts)
    above = np.clip(things.points[:, 1] - foot, 0, 30)
    fallen = things.points.copy()
    fallen[:, 0] -= above * FLOAT(east / up)
    fallen[:, 1] = foot
    fallen[:, 2] -= above * FLOAT(north / up)
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    wanted = things.casts[things.owner] & (things.order[things.owner] < _REACH)
    _fill(view, fallen, starts, counts, np.flatnonzero(wanted), pen)
    _draw_bars(view, things, toward, pen)


def _draw_bars(
    view: View, things: Gathered, toward: tuple[float, float, float], pen: ImageDraw.ImageDraw
) -> None:
    owner = things.line_owner
    wanted = things.casts[owner] & (things.order[owner] < _REACH) & (things.widths > 0.03)
    if not wanted.any():
        return
    east, up, north = toward
    ends = things.ends[wanted].copy()
    foot = things.foot[owner[wanted]][:, None]
    above = np.clip(ends[:, :, 1] - foot, 0, 30)
    ends[:, :, 0] -= above * FLOAT(east / up)
    ends[:, :, 1] = foot
    ends[:, :, 2] -= above * FLOAT(north / up)
    seen = view.eye_space(ends.reshape(-1, 3)).reshape(-1, 2, 3)
    ahead = (seen[:, :, 2] > _NEAR).all(1)
    if not ahead.any():
        return
    seen = seen[ahead]
    thick = things.widths[wanted][ahead] * view.focal / seen[:, :, 2].mean(1)
    at = np.clip(view.to_picture(seen.reshape(-1, 3)), -9000, 9000).reshape(-1, 4).tolist()
    for ends_of, width in zip(at, np.maximum(1, np.rint(thick)).astype(int).tolist(), strict=True):
        pen.line(ends_of, fill=210, width=width)


def _fill(
    view: View, points: Array, starts: Array, counts: Array, wanted: Array, pen: ImageDraw.ImageDraw
) -> None:
    seen = view.eye_space(points)
    behind = np.minimum.reduceat(seen[:, 2], starts) < _NEAR
    seen[:, 2] = np.maximum(seen[:, 2], FLOAT(_NEAR))
    flat = np.clip(view.to_picture(seen), -9000, 9000).ravel().tolist()
    for k in wanted[~behind[wanted]].tolist():
        start, count = int(starts[k]), int(counts[k])
        pen.polygon(flat[start * 2 : (start + count) * 2], fill=235)


def _draw_feet(view: View, things: Gathered, pen: ImageDraw.ImageDraw) -> None:
    """A soft dark patch under the low parts of everything near."""
    counts = things.counts
    if not len(counts):
        return
    foot = np.repeat(things.foot[things.owner], counts)
    points = things.points.copy()
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    lowest = np.minimum.reduceat(points[:, 1] - foot, starts)
    wanted = things.casts[things.owner] & (things.order[things.owner] < 45) & (lowest < 0.5)
    points[:, 1] = foot
    # Level outlines only: an upright face falls to a line, which Pillow draws as one.
    _fill(view, points, starts, counts, np.flatnonzero(wanted), pen)
