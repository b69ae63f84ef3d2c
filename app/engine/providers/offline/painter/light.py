"""What lights the world: sun, moon, sky, the torch, and lamps that stand in it."""

import math
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import Final

import numpy as np

from app.engine.providers.offline.painter.arrays import (
    FLOAT,
    Array,
    Colour,
    blend,
    planar,
    rgb,
    scaled,
    smoothstep,
)
from app.engine.providers.offline.painter.camera import View
from app.models.scene import SceneFacts
from app.models.vocabulary import Weather

_KEYS: Final = tuple(
    (hour, rgb(zenith), rgb(horizon), rgb(sun), ambient, strength)
    for hour, zenith, horizon, sun, ambient, strength in (
        (0.0, "07101a", "13262f", "88a9c0", 0.23, 0.52),
        (4.6, "0b1820", "1e363e", "88a9c0", 0.23, 0.42),
        (5.6, "1c3342", "6d5a58", "c79a86", 0.26, 0.50),
        (6.4, "2f5368", "cf9468", "ffac6c", 0.33, 1.35),
        (9.0, "5491ad", "c9dcd8", "fff0d8", 0.42, 1.62),
        (15.0, "5089a4", "d2dacb", "ffeccc", 0.42, 1.62),
        (17.8, "42758a", "e2b67c", "ffb870", 0.38, 1.50),
        (19.2, "213f50", "cf7443", "ff8040", 0.30, 1.15),
        (20.1, "14293a", "6e5152", "c08878", 0.24, 0.46),
        (20.9, "0d1e28", "2b4049", "88a9c0", 0.24, 0.46),
        (22.0, "08121c", "162c36", "88a9c0", 0.23, 0.52),
        (24.0, "07101a", "13262f", "88a9c0", 0.23, 0.52),
    )
)
_SUNRISE: Final = 5.3
_SUNSET: Final = 20.3
_VISIBILITY: Final = MappingProxyType(
    {"clear": 3400.0, "dust": 88.0, "rain": 420.0, "fog": 52.0, "snow": 210.0}
)
_DIRECT: Final = MappingProxyType(
    {"clear": 1.0, "dust": 0.34, "rain": 0.16, "fog": 0.14, "snow": 0.22}
)
TORCH: Final = rgb("fff0d0")


@dataclass(frozen=True)
class Lamp:
    """A light that stands in the world."""

    x: float
    y: float
    z: float
    colour: Colour
    power: float
    reach: float = 5.0


@dataclass(frozen=True)
class Light:
    """The light of one frame outdoors."""

    zenith: Colour
    horizon: Colour
    sun: Colour
    strength: float
    ambient: Colour
    direction: tuple[float, float, float]
    day: bool
    visibility: float
    weather: Weather
    direct: float
    """How much of the sun comes through the weather, 0-1."""

    @classmethod
    def of(cls, scene: SceneFacts) -> "Light":
        """The light of a scene's hour and weather."""
        zenith, horizon, sun, ambient, strength = _key(scene.hour)
        weather = scene.weather
        if weather == "dust":
            horizon = blend(scaled(horizon, 0.5), scaled(rgb("a5835a"), 0.35 + ambient * 1.3), 0.62)
            zenith = blend(zenith, scaled(horizon, 0.72), 0.75)
        elif weather != "clear":
            grey = sum(horizon) / 3
            veil = (grey * 0.72, grey * 0.79, grey * 0.81)
            horizon = blend(horizon, veil, 0.75)
            zenith = blend(zenith, scaled(veil, 0.55 if weather == "rain" else 0.85), 0.8)
        day = _SUNRISE < scene.hour < _SUNSET
        mixed = blend(blend(zenith, horizon, 0.5), (0.36, 0.36, 0.36), 0.35)
        overcast = 1.0 if weather == "clear" else 1.35
        return cls(
            zenith=zenith,
            horizon=horizon,
            sun=sun,
            strength=strength,
            ambient=scaled(mixed, ambient * 2.1 * overcast + 0.02),
            direction=_direction(scene.hour, day=day),
            day=day,
            visibility=_VISIBILITY[weather] * (1.0 if day else 0.85),
            weather=weather,
            direct=_DIRECT[weather],
        )

    def fog(self, distance: Array) -> Array:
        """How much of the veil lies before something so far away, 0-1."""
        result: Array = 1 - np.exp(-((distance * FLOAT(1 / self.visibility)) ** FLOAT(1.15)))
        return result

    def on_faces(self, normals: Array) -> Array:
        """Light on unshadowed faces of these normals (3, N): sun and sky, without the torch."""
        sx, sy, sz = self.direction
        facing = np.clip(normals[0] * sx + normals[1] * sy + normals[2] * sz, 0, 1)
        result: Array = self.sky_on(normals[1]) + planar(self.sunlight()) * facing
        return result

    def sky_on(self, up: Array) -> Array:
        """Light of the sky and of the bright ground on faces that look up by so much."""
        result: Array = planar(self.ambient) * (FLOAT(0.78) + FLOAT(0.30) * up)
        return result

    def sunlight(self) -> Colour:
        """The direct light, after the weather."""
        return scaled(self.sun, self.strength * self.direct)


