"""Frames become an H.264 MP4 that plays from its first bytes on: yuv420p, fast start, fixed GOP.

Equal frames give equal bytes: one thread, and nothing in the file tells when or by which build it
was made. Frames are taken one by one, so a film of hours needs no more memory than one of seconds.
Takes whole cores: only a worker process (`serving.py`) may come here, never the server.
"""

import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, BinaryIO, Final, Literal

import av
import numpy as np
from av.container import OutputContainer
from av.subtitles.subtitle import SubtitleSet
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc, Interpolation
from av.video.stream import VideoStream

from app.engine.providers.offline.painter.arrays import Array

if TYPE_CHECKING:
    from av.container.core import Chapter

Preset = Literal["ultrafast", "superfast", "veryfast", "faster", "fast", "medium"]
Progress = Callable[[int], None]
"""Told how many frames are done, after each."""

_MICROS: Final = 1_000_000
_MP4: Final = MappingProxyType({"movflags": "faststart", "fflags": "+bitexact"})
_ASS_HEADER: Final = b"""[Script Info]
ScriptType: v4.00+
PlayResX: 384
PlayResY: 288

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, \
Bold, Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, \
Shadow, Alignment, MarginL, MarginR, MarginV, Encoding
Style: Default,Sans,16,&Hffffff,&Hffffff,&H0,&H0,0,0,0,0,100,100,0,0,1,1,0,2,10,10,10,0

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""


@dataclass(frozen=True, slots=True)
class Film:
    """The form of a film."""

    width: int
    height: int
    """Odd sizes lose a row or column: H.264 halves the colour."""
    fps: int = 24
    gop: int = 48
    """Frames between key frames; a player can begin at each of them."""
    crf: int = 23
    """Constant quality: lower is better and larger."""
    preset: Preset = "veryfast"
    threads: int = 1
    """Of the encoder. Another number may give other bytes, the same one always the same."""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """A chapter's name or a caption, and when it holds."""

    start: float
    """Seconds from the beginning."""
    end: float
    text: str


def encode(
    out: Path | BinaryIO,
    frames: Iterable[Array],
    film: Film,
    *,
    chapters: tuple[Span, ...] = (),
    captions: tuple[Span, ...] = (),
    progress: Progress = lambda _: None,
) -> int:
    """Write a film and return the number of its frames.

    A frame is (height, width, 3) uint8 RGB of the film's size, or what it would be converted to:
    (height * 3/2, width), the planes of yuv420p in BT.709 one below the other. Chapters and
    captions are in order and do not overlap; captions become a `mov_text` track that players
    offer as subtitles.
    `out` is written as it goes and is whole only when this returns: publishing is the caller's.
    A stream for `out` must read, write and seek; use one for what fits into memory.

    Raises `ValueError` for a frame of another size, and what reading `frames` raises.
    """
    target = str(out) if isinstance(out, Path) else out
    reopen = None if isinstance(out, Path) else _reopened(out)
    with av.open(target, "w", format="mp4", options=dict(_MP4), io_open=reopen) as container:
        if film.title:
            container.metadata["title"] = film.title
        video = _video(container, film)
        track = _Captions(container, captions) if captions else None
        container.set_chapters([_chapter(i, one) for i, one in enumerate(chapters, 1)])
        count = 0
        for count, array in enumerate(frames, 1):
            if track is not None:
                track.until((count - 1) / film.fps)
            container.mux(video.encode(_frame(array, film, count - 1)))
            progress(count)
        container.mux(video.encode())
        if track is not None:
            track.until(float("inf"))
    return count


def encoded(frames: Iterable[Array], film: Film) -> bytes:
    """A short film, in memory."""
    out = io.BytesIO()
    encode(out, frames, film)
    return out.getvalue()


def _video(container: OutputContainer, film: Film) -> VideoStream:
    options = {"preset": film.preset, "crf": str(film.crf), "threads": str(film.threads)}
    # A fixed GOP: no key frame anywhere else, and no frame refers past one.
    options["x264-params"] = f"keyint={film.gop}:min-keyint={film.gop}:scenecut=0:open-gop=0"
    # At small sizes x264 reads what nobody wrote there: equal frames would give other bytes.
    options["x264-params"] += ":mbtree=0"
    stream = container.add_stream("libx264", rate=film.fps, options=options)
    stream.width, stream.height = film.width & ~1, film.height & ~1
    stream.pix_fmt = "yuv420p"
    stream.time_base = Fraction(1, film.fps)
    context = stream.codec_context
    context.time_base = Fraction(1, film.fps)
    context.colorspace = Colorspace.ITU709
    context.color_primaries = ColorPrimaries.BT709
    context.color_trc = ColorTrc.BT709
    context.color_range = ColorRange.MPEG
    return stream


