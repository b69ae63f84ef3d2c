"""Which face or line each pixel shows: far to near into one image of numbers, drawn by Pillow.

Shading comes later and only where something was drawn. A face knows its plane, so that each of
its pixels has its own distance and can be tested against the land.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image, ImageDraw

from app.engine.providers.offline.painter.arrays import FLOAT, Array
from app.engine.providers.offline.painter.camera import View
from app.engine.providers.offline.painter.mesh import SHEER, Material
from app.engine.providers.offline.painter.stage import Gathered

NEAR: Final = 0.35
_THIN: Final = 1.3
"""Lines thinner than so many pixels are laid over the picture by their coverage."""


@dataclass(frozen=True)
class Pieces:
    """Every visible face and line, one row each: what shading needs to know of it."""

    rows: Array
    normal: Array
    plane: Array
    """1 / distance as (by column, by row, constant)."""
    span: Array
    """Nearest and farthest distance."""
    origin: Array
    along: Array
    """The level direction in which a face runs, (x, z)."""
    size: Array
    """How long and how high a face is."""
    foot: Array
    tag: Array
    label: Array
    cover: Array
    """How much of its pixels a line covers, 0-1."""


@dataclass(frozen=True)
class Drawn:
    """Numbers of pieces, plus one, for each pixel: solid things, and what is seen through."""

    solid: Array
    sheer: Array
    pieces: Pieces


def draw(view: View, things: Gathered) -> Drawn:
    """Draw all faces and lines, far ones first.

    No single order of faces is right for all. Solid things are drawn in two, each wrong in other
    places (by the farthest point a door comes after its wall, by the nearest a wheel comes before
    the bonnet that hides it), and where they differ the nearer piece at that pixel is taken.
    """
    faces = _visible_faces(view, things)
    lines = _visible_lines(view, things)
    is_sheer = np.concatenate(
        [
            np.isin(things.rows[faces.index, 6], [float(m) for m in SHEER]),
            (lines.thick < _THIN) & (things.line_rows[lines.index, 6] != Material.GLOW),
        ]
    )
    shape_distance = np.concatenate(
        [
            things.order[things.owner[faces.index]],
            things.order[things.line_owner[lines.index]],
        ]
    )
    span = np.concatenate([faces.span, lines.span])
    by_shape = np.argsort(
        -(shape_distance * FLOAT(1000) + np.clip(span[:, 1], 0, 999)), kind="stable"
    )
    by_nearest = np.argsort(-span[:, 0], kind="stable")
    pieces = _pieces(view, things, faces, lines)
    outer = _drawn(view, faces, lines, by_shape[~is_sheer[by_shape]])
    inner = _drawn(view, faces, lines, by_nearest[~is_sheer[by_nearest]])
    sheer = _drawn(view, faces, lines, by_shape[is_sheer[by_shape]])
    return Drawn(_nearer(view, pieces, outer, inner), sheer, pieces)


def _drawn(view: View, faces: "_Faces", lines: "_Lines", order: Array) -> Array:
    """Numbers of pieces, plus one, drawn in an order."""
    image = Image.new("I", (view.width, view.height), 0)
    pen = ImageDraw.Draw(image)
    first_line = len(faces.index)
    for k in order.tolist():
        if k < first_line:
            pen.polygon(faces.outlines[k], fill=k + 1)
        else:
            at = k - first_line
            pen.line(lines.outlines[at], fill=k + 1, width=lines.pixels[at])
    return np.asarray(image)


def _nearer(view: View, pieces: Pieces, one: Array, other: Array) -> Array:
    """Of two drawings, at each pixel the piece that is nearer there."""
    pixels = np.flatnonzero((one != other).ravel() & (one.ravel() > 0) & (other.ravel() > 0))
    if not len(pixels):
        return one
    chosen = one.ravel().copy()
    a, b = chosen[pixels], other.ravel()[pixels]
    nearer = distance(view, pieces, pixels, b - 1) < distance(view, pieces, pixels, a - 1)
    chosen[pixels] = np.where(nearer, b, a)
    return chosen.reshape(one.shape)


def distance(view: View, pieces: Pieces, pixels: Array, index: Array) -> Array:
    """How far ahead each pixel's piece is there."""
    by_column, by_row, constant = (np.ascontiguousarray(v).take(index) for v in pieces.plane.T)
    inverse = by_column * (pixels % view.width) + by_row * (pixels // view.width) + constant
    near, far = (1 / np.ascontiguousarray(v) for v in pieces.span.T)
    ahead: Array = (1 / np.clip(inverse, far.take(index), near.take(index))).astype(FLOAT)
    return ahead


@dataclass(frozen=True)
class _Faces:
    index: Array
    outlines: list[list[float]]
    normal: Array
    seen_normal: Array
    seen_point: Array
    first: Array
    second: Array
    high: Array
    span: Array


def _visible_faces(view: View, things: Gathered) -> _Faces:
    points, counts = things.points, things.counts
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.int64)
    if not len(counts):
        starts = np.zeros(0, np.int64)
    seen = view.eye_space(points) if len(points) else np.zeros((0, 3), FLOAT)
    p0, p1, p2 = (points[starts + k] for k in range(3)) if len(counts) else (points,) * 3
    normal = np.cross(p2 - p0, p1 - p0)
    length = np.maximum(np.sqrt((normal * normal).sum(1, keepdims=True)), 1e-9)
    normal = normal / length
    eye = np.array([view.x, view.eye, view.z], FLOAT)
    away = ((p0 - eye) * normal).sum(1) > 0
    normal = np.where((away & things.two_sided)[:, None], -normal, normal)
    kept = ~(away & ~things.two_sided)
    if len(counts):
        nearest = np.minimum.reduceat(seen[:, 2], starts)
        farthest = np.maximum.reduceat(seen[:, 2], starts)
        kept &= farthest > NEAR
        kept &= ~_outside(view, seen, starts)
    else:
        nearest = farthest = np.zeros(0, FLOAT)
    index = np.flatnonzero(kept)
    outlines = _outlines(view, seen, starts, counts, nearest, index)
    wide = np.array([len(outline) >= 6 for outline in outlines], bool)
    index = index[wide]
    heights = points[:, 1]
    high = (
        np.maximum.reduceat(heights, starts) - np.minimum.reduceat(heights, starts)
        if len(counts)
        else np.zeros(0, FLOAT)
    )
    n = normal[index]
    return _Faces(
        index=index,
        outlines=[outline for outline, ok in zip(outlines, wide.tolist(), strict=True) if ok],
        normal=n,
        seen_normal=np.stack(
            [
                n[:, 0] * view.cos - n[:, 2] * view.sin,
                n[:, 1],
                n[:, 0] * view.sin + n[:, 2] * view.cos,
            ],
            axis=1,
        ),
        seen_point=seen[starts[index]] if len(counts) else seen,
        first=p0[index],
        second=p1[index],
        high=high[index],
        span=np.stack([np.maximum(nearest[index], NEAR), farthest[index]], axis=1),
    )


