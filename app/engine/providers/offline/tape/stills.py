"""An animated WebP of a film's stills, for places that play no video: never above its limit.

Written by hand because it has to be: an encoder of animations keeps all frames in memory and says
only at its end how large they are. Here each frame is encoded by itself, and so is only the part
of it that differs from the one before.
"""

import io
import struct
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Final

from PIL import Image, ImageChops

from app.engine.providers.offline.tape.planes import Planes
from app.engine.providers.offline.tape.reel import Still

Progress = Callable[[], None]
"""Told after each still."""

_ANIMATED: Final = 2
_IN_PLACE: Final = 2
"""What is not drawn again stays; what is covers what was there."""
_LONGEST_MS: Final = (1 << 24) - 1
_SAMPLES: Final = 12


@dataclass(frozen=True, slots=True)
class Step:
    """How good the stills may be."""

    width: int
    quality: int
    grey: bool = False
    all_pages: bool = True
    """Else a scene is its first page. None is ever left out."""


STEPS: Final = (
    Step(640, 72),
    Step(640, 50),
    Step(480, 60),
    Step(480, 40),
    Step(400, 35),
    Step(320, 35),
    Step(320, 20, grey=True),
    Step(320, 20, grey=True, all_pages=False),
    Step(240, 15, grey=True, all_pages=False),
    Step(160, 10, grey=True, all_pages=False),
    Step(112, 5, grey=True, all_pages=False),
    Step(80, 0, grey=True, all_pages=False),
    Step(48, 0, grey=True, all_pages=False),
)


class TooLarge(Exception):
    """This step does not fit."""


def write(
    out: Path,
    stills: Callable[[], Iterable[Still]],
    *,
    count: int,
    fps: int,
    limit: int,
    progress: Progress = lambda: None,
) -> Step:
    """Write the first step of `STEPS` that fits into `limit` bytes, and say which it was.

    `stills` begins anew each time; `count` is how many there are. The last step is taken as it
    comes, so that no scene is ever dropped. Complete only when this returns.
    """
    for step in _likely(stills, count, limit):
        try:
            _write(out, stills(), step, fps=fps, limit=limit, progress=progress)
        except TooLarge:
            continue
        return step
    raise TooLarge


def _likely(stills: Callable[[], Iterable[Still]], count: int, limit: int) -> Iterator[Step]:
    """The steps that may fit, judging by a few stills, and the last one whatever it takes."""
    every = max(1, count // _SAMPLES)
    samples = [still.draw().image() for n, still in enumerate(stills()) if n % every == every // 2]
    for step in STEPS[:-1]:
        mean = sum(len(_encoded(_shrunk(one, step), step)) for one in samples) / len(samples)
        # Later pages of a scene cost about half of a whole still.
        if mean * count * (0.45 if step.all_pages else 0.2) < limit:
            yield step
    yield STEPS[-1]


def _write(
    out: Path,
    stills: Iterable[Still],
    step: Step,
    *,
    fps: int,
    limit: int,
    progress: Progress,
) -> None:
    with out.open("wb") as file:
        animation = _Animation(file, step, limit if step is not STEPS[-1] else None)
        for still in _kept(stills, step):
            animation.add(still.draw(), round(still.frames * 1000 / fps))
            progress()
        animation.end()


def _kept(stills: Iterable[Still], step: Step) -> Iterator[Still]:
    """All of them, or one a scene that is shown for as long as all of it."""
    if step.all_pages:
        yield from stills
        return
    main: Still | None = None
    for still in stills:
        if main is not None and still.scene != main.scene:
            yield main
            main = None
        if main is None:
            main = still
        else:
            kept = still if still.main and not main.main else main
            main = replace(kept, frames=main.frames + still.frames)
    if main is not None:
        yield main


class _Animation:
    """The container: a frame is written when the next one shows how long it lasts."""

    def __init__(self, file: BinaryIO, step: Step, limit: int | None) -> None:
        self._file, self._step, self._limit = file, step, limit
        self._before: Image.Image | None = None
        self._waiting: tuple[tuple[int, int, int, int], bytes] | None = None
        self._lasts = 0

    def add(self, planes: Planes, milliseconds: int) -> None:
        image = _shrunk(planes.image(), self._step)
        box = (0, 0, *image.size)
        if self._before is None:
            self._begin(image.size)
        else:
            changed = ImageChops.difference(self._before, image).getbbox()
            if changed is None:
                self._lasts += milliseconds
                return
            # Places are told in pairs of pixels.
            box = (changed[0] & ~1, changed[1] & ~1, changed[2], changed[3])
        self._flush()
        self._before, self._lasts = image, milliseconds
        self._waiting = (box, _encoded(image.crop(box), self._step))

    def end(self) -> None:
        self._flush()
        size = self._file.tell()
        self._file.seek(4)
        self._file.write(struct.pack("<I", size - 8))

    def _begin(self, size: tuple[int, int]) -> None:
        self._file.write(b"RIFF\0\0\0\0WEBP")
        canvas = struct.pack("<I", _ANIMATED) + _u24(size[0] - 1) + _u24(size[1] - 1)
        self._file.write(_chunk(b"VP8X", canvas))
        self._file.write(_chunk(b"ANIM", struct.pack("<IH", 0, 0)))

    def _flush(self) -> None:
        if self._waiting is None:
            return
        (left, top, right, bottom), picture = self._waiting
        place = (left // 2, top // 2, right - left - 1, bottom - top - 1)
        lasts = min(self._lasts, _LONGEST_MS)
        head = b"".join(map(_u24, (*place, lasts))) + bytes([_IN_PLACE])
        self._file.write(_chunk(b"ANMF", head + picture))
        if self._limit is not None and self._file.tell() > self._limit:
            raise TooLarge


def _shrunk(image: Image.Image, step: Step) -> Image.Image:
    width = min(step.width, image.width)
    height = max(1, round(image.height * width / image.width))
    small = image.resize((width, height), Image.Resampling.LANCZOS)
    return small.convert("L").convert("RGB") if step.grey else small


def _encoded(image: Image.Image, step: Step) -> bytes:
    """A still as the chunk that a WebP of its own would have."""
    out = io.BytesIO()
    image.save(out, "WEBP", quality=step.quality, method=2)
    return out.getvalue()[12:]


def _chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) & 1)


def _u24(number: int) -> bytes:
    return number.to_bytes(3, "little")
