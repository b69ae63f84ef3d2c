"""The camera moves and the world stays: walking brings things nearer, turning pans them."""

from typing import Any

import numpy as np
import pytest

from app.engine.providers.offline.painter import render
from app.models.scene import SceneFacts, SceneFigure
from app.models.vocabulary import Biome
from tests.painter.scenes import luma, painted, prop, scene, seen_from

_SIZE: dict[str, Any] = {"width": 512, "height": 384}


def _changed(facts: SceneFacts, bare: SceneFacts) -> Any:
    """Where two pictures differ by more than what the tape's exposure makes of it."""
    return np.abs(luma(render(facts)) - luma(render(bare))) > 0.16


def _height_of(changed: Any) -> int:
    middle = changed[:, changed.shape[1] // 2 - 70 : changed.shape[1] // 2 + 70]
    rows = np.flatnonzero(middle.sum(1) >= 3)
    return int(rows.max() - rows.min()) if len(rows) else 0


def _column_of(changed: Any) -> float:
    return float(np.average(np.arange(changed.shape[1]), weights=changed.sum(0) + 1e-9))


@pytest.mark.parametrize("biome", ["desert", "road", "field"])
def test_walking_forward_keeps_the_skyline(biome: Biome) -> None:
    here = scene(biome, 10, **_SIZE)
    before, after = painted(here), painted(seen_from(here, z=12.0))
    third = slice(int(384 * 0.16), int(384 * 0.42))

    assert np.corrcoef(before[third].ravel(), after[third].ravel())[0, 1] >= 0.6


def test_walking_forward_brings_a_thing_nearer() -> None:
    bare = scene("field", 10, **_SIZE)
    with_tower = scene("field", 10, props=(prop("watchtower", 2, 34),), **_SIZE)
    before = _height_of(_changed(with_tower, bare))
    after = _height_of(_changed(seen_from(with_tower, z=12.0), seen_from(bare, z=12.0)))

    assert before > 20
    assert after >= before * 1.2


def test_walking_toward_somebody_brings_them_nearer() -> None:
    bare = scene("desert", 12, place_seed=3, **_SIZE)
    figure = (SceneFigure(token="stranger", x=0, z=20),)
    somebody = bare.model_copy(update={"figures": figure})
    before = _height_of(_changed(somebody, bare))
    after = _height_of(_changed(seen_from(somebody, z=10.0), seen_from(bare, z=10.0)))

    assert before > 10
    assert after >= before * 1.6


def test_turning_right_pans_everything_left() -> None:
    bare = scene("desert", 10, **_SIZE)
    there = scene("desert", 10, props=(prop("barn", 0, 40),), **_SIZE)
    ahead = _column_of(_changed(there, bare))
    turned = _column_of(_changed(seen_from(there, yaw=0.3), seen_from(bare, yaw=0.3)))

    assert ahead == pytest.approx(256, abs=12)
    assert turned < ahead - 70


def test_turning_pans_the_same_mesas_and_clouds() -> None:
    here = scene("desert", 10, **_SIZE)
    ahead = painted(here)[70:175]
    turned = painted(seen_from(here, yaw=0.2))[70:175]
    focal = 256 / np.tan(np.radians(39))
    shift = round(focal * np.tan(0.2))
    same = np.corrcoef(ahead[:, shift + 40 : 470].ravel(), turned[:, 40 : 470 - shift].ravel())[
        0, 1
    ]

    assert same >= 0.6


def test_a_thing_behind_a_wall_is_not_seen() -> None:
    bare = scene("lab", place="corridor")
    behind = scene("lab", place="corridor", figures=(SceneFigure(token="stranger", x=60, z=20),))

    assert not _changed(behind, bare).any()


@pytest.mark.parametrize(
    ("token", "state", "biome"),
    [
        ("fence", "cut", "desert"),
        ("car", "burnt", "road"),
        ("car", "open", "road"),
        ("gate", "open", "desert"),
        ("shed", "open", "field"),
        ("tank_glass", "broken", "lab"),
        ("cabinet", "open", "lab"),
        ("door", "open", "lab"),
        ("locker", "open", "bunker"),
        ("searchlight", "lit", "desert"),
    ],
)
def test_a_state_can_be_seen(token: str, state: str, biome: Biome) -> None:
    at = {"x": 0.0, "z": 5.0}
    plain = render(scene(biome, place="room", props=(prop(token, **at),), **_SIZE))
    other = render(scene(biome, place="room", props=(prop(token, state=state, **at),), **_SIZE))

    assert (np.abs(luma(plain) - luma(other)) > 0.05).sum() >= 60


@pytest.mark.parametrize("biome", ["desert", "lab"])
def test_only_the_tape_differs_between_two_turns_that_changed_nothing(biome: Biome) -> None:
    one, two = painted(scene(biome)), painted(scene(biome, turn=2))
    blocks = [p.reshape(12, 16, 16, 16).mean((1, 3)) for p in (one, two)]

    assert (one != two).any()
    assert np.abs(blocks[0] - blocks[1]).mean() < 0.03
