"""A model's picture made ours: checked, cropped to the scene's size, and WebP without a past."""

import asyncio
import io
import os
import struct
import threading
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, ParamSpec, TypeVar

from PIL import Image

from app.engine.providers.openai_compatible.image_header import (
    Header,
    PictureRefused,
    header_of,
)

_FORMATS: Final = ("PNG", "JPEG", "WEBP")
_QUALITY: Final = 82
_BAD_DATA: Final = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    EOFError,
    AssertionError,
    MemoryError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
    Warning,
)
"""What Pillow's readers raise over data that is not what it claims to be."""
_NICE: Final = 5

P = ParamSpec("P")
T = TypeVar("T")


class Darkroom:
    """A few threads for pictures: they unpack and pack with the interpreter's lock released."""

    def __init__(self, threads: int = 2) -> None:
        self._threads = ThreadPoolExecutor(
            threads, thread_name_prefix="darkroom", initializer=_step_back
        )

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do `work` off the event loop. Cancelled while it waits for its turn, it is not done."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, lambda: work(*args, **kwargs))

    async def close(self) -> None:
        """Drop what waits, and wait for what is being done."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        await asyncio.to_thread(self._threads.shutdown)


def _step_back() -> None:
    """Let the event loop's thread go first where cores are few; Linux alone can say so."""
    if hasattr(os, "setpriority") and os.uname().sysname == "Linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)


def still(data: bytes, width: int, height: int) -> bytes:
    """WebP of exactly this size: cut to its shape from the middle, without metadata.

    Raises `PictureRefused` before unpacking for what is too large or no picture at all, and
    while unpacking for what is cut short or damaged.
    """
    header = header_of(data)
    return _reworked(data, header, lambda picture: _webp(_covering(picture, width, height)))


def as_png(data: bytes) -> bytes:
    """The same picture as PNG, which every server reads. Raises `PictureRefused`."""
    return _reworked(data, header_of(data, smallest=1), _png)


def _reworked(data: bytes, header: Header, work: Callable[[Image.Image], bytes]) -> bytes:
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as picture:
            if picture.size != (header.width, header.height):
                raise PictureRefused("The model's picture contradicts its header.")
            return work(picture)
    except _BAD_DATA as error:
        raise PictureRefused("The model's picture is damaged.") from error


def _covering(picture: Image.Image, width: int, height: int) -> Image.Image:
    """All of the frame and nothing beside it: the middle of the picture, in its shape."""
    picture.draft("RGB", (width, height))  # A large JPEG is unpacked at a fraction of its size.
    picture.load()
    scale = min(picture.width / width, picture.height / height)
    left = (picture.width - width * scale) / 2
    top = (picture.height - height * scale) / 2
    box = (left, top, left + width * scale, top + height * scale)
    return _flat(picture).resize((width, height), Image.Resampling.LANCZOS, box, reducing_gap=3.0)


def _flat(picture: Image.Image) -> Image.Image:
    """Without transparency: what shines through is black."""
    if picture.mode == "RGB" and "transparency" not in picture.info:
        return picture
    if picture.mode.startswith("I"):  # 16 bits a grey, of which we show 8.
        return picture.convert("I").point(lambda grey: grey / 256).convert("L").convert("RGB")
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    shown = picture.convert("RGBA")
    ground = Image.new("RGB", shown.size)
    ground.paste(shown, mask=shown.getchannel("A"))
    return ground


def _webp(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    # Pillow would carry the profile and the rest over from what it read.
    picture.save(out, "WEBP", quality=_QUALITY, method=2, icc_profile=b"", exif=b"", xmp=b"")
    return out.getvalue()


def _png(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    _flat(picture).save(out, "PNG", compress_level=1, icc_profile=None, exif=b"")
    return out.getvalue()
