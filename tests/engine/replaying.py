"""Long games of every kind of turn, and playing them again."""

import random
from collections.abc import Mapping

from app.engine.game import Game
from app.engine.picking import HURT, pick
from app.engine.replay import Difference, Replay
from app.engine.requests import Asked
from app.engine.views import SettingsChange
from app.engine.world.loader import load_worlds
from app.engine.world.world import World
from app.models.record import StoredEntry
from app.models.vocabulary import Fate
from tests.engine.conftest import SHIPPED
from tests.engine.play import choose, turn_of

WORDS = (
    "listen at the door",
    "shout for help",
    "look for water",
    "throw a stone",
    "hide",
    "wave the lamp about",
)
FATES: tuple[Fate | None, ...] = (None, None, "LUCKY", "NORMAL", "UNLUCKY")


def endless_worlds() -> Mapping[str, World]:
    """The shipped ones without the endings that come by the clock: a run ends by death only."""
    shipped = load_worlds(SHIPPED)
    return {name: _endless(world) for name, world in shipped.items()}


def _endless(world: World) -> World:
    deaths = [ending for ending in world.pack.endings if ending.tone == "death"]
    assert deaths
    return World(world.pack.model_copy(update={"endings": deaths}))


async def play_on(game: Game, session_id: str, turns: int, chance: random.Random) -> None:
    """So many turns of every kind, with an eye on staying alive; a run that ends is rewound."""
    last = await turn_of(game, session_id) + turns
    while (turn := await turn_of(game, session_id)) < last:
        state = await game.sessions.state(session_id)
        if state.phase == "over":
            await game.sessions.rewind(session_id, turn=max(0, turn - chance.randint(4, 14)))
            continue
        for _ in range(chance.choice((0, 0, 0, 0, 1, 3))):
            await game.turns.regenerate(session_id, asked=Asked())
        kind, hurt = chance.random(), state.player.health < HURT
        if kind < 0.1 and not hurt:
            await game.turns.penalty(session_id, asked=Asked())
        elif kind < 0.3:
            await choose(game, session_id, words=chance.choice(WORDS), fate=chance.choice(FATES))
        else:
            record = await game.store.load(session_id)
            taken = pick(record)
            assert taken is not None
            at = record.snapshot.choices.index(taken)
            await choose(game, session_id, index=at, fate=chance.choice(FATES))


async def entries_of(game: Game, session_id: str = "default") -> list[StoredEntry]:
    page = await game.store.page(session_id, before=None, limit=1000)
    return list(page[::-1])


def first_difference(world: World, entries: list[StoredEntry]) -> Difference | None:
    replay = Replay(world)
    return next((found for one in entries if (found := replay.turn(one)) is not None), None)


async def quiet(game: Game, session_id: str = "default") -> None:
    change = SettingsChange(images=False)
    await game.sessions.change(session_id, name=None, description=None, settings=change)
