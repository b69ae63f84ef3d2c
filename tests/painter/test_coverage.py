"""What a picture shows of what is there: every prop is seen, or known not to be."""

import itertools
import math
from typing import Any

import numpy as np
import pytest

from app.engine.providers.offline.painter import coverage, render
from app.engine.providers.offline.painter.era import token_then
from app.engine.providers.offline.painter.figures import FIGURES, POSES
from app.engine.providers.offline.painter.kin import MAKERS
from app.engine.world.loader import load_worlds
from app.engine.world.world import World
from app.main import SHIPPED_WORLDS
from app.models.scene import SceneFacts, SceneFigure
from app.models.vocabulary import Biome
from tests.painter.scenes import luma, prop, scene, seen_from

_FULL = 60
"""Pixels of a picture 1024 wide: a quarter of it of one half as wide, and so on."""
_IN_VIEW = math.radians(32)


_ROOM = frozenset(("door", "phone", "window", "board", "pipe", "sink", "locker", "cabinet"))


@pytest.fixture(scope="module")
def shipped() -> dict[str, World]:
    """The packs that ship."""
    return dict(load_worlds(SHIPPED_WORLDS))


@pytest.mark.parametrize("token", sorted(MAKERS)[::4])
def test_a_thing_that_stands_before_the_player_is_seen(token: str) -> None:
    assert _seen_ahead(token)


@pytest.mark.slow
def test_each_thing_that_stands_before_the_player_is_seen() -> None:
    assert [token for token in sorted(MAKERS) if not _seen_ahead(token)] == []


def _seen_ahead(token: str) -> bool:
    biome: Biome = "lab" if token in _ROOM else "field"
    facts = scene(biome, place="room", props=(prop(token, 0.6, 9.0),), year=1990)
    return coverage(facts)[0] >= _FULL / 16


def test_what_is_behind_the_player_or_in_fog_is_known_not_to_be_seen() -> None:
    facts = scene("desert", 12, "fog", props=(prop("car", 0, 8), prop("car", 0, 400)))

    assert coverage(facts)[0] > 0
    assert coverage(facts)[1] == 0
    assert coverage(seen_from(facts, yaw=math.pi)) == (0, 0)


def test_what_is_said_to_be_seen_is_in_the_picture() -> None:
    bare = scene("field", 12, width=512, height=384)
    facts = bare.model_copy(update={"props": (prop("barn", 4, 30),)})
    changed = np.abs(luma(render(facts)) - luma(render(bare))) > 0.1

    assert changed.sum() == pytest.approx(coverage(facts)[0], rel=0.8)


def test_the_props_of_every_place_are_seen_from_where_the_player_first_stands(
    shipped: dict[str, World],
) -> None:
    hidden = []
    for name, world in shipped.items():
        begun = world.begin(1).world
        for place in world.compiled.settings:
            state = begun.model_copy(update={"place": place, "minutes": 600, "weather": "clear"})
            facts = _small(world.scene(state, seed=1, turn=1))
            for one, pixels in zip(facts.props, coverage(facts), strict=True):
                turn = math.atan2(one.x - facts.camera.x, one.z - facts.camera.z)
                ahead = abs(math.remainder(turn - facts.camera.yaw, math.tau)) < _IN_VIEW
                if ahead and pixels < _FULL / 4:
                    hidden.append((name, place, one.token))

    # One thing may stand behind another; more than a few would be a fault.
    assert len(hidden) <= 4, hidden


def _small(facts: SceneFacts) -> SceneFacts:
    return facts.model_copy(update={"width": 512, "height": 384})


def test_everybody_looks_like_themselves() -> None:
    seen = {
        who: luma(render(scene("desert", 12, figures=(SceneFigure(token=who, x=0.0, z=5.0),))))
        for who in FIGURES
    }

    alike = [
        (a, b)
        for a, b in itertools.combinations(FIGURES, 2)
        if (np.abs(seen[a] - seen[b]) > 0.08).sum() < 40
    ]
    assert alike == []


def test_poses_differ_and_an_unknown_one_stands() -> None:
    def seen(pose: str) -> Any:
        somebody = (SceneFigure(token="guard", x=0.0, z=5.0, pose=pose),)
        return luma(render(scene("desert", 12, figures=somebody)))

    standing = seen("standing")

    assert (seen("as nobody stands") == standing).all()
    for pose in set(POSES) - {"standing", "waiting"}:
        assert (np.abs(seen(pose) - standing) > 0.08).sum() >= 30, pose


def test_before_electric_light_things_look_otherwise() -> None:
    for token in ("lamp", "fence", "tank_glass", "shed"):
        assert token_then(token) in MAKERS
        now = render(scene("field", 12, props=(prop(token, 0.5, 7),), year=1990))
        then = render(scene("field", 12, props=(prop(token, 0.5, 7),), year=1890))
        assert (now != then).any()
