"""The sky: gradient, sun or moon, receding clouds and stars, all by true heading."""

from types import MappingProxyType
from typing import Final

import numpy as np

from app.engine.providers.offline.painter.arrays import (
    FLOAT,
    Array,
    blend,
    planar,
    scaled,
    smoothstep,
)
from app.engine.providers.offline.painter.camera import View
from app.engine.providers.offline.painter.light import Light
from app.engine.providers.offline.painter.noise import Noise

_COVER: Final = MappingProxyType(
    {"clear": 0.47, "dust": 0.56, "rain": 0.36, "fog": 0.5, "snow": 0.40}
)
_CLOUD: Final = MappingProxyType(
    {"clear": 0.88, "dust": 0.40, "rain": 0.92, "fog": 0.15, "snow": 0.65}
)


def paint_sky(view: View, light: Light, noise: Noise, hour: float, rows: int) -> Array:
    """The top `rows` rows of the sky as (3, rows, width)."""
    aside, ahead = view.headings()
    slope = view.slopes()
    row = np.arange(rows, dtype=FLOAT)[:, None]
    up = (view.horizons()[None] - row) * FLOAT(1 / view.focal)
    long = np.sqrt(up * up + (1 + slope * slope)[None])
    facing = _facing(light, aside, up, ahead, long)
    sky = _gradient(light, up, facing)
    _paint_disc(sky, light, facing)
    cover = _paint_clouds(sky, view, light, noise, hour, up, facing)
    if not light.day and light.weather == "clear":
        _paint_stars(sky, view, noise, cover)
    return sky


def haze(view: View, light: Light) -> Array:
    """The colour of far haze in each column, (3, width)."""
    aside, ahead = view.headings()
    up = np.full(view.width, 0.03, FLOAT)[None]
    long = np.sqrt(up * up + (aside * aside + ahead * ahead)[None])
    return _gradient(light, up, _facing(light, aside, up, ahead, long))[:, 0]


def _facing(light: Light, aside: Array, up: Array, ahead: Array, long: Array) -> Array:
    """Cosine between each ray and the way to the sun."""
    x, y, z = (FLOAT(v) for v in light.direction)
    return np.clip(((aside * x + ahead * z)[None] + up * y) / long, -1, 1)


def _gradient(light: Light, up: Array, facing: Array) -> Array:
    t = np.clip(up * FLOAT(1 / 0.8), 0, 1) ** FLOAT(0.6)
    low, high = planar(light.horizon)[..., None], planar(light.zenith)[..., None]
    sky = low + (high - low) * t
    clear = 1.0 if light.weather == "clear" else 0.35
    # Away from the sun the horizon is cooler; toward it the glow widens.
    toward = smoothstep(-0.2, 1.0, facing)
    sky *= FLOAT(0.86) + FLOAT(0.20 * clear) * toward
    glow = np.exp((facing - 1) * FLOAT(9)) * FLOAT(0.34) + np.exp((facing - 1) * FLOAT(60)) * FLOAT(
        0.22
    )
    k = clear * (1.0 if light.day else 0.30)
    result: Array = sky + planar(scaled(light.sun, k))[..., None] * glow
    return result


def _paint_disc(sky: Array, light: Light, facing: Array) -> None:
    if light.weather in ("rain", "fog"):
        return
    width = 0.00035 if light.day else 0.00022
    disc = smoothstep(width * 2.2, width * 0.9, 1 - facing)
    k = 1.5 if light.day else 0.95
    sky += planar(scaled(light.sun, k * max(light.direct, 0.4)))[..., None] * disc


def _paint_clouds(
    sky: Array, view: View, light: Light, noise: Noise, hour: float, up: Array, facing: Array
) -> Array:
    """Lay the clouds over the sky; returns how much of it they cover."""
    aside, ahead = view.headings()
    far = 1 / (np.maximum(up, 0.012) + FLOAT(0.10))
    east, north = (
        aside[None] * far * FLOAT(0.62) + FLOAT(hour * 0.9),
        ahead[None] * far * FLOAT(0.62),
    )
    body = noise.fractal(east, north)
    sx, _, sz = light.direction
    sunward = noise.fractal(east + FLOAT(sx * 0.16), north + FLOAT(sz * 0.16))
    edge = _COVER[light.weather]
    cover = smoothstep(edge, edge + 0.15, body) * smoothstep(0.0, 0.11, up)
    cover *= FLOAT(_CLOUD[light.weather])
    bright = blend(light.horizon, light.sun, 0.30) if light.day else scaled(light.horizon, 1.25)
    bright = scaled(bright, 1.12 if light.day else 1.0)
    dark = blend(scaled(light.zenith, 0.72), light.horizon, 0.24)
    lit = np.clip(FLOAT(0.52) + (body - sunward) * FLOAT(4.2) - (body - edge) * FLOAT(1.5), 0, 1)
    lit += smoothstep(0.75, 1.0, facing) * FLOAT(0.30)
    low, high = planar(dark)[..., None], planar(bright)[..., None]
    sky += (low + (high - low) * lit - sky) * cover
    return cover


def _paint_stars(sky: Array, view: View, noise: Noise, cover: Array) -> None:
    """Stars stand in the world: turning pans them."""
    random = np.random.default_rng(int(noise.across * 1000))
    heading, height = random.random(700) * 2 * np.pi, np.arcsin(random.random(700))
    flat = np.cos(height)
    points = np.stack(
        [
            view.x + np.sin(heading) * flat,
            view.eye + np.sin(height),
            view.z + np.cos(heading) * flat,
        ],
        axis=1,
    )
    brightness = (random.random(700) ** 5 * 0.8 + 0.10).astype(FLOAT)
    seen = view.eye_space(points)
    ahead = seen[:, 2] > 0.15
    at = view.to_picture(seen[ahead]).astype(np.int32)
    brightness = brightness[ahead]
    inside = (at[:, 0] >= 0) & (at[:, 0] < view.width) & (at[:, 1] >= 0) & (at[:, 1] < sky.shape[1])
    columns, rows = at[inside, 0], at[inside, 1]
    sky[:, rows, columns] += brightness[inside] * (1 - cover[rows, columns])
