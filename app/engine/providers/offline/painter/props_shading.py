"""Shades what was drawn of the props and lays it over the picture, tested against the land."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from app.engine.providers.offline.painter.arrays import FLOAT, Array, Colour, planar, smoothstep
from app.engine.providers.offline.painter.camera import View
from app.engine.providers.offline.painter.mesh import Material
from app.engine.providers.offline.painter.noise import Noise
from app.engine.providers.offline.painter.raster import Drawn, Pieces, distance
from app.engine.providers.offline.painter.surface import Spots, look_of

_LOST = 0.96
"""Behind so much haze a thing is not seen."""
_THIN = 0.2
"""What covers less of its pixels is not seen."""


@dataclass(frozen=True)
class Seen:
    """Some pixels and what of the world they show."""

    column: Array
    row: Array
    ahead: Array
    x: Array
    y: Array
    z: Array
    normal: Array

    def only(self, kept: Array | slice) -> "Seen":
        """Some of the pixels."""
        return Seen(
            self.column[kept], self.row[kept], self.ahead[kept],
            self.x[kept], self.y[kept], self.z[kept], self.normal[:, kept],
        )  # fmt: skip


class Lighting(Protocol):
    """What lights a place, outdoors or in."""

    def on_pieces(self, normals: Array) -> Array:
        """Light that is even over a piece: (3, pieces)."""
        ...

    def on_pixels(self, seen: Seen) -> Array | None:
        """Light that differs within a piece: (3, pixels), or None."""
        ...

    def veil(self, ahead: Array, column: Array, width: int) -> tuple[Array, Array]:
        """How much haze lies before each pixel, and its colour."""
        ...

    def flat(self) -> Colour:
        """The little light in which silhouettes show."""
        ...


@dataclass
class Canvas:
    """The picture while it is painted: colours (3, height * width) and distances."""

    colour: Array
    depth: Array
    labels: Array | None = None
    """Which prop of the facts each pixel shows, or -1; kept only for who asks."""


def no_labels(view: View) -> Array:
    """A canvas on which no prop is seen yet."""
    return np.full(view.width * view.height, -1, np.int16)


@dataclass(frozen=True)
class Brush:
    """What shading needs besides the pixels."""

    view: View
    canvas: Canvas
    pieces: Pieces
    light: Array
    """Light that is even over each piece, (3, pieces)."""
    lighting: Lighting
    noise: Noise
    lit_share: float


def lay(
    view: View, canvas: Canvas, drawn: Drawn, lighting: Lighting, noise: Noise, lit_share: float
) -> None:
    """Lay solid things, then what is seen through, over the canvas."""
    pieces = drawn.pieces
    light = lighting.on_pieces(pieces.normal.T)
    light = np.where(pieces.rows[:, 6] == Material.SHADE, planar(lighting.flat()), light)
    brush = Brush(view, canvas, pieces, light.astype(FLOAT), lighting, noise, lit_share)
    for number in (drawn.solid, drawn.sheer):
        pixels = np.flatnonzero(number)
        if not len(pixels):
            continue
        index = number.ravel()[pixels] - 1
        ahead = distance(view, pieces, pixels, index)
        shown = ahead < canvas.depth[pixels] * FLOAT(1.015) + FLOAT(0.06)
        if not shown.all():
            pixels, index, ahead = pixels[shown], index[shown], ahead[shown]
        if len(pixels):
            _shade(brush, pixels, index, ahead)


def _shade(brush: Brush, pixels: Array, index: Array, ahead: Array) -> None:
    pieces, canvas, lighting = brush.pieces, brush.canvas, brush.lighting
    seen = _locate(brush.view, pieces, pixels, index, ahead)
    looks = _looks(brush, index, seen)
    opaque = looks.cover is None
    if looks.cover is not None:
        kept = np.flatnonzero(looks.cover > 0.03)
        pixels, index, seen, looks = pixels[kept], index[kept], seen.only(kept), looks.only(kept)
    rows = pieces.rows
    colour, other = (np.ascontiguousarray(rows[:, k : k + 3].T) for k in (0, 3))
    base = colour.take(index, axis=1)
    base += (other.take(index, axis=1) - base) * looks.second
    base *= looks.tone * _contact(pieces, index, seen)
    shaded = base * brush.light.take(index, axis=1)
    more = lighting.on_pixels(seen)
    if more is not None:
        dark = np.where(rows[:, 6] == Material.SHADE, FLOAT(0.12), FLOAT(1))
        shaded += base * (more * dark.take(index))
    if looks.glow is not None:
        own = np.where(rows[:, 6] == Material.GLOW, colour, planar((1.0, 0.74, 0.42)))
        shaded += (own * rows[:, 7]).astype(FLOAT).take(index, axis=1) * looks.glow
    veil, haze = lighting.veil(seen.ahead, seen.column, brush.view.width)
    shaded += (haze - shaded) * veil
    if canvas.labels is not None:
        shown = np.broadcast_to(veil, len(pixels)) < _LOST
        if looks.cover is not None:
            shown = shown & (looks.cover > _THIN)
        canvas.labels[pixels[shown]] = pieces.label[index[shown]]
    if opaque:
        canvas.colour[:, pixels] = shaded
        canvas.depth[pixels] = seen.ahead
        return
    under = canvas.colour[:, pixels]
    canvas.colour[:, pixels] = under + (shaded - under) * looks.cover
    near = looks.cover > 0.6 if looks.cover is not None else slice(None)
    canvas.depth[pixels[near]] = seen.ahead[near]


def _contact(pieces: Pieces, index: Array, seen: Seen) -> Array:
    """Things are darker where they meet the ground."""
    above = np.where(np.abs(seen.normal[1]) > 0.75, FLOAT(1), seen.y - pieces.foot.take(index))
    return FLOAT(0.68) + FLOAT(0.32) * smoothstep(0.0, 0.45, above)


def _locate(view: View, pieces: Pieces, pixels: Array, index: Array, ahead: Array) -> Seen:
    column = (pixels % view.width).astype(FLOAT)
    row = (pixels // view.width).astype(FLOAT)
    across = column - FLOAT(view.centre)
    aside = across * FLOAT(1 / view.focal)
    up = (FLOAT(view.horizon) + FLOAT(view.roll) * across - row) * FLOAT(1 / view.focal)
    return Seen(
        column=column,
        row=row,
        ahead=ahead,
        x=FLOAT(view.x) + ahead * (FLOAT(view.sin) + aside * FLOAT(view.cos)),
        y=FLOAT(view.eye) + ahead * up,
        z=FLOAT(view.z) + ahead * (FLOAT(view.cos) - aside * FLOAT(view.sin)),
        normal=np.ascontiguousarray(pieces.normal.T).take(index, axis=1),
    )


@dataclass(frozen=True)
class Looks:
    """How some pixels look within their outlines; None where no pixel glows, or all are opaque."""

    tone: Array
    second: Array
    glow: Array | None
    cover: Array | None

    def only(self, kept: Array) -> "Looks":
        """Some of the pixels."""
        return Looks(
            self.tone[kept],
            self.second[kept],
            None if self.glow is None else self.glow[kept],
            None if self.cover is None else self.cover[kept],
        )


def _looks(brush: Brush, index: Array, seen: Seen) -> Looks:
    """Ask each material that shows for the look of its pixels."""
    pieces = brush.pieces
    kinds = pieces.rows[:, 6].astype(np.uint8)
    material = kinds.take(index)
    count = len(index)
    tone, second = np.ones(count, FLOAT), np.zeros(count, FLOAT)
    line_cover = pieces.cover.take(index)
    cover = line_cover if line_cover.min() < 1 else None
    glow: Array | None = None
    shown = np.flatnonzero(np.bincount(material)).tolist()
    for kind in shown:
        at = np.flatnonzero(material == kind) if len(shown) > 1 else slice(None)
        look = look_of(kind, _spots(brush, index[at], seen if len(shown) == 1 else seen.only(at)))
        tone[at], second[at] = look.tone, look.second
        if not isinstance(look.cover, float):
            cover = np.ones(count, FLOAT) if cover is None else cover
            cover[at] *= look.cover
        if not isinstance(look.glow, float):
            glow = np.zeros(count, FLOAT) if glow is None else glow
            glow[at] = look.glow
    return Looks(tone, second, glow, cover)


def _spots(brush: Brush, index: Array, seen: Seen) -> Spots:
    """Where pixels of one material lie on their faces."""
    pieces = brush.pieces
    ox, oy, oz = (np.ascontiguousarray(v).take(index) for v in pieces.origin.T)
    ax, az = (np.ascontiguousarray(v).take(index) for v in pieces.along.T)
    long, high = (np.maximum(v, FLOAT(0.1)).take(index) for v in pieces.size.T)
    level = np.abs(seen.normal[1]) > 0.75
    return Spots(
        u=np.where(level, seen.x, (seen.x - ox) * ax + (seen.z - oz) * az),
        v=np.where(level, seen.z, seen.y - oy),
        run=np.where(np.abs(ax) > np.abs(az), seen.x, seen.z),
        x=seen.x,
        y=seen.y,
        z=seen.z,
        cx=ox + long * FLOAT(0.5),
        cz=oz + long * FLOAT(0.5),
        long=long,
        high=high,
        owner=pieces.tag.take(index),
        ahead=seen.ahead,
        noise=brush.noise,
        lit_share=brush.lit_share,
    )
