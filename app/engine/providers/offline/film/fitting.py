"""A clip that somebody else made becomes the clip that was promised: size, length, codec.

What comes from outside is decoded here, in a process of its own, and nothing of the file itself
is passed on: what players get was encoded by us.
"""

import io
from collections.abc import Iterator
from itertools import chain
from typing import Final

import av
import numpy as np
from av.video.stream import VideoStream
from PIL import Image

from app.engine.providers.offline.film.task import Fitting
from app.engine.providers.offline.painter.arrays import Array
from app.engine.providers.offline.serving import CannotDo

_CODECS: Final = frozenset({"h264", "hevc", "av1", "libdav1d", "vp9", "mpeg4"})
_MOST_PIXELS: Final = 4096 * 2304


def fitted(data: bytes, fitting: Fitting) -> Iterator[Array]:
    """The frames of the clip in the promised form; its last one rests where it is too short.

    Raises `CannotDo` for what is no clip.
    """
    count = max(2, round(fitting.seconds * fitting.fps))
    made = 0
    last: Array | None = None
    try:
        for second, frame in _decoded(data):
            # Up to this frame's time, what is seen is the one before it.
            while last is not None and made < count and made / fitting.fps < second:
                yield last
                made += 1
            if made >= count:
                return
            last = _shaped(frame, fitting)
    except av.FFmpegError as error:
        raise CannotDo("The clip is damaged.") from error
    if last is None:
        raise CannotDo("The clip shows nothing.")
    for _ in range(made, count):
        yield last


def _decoded(data: bytes) -> Iterator[tuple[float, Image.Image]]:
    """The frames with their times, the first at 0."""
    with av.open(io.BytesIO(data), "r", format="mp4") as container:
        if not container.streams.video:
            raise CannotDo("There is no picture in it.")
        stream = container.streams.video[0]
        _check(stream)
        stream.codec_context.thread_count = 1
        frames = container.decode(stream)
        first = next(frames, None)
        if first is None:
            return
        begun = first.time or 0.0
        for frame in chain((first,), frames):
            if frame.width * frame.height > _MOST_PIXELS:
                raise CannotDo("The clip is larger than any that is wanted.")
            image = Image.fromarray(np.asarray(frame.to_ndarray(format="rgb24"), np.uint8))
            yield (frame.time or 0.0) - begun, image


def _check(stream: VideoStream) -> None:
    context = stream.codec_context
    if context.name not in _CODECS:
        raise CannotDo("The clip is of a kind that is not known here.")
    if context.width * context.height > _MOST_PIXELS:
        raise CannotDo("The clip is larger than any that is wanted.")


def _shaped(image: Image.Image, fitting: Fitting) -> Array:
    """The middle of it, in the promised shape."""
    width = min(float(image.width), image.height * fitting.width / fitting.height)
    height = width * fitting.height / fitting.width
    left, top = (image.width - width) / 2, (image.height - height) / 2
    box = (left, top, left + width, top + height)
    size = (fitting.width, fitting.height)
    return np.asarray(image.resize(size, Image.Resampling.LANCZOS, box=box))
