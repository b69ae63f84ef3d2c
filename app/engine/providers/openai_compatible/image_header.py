"""What a picture says of itself before anything of it is unpacked.

Pillow unpacks while it opens: a WebP gets its canvas at once, and a JPEG is read to its first
scan. So the size is read here, from the few bytes that hold it, and Pillow sees only what passed.
"""

import struct
from dataclasses import dataclass
from typing import Final, Literal

from app.errors import ProviderError

MAX_SIDE: Final = 4096
MAX_PIXELS: Final = 16 * 2**20
MIN_SIDE: Final = 64
"""What is smaller is a tracking pixel or a mistake, not a picture."""

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_JPEG: Final = b"\xff\xd8\xff"
_MAX_STEPS: Final = 512
_NOT_FRAMES: Final = (0xC4, 0xC8, 0xCC)
_SCAN: Final = 0xDA
_ANIMATED: Final = 0x02

PictureFormat = Literal["PNG", "JPEG", "WEBP"]


class PictureRefused(ProviderError):
    """What came is not a picture that we take."""


@dataclass(frozen=True, slots=True)
class Header:
    """A picture's format and size, as it claims them."""

    format: PictureFormat
    width: int
    height: int


def header_of(data: bytes, *, smallest: int = MIN_SIDE) -> Header:
    """Read and check the header; costs the same whatever the size of the picture.

    Raises `PictureRefused` for anything but a PNG, JPEG or still WebP of a sensible size.
    """
    header = _header(data)
    sides = (header.width, header.height)
    if max(sides) > MAX_SIDE or header.width * header.height > MAX_PIXELS:
        raise PictureRefused("The model's picture is larger than any that is wanted.")
    if min(sides) < smallest:
        raise PictureRefused("The model's picture is too small to be one.")
    return header


def _header(data: bytes) -> Header:
    try:
        if data.startswith(_PNG):
            return _png(data)
        if data.startswith(_JPEG):
            return _jpeg(data)
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            return _webp(data)
    except (struct.error, IndexError) as error:
        raise PictureRefused("The model's picture ends before it begins.") from error
    raise PictureRefused("The model's answer is not a PNG, JPEG or WebP picture.")


def _png(data: bytes) -> Header:
    length, kind, width, height = struct.unpack_from(">I4sII", data, 8)
    if kind != b"IHDR" or length != 13:
        raise PictureRefused("The model's picture has no header.")
    return Header("PNG", width, height)


def _jpeg(data: bytes) -> Header:
    """The one frame header before the first scan."""
    at, found = 2, None
    for _ in range(_MAX_STEPS):
        if data[at] == data[at + 1] == 0xFF:  # A fill byte.
            at += 1
            continue
        mark, marker, length = struct.unpack_from(">BBH", data, at)
        if mark != 0xFF or length < 2:
            break
        if marker == _SCAN:
            if found is not None:
                return found
            break
        if 0xC0 <= marker <= 0xCF and marker not in _NOT_FRAMES:
            if found is not None:
                break
            height, width = struct.unpack_from(">HH", data, at + 5)
            found = Header("JPEG", width, height)
        at += 2 + length
    raise PictureRefused("The model's picture has no header.")


def _webp(data: bytes) -> Header:
    kind = data[12:16]
    if kind == b"VP8 ":
        if data[23:26] != b"\x9d\x01\x2a":
            raise PictureRefused("The model's picture has no header.")
        width, height = struct.unpack_from("<HH", data, 26)
        return Header("WEBP", width & 0x3FFF, height & 0x3FFF)
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        return Header("WEBP", (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    if kind == b"VP8X" and not data[20] & _ANIMATED:
        width = int.from_bytes(data[24:27], "little") + 1
        height = int.from_bytes(data[27:30], "little") + 1
        if len(data) >= 30:
            return Header("WEBP", width, height)
    raise PictureRefused("The model's picture is not a still one.")
