"""A turn in motion: its picture under a moving camera, with weather and grain, out of the last one.

Deterministic: the same pictures, facts and seed give the same frames.
"""

import io
from collections.abc import Iterator
from typing import Final

import numpy as np
from PIL import Image, ImageFilter, UnidentifiedImageError

from app.engine.providers.offline.film.air import Air
from app.engine.providers.offline.film.moves import Lens, Pose, eased, pose
from app.engine.providers.offline.film.task import Shot
from app.engine.providers.offline.painter.arrays import FLOAT, Array
from app.engine.providers.offline.serving import CannotDo

DISSOLVE_SECONDS: Final = 0.9
_TRIM: Final = 10 / 768
"""Of the height: the lowest rows are where a tape's heads switch, and would move as a line."""
_OVERSAMPLED: Final = 1.12
"""Pixels of the picture to one of the frame, so that a zoom has something to show."""
_LINED: Final = 256
"""Rows from which on a picture has lines that are too fine to keep."""
_MOST_PIXELS: Final = 40_000_000


def frames(shot: Shot, picture: bytes, previous: bytes | None) -> Iterator[Array]:
    """Every frame, (height, width, 3) uint8. Raises `CannotDo` for a damaged picture."""
    random = np.random.default_rng([shot.seed % 2**32, shot.turn + 1])
    source = _opened(picture, shot)
    lens = Lens(source, shot.width, shot.height, indoors=shot.indoors)
    first = lens.frame(pose(shot.movement, 0.0, shot.seconds, 0.0))
    air = Air(first, shot.weather, random, indoors=shot.indoors)
    before = _before(shot, previous)
    sway = float(random.random()) * 6.28
    count = frame_count(shot)
    for number in range(count):
        t, second = number / max(1, count - 1), number / shot.fps
        seen = lens.frame(pose(shot.movement, t, shot.seconds, sway))
        shown = 1.0
        if before is not None and second < DISSOLVE_SECONDS:
            shown = eased(second / DISSOLVE_SECONDS)
            left = before.frame(Pose(1.02, dolly=0.05 * second / DISSOLVE_SECONDS))
            seen = _mixed(left, seen, shown)
        yield air.over(seen, second, shown)


def frame_count(shot: Shot) -> int:
    """How many frames the shot has."""
    return max(2, round(shot.seconds * shot.fps))


def own_from(shot: Shot, *, dissolves: bool) -> int:
    """The first frame that shows nothing but the turn's own picture: the poster."""
    start = round(DISSOLVE_SECONDS * shot.fps + 0.5) if dissolves else 0
    return min(start, frame_count(shot) - 1)


def _before(shot: Shot, previous: bytes | None) -> Lens | None:
    """What the shot dissolves from. A damaged last picture costs the dissolve, not the clip."""
    if previous is None or not shot.dissolves:
        return None
    try:
        return Lens(_opened(previous, shot), shot.width, shot.height, indoors=shot.indoors)
    except CannotDo:
        return None


def _mixed(a: Array, b: Array, weight: float) -> Array:
    mixed = a.astype(FLOAT) + (b.astype(FLOAT) - a) * FLOAT(weight)
    return np.clip(mixed + FLOAT(0.5), 0, 255).astype(np.uint8)


def _opened(data: bytes, shot: Shot) -> Image.Image:
    """The picture in the shot's shape, a little larger than its frames, without its own lines."""
    try:
        with Image.open(io.BytesIO(data)) as file:
            if file.width * file.height > _MOST_PIXELS:
                raise CannotDo("The picture is too large.")
            image = file.convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as error:
        raise CannotDo("The picture is damaged.") from error
    width, height = round(shot.width * _OVERSAMPLED), round(shot.height * _OVERSAMPLED)
    plain = _clean(image, shot) if image.height >= _LINED else image
    return plain.resize((width, height), Image.Resampling.LANCZOS, box=_box(plain, shot))


def _clean(image: Image.Image, shot: Shot) -> Image.Image:
    """Without scan lines and dropouts, which would crawl with what they lie on; and without the
    drops and flakes of the moment, which would hang still among those that fall."""
    if shot.weather in ("rain", "snow") and not shot.indoors:
        return image.filter(ImageFilter.MedianFilter(3))
    rows = np.asarray(image)
    above, here, below = rows[:-2], rows[1:-1], rows[2:]
    middle = np.maximum(np.minimum(above, here), np.minimum(np.maximum(above, here), below))
    return Image.fromarray(np.concatenate([rows[:1], middle, rows[-1:]]))


def _box(image: Image.Image, shot: Shot) -> tuple[float, float, float, float]:
    """The largest part of the shot's shape, without the lowest rows."""
    height = image.height * (1 - _TRIM)
    width = min(float(image.width), height * shot.width / shot.height)
    height = width * shot.height / shot.width
    left = (image.width - width) / 2
    return (left, 0.0, left + width, height)
