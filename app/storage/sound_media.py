"""Whether a picture, a film or a list of its words is what it claims to be.

Media have no checksum of their own (an export's manifest has): what can be decoded is sound.
"""

import io
import warnings
from pathlib import Path
from typing import Final

from app.storage.disk import Disk
from app.storage.faults import Damage

_MOST_PIXELS: Final = 1 << 24
"""Of a picture: sixteen times what a turn's has. More are refused before they are unpacked."""
_SMALLEST_BOX: Final = 8


def flaw_of(disk: Disk, path: Path) -> str | None:
    """What is wrong with a file; None for nothing. Blocking, and decodes it."""
    try:
        match path.suffix:
            case ".webp":
                return _picture(disk.read(path))
            case ".mp4":
                return _film(disk, path)
            case _:
                return _words(disk.read(path))
    except Damage as damage:
        return str(damage)


def _picture(data: bytes) -> str | None:
    # Loaded here: a server that serves needs neither this nor the next one.
    from PIL import Image as Pixels
    from PIL import UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Pixels.open(io.BytesIO(data), formats=("WEBP",)) as picture:
                if picture.width * picture.height > _MOST_PIXELS:
                    return "has more pixels than any picture of a turn"
                picture.load()
    except UnidentifiedImageError:
        return "is no WebP picture"
    except (OSError, ValueError, SyntaxError, Pixels.DecompressionBombError):
        return "cannot be decoded"
    # A decoder makes do with less than a picture says that it has.
    if len(data) < 8 + int.from_bytes(data[4:8], "little"):
        return "is cut short"
    return None


def _film(disk: Disk, path: Path) -> str | None:
    """Every box is there whole, and the first frame can be decoded."""
    with disk.opened_or_damaged(path) as fd:
        if not _is_whole(disk, fd):
            return "is cut short or no MP4"
    import av

    try:
        # The format is named: others would have the decoder open further files.
        with av.open(str(path), format="mp4") as film:
            if not film.streams.video:
                return "is a film without a picture"
            next(film.decode(film.streams.video[0]))
    except StopIteration:
        return "is a film without a frame"
    except (av.FFmpegError, OSError, ValueError):
        return "cannot be decoded"
    return None


def _is_whole(disk: Disk, fd: int) -> bool:
    """An MP4 is a row of boxes that say how long they are."""
    at, size = 0, disk.io.size(fd)
    while at < size:
        head = disk.read_range(fd, at, min(size, at + 16))
        length = int.from_bytes(head[:4], "big")
        if length == 1:
            length = int.from_bytes(head[8:16], "big")
        if length < _SMALLEST_BOX or not head[4:8].isalnum():
            return False
        at += length
    return at == size > 0


def _words(data: bytes) -> str | None:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return "is no text"
    return None if text.startswith("WEBVTT") else "is no WebVTT"
