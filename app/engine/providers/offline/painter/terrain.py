"""Which bit of land each pixel shows: a height field seen by columns, with no loop over pixels."""

from dataclasses import dataclass

import numpy as np

from app.engine.providers.offline.painter.arrays import FLOAT, Array
from app.engine.providers.offline.painter.camera import View
from app.engine.providers.offline.painter.relief import Relief

_DEPTHS = 270
_NEAREST = 0.9
_FARTHEST = 3400.0
_DISTANT = 130.0
NOWHERE = 1e9


@dataclass(frozen=True)
class Land:
    """The visible land: one entry for each pixel at or below the skyline, from row `top` down."""

    top: int
    """The first row in which any land shows."""
    depth: Array
    """Metres ahead of the eye, (height, width); NOWHERE in the sky."""
    edge: Array
    """How much of the topmost land pixel of each column is land, (height - top, width)."""
    ahead: Array
    x: Array
    z: Array
    y: Array
    normal: Array
    """Flat arrays over rows `top` and below, the sky included (its values mean nothing)."""
    is_sky: Array
    water: Array | None


def survey(view: View, relief: Relief) -> Land:
    """Find the land that each pixel of a view shows."""
    depths = (_NEAREST * (_FARTHEST / _NEAREST) ** (np.linspace(0, 1, _DEPTHS) ** 0.92)).astype(
        FLOAT
    )
    aside, onward = view.headings()
    x = FLOAT(view.x) + depths[:, None] * aside
    z = FLOAT(view.z) + depths[:, None] * onward
    heights = _evened(relief.height(x, z).astype(FLOAT), int(np.searchsorted(depths, _DISTANT)))
    drowned = None
    if relief.sea is not None:
        drowned = heights < FLOAT(relief.sea)
        heights = np.maximum(heights, FLOAT(relief.sea))
    horizon = view.horizons()
    rows = horizon[None] - (heights - FLOAT(view.eye)) * (FLOAT(view.focal) / depths)[:, None]
    seen = np.minimum.accumulate(rows, 0)
    index = _nearest_index(seen, view)
    skyline = np.clip(seen[-1], 0, view.height)
    top = int(np.floor(skyline.min())) if view.height else 0
    top = min(top, view.height - 1)
    index = index[top:]
    return _fill(view, depths, heights, drowned, index, top, skyline, horizon, aside, onward)


def _evened(heights: Array, first: int) -> Array:
    """Far heights averaged over neighbouring columns, or cliffs show the depth steps as teeth."""
    far = heights[first:]
    padded = np.pad(far, ((0, 0), (2, 2)), mode="edge")
    total = far + padded[:, :-4] + padded[:, 1:-3] + padded[:, 3:-1] + padded[:, 4:]
    heights[first:] = total * FLOAT(0.2)
    return heights


def _nearest_index(seen: Array, view: View) -> Array:
    """Of each pixel, the index of the nearest depth whose land covers it; _DEPTHS in the sky."""
    first = np.ceil(np.clip(seen, 0, view.height)).astype(np.int32)
    found = np.full((view.height + 1, view.width), _DEPTHS, np.int32)
    columns = np.arange(view.width)
    for k in range(_DEPTHS - 1, -1, -1):  # far to near, so that the near one stays
        found[first[k], columns] = k
    return np.minimum.accumulate(found, 0)[: view.height]


def _fill(
    view: View,
    depths: Array,
    heights: Array,
    drowned: Array | None,
    index: Array,
    top: int,
    skyline: Array,
    horizon: Array,
    aside: Array,
    onward: Array,
) -> Land:
    width = view.width
    is_sky = (index >= _DEPTHS).ravel()
    step = np.minimum(index, _DEPTHS - 1)
    flat = (step * width + np.arange(width, dtype=np.int32)).ravel()
    height = heights.ravel().take(flat)
    ahead = depths.take(step.ravel())
    nearer = depths.take(np.maximum(step.ravel() - 1, 0))
    below = (np.arange(top, view.height, dtype=FLOAT)[:, None] - horizon).ravel()
    # On flat ground the exact distance; else the depth steps show as bands.
    exact = (
        (FLOAT(view.eye) - height) * FLOAT(view.focal) / np.where(np.abs(below) > 0.5, below, 0.5)
    )
    usable = (exact > nearer) & (exact < ahead)
    ahead = np.where(usable, exact, np.where(exact <= nearer, nearer, ahead)).astype(FLOAT)
    rows = view.height - top
    columns_aside = np.tile(aside, rows)
    columns_onward = np.tile(onward, rows)
    depth = np.full((view.height, width), NOWHERE, FLOAT)
    depth[top:] = np.where(is_sky, FLOAT(NOWHERE), ahead).reshape(rows, width)
    line = np.ceil(skyline)
    edge = np.where(
        np.arange(top, view.height)[:, None] == line[None].astype(np.int32),
        np.clip(line - skyline, 0, 1)[None],
        1.0,
    ).astype(FLOAT)
    return Land(
        top=top,
        depth=depth,
        edge=edge,
        ahead=ahead,
        x=FLOAT(view.x) + ahead * columns_aside,
        z=FLOAT(view.z) + ahead * columns_onward,
        y=FLOAT(view.eye) - below * ahead * FLOAT(1 / view.focal),
        normal=_normals(view, depths, heights).reshape(3, -1)[:, flat],
        is_sky=is_sky,
        water=None if drowned is None else drowned.ravel().take(flat) & ~is_sky,
    )


def _normals(view: View, depths: Array, heights: Array) -> Array:
    """World normals of the sampled land, (3, depths, columns)."""
    onward = np.empty_like(heights)
    onward[:-1] = (heights[1:] - heights[:-1]) / (depths[1:] - depths[:-1])[:, None]
    onward[-1] = onward[-2]
    aside = np.empty_like(heights)
    aside[:, 1:-1] = (heights[:, 2:] - heights[:, :-2]) * (FLOAT(view.focal / 2) / depths)[:, None]
    aside[:, 0], aside[:, -1] = aside[:, 1], aside[:, -2]
    np.clip(onward, -3, 3, out=onward)
    np.clip(aside, -3, 3, out=aside)
    up = 1 / np.sqrt(1 + onward * onward + aside * aside)
    right, ahead = -aside * up, -onward * up
    return np.stack(
        [
            right * FLOAT(view.cos) + ahead * FLOAT(view.sin),
            up,
            ahead * FLOAT(view.cos) - right * FLOAT(view.sin),
        ]
    )
