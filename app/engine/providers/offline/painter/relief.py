"""The lie of the land of each biome: height over (x, z), flat enough near the place to walk on."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from app.engine.providers.offline.painter.arrays import FLOAT, Array, smoothstep
from app.engine.providers.offline.painter.noise import Noise
from app.models.vocabulary import Biome, Surroundings

ROAD_HALF_WIDTH: Final = 3.6
ROOF: Final = (-12.0, 12.0, -8.0, 20.0)
"""West, east, south and north edge of the rooftop."""
ROOF_DROP: Final = 24.0
_OWN: Final[Mapping[Biome, Surroundings]] = MappingProxyType(
    {
        "desert": "desert",
        "fence": "desert",
        "road": "desert",
        "snowfield": "snow",
        "shore": "sea",
        "rooftop": "city",
        "town": "city",
    }
)
_CLIFF: Final = 15.0
"""How high above the sea a place stands that is not on its shore."""
_ROADS: Final = MappingProxyType({"road": 1.0, "town": 0.0})


@dataclass(frozen=True)
class Relief:
    """The land of one place."""

    biome: Biome
    noise: Noise
    bend: float
    around: Surroundings

    @classmethod
    def of(cls, biome: Biome, seed: int, around: Surroundings | None = None) -> "Relief":
        """The land that a place's seed makes, in its surroundings."""
        if around is None or biome in ("desert", "shore"):
            around = _OWN.get(biome, "country")
        return cls(biome, Noise.of(seed * 1009 + 7), (seed % 97) / 97 * math.tau, around)

    @property
    def sea(self) -> float | None:
        """The height of the sea, where there is one."""
        if self.biome == "shore":
            return 0.0
        if self.around != "sea" or self.biome == "forest":
            return None
        return -ROOF_DROP if self.biome == "rooftop" else -_CLIFF

    @property
    def arid(self) -> bool:
        """Whether sand and mesas lie around, whatever the place itself is."""
        return self.around == "desert"

    @property
    def has_road(self) -> bool:
        """Whether a road runs north through the place."""
        return self.biome in _ROADS

    def road(self, z: Array) -> Array:
        """Where the middle of the road lies at `z`."""
        sway = _ROADS.get(self.biome, 0.0)
        if sway == 0:
            return np.zeros_like(z)
        curve = np.sin(z * FLOAT(1 / 90) + FLOAT(self.bend)) * FLOAT(9 * sway)
        result: Array = curve * smoothstep(20, 140, np.abs(z))
        return result

    def road_at(self, z: float) -> float:
        """Where the middle of the road lies at one point."""
        t = min(1.0, max(0.0, (abs(z) - 20) / 120))
        sway = 9 * _ROADS.get(self.biome, 0.0)
        return math.sin(z / 90 + self.bend) * sway * t * t * (3 - 2 * t)

    def height(self, x: Array, z: Array) -> Array:
        """Metres above the place's ground; on the shore the sea is at 0."""
        away = np.hypot(x, z)
        if self.biome == "rooftop":
            return self._roof(x, z, away)
        bumps = (self.noise.fractal(x / 38, z / 38) - FLOAT(0.5)) * FLOAT(3.2)
        near = bumps * smoothstep(5, 70, away)
        if self.biome == "shore":
            return self._shore(x, z, away, near)
        if self.around == "sea":
            return self._island(x, z, away, near)
        if self.arid and self.biome != "forest":
            return near * FLOAT(self._bumpiness()) + self._mesas(x, z, away)
        return near * FLOAT(self._bumpiness()) + self._hills(x, z, away)

    def ground(self, x: float, z: float) -> float:
        """Height to stand on at one point: never under water."""
        return float(self.grounds(np.array([x], FLOAT), np.array([z], FLOAT))[0])

    def grounds(self, x: Array, z: Array) -> Array:
        """Heights to stand on at many points."""
        h = self.height(x.astype(FLOAT), z.astype(FLOAT))
        return h if self.sea is None else np.maximum(h, self.sea)

    def _bumpiness(self) -> float:
        return 0.15 if self.biome == "town" else 1.0

    def _mesas(self, x: Array, z: Array, away: Array) -> Array:
        m = self.noise.broad(x / 520 + FLOAT(3), z / 520 + FLOAT(8))
        steps = (
            smoothstep(0.46, 0.54, m) * FLOAT(20)
            + smoothstep(0.535, 0.580, m) * FLOAT(92)
            + smoothstep(0.60, 0.635, m) * FLOAT(66)
        )
        # Gullies: the cliff line is cut by a finer noise, so that mesas are not lozenges.
        cut = self.noise.fractal(x / 70, z / 70) - FLOAT(0.5)
        steps = steps * (1 + cut * FLOAT(0.22))
        if self.biome == "fence":  # a site is laid out where the land is open
            steps = steps * FLOAT(0.6)
        if self.has_road:  # it goes through a gap, not up the cliff
            steps = steps * smoothstep(28, 130, np.abs(x - self.road(z)))
        return steps * smoothstep(140, 400, away)

    def _hills(self, x: Array, z: Array, away: Array) -> Array:
        far = smoothstep(70, 900, away)
        h = self.noise.broad(x / 320, z / 320)
        land: Array = h * smoothstep(250, 900, away) * FLOAT(80)
        if self.biome == "snowfield":
            peaks = smoothstep(0.46, 0.70, self.noise.broad(x / 700 + 5, z / 700)) * FLOAT(260)
            ridge = self.noise.fractal(x / 150, z / 150) * FLOAT(49)
            land = h * far * 55 + (peaks + ridge) * smoothstep(300, 1100, away)
        elif self.biome == "forest":
            land = h * far * FLOAT(95) + smoothstep(110, 200, away) * self._canopy(x, z)
        elif self.biome == "field":
            copse = smoothstep(0.55, 0.62, self.noise.value(x / 60, z / 60))
            copse = copse * smoothstep(150, 240, away) * self._canopy(x, z)
            land = h * smoothstep(40, 500, away) * FLOAT(46) + copse
        return land

    def _canopy(self, x: Array, z: Array) -> Array:
        return self.noise.value(x / 4, z / 4) * FLOAT(8) + self.noise.value(x / 11, z / 11) * FLOAT(
            9
        )

    def _shore(self, x: Array, z: Array, away: Array, near: Array) -> Array:
        """Land to the south-west, the sea ahead and to the right, headlands far away."""
        line = z * FLOAT(0.8) + x * FLOAT(0.55) - FLOAT(17)
        line = line + (self.noise.value(x / 22, z / 22) - FLOAT(0.5)) * FLOAT(14)
        dunes = near * FLOAT(0.3) * smoothstep(6, -20, line)
        beach = np.clip(line * FLOAT(-0.07), -3, 1.5) + dunes
        heads = smoothstep(0.45, 0.74, self.noise.broad(x / 420, z / 420)) * FLOAT(170)
        heads = heads * (FLOAT(0.75) + FLOAT(0.5) * self.noise.fractal(x / 120, z / 120))
        stacks: Array = smoothstep(0.70, 0.97, self.noise.value(x / 30 + 5, z / 30)) * FLOAT(30)
        stacks = stacks * (FLOAT(0.15) + FLOAT(1.3) * self.noise.fractal(x / 11, z / 11))
        stacks = stacks * smoothstep(50, 75, away) * (1 - smoothstep(180, 260, away))
        land: Array = beach + heads * smoothstep(420, 900, away) + stacks
        return land

    def _roof(self, x: Array, z: Array, away: Array) -> Array:
        west, east, south, north = ROOF
        outside = (x < west) | (x > east) | (z < south) | (z > north)
        if self.around == "sea":
            rocks = smoothstep(0.52, 0.85, self.noise.value(x / 16, z / 16)) * FLOAT(13)
            hills = rocks * smoothstep(120, 45, away) - FLOAT(4)
        elif self.arid:
            hills = self._mesas(x, z, away)
        else:
            hills = self.noise.broad(x / 320, z / 320) * FLOAT(110) * smoothstep(350, 1200, away)
        return np.where(outside, hills - FLOAT(ROOF_DROP), FLOAT(0))

    def _island(self, x: Array, z: Array, away: Array, near: Array) -> Array:
        """Turf or snow that ends at cliffs, and skerries beyond them."""
        coast = away + (self.noise.value(x / 55, z / 55) - FLOAT(0.5)) * FLOAT(70)
        rise = self.noise.broad(x / 130, z / 130) * FLOAT(9) * smoothstep(25, 90, away)
        top = near * FLOAT(self._bumpiness()) + rise
        cliff = smoothstep(105, 135, coast)
        rocks = smoothstep(0.62, 0.95, self.noise.value(x / 40 + 9, z / 40)) * FLOAT(26)
        below = rocks * smoothstep(420, 150, away) - FLOAT(_CLIFF + 3)
        result: Array = top + (below - top) * cliff
        return result
