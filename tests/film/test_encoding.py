"""Frames become an MP4 that plays from its first bytes on, the same one each time."""

import io
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from app.engine.providers.offline.film.encoding import Film, Span, encode, encoded
from tests.film.footage import Frame, boxes, decoded, flat, landscape

SMALL = Film(64, 48)


def moving(count: int, width: int = 64, height: int = 48) -> Iterator[Frame]:
    for number in range(count):
        frame = flat(40, 60, 80, width, height)
        frame[:, number % width : number % width + 8] = 230
        yield frame


def test_the_film_is_h264_that_any_player_takes() -> None:
    data = encoded(moving(48), SMALL)
    with av.open(io.BytesIO(data), "r") as container:
        video = container.streams.video[0]
        assert (video.codec_context.name, video.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert (video.width, video.height) == (64, 48)
        assert video.average_rate == Fraction(24)
        assert container.duration == 2_000_000
        assert len(list(container.decode(video=0))) == 48


def test_it_plays_before_all_of_it_is_there() -> None:
    names = boxes(encoded(moving(24), SMALL))
    assert names.index("moov") < names.index("mdat")


def test_what_was_drawn_is_what_is_seen() -> None:
    drawn = [flat(200, 40, 40, 64, 48), flat(40, 160, 40, 64, 48), flat(30, 40, 190, 64, 48)]
    film = Film(64, 48, fps=1, gop=1, crf=10)
    for given, seen in zip(drawn, decoded(encoded(drawn, film)), strict=True):
        assert np.abs(seen.mean((0, 1)) - given.mean((0, 1))).max() < 6


def test_equal_frames_give_equal_bytes(tmp_path: Path) -> None:
    first = encoded(moving(30), SMALL)
    assert all(encoded(moving(30), SMALL) == first for _ in range(8))
    encode(tmp_path / "a.mp4", moving(30), SMALL)
    assert (tmp_path / "a.mp4").read_bytes() == first


def test_a_key_frame_comes_at_its_time_and_at_no_other() -> None:
    cut = [flat(10, 10, 10, 64, 48)] * 13 + [flat(240, 240, 240, 64, 48)] * 17
    data = encoded(cut, Film(64, 48, gop=10))
    with av.open(io.BytesIO(data), "r") as container:
        keys = [i for i, frame in enumerate(container.decode(video=0)) if frame.key_frame]
    assert keys == [0, 10, 20]


def test_odd_sizes_lose_a_row_and_a_column() -> None:
    data = encoded([landscape(65, 49)] * 3, Film(65, 49))
    assert decoded(data)[0].shape == (48, 64, 3)


def test_a_frame_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="frame 1"):
        encoded([flat(0, 0, 0, 64, 48), flat(0, 0, 0, 32, 48)], SMALL)


def test_chapters_and_captions_are_found_again(tmp_path: Path) -> None:
    path = tmp_path / "run.mp4"
    told: list[int] = []
    chapters = (Span(0, 1, "The gate"), Span(1, 2, "Ende: der Fluß"))
    captions = (Span(0.25, 1, "You {wait}.\nIt rains."), Span(1.5, 2, "It is over."))
    film = Film(64, 48, title="A run")
    made = encode(
        path, moving(48), film, chapters=chapters, captions=captions, progress=told.append
    )
    assert made == 48
    assert told == list(range(1, 49))
    with av.open(str(path), "r") as container:
        named = [
            (chapter["metadata"]["title"], float(chapter["start"] * chapter["time_base"]))
            for chapter in container.chapters()
            if chapter["time_base"] is not None
        ]
        assert named == [("The gate", 0.0), ("Ende: der Fluß", 1.0)]
        assert container.metadata["title"] == "A run"
        packets = container.demux(container.streams.subtitles[0])
        said = [bytes(packet)[2:].decode() for packet in packets if packet.size > 2]
        assert said == ["You (wait).\nIt rains.", "It is over."]


def test_frames_are_asked_for_one_by_one() -> None:
    alive: list[int] = []
    most = 0

    def drawn() -> Iterator[Frame]:
        nonlocal most
        for frame in moving(60):
            alive.append(1)
            most = max(most, len(alive))
            yield frame
            alive.pop()

    encoded(drawn(), SMALL)
    assert most == 1
