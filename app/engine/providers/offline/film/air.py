"""What moves though the camera does not: rain, snow, drifting dust and fog, motes, grain."""

import math
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from app.engine.providers.offline.painter.arrays import FLOAT, Array
from app.models.vocabulary import Weather

_RAIN: Final = ((260, 0.035, 44, 1.9), (120, 0.06, 62, 2.6), (34, 0.11, 56, 3.6))
"""Drops, their length (of the height), brightness, and speed (heights a second)."""
_SNOW: Final = ((420, 0.0013, 130, 0.07), (150, 0.0024, 150, 0.12), (40, 0.0042, 115, 0.20))
"""Flakes, their radius (of the width), brightness and speed."""
_MOTES: Final = ((70, 0.0010, 38, 0.012), (26, 0.0018, 34, 0.02))
_LEAST: Final = 1.0
"""Light that nobody sees."""
_GRAINS: Final = 6
_GRAIN: Final = 2.4


class Layer:
    """A tile of light that slides over the frame and meets itself at its edges."""

    def __init__(self, tile: Array, across: float, down: float, sway: float = 0.0) -> None:
        self._tile = tile.astype(FLOAT)
        self._across, self._down, self._sway = across, down, sway

    def at(self, second: float) -> Array:
        """(height, width) of light, 0 to 255, between pixels where it slides slowly."""
        x = self._across * second + self._sway * math.sin(1.1 * second)
        return _slid(self._tile, x, self._down * second)


def _slid(tile: Array, x: float, y: float) -> Array:
    """The tile moved right and down by fractions of a pixel."""
    column, row = math.floor(x), math.floor(y)
    right, low = FLOAT(x - column), FLOAT(y - row)
    whole = np.roll(tile, (row, column), (0, 1))
    beside = whole + (np.roll(whole, 1, 1) - whole) * right
    result: Array = beside + (np.roll(beside, 1, 0) - beside) * low
    return result


class Air:
    """All of it for one shot, laid over frame after frame."""

    def __init__(
        self, picture: Array, weather: Weather, random: np.random.Generator, *, indoors: bool
    ) -> None:
        self._height, self._width = picture.shape[:2]
        self._random = random
        self._layers: list[Layer] = []
        self._banks: Array | None = None
        self._thick = 0.0
        if indoors:
            self._float(_MOTES, drift=0.006)
        elif weather == "rain":
            self._rain()
        elif weather == "snow":
            self._float(_SNOW, drift=0.02)
        elif weather in ("dust", "fog"):
            self._banks = self._bank()
            self._thick = 0.30 if weather == "dust" else 0.24
        self._glow = _haze(picture)
        noise = random.standard_normal((_GRAINS, (self._height + 1) // 2, (self._width + 1) // 2))
        self._grain = (noise * _GRAIN).astype(np.int16)

    def over(self, frame: Array, second: float, shown: float = 1.0) -> Array:
        """The frame with what is in the air before it, on new grain; `shown` (0 to 1) is how much
        of the shot there is yet."""
        light = self._grain_now()
        if self._banks is not None:
            frame = self._drifted(frame, self._banks, second, shown)
        total = frame.astype(np.int16) + light[..., None]
        if self._layers:
            falling = sum((layer.at(second) for layer in self._layers), start=np.zeros((), FLOAT))
            # Most of the air is empty: only where something is does it cost anything.
            where = np.nonzero(falling > FLOAT(_LEAST))
            tint = (self._glow * FLOAT(0.5 / 255) + FLOAT(0.25)) * FLOAT(shown)
            total[where] += (falling[where][:, None] * tint).astype(np.int16)
        result: Array = np.clip(total, 0, 255).astype(np.uint8)
        return result

    def _grain_now(self) -> Array:
        """No two frames alike, and no rhythm in it."""
        which = int(self._random.integers(_GRAINS))
        down, across = (int(v) for v in self._random.integers(0, 4096, 2))
        cells = np.roll(self._grain[which], (down, across), (0, 1))
        light: Array = np.repeat(np.repeat(cells, 2, 0), 2, 1)[: self._height, : self._width]
        return light

    def _drifted(self, frame: Array, banks: Array, second: float, shown: float) -> Array:
        small = _slid(banks, -second * 1.4, second * 0.12)
        height, width = banks.shape[0] // 2, banks.shape[1] // 2
        mask = Image.fromarray(small[:height, :width].astype(FLOAT)).resize(
            (self._width, self._height), Image.Resampling.BICUBIC
        )
        thick = (np.asarray(mask) * FLOAT(self._thick * shown))[..., None]
        result: Array = frame + (self._glow - frame) * thick
        return result

    def _rain(self) -> None:
        for count, long, bright, speed in _RAIN:
            tile = Image.new("L", (self._width, self._height), 0)
            pen = ImageDraw.Draw(tile)
            drop = long * self._height
            for x, y in (self._random.random((count, 2))).tolist():
                column, row = x * self._width, y * self._height
                for shift in (0, -self._height):  # what leaves below comes in above
                    top = row + shift
                    pen.line([column, top, column - drop * 0.2, top + drop], fill=bright)
            soft = tile.filter(ImageFilter.GaussianBlur(self._width / 1400))
            fall = speed * self._height
            self._layers.append(Layer(np.asarray(soft), -0.2 * fall, fall))

    def _float(self, kinds: tuple[tuple[int, float, int, float], ...], drift: float) -> None:
        for count, size, bright, speed in kinds:
            tile = Image.new("L", (self._width, self._height), 0)
            pen = ImageDraw.Draw(tile)
            radius = max(0.6, size * self._width)
            for x, y, k in self._random.random((count, 3)).tolist():
                r = radius * (0.6 + 0.8 * k)
                column = r + x * (self._width - 2 * r)
                row = r + y * (self._height - 2 * r)
                pen.ellipse([column - r, row - r, column + r, row + r], fill=bright)
            soft = tile.filter(ImageFilter.GaussianBlur(self._width / 900))
            self._layers.append(
                Layer(
                    np.asarray(soft),
                    -drift * self._width * (1 + speed),
                    speed * self._height,
                    sway=0.01 * self._width,
                )
            )

    def _bank(self) -> Array:
        """Banks of dust or fog, larger than the frame in both directions, seamless."""
        shape = (96, 128)
        banks = np.zeros(shape, FLOAT)
        for cells, weight in ((4, 0.6), (8, 0.3), (16, 0.1)):
            coarse = self._random.random((cells, cells)).astype(FLOAT)
            around = np.pad(coarse, 2, mode="wrap")
            scale = (around.shape[1] * shape[1] // cells, around.shape[0] * shape[0] // cells)
            large = Image.fromarray(around).resize(scale, Image.Resampling.BICUBIC)
            top, left = 2 * shape[0] // cells, 2 * shape[1] // cells
            banks += weight * np.asarray(large)[top : top + shape[0], left : left + shape[1]]
        low, high = float(banks.min()), float(banks.max())
        result: Array = np.clip((banks - low) / max(high - low, 1e-6) * 1.5 - 0.4, 0, 1)
        return result


def _haze(picture: Array) -> Array:
    """The colour of the air: what the picture shows about its horizon, a little brighter."""
    height = picture.shape[0]
    band = picture[int(height * 0.30) : int(height * 0.55) : 4, ::4].reshape(-1, 3)
    result: Array = np.percentile(band, 70, axis=0).astype(FLOAT) * FLOAT(1.1) + FLOAT(8)
    return result
