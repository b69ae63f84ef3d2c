"""The flagship world as a treadmill: every turn costs what it costs, and no run ever ends."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from app.engine.fate import draw
from app.engine.world.loader import load_worlds
from app.engine.world.resolution import Resolution
from app.engine.world.world import World
from app.models.vocabulary import Fate
from app.models.world import Offer, WorldState

WORLD = "cinder_flat"
MIDDLE = 12
"""Turns after which the state is that of an ordinary game in its middle."""


class Treadmill(World):
    """Resolves every action from the same moment in the middle of a game."""

    middle: WorldState

    def act(
        self,
        before: WorldState,
        *,
        seed: int,
        turn: int,
        fate: Fate,
        offer: Offer | None = None,
        words: str | None = None,
    ) -> Resolution:
        return super().act(self.middle, seed=seed, turn=turn, fate=fate, offer=offer, words=words)


def treadmill() -> Mapping[str, World]:
    """The worlds of a measured service."""
    shipped = load_worlds(Path(__file__).parents[1] / "app" / "worlds")
    world = Treadmill(shipped[WORLD].pack)
    world.middle = middle(world)
    return MappingProxyType({WORLD: world})


def middle(world: World) -> WorldState:
    """A state in the middle of a game that is still going on."""
    for seed in range(1000):
        state = world.begin(seed).world
        for turn in range(1, MIDDLE + 1):
            if not state.offers:
                break
            resolution = World.act(
                world,
                state,
                seed=seed,
                turn=turn,
                fate=draw(seed, turn),
                offer=state.offers[turn % len(state.offers)],
            )
            state = resolution.world
        if state.offers:
            return state
    raise AssertionError("no game of this world lasts until its middle")
