"""What the worker makes of a script, judged by decoding it again."""

import io
import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageSequence

from app.engine.providers.offline.tape import stills
from app.engine.providers.offline.tape.lettering import Pen, wrapped
from app.engine.providers.offline.tape.reel import Reel, Script
from app.engine.providers.offline.tape.worker import record
from app.engine.tapes_script import Form
from app.models.tape import FILM, SCRIPT, STILLS
from tests.tapes.runs import SMALL, Written, chapters, entries, frames, subtitles, write


def made(written: Written) -> Path:
    told: list[int] = []
    record(written.folder, told.append)
    assert told == sorted(told), "progress only grows"
    assert told[-1] == 1000
    return written.folder


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Written:
    written = write(tmp_path_factory.mktemp("film"), entries(3, alive=False, phase="over"))
    made(written)
    return written


def test_every_frame_of_the_script_is_there(film: Written) -> None:
    shown = frames(film.folder / FILM)
    assert len(shown) == film.closing.frames
    assert shown[0].shape == (SMALL.height, SMALL.width, 3)


def test_a_chapter_a_turn_and_one_each_for_title_and_end(film: Written) -> None:
    found = chapters(film.folder / FILM)
    assert len(found) == len(film.scenes) + 2
    assert found[0][2] == "The Wire"
    assert [name.partition(":")[0] for _, _, name in found[1:-1]] == [
        "Intro", "Turn 1", "Turn 2", "Turn 3",
    ]  # fmt: skip
    for (_, end, _), (start, _, _) in itertools.pairwise(found):
        assert end == start
    for scene, (start, _, _) in zip(film.scenes, found[1:], strict=False):
        assert start == pytest.approx(scene.start / SMALL.fps, abs=0.001)


def test_the_text_track_is_the_dispatches(film: Written) -> None:
    pages = [page.text for scene in film.scenes for page in scene.pages]
    assert subtitles(film.folder / FILM) == pages


def test_every_scene_shows_its_picture_and_moves(film: Written) -> None:
    shown = frames(film.folder / FILM)
    corners = []
    for scene in film.scenes:
        middle = shown[scene.start + scene.action_frames + scene.frames // 2]
        corners.append(middle[2, 2].astype(int))
    for one, other in itertools.pairwise(corners):
        assert np.abs(one - other).max() > 20


def test_equal_scripts_give_equal_films(film: Written, tmp_path: Path) -> None:
    again = made(write(tmp_path, entries(3, alive=False, phase="over")))
    for name in (FILM, STILLS):
        assert (again / name).read_bytes() == (film.folder / name).read_bytes()


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.unlink(),
        lambda path: path.write_bytes(path.read_bytes()[:40]),
        lambda path: path.write_bytes(b"<svg/>"),
        lambda path: path.write_bytes(b""),
        lambda path: (path.unlink(), path.mkdir()),
    ],
    ids=["missing", "cut off", "another kind", "empty", "a folder"],
)
def test_a_picture_that_cannot_be_read_costs_its_scene_and_no_more(
    damage: Callable[[Path], object], film: Written, tmp_path: Path
) -> None:
    written = write(tmp_path, entries(3, alive=False, phase="over"))
    damage(tmp_path / "p1.webp")
    made(written)
    whole, broken = frames(film.folder / FILM), frames(tmp_path / FILM)
    assert len(whole) == len(broken)

    def differs(turn: int) -> float:
        scene = written.scenes[turn]
        at = scene.start + scene.frames - 2
        return float(np.abs(whole[at].astype(int) - broken[at].astype(int)).mean())

    assert differs(1) > 20
    assert differs(0) < 2
    assert differs(3) < 2


def test_a_turn_without_a_picture_is_told_all_the_same(tmp_path: Path) -> None:
    written = write(tmp_path, entries(1))
    script = tmp_path / SCRIPT
    bare = written.scenes[1].model_copy(update={"picture": None})
    lines = script.read_text().splitlines()
    script.write_text("\n".join([*lines[:2], bare.model_dump_json(), lines[3]]) + "\n")
    made(written)
    assert len(frames(tmp_path / FILM)) == written.closing.frames


def test_the_animation_has_every_moment(film: Written) -> None:
    with Image.open(film.folder / STILLS) as animation:
        lasting = []
        for frame in ImageSequence.Iterator(animation):
            frame.load()
            lasting.append(frame.info["duration"])
    pages = sum(len(scene.pages) for scene in film.scenes)
    actions = sum(1 for scene in film.scenes if scene.action_frames)
    # Pages too small to be read look alike: they are one frame that is shown for longer.
    assert len(film.scenes) + 3 <= len(lasting) <= pages + actions + 3
    assert sum(lasting) == pytest.approx(film.closing.frames * 1000 / SMALL.fps, abs=len(lasting))


def noisy(folder: Path, turns: int, form: Form) -> Written:
    """Pictures that nothing can make small."""
    written = write(folder, entries(turns), form)
    rng = np.random.default_rng(5)
    for turn in range(turns + 1):
        noise = rng.integers(0, 255, (96, 128, 3), np.uint8)
        Image.fromarray(noise).save(folder / f"p{turn}.webp", "WEBP", quality=100)
    return written


def test_it_steps_down_until_it_fits_and_drops_no_scene(tmp_path: Path) -> None:
    noisy(tmp_path, 4, Form(width=160, height=120))
    reel = Reel(Script(tmp_path / SCRIPT))
    steps, sizes = [], []
    limit = 10_000_000
    for _ in range(4):
        out = tmp_path / f"{limit}.webp"
        step = stills.write(out, reel.stills, count=22, fps=12, limit=limit)
        steps.append(stills.STEPS.index(step))
        sizes.append(out.stat().st_size)
        assert sizes[-1] <= limit
        limit = sizes[-1] * 2 // 5
        with Image.open(out) as animation:
            shown = list(ImageSequence.Iterator(animation))
            assert len(shown) >= 5 + 3
            assert animation.size[0] <= step.width
    assert steps == sorted(set(steps)), "each limit needs a further step"


def test_the_last_step_is_taken_as_it_comes(tmp_path: Path) -> None:
    noisy(tmp_path, 4, SMALL)
    reel = Reel(Script(tmp_path / SCRIPT))
    out = tmp_path / "tiny.webp"
    assert stills.write(out, reel.stills, count=20, fps=12, limit=10) is stills.STEPS[-1]
    with Image.open(io.BytesIO(out.read_bytes())) as animation:
        assert len(list(ImageSequence.Iterator(animation))) >= 5 + 3


def test_a_word_that_no_line_holds_is_broken() -> None:
    pen = Pen(960, 720)
    font = pen.font("text", 36)
    lines = list(wrapped(f"so {'x' * 300} it goes", font.getlength, 400))
    assert "".join(lines).replace(" ", "") == f"so{'x' * 300}itgoes"
    assert max(map(font.getlength, lines)) <= 400