def _frame(array: Array, film: Film, number: int) -> av.VideoFrame:
    frame = _of_planes(array, film) or _converted(array, film, number)
    frame.pts = number
    frame.time_base = Fraction(1, film.fps)
    return frame


def _of_planes(array: Array, film: Film) -> av.VideoFrame | None:
    if array.shape != ((film.height & ~1) * 3 // 2, film.width & ~1):
        return None
    frame = av.VideoFrame.from_ndarray(array, format="yuv420p")
    frame.colorspace, frame.color_range = Colorspace.ITU709, ColorRange.MPEG
    return frame


def _converted(array: Array, film: Film, number: int) -> av.VideoFrame:
    if array.shape != (film.height, film.width, 3):
        raise ValueError(f"frame {number} is {array.shape}, the film {film.width}x{film.height}")
    even = np.ascontiguousarray(array[: film.height & ~1, : film.width & ~1])
    return av.VideoFrame.from_ndarray(even, format="rgb24").reformat(
        format="yuv420p",
        dst_colorspace=Colorspace.ITU709,
        src_color_range=ColorRange.JPEG,
        dst_color_range=ColorRange.MPEG,
        interpolation=Interpolation.BILINEAR | Interpolation.BITEXACT,
        threads=1,
    )


def _chapter(number: int, span: Span) -> "Chapter":
    return {
        "id": number,
        "start": round(span.start * 1000),
        "end": round(span.end * 1000),
        "time_base": Fraction(1, 1000),
        "metadata": {"title": span.text},
    }


class _Captions:
    """A subtitle track, muxed along with the pictures so that nothing has to wait in memory."""

    def __init__(self, container: OutputContainer, spans: tuple[Span, ...]) -> None:
        self._container = container
        self._spans = spans
        self._next = 0
        stream = container.add_stream("mov_text")
        stream.time_base = Fraction(1, _MICROS)
        stream.codec_context.time_base = Fraction(1, _MICROS)
        stream.codec_context.subtitle_header = _ASS_HEADER
        self._stream = stream

    def until(self, second: float) -> None:
        """Write every caption that begins by then."""
        while self._next < len(self._spans) and self._spans[self._next].start <= second:
            self._write(self._next, self._spans[self._next])
            self._next += 1

    def _write(self, number: int, span: Span) -> None:
        start, length = round(span.start * _MICROS), round((span.end - span.start) * _MICROS)
        line = f"{number},0,Default,,0,0,0,,{_plain(span.text)}"
        text = SubtitleSet.create(line.encode(), 0, length, pts=start)
        packet = self._stream.codec_context.encode_subtitle(text)
        packet.stream = self._stream
        packet.time_base = Fraction(1, _MICROS)
        packet.pts = packet.dts = start
        packet.duration = length
        self._container.mux_one(packet)


def _plain(text: str) -> str:
    """Text in which the captions' format finds nothing to interpret."""
    safe = text.replace("\\", "/").replace("{", "(").replace("}", ")")
    return "\\N".join(safe.splitlines())


class _SecondReader(io.RawIOBase):
    """Reads a stream that somebody else goes on writing, without moving their place in it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        theirs = self._stream.tell()
        self._stream.seek(self._at)
        data = self._stream.read(size)
        self._at = self._stream.tell()
        self._stream.seek(theirs)
        return data

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if whence == io.SEEK_CUR:
            offset += self._at
        elif whence == io.SEEK_END:
            theirs = self._stream.tell()
            offset += self._stream.seek(0, io.SEEK_END)
            self._stream.seek(theirs)
        self._at = offset
        return offset

    def tell(self) -> int:
        return self._at


def _reopened(stream: BinaryIO) -> Callable[[str, int, object], _SecondReader]:
    """Fast start reads back what it wrote, through a second opening of the same file."""
    return lambda _url, _flags, _options: _SecondReader(stream)