def _outside(view: View, seen: Array, starts: Array) -> Array:
    """Faces all of whose corners are to the left, or to the right, of the picture."""
    edge = (view.width / 2 + 4) / view.focal
    left = seen[:, 0] < -edge * seen[:, 2]
    right = seen[:, 0] > edge * seen[:, 2]
    return np.logical_and.reduceat(left, starts) | np.logical_and.reduceat(right, starts)


def _outlines(
    view: View, seen: Array, starts: Array, counts: Array, nearest: Array, index: Array
) -> list[list[float]]:
    ahead = np.maximum(seen, np.array([-np.inf, -np.inf, NEAR], FLOAT))
    flat = np.clip(view.to_picture(ahead), -9000, 9000).ravel().tolist() if len(seen) else []
    crossing = nearest[index] < NEAR
    outlines = []
    for start, count, crosses in zip(
        starts[index].tolist(), counts[index].tolist(), crossing.tolist(), strict=True
    ):
        if crosses:
            outlines.append(_clipped(view, seen[start : start + count]))
        else:
            outlines.append(flat[start * 2 : (start + count) * 2])
    return outlines


def _clipped(view: View, corners: Array) -> list[float]:
    """The outline of the part of a face that is ahead of the eye."""
    kept = []
    for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        if a[2] >= NEAR:
            kept.append(a)
        if (a[2] >= NEAR) != (b[2] >= NEAR):
            kept.append(a + (b - a) * ((NEAR - a[2]) / (b[2] - a[2])))
    if len(kept) < 3:
        return []
    outline: list[float] = np.clip(view.to_picture(np.stack(kept)), -9000, 9000).ravel().tolist()
    return outline


@dataclass(frozen=True)
class _Lines:
    index: Array
    outlines: list[list[float]]
    pixels: list[int]
    thick: Array
    at: Array
    inverse: Array
    span: Array
    start: Array


