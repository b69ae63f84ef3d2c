"""Shades what was drawn of the props and lays it over the picture, tested against the land."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from app.engine.providers.offline.painter.arrays import FLOAT, Array, Colour, planar, smoothstep
from app.engine.providers.offline.painter.camera import View
from app.engine.providers.offline.painter.mesh import Material
from app.engine.providers.offline.painter.noise import Noise
from app.engine.providers.offline.painter.raster import Drawn, Pieces
from app.engine.providers.offline.painter.surface import Spots, look_of


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


class Lighting(Protocol):
    """What lights a place, outdoors or in."""

    def on_pieces(self, normals: Array, middles: Array) -> Array:
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


def lay(
    view: View, canvas: Canvas, drawn: Drawn, lighting: Lighting, noise: Noise, lit_share: float
) -> None:
    """Lay solid things, then what is seen through, over the canvas."""
    pieces = drawn.pieces
    light = lighting.on_pieces(pieces.normal.T, (pieces.origin).T)
    for number in (drawn.solid, drawn.sheer):
        pixels = np.flatnonzero(number)
        if not len(pixels):
            continue
        index = number.ravel()[pixels] - 1
        column = (pixels % view.width).astype(FLOAT)
        row = (pixels // view.width).astype(FLOAT)
        plane = pieces.plane[index]
        inverse = plane[:, 0] * column + plane[:, 1] * row + plane[:, 2]
        span = pieces.span[index]
        ahead = 1 / np.clip(inverse, 1 / span[:, 1], 1 / span[:, 0])
        shown = ahead < canvas.depth[pixels] * FLOAT(1.015) + FLOAT(0.06)
        if not shown.all():
            pixels, index, column, row, ahead = (
                v[shown] for v in (pixels, index, column, row, ahead)
            )
        if len(pixels):
            _shade(
                view, canvas, pieces, light, lighting, noise, lit_share,
                pixels, index, column, row, ahead,
            )  # fmt: skip


def _shade(
    view: View,
    canvas: Canvas,
    pieces: Pieces,
    light: Array,
    lighting: Lighting,
    noise: Noise,
    lit_share: float,
    pixels: Array,
    index: Array,
    column: Array,
    row: Array,
    ahead: Array,
) -> None:
    seen = _locate(view, pieces, index, column, row, ahead)
    tone, second, glow, cover = _looks(pieces, index, seen, noise, lit_share)
    rows = pieces.rows
    colour = rows[:, 0:3].T
    other = rows[:, 3:6].T
    base = colour[:, index]
    base += (other[:, index] - base) * second
    material = rows[:, 6]
    flat = material == Material.SHADE
    piece_light = np.where(flat, planar(lighting.flat()), light)
    base *= tone * _contact(pieces, index, seen)
    shaded = base * piece_light[:, index]
    more = lighting.on_pixels(seen)
    if more is not None:
        shaded += base * (more * np.where(flat, FLOAT(0.12), FLOAT(1))[index])
    if glow is not None:
        strength = glow * np.maximum(rows[:, 7], 0.0)[index]
        shaded += (
            np.where(material == Material.GLOW, colour, planar((1.0, 0.74, 0.42)))[:, index]
            * strength
        )
    veil, haze = lighting.veil(ahead, column, view.width)
    shaded += (haze - shaded) * veil
    under = canvas.colour[:, pixels]
    canvas.colour[:, pixels] = under + (shaded - under) * cover
    near = cover > 0.6
    canvas.depth[pixels[near]] = ahead[near]


def _contact(pieces: Pieces, index: Array, seen: Seen) -> Array:
    """Things are darker where they meet the ground."""
    above = np.where(np.abs(seen.normal[1]) > 0.75, FLOAT(1), seen.y - pieces.foot[index])
    return FLOAT(0.55) + FLOAT(0.45) * smoothstep(0.0, 0.55, above)


def _locate(
    view: View, pieces: Pieces, index: Array, column: Array, row: Array, ahead: Array
) -> Seen:
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
        normal=pieces.normal.T[:, index],
    )


def _looks(
    pieces: Pieces, index: Array, seen: Seen, noise: Noise, lit_share: float
) -> tuple[Array, Array, Array | None, Array]:
    count = len(index)
    tone, second = np.ones(count, FLOAT), np.zeros(count, FLOAT)
    cover = pieces.cover[index]
    glow: Array | None = None
    origin, along, normal = pieces.origin[index], pieces.along[index], seen.normal
    level = np.abs(normal[1]) > 0.75
    u = np.where(
        level,
        seen.x,
        (seen.x - origin[:, 0]) * along[:, 0] + (seen.z - origin[:, 2]) * along[:, 1],
    )
    v = np.where(level, seen.z, seen.y - origin[:, 1])
    run = np.where(np.abs(along[:, 0]) > np.abs(along[:, 1]), seen.x, seen.z)
    material = pieces.rows[:, 6].astype(np.int32)[index]
    size = pieces.size[index]
    owner = pieces.owner[index].astype(FLOAT)
    for kind in np.flatnonzero(np.bincount(material)).tolist():
        at = np.flatnonzero(material == kind)
        if len(at) == count:
            at = slice(None)  # type: ignore[assignment]  # all of them: no copies
        look = look_of(
            kind,
            Spots(
                u=u[at], v=v[at], run=run[at], x=seen.x[at], y=seen.y[at], z=seen.z[at],
                cx=origin[at, 0] + size[at, 0] * FLOAT(0.5), cz=origin[at, 2] + size[at, 0] * FLOAT(0.5),
                long=np.maximum(size[at, 0], FLOAT(0.1)), high=np.maximum(size[at, 1], FLOAT(0.1)),
                owner=owner[at], ahead=seen.ahead[at], noise=noise, lit_share=lit_share,
            ),
        )  # fmt: skip
        tone[at], second[at] = look.tone, look.second
        cover[at] *= look.cover
        if not isinstance(look.glow, float):
            glow = np.zeros(count, FLOAT) if glow is None else glow
            glow[at] = look.glow
    return tone, second, glow, cover