def _key(hour: float) -> tuple[Colour, Colour, Colour, float, float]:
    for early, late in pairwise(_KEYS):
        if early[0] <= hour <= late[0]:
            t = (hour - early[0]) / (late[0] - early[0])
            return (
                blend(early[1], late[1], t),
                blend(early[2], late[2], t),
                blend(early[3], late[3], t),
                early[4] + (late[4] - early[4]) * t,
                early[5] + (late[5] - early[5]) * t,
            )
    raise AssertionError(hour)  # SceneFacts holds hours to 0-24


def _direction(hour: float, *, day: bool) -> tuple[float, float, float]:
    """Toward the sun: up in the north-east, south at noon, down in the north-west (a June sky).

    The moon crosses the north: it is there to rim what the player walks toward.
    """
    if day:
        t = (hour - _SUNRISE) / (_SUNSET - _SUNRISE)
        azimuth = math.radians(60 + 240 * t)
        height = max(0.07, math.sin(math.pi * t) * 1.05)
    else:
        t = ((hour - _SUNSET) % 24) / (24 - _SUNSET + _SUNRISE)
        azimuth = math.radians(-55 + 100 * t)
        height = 0.30 + 0.30 * math.sin(math.pi * t)
    return (
        math.sin(azimuth) * math.cos(height),
        math.sin(height),
        math.cos(azimuth) * math.cos(height),
    )


@dataclass(frozen=True)
class Torch:
    """The player's torch: a ring on the picture that fades with distance."""

    column: float
    row: float
    width: int

    @classmethod
    def of(cls, scene: SceneFacts, view: View) -> "Torch | None":
        """The torch of this turn's hand, or None when it is off."""
        if not scene.flashlight:
            return None
        aside, down = np.random.default_rng(abs(scene.seed * 131 + scene.turn)).normal(0, 1, 2)
        return cls(
            column=view.width * (0.515 + 0.022 * float(np.clip(aside, -2, 2))),
            row=view.height * (0.575 + 0.012 * float(np.clip(down, -2, 2))),
            width=view.width,
        )

    def at(self, view: View) -> "Torch":
        """The same torch in a view of another size."""
        k = view.width / self.width
        return Torch(self.column * k, self.row * k, view.width)

    def ring(self, columns: Array, rows: Array) -> Array:
        """The beam's shape on the picture."""
        dx, dy = columns - FLOAT(self.column), (rows - FLOAT(self.row)) * FLOAT(1.03)
        r2 = (dx * dx + dy * dy) * FLOAT(1 / self.width**2)
        core = np.exp(r2 * FLOAT(-1 / 0.185**2)) + FLOAT(0.4) * np.exp(r2 * FLOAT(-1 / 0.07**2))
        result: Array = core + FLOAT(0.20) * smoothstep(0.33, 0.24, np.sqrt(r2)) + FLOAT(0.03)
        return result

    def beam(self, columns: Array, rows: Array, distance: Array) -> Array:
        """The torch's light on pixels at these places and distances."""
        result: Array = self.ring(columns, rows) * (
            FLOAT(33) / (FLOAT(17) + distance ** FLOAT(1.5))
        )
        return result
