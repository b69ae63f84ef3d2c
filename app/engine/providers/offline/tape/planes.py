"""Pictures as a film keeps them: brightness, and colour at half the size (BT.709, limited range).

Everything is put together in these planes, so that no frame has to be converted.
"""

from dataclasses import dataclass
from typing import Final

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, Interpolation
from PIL import Image, ImageChops

from app.engine.providers.offline.painter.arrays import Array

Box = tuple[float, float, float, float]
_SCAN: Final = 3
_SCAN_LIGHT: Final = 0.9


@dataclass(frozen=True, slots=True)
class Planes:
    """A picture, or a part of one."""

    y: Image.Image
    u: Image.Image
    v: Image.Image

    @property
    def size(self) -> tuple[int, int]:
        return self.y.size

    def cut(self, box: Box, size: tuple[int, int]) -> "Planes":
        """What lies in `box`, at `size`."""
        half = (size[0] // 2, size[1] // 2)
        small = (box[0] / 2, box[1] / 2, box[2] / 2, box[3] / 2)
        bilinear = Image.Resampling.BILINEAR
        return Planes(
            self.y.resize(size, bilinear, box=box),
            self.u.resize(half, bilinear, box=small),
            self.v.resize(half, bilinear, box=small),
        )

    def mixed(self, other: "Planes", share: float) -> "Planes":
        """With so much of the other."""
        return Planes(
            Image.blend(self.y, other.y, share),
            Image.blend(self.u, other.u, share),
            Image.blend(self.v, other.v, share),
        )

    def copy(self) -> "Planes":
        return Planes(self.y.copy(), self.u.copy(), self.v.copy())

    def array(self) -> Array:
        """As the encoder takes it."""
        parts = [np.asarray(part).reshape(-1) for part in (self.y, self.u, self.v)]
        return np.concatenate(parts).reshape(-1, self.size[0])

    def image(self) -> Image.Image:
        """In colours for a still."""
        frame = av.VideoFrame.from_ndarray(self.array(), format="yuv420p")
        rgb = frame.reformat(
            format="rgb24",
            src_colorspace=Colorspace.ITU709,
            src_color_range=ColorRange.MPEG,
            dst_color_range=ColorRange.JPEG,
            interpolation=Interpolation.BILINEAR | Interpolation.BITEXACT,
            threads=1,
        )
        return Image.fromarray(rgb.to_ndarray())


def planes(image: Image.Image) -> Planes:
    """A picture in colours as planes; an odd row or column is lost."""
    width, height = image.width & ~1, image.height & ~1
    rgb = np.ascontiguousarray(np.asarray(image.convert("RGB"))[:height, :width])
    frame = av.VideoFrame.from_ndarray(rgb, format="rgb24").reformat(
        format="yuv420p",
        dst_colorspace=Colorspace.ITU709,
        src_color_range=ColorRange.JPEG,
        dst_color_range=ColorRange.MPEG,
        interpolation=Interpolation.BILINEAR | Interpolation.BITEXACT,
        threads=1,
    )
    flat = frame.to_ndarray().reshape(-1)
    whole, half = width * height, (height // 2, width // 2)
    quarter = whole // 4
    return Planes(
        Image.fromarray(flat[:whole].reshape(height, width)),
        Image.fromarray(flat[whole : whole + quarter].reshape(half)),
        Image.fromarray(flat[whole + quarter :].reshape(half)),
    )


@dataclass(frozen=True, slots=True)
class Overlay:
    """What lies on a picture, cut down to the part that is not empty."""

    at: tuple[int, int]
    colours: Planes
    mask: Image.Image
    small_mask: Image.Image

    def on(self, below: Planes) -> None:
        """Put it there."""
        x, y = self.at
        below.y.paste(self.colours.y, (x, y), self.mask)
        below.u.paste(self.colours.u, (x // 2, y // 2), self.small_mask)
        below.v.paste(self.colours.v, (x // 2, y // 2), self.small_mask)


def overlay(sheet: Image.Image) -> Overlay | None:
    """A sheet with transparency, ready to be laid on frames; None if there is nothing on it."""
    bounds = sheet.getchannel("A").getbbox()
    if bounds is None:
        return None
    left, top = bounds[0] & ~1, bounds[1] & ~1
    right, bottom = (bounds[2] + 1) & ~1, (bounds[3] + 1) & ~1
    part = sheet.crop((left, top, right, bottom))
    mask = part.getchannel("A")
    half = (mask.width // 2, mask.height // 2)
    return Overlay((left, top), planes(part), mask, mask.resize(half, Image.Resampling.BOX))


class Screen:
    """The lines of the tube: they stand still whatever moves behind them."""

    def __init__(self, width: int, height: int) -> None:
        rows = np.full((height, 1), 255, np.uint8)
        if height >= 240:  # smaller ones would only get darker
            rows[::_SCAN] = round(255 * _SCAN_LIGHT)
        self._lines = Image.fromarray(np.ascontiguousarray(np.broadcast_to(rows, (height, width))))

    def before(self, picture: Planes) -> Planes:
        return Planes(ImageChops.multiply(picture.y, self._lines), picture.u, picture.v)
