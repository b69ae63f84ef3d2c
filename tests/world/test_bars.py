"""The bars of OFFLINE.md section d, for every world that ships: on a sample, and in full."""

from functools import cache
from pathlib import Path

import pytest

from app.engine.world.loader import load_world
from app.engine.world.report import judge
from app.engine.world.trials import try_out, try_out_folder
from app.engine.world.world import World
from tests.world.conftest import SHIPPED

NAMES = sorted(one.parent.name for one in SHIPPED.glob("*/pack.yaml"))
FEW = 25
"""Games of each bot in the sample."""
SURE = 3.0
"""Standard errors that are forgiven of a share of so few games."""
ONLY_IN_FULL = (
    "storylets seen in 3 % of runs",
    "storylets seen in 60 % of runs",
    "endings never reached",
)
"""A small sample cannot tell rare from never, nor often from too often."""
FULL = 300


@cache
def world_of(name: str) -> World:
    return load_world(SHIPPED / name)


@pytest.mark.parametrize("name", NAMES)
def test_the_bars_hold_on_a_sample(name: str) -> None:
    world = world_of(name)
    judged = judge(try_out(world, FEW), world.pack, sure=SURE)
    assert len(judged) > (40 if world.pack.base is None else 30)
    short = [one for one in judged if not one.holds and one.bar.name not in ONLY_IN_FULL]
    assert [str(one) for one in short] == []


@pytest.mark.soak
@pytest.mark.parametrize("name", NAMES)
def test_the_bars_hold(name: str) -> None:
    played = try_out_folder(Path(SHIPPED / name), FULL, processes=2)
    judged = judge(played, world_of(name).pack)
    assert [str(one) for one in judged if not one.holds] == []


def test_the_figures_do_not_depend_on_who_plays() -> None:
    folder = Path(__file__).parent / "pack_fixture" / "salt_works"
    alone = try_out(load_world(folder), 25, turns=8)
    assert try_out_folder(folder, 25, processes=2, turns=8) == alone