def _visible_lines(view: View, things: Gathered) -> _Lines:
    ends = things.ends
    if not len(ends):
        none = np.zeros(0, FLOAT)
        return _Lines(
            index=none.astype(np.int64),
            outlines=[],
            pixels=[],
            thick=none,
            at=none.reshape(0, 2, 2),
            inverse=none.reshape(0, 2),
            span=none.reshape(0, 2),
            start=none.reshape(0, 3),
        )
    a, b = view.eye_space(ends[:, 0]), view.eye_space(ends[:, 1])
    kept = (a[:, 2] > NEAR) | (b[:, 2] > NEAR)
    edge = (view.width / 2 + 30) / view.focal
    kept &= ~((a[:, 0] < -edge * a[:, 2]) & (b[:, 0] < -edge * b[:, 2]))
    kept &= ~((a[:, 0] > edge * a[:, 2]) & (b[:, 0] > edge * b[:, 2]))
    index = np.flatnonzero(kept)
    a, b = _cut(a[index], b[index]), _cut(b[index], a[index])
    at = np.clip(np.stack([view.to_picture(a), view.to_picture(b)], axis=1), -9000, 9000)
    middle = (a[:, 2] + b[:, 2]) / 2
    thick = things.widths[index] * FLOAT(view.focal) / middle
    return _Lines(
        index=index,
        outlines=at.reshape(-1, 4).tolist(),
        pixels=np.maximum(1, np.rint(thick)).astype(int).tolist(),
        thick=thick,
        at=at,
        inverse=np.stack([1 / a[:, 2], 1 / b[:, 2]], axis=1),
        span=np.sort(np.stack([a[:, 2], b[:, 2]], axis=1), axis=1),
        start=ends[index, 0],
    )


def _cut(point: Array, other: Array) -> Array:
    """The point, or where its line to `other` comes before the eye."""
    t = np.clip(
        (NEAR - point[:, 2]) / np.where(point[:, 2] < NEAR, other[:, 2] - point[:, 2], 1), 0, 1
    )
    t = np.where(point[:, 2] < NEAR, t, 0)
    moved = point + (other - point) * t[:, None]
    moved[:, 2] = np.maximum(moved[:, 2], NEAR)
    return moved


def _pieces(view: View, things: Gathered, faces: _Faces, lines: _Lines) -> Pieces:
    owner = np.concatenate([things.owner[faces.index], things.line_owner[lines.index]])
    run = faces.second[:, ::2] - faces.first[:, ::2]
    long = np.sqrt((run * run).sum(1))
    level = long > 0.02
    across = np.stack([faces.normal[:, 2], -faces.normal[:, 0]], axis=1)
    along = np.where(level[:, None], run / np.maximum(long, 1e-6)[:, None], across)
    leafy = things.rows[faces.index, 6] == Material.LEAVES
    lifted = faces.normal * FLOAT(0.55) + np.array([0, 0.75, 0], FLOAT)
    normal = np.where(leafy[:, None], lifted, faces.normal)
    count = len(lines.index)
    toward = np.tile(np.array([[-view.sin * 0.8, 0.6, -view.cos * 0.8]], FLOAT), (count, 1))
    return Pieces(
        rows=np.concatenate([things.rows[faces.index], things.line_rows[lines.index]]),
        normal=np.concatenate([normal, toward]).astype(FLOAT),
        plane=np.concatenate([_face_planes(view, faces), _line_planes(lines)]).astype(FLOAT),
        span=np.concatenate([faces.span, lines.span]).astype(FLOAT),
        origin=np.concatenate([faces.first, lines.start]).astype(FLOAT),
        along=np.concatenate([along, np.tile(np.array([[1.0, 0.0]], FLOAT), (count, 1))]).astype(
            FLOAT
        ),
        size=np.concatenate(
            [np.stack([long, faces.high], axis=1), np.ones((count, 2), FLOAT)]
        ).astype(FLOAT),
        foot=things.foot[owner],
        tag=things.tag[owner],
        label=things.label[owner],
        cover=np.concatenate(
            [np.ones(len(faces.index), FLOAT), np.clip(lines.thick, 0.12, 1)]
        ).astype(FLOAT),
    )


def _face_planes(view: View, faces: _Faces) -> Array:
    n = faces.seen_normal
    distance = (n * faces.seen_point).sum(1)
    distance = np.where(np.abs(distance) < 1e-4, -1e-4, distance)
    by_column = (n[:, 0] + n[:, 1] * view.roll) / (view.focal * distance)
    by_row = -n[:, 1] / (view.focal * distance)
    # The row is measured from the horizon, whose slope `roll` is folded into the column's share.
    constant = n[:, 2] / distance - by_column * view.centre - by_row * view.horizon
    return np.stack([by_column, by_row, constant], axis=1)


def _line_planes(lines: _Lines) -> Array:
    run = lines.at[:, 1] - lines.at[:, 0]
    steep = (lines.inverse[:, 1] - lines.inverse[:, 0]) / np.maximum((run * run).sum(1), 1e-3)
    by = run * steep[:, None]
    constant = lines.inverse[:, 0] - (by * lines.at[:, 0]).sum(1)
    return np.concatenate([by, constant[:, None]], axis=1)
