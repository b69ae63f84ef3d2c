"""A turn in motion: it moves as the turn did, without borders, jumps or flicker, out of the last
picture where the place changes; the same each time."""

import io
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, get_args

import numpy as np
import pytest
from PIL import Image

from app.engine.providers.offline.film.moves import Lens, pose
from app.engine.providers.offline.film.shots import DISSOLVE_SECONDS, frame_count, frames, own_from
from app.engine.providers.offline.film.task import Shot
from app.engine.providers.offline.serving import CannotDo
from app.models.vocabulary import Movement, Weather
from tests.film.footage import Frame, away, flat, landscape, webp

MOVES: tuple[Movement, ...] = get_args(Movement)
SKIES: tuple[Weather, ...] = get_args(Weather)


def a_shot(**more: Any) -> Shot:
    given = {"width": 64, "height": 48, "fps": 12, "seconds": 2.0, "seed": 7, "turn": 3}
    return Shot(**(given | more))


def filmed(shot: Shot, picture: Frame | None = None, before: Frame | None = None) -> list[Frame]:
    previous = None if before is None else webp(before)
    made: Iterator[Frame] = frames(
        shot, webp(landscape() if picture is None else picture), previous
    )
    return list(made)


@pytest.mark.parametrize("movement", MOVES)
def test_every_movement_moves_and_rests_at_its_ends(movement: Movement) -> None:
    made = filmed(a_shot(movement=movement))
    assert len(made) == frame_count(a_shot()) == 24
    steps = [away(a, b) for a, b in pairwise(made)]
    assert away(made[0], made[12]) > 1.5 * np.mean(steps[:2])
    assert all(frame.shape == (48, 64, 3) for frame in made)
    # At its ends it does no more than the grain does.
    assert max(steps[0], steps[-1]) <= max(steps)


@pytest.mark.parametrize("indoors", [False, True])
@pytest.mark.parametrize("movement", MOVES)
def test_no_border_is_ever_seen_and_nothing_jumps(movement: Movement, *, indoors: bool) -> None:
    lens = Lens(Image.new("RGB", (72, 54)), 64, 48, indoors=indoors)
    for seconds in (3, 5):
        for sway in np.linspace(0, 6.28, 7):
            corners = [
                np.stack(lens.sampled(pose(movement, t, seconds, sway)))
                for t in np.linspace(0, 1, seconds * 24)
            ]
            assert min(c.min() for c in corners) >= 0
            assert max(c.max() for c in corners) <= 1
            speed = [b - a for a, b in pairwise(corners)]
            assert max(np.abs(v).max() for v in speed) < 0.012
            jerks = [np.abs(b - a).max() for a, b in pairwise(speed)]
            assert max(jerks) < 0.002


def test_forward_brings_the_ground_nearer_and_leaves_the_horizon() -> None:
    lens = Lens(Image.new("RGB", (72, 54)), 64, 48, indoors=False)
    begun, ended = (lens.sampled(pose("forward", t, 3, 0.0)) for t in (0.0, 1.0))
    # What is seen at the lower edge at the end was further up in the picture: it came nearer.
    moved = begun[1] - ended[1]
    assert moved[-1].mean() > 0.05
    assert np.abs(moved[5]).max() < 0.01


def test_left_and_right_are_each_other_s_mirror() -> None:
    lens = Lens(Image.new("RGB", (72, 54)), 64, 48, indoors=False)
    left, right = (lens.sampled(pose(side, 0.9, 3, 0.0))[0] for side in ("left", "right"))
    assert left.mean() < 0.5 < right.mean()
    assert left.mean() + right.mean() == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize("weather", SKIES)
def test_no_weather_flickers(weather: Weather) -> None:
    made = filmed(a_shot(weather=weather, fps=24))
    light = np.array([frame.mean() for frame in made])
    assert np.abs(np.diff(light)).max() < 3.0
    # A flash is a swing of a tenth of the range and back: there is none at all.
    assert light.max() - light.min() < 25


def test_rain_falls_outdoors_only_and_is_new_in_every_frame() -> None:
    dark = flat(20, 24, 30)
    clear, rain = (
        filmed(a_shot(weather=weather, movement="still"), dark) for weather in ("clear", "rain")
    )
    indoors = filmed(a_shot(weather="rain", movement="still", indoors=True), dark)
    drops = [float((frame.max(2) > 34).mean()) for frame in rain]
    assert min(drops) > 0.004
    assert max(float((frame.max(2) > 45).mean()) for frame in clear) < 0.001
    assert np.mean([frame.mean() for frame in indoors]) < np.mean([frame.mean() for frame in rain])
    assert away(rain[5], rain[6]) > away(clear[5], clear[6])


def test_another_place_dissolves_out_of_the_last_one() -> None:
    red, blue = flat(200, 20, 20), flat(20, 20, 200)
    shot = a_shot(dissolves=True, fps=24)
    made = filmed(shot, blue, red)
    share = [float(frame[..., 2].mean() - frame[..., 0].mean()) for frame in made]
    assert share[0] < -150
    assert share[-1] > 150
    assert all(b >= a - 2 for a, b in pairwise(share))
    poster = own_from(shot, dissolves=True)
    assert poster == pytest.approx(DISSOLVE_SECONDS * 24, abs=1)
    assert share[poster] > 150


def test_the_same_place_does_not_dissolve() -> None:
    made = filmed(a_shot(dissolves=False), flat(20, 20, 200), flat(200, 20, 20))
    assert made[0][..., 2].mean() > 150
    assert own_from(a_shot(), dissolves=False) == 0


def test_the_same_facts_give_the_same_frames_and_another_seed_does_not() -> None:
    once, again = (filmed(a_shot(weather="snow", movement="left")) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(once, again, strict=True))
    other = filmed(a_shot(weather="snow", movement="left", seed=8))
    assert not np.array_equal(once[5], other[5])


@pytest.mark.parametrize("damaged", [b"", b"RIFF\0\0\0\0WEBP", b"<svg/>", webp(landscape())[:200]])
def test_a_damaged_picture_is_refused(damaged: bytes) -> None:
    with pytest.raises(CannotDo):
        list(frames(a_shot(), damaged, None))


def test_a_damaged_last_picture_costs_the_dissolve_and_nothing_else() -> None:
    made = list(frames(a_shot(dissolves=True), webp(flat(20, 20, 200)), b"junk"))
    assert made[0][..., 2].mean() > 150


def test_a_picture_bomb_is_not_unpacked() -> None:
    out = io.BytesIO()
    Image.new("1", (8000, 6000)).save(out, "PNG")
    with pytest.raises(CannotDo, match="large"):
        list(frames(a_shot(), out.getvalue(), None))
