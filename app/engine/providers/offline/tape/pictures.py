"""The pictures of a run, and the camera that moves over them."""

import warnings
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from app.engine.providers.offline.painter.arrays import Array
from app.engine.providers.offline.tape.lettering import DEEP, INK, Line, Pen
from app.engine.providers.offline.tape.planes import Box, Planes, planes
from app.models.tape import Scene

_MOST_PIXELS: Final = 16_000_000
_ZOOM: Final = 0.07
"""How much nearer the camera comes in a scene."""
_BARS: Final = (
    (180, 180, 180), (176, 170, 60), (70, 165, 165), (66, 150, 66),
    (150, 66, 150), (150, 40, 40), (40, 50, 150),
)  # fmt: skip
_NOT_A_PICTURE: Final = (OSError, ValueError, SyntaxError, Image.DecompressionBombError)
"""What Pillow raises for files that are none."""


class Pictures:
    """Brings pictures to the film's shape. One that cannot be read is a test card."""

    def __init__(self, pen: Pen) -> None:
        self._pen = pen

    def of(self, scene: Scene) -> Planes:
        """The picture of a turn, a test card, or darkness where none was wanted."""
        if scene.picture is None:
            return planes(Image.new("RGB", (self._pen.width, self._pen.height), DEEP))
        image = read(Path(scene.picture))
        if image is None:
            return planes(self._test_card())
        return planes(_even(self._shaped(image)))

    def _shaped(self, image: Image.Image) -> Image.Image:
        """The middle of it, in the shape of the film, with a little to spare for the camera."""
        ratio = self._pen.width / self._pen.height
        width = min(image.width, round(image.height * ratio))
        height = min(image.height, round(image.width / ratio))
        left, top = (image.width - width) // 2, (image.height - height) // 2
        image = image.crop((left, top, left + width, top + height))
        most = (round(self._pen.width * 1.25), round(self._pen.height * 1.25))
        if image.width > most[0]:
            return image.resize(most, Image.Resampling.LANCZOS)
        if image.width < self._pen.width:
            return image.resize((self._pen.width, self._pen.height), Image.Resampling.BICUBIC)
        return image

    def _test_card(self) -> Image.Image:
        pen = self._pen
        card = Image.new("RGB", (pen.width, pen.height), DEEP)
        step = pen.width / len(_BARS)
        for number, colour in enumerate(_BARS):
            dim = tuple(round(part * 0.55) for part in colour)
            card.paste(dim, (round(number * step), 0, round((number + 1) * step), pen.height))
        noise = np.random.default_rng(1).normal(0, 9, (pen.height, pen.width, 1))
        noisy: Array = np.clip(np.asarray(card, np.float32) + noise, 0, 255).astype(np.uint8)
        sheet = Image.fromarray(noisy).convert("RGBA")
        middle, wide = pen.height * 0.36, pen.height * 0.11
        sheet.paste((*DEEP, 255), (0, round(middle - wide), pen.width, round(middle + wide)))
        line = Line("NO SIGNAL", pen.font("osd", 110), INK)
        pen.write(sheet, (pen.width / 2, middle), line, anchor="mm", ghost=max(1, pen.px(4)))
        return sheet.convert("RGB")


def read(path: Path) -> Image.Image | None:
    """A picture, whole; None if it is missing, damaged or a bomb."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path) as image:
                if image.width * image.height > _MOST_PIXELS or min(image.size) < 2:
                    return None
                return image.convert("RGB")
    except (*_NOT_A_PICTURE, Image.DecompressionBombWarning):
        return None


def _even(image: Image.Image) -> Image.Image:
    """Without the lines of its own: those of the screen lie over it, and two would flicker."""
    rows: Array = np.asarray(image, np.uint16)
    above, below = rows[[0, *range(len(rows) - 1)]], rows[[*range(1, len(rows)), len(rows) - 1]]
    mean: Array = ((above + rows + below) // 3).astype(np.uint8)
    return Image.fromarray(mean)


def camera(scene: Scene, at: float, size: tuple[int, int]) -> Box:
    """What is seen of a picture of `size` when `at` (0 to 1) of its scene is over."""
    width, height = size
    move, near = scene.movement or "still", 1 - _ZOOM
    ease = at * at * (3 - 2 * at) * 0.5 + at * 0.5
    zoom, x, y = near, 0.5, 0.5
    if move == "forward":
        zoom = 1 - _ZOOM * 1.4 * ease
    elif move == "back":
        zoom = near + _ZOOM * ease
    elif move == "left":
        x = 1 - ease
    elif move == "right":
        x = ease
    elif move == "fall":
        y = ease
    else:
        zoom = 1 - _ZOOM * 0.7 * ease if scene.turn % 2 else 1 - _ZOOM * 0.7 * (1 - ease)
    left, top = width * (1 - zoom) * x, height * (1 - zoom) * y
    return (left, top, left + width * zoom, top + height * zoom)
