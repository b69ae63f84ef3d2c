"""What the ground is made of: its colour, relief and wetness at each point, by biome."""

from dataclasses import dataclass

import numpy as np

from app.engine.providers.offline.painter.arrays import (
    FLOAT,
    Array,
    Colour,
    planar,
    rgb,
    smoothstep,
)
from app.engine.providers.offline.painter.noise import Noise
from app.engine.providers.offline.painter.relief import ROAD_HALF_WIDTH, Relief
from app.engine.providers.offline.painter.terrain import Land
from app.models.vocabulary import Biome, Weather


@dataclass
class Surface:
    """The ground of one frame, in the order of the land's pixels."""

    colour: Array
    relief: Array
    """Light and dark of small bumps, a factor near 1."""
    wet: Array | None = None
    """How much each point mirrors, 0-1."""


class Ground:
    """Paints the ground of one place."""

    def __init__(
        self, relief: Relief, noise: Noise, weather: Weather, sun: Array, *, old: bool = False
    ) -> None:
        self._old = old
        self._relief = relief
        self._noise = noise
        self._weather = weather
        self._sun = sun

    def paint(self, land: Land) -> Surface:
        """Colour, bumps and wetness of the visible land."""
        x, z, ahead = land.x, land.z, land.ahead
        noise = self._noise
        near = np.exp(ahead * FLOAT(-1 / 20))
        patch = noise.fractal(x * FLOAT(0.16), z * FLOAT(0.16))
        # What is finer than the pixels far away would glitter there.
        patch = FLOAT(0.5) + (patch - FLOAT(0.5)) * np.exp(ahead * FLOAT(-1 / 260))
        fine = noise.grit(x * FLOAT(7), z * FLOAT(7))
        surface = Surface(
            colour=self._colour(self._relief.biome, land, patch, fine, near),
            relief=self._bumps(x, z, near) * (FLOAT(0.70) + FLOAT(0.6) * patch),
        )
        if self._weather == "snow" and self._relief.biome != "snowfield":
            self._lay_snow(surface, land, patch)
        if self._relief.has_road and self._old:
            self._lay_lane(surface, land, patch, fine)
        elif self._relief.has_road:
            self._lay_road(surface, land, patch, fine, near)
        if self._relief.biome == "fence":
            self._lay_track(surface, land, patch, fine)
        if self._relief.biome == "rooftop":
            surface.relief = FLOAT(0.85) + (surface.relief - 1) * FLOAT(0.30) + patch * FLOAT(0.3)
            self._lay_roof(surface, land, patch, fine)
        if self._weather == "rain":
            self._puddle(surface, land, patch)
        return surface

    def _bumps(self, x: Array, z: Array, near: Array) -> Array:
        """Small relief, embossed from the side the sun is on."""
        east, north = FLOAT(self._sun[0] * 0.12), FLOAT(self._sun[2] * 0.12)
        noise = self._noise
        big = noise.value(x * FLOAT(1.9), z * FLOAT(1.9))
        big = big - noise.value(x * FLOAT(1.9) + east * 2, z * FLOAT(1.9) + north * 2)
        small = noise.grit(x * FLOAT(9), z * FLOAT(9))
        small = small - noise.grit((x + east) * FLOAT(9), (z + north) * FLOAT(9))
        bumps = big * FLOAT(1.5) + small * FLOAT(0.9)
        result: Array = np.clip(1 + bumps * (near * FLOAT(0.9) + FLOAT(0.05)), 0.35, 1.8)
        return result

    def _colour(self, biome: Biome, land: Land, patch: Array, fine: Array, near: Array) -> Array:
        slope = 1 - land.normal[1]
        if self._relief.around == "sea" and biome not in ("shore", "rooftop", "forest"):
            return self._island(biome, land, patch, fine, slope)
        if biome == "rooftop":
            return self._below_the_roof(land, patch, slope)
        if self._relief.arid and biome != "forest":
            sand = self._desert(land, patch, slope)
            if biome == "field":  # trodden, with chaff in it
                chaff = smoothstep(0.50, 0.66, fine) * near
                sand = _over(sand, "b9a877", chaff * FLOAT(0.6))
                return _over(sand, "4f402c", smoothstep(0.5, 0.66, patch) * near * FLOAT(0.45))
            if biome == "fence":  # graded and cleared
                cleared = smoothstep(120, 60, np.hypot(land.x, land.z))
                return _over(sand, "77705f", cleared * FLOAT(0.6))
            return sand
        if biome in ("desert", "fence", "road"):
            return self._field(land, patch, fine)
        if biome == "forest":
            floor = _mix("4c4934", "2f3a26", smoothstep(0.42, 0.6, patch))
            leaves = smoothstep(0.60, 0.72, fine) * near
            floor = floor + (planar(rgb("7a5a36")) - floor) * leaves * FLOAT(0.7)
            return _over(floor, "1d2b24", smoothstep(90, 170, np.hypot(land.x, land.z)))
        if biome == "snowfield":
            bare = smoothstep(0.30, 0.55, slope) * smoothstep(60, 200, land.ahead)
            return _over(_mix("aebfc6", "d2dcdd", patch), "39424a", bare)
        if biome == "shore":
            dry = smoothstep(0.12, 0.75, land.y)
            sand = _mix("57503f", "a3967a", dry)
            weed = smoothstep(0.06, 0.02, np.abs(land.y - 0.45)) * smoothstep(0.45, 0.6, fine)
            sand = _over(sand, "23281f", weed * near)
            return _over(
                sand, "4a4c42", smoothstep(0.1, 0.4, slope) * smoothstep(40, 90, land.ahead)
            )
        if biome == "field":
            return self._field(land, patch, fine)
        return _mix("5a5b52", "44473f", patch)

    def _desert(self, land: Land, patch: Array, slope: Array) -> Array:
        sand = _mix("7a6143", "a98b62", smoothstep(0.3, 0.7, patch))
        strata = self._noise.value(land.y * FLOAT(0.16), land.x * FLOAT(0.004)) * FLOAT(
            0.65
        ) + self._noise.value(land.y * FLOAT(0.62), land.z * FLOAT(0.006)) * FLOAT(0.35)
        cliff = _mix("6d432f", "b57c56", strata)
        colour = sand + (cliff - sand) * smoothstep(0.10, 0.40, slope)
        scrub = self._noise.value(land.x * FLOAT(0.30) + 40, land.z * FLOAT(0.30))
        patches = smoothstep(0.70, 0.84, scrub) * smoothstep(24, 60, land.ahead)
        patches = (
            patches * (1 - smoothstep(0.1, 0.3, slope)) * (1 - smoothstep(120, 320, land.ahead))
        )
        return _over(colour, "3f4432", patches * FLOAT(0.8))

    def _island(self, biome: Biome, land: Land, patch: Array, fine: Array, slope: Array) -> Array:
        """Wind-cropped turf, or snow that the wind has thinned, over grey rock."""
        if biome == "snowfield":
            top = _over(
                _mix("a7b8bf", "d0dadb", patch), "5c5a48", smoothstep(0.55, 0.7, fine) * 0.4
            )
        else:
            turf = _mix("4a4f33", "76704a", patch * FLOAT(0.75) + fine * FLOAT(0.25))
            top = _over(turf, "3a4029", smoothstep(0.55, 0.72, fine) * FLOAT(0.5))
        ledge = self._noise.fractal(land.y * FLOAT(0.35), land.x * FLOAT(0.02))
        rock = _mix("34373a", "6f6d66", ledge)
        bare = smoothstep(0.12, 0.32, slope)
        low = smoothstep(-5, -11, land.y)
        cover = np.maximum(bare, low)
        result: Array = top + (rock - top) * cover
        return result

    def _below_the_roof(self, land: Land, patch: Array, slope: Array) -> Array:
        """What lies around and under a roof; the deck itself is laid over it."""
        if self._relief.arid:
            return self._desert(land, patch, slope)
        if self._relief.around == "sea":
            return _mix("2b2f31", "56554f", patch)
        if self._relief.around == "city":
            return _mix("33383a", "4a4d4a", patch)
        return _mix("3a4230", "5d5a3c", patch)

    def _field(self, land: Land, patch: Array, fine: Array) -> Array:
        rows = np.abs(np.mod(land.x + patch * FLOAT(0.8), FLOAT(1.1)) - FLOAT(0.55)) * FLOAT(1.82)
        rows = smoothstep(0.25, 0.75, rows) * np.exp(land.ahead * FLOAT(-1 / 45))
        grass = _mix("4d5430", "857a48", patch * FLOAT(0.7) + fine * FLOAT(0.3))
        colour = _over(grass, "3b3b22", rows * FLOAT(0.6))
        plots = self._noise.cells(land.x / 120, land.z / 90)
        plot = smoothstep(80, 140, land.ahead)
        colour = colour * (1 + (plots - FLOAT(0.5)) * FLOAT(1.1) * plot)
        return _over(colour, "26301f", smoothstep(0.10, 0.3, 1 - land.normal[1]) * plot)

    def _lay_snow(self, surface: Surface, land: Land, patch: Array) -> None:
        lying = smoothstep(0.62, 0.35, 1 - land.normal[1]) * smoothstep(0.30, 0.50, patch)
        surface.colour = _over(surface.colour, "bccace", lying * FLOAT(0.88))

    def _lay_road(
        self, surface: Surface, land: Land, patch: Array, fine: Array, near: Array
    ) -> None:
        aside = land.x - self._relief.road(land.z)
        off = np.abs(aside)
        ragged = off + (fine - FLOAT(0.5)) * FLOAT(0.5) + (patch - FLOAT(0.5)) * FLOAT(0.9)
        half = ROAD_HALF_WIDTH + (1.2 if self._relief.biome == "town" else 0.0)
        asphalt = _mix("2f3335", "494a47", patch * FLOAT(0.75) + fine * FLOAT(0.35))
        wear = np.exp(-(((off - FLOAT(1.6)) * FLOAT(1.7)) ** 2))
        asphalt = asphalt * (1 + (wear - FLOAT(0.5)) * FLOAT(0.16))
        crack = np.abs(self._noise.fractal(land.x * FLOAT(0.55), land.z * FLOAT(0.55)) - FLOAT(0.5))
        cracks = smoothstep(0.008, 0.002, crack) * smoothstep(0.45, 0.6, patch) * near
        asphalt = asphalt * (1 - cracks * FLOAT(0.45))
        along = np.mod(land.z, FLOAT(9))
        paint = ((off < 0.08) & (along < 3.4)) | (np.abs(off - FLOAT(half - 0.35)) < 0.06)
        worn = smoothstep(0.30, 0.5, fine * FLOAT(0.6) + patch * FLOAT(0.45))
        line = paint * worn * np.exp(land.ahead * FLOAT(-1 / 120))
        asphalt = asphalt + (planar(rgb("b7a36a")) - asphalt) * (line * FLOAT(0.8))
        on = smoothstep(half + 0.12, half - 0.12, ragged)
        if self._weather == "snow":
            on = on * (1 - smoothstep(0.45, 0.65, patch) * FLOAT(0.8))
        surface.colour = surface.colour + (asphalt - surface.colour) * on
        surface.relief = surface.relief + (1 - surface.relief) * (on * FLOAT(0.55))
        if self._relief.biome == "town":
            self._lay_pavement(surface, land, off, half, patch)

    def _lay_lane(self, surface: Surface, land: Land, patch: Array, fine: Array) -> None:
        """Two ruts of mud and stones with grass between them."""
        aside = land.x - self._relief.road(land.z) + (patch - FLOAT(0.5)) * FLOAT(1.6)
        bed = smoothstep(2.8, 1.5, np.abs(aside) + (fine - FLOAT(0.5)) * FLOAT(0.6))
        rut = np.exp(-(((np.abs(aside) - FLOAT(0.8)) * FLOAT(2.6)) ** 2))
        earth = _mix("5b4f3c", "827560", fine)
        cover = bed * (FLOAT(0.35) + FLOAT(0.6) * rut)
        surface.colour = surface.colour + (earth - surface.colour) * cover
        surface.colour = surface.colour * (1 - rut * bed * FLOAT(0.25))

    def _lay_track(self, surface: Surface, land: Land, patch: Array, fine: Array) -> None:
        """The ruts of a patrol, from west to east before the fence, and gravel around them."""
        aside = land.z - FLOAT(6.2) - (patch - FLOAT(0.5)) * FLOAT(2.0)
        rut = np.exp(-(((np.abs(aside) - FLOAT(0.85)) * FLOAT(4.2)) ** 2))
        bed = smoothstep(2.4, 1.2, np.abs(aside))
        tread = FLOAT(0.8) + FLOAT(0.4) * (np.mod(land.x * FLOAT(5), 1) < 0.5)
        gravel = _mix("77664c", "a08d6c", fine)
        surface.colour = surface.colour + (gravel - surface.colour) * (bed * FLOAT(0.7))
        surface.colour = surface.colour * (1 - rut * FLOAT(0.42) * tread)

    def _lay_pavement(
        self, surface: Surface, land: Land, off: Array, half: float, patch: Array
    ) -> None:
        on = smoothstep(half + 0.02, half + 0.10, off) * smoothstep(half + 3.2, half + 3.0, off)
        joint = (np.mod(land.z, FLOAT(1.5)) < 0.05) | (np.mod(off - FLOAT(half), FLOAT(1.5)) < 0.05)
        slab = _mix("5b5d59", "7a7a72", patch) * (
            1 - joint * np.exp(-land.ahead / 16) * FLOAT(0.45)
        )
        kerb = smoothstep(half + 0.30, half + 0.26, off)
        slab = slab * (1 + kerb * FLOAT(0.25))
        surface.colour = surface.colour + (slab - surface.colour) * on
        gutter = np.exp(-(((off - FLOAT(half)) * FLOAT(5)) ** 2)) * FLOAT(0.6)
        surface.colour = surface.colour * (1 - gutter)

    def _lay_roof(self, surface: Surface, land: Land, patch: Array, fine: Array) -> None:
        deck = land.y > -1
        seam = (np.mod(land.x, FLOAT(2.0)) < 0.05) & deck
        gravel = _mix("4b4f50", "6c6c66", fine * FLOAT(0.6) + patch * FLOAT(0.5))
        gravel = gravel * (1 - seam * FLOAT(0.4))
        below = surface.colour
        if self._relief.around == "city":
            below = _mix("22282b", "343a3b", patch)
        surface.colour = np.where(deck, gravel, below).astype(FLOAT)

    def _puddle(self, surface: Surface, land: Land, patch: Array) -> None:
        flat = smoothstep(0.06, 0.01, 1 - land.normal[1])
        pools = smoothstep(0.49, 0.56, patch) * flat * smoothstep(70, 35, land.ahead)
        damp = FLOAT(0.16) * flat if self._relief.has_road or self._relief.biome == "rooftop" else 0
        surface.colour = surface.colour * (FLOAT(0.74) - pools * FLOAT(0.25))
        depth = 0.45 if self._relief.biome == "rooftop" else 0.8
        surface.wet = np.maximum(pools * FLOAT(depth), damp)
        surface.relief = surface.relief + (1 - surface.relief) * pools


def _mix(a: str, b: str, t: Array) -> Array:
    low, high = planar(rgb(a)), planar(rgb(b))
    result: Array = low + (high - low) * t
    return result


def _over(under: Array, code: str, cover: Array) -> Array:
    top: Colour = rgb(code)
    result: Array = under + (planar(top) - under) * cover
    return result
