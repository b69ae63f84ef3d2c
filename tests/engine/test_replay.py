"""A game can be played again from its record alone, and a record that lies is found."""

import itertools
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from app.engine.game import Game
from app.engine.replay import ABSENT, Difference, Replay
from app.engine.requests import Asked
from app.engine.world.world import World
from app.models.record import StoredEntry
from tests.engine.conftest import GameMaker
from tests.engine.play import begin, choose
from tests.engine.replaying import endless_worlds, entries_of, first_difference, play_on, quiet


@pytest.fixture(scope="module")
def worlds() -> Mapping[str, World]:
    return endless_worlds()


@pytest.mark.parametrize("world_id", ["cinder_flat", "skerry_light"])
async def test_a_game_of_sixty_turns_of_every_kind_agrees(
    game: Game, worlds: Mapping[str, World], world_id: str
) -> None:
    await quiet(game)
    await begin(game, seed=4, world=world_id)
    await play_on(game, "default", 60, random.Random(f"replay|{world_id}"))
    entries = await entries_of(game)
    assert len(entries) >= 60
    assert any(stored.entry.is_timeout for stored in entries)
    assert any(stored.entry.is_custom_action for stored in entries)
    befores = itertools.pairwise(entries)
    assert any(before.entry.choices != after.entry.offered for before, after in befores)
    assert first_difference(worlds[world_id], entries) is None
    assert {stored.pack for stored in entries} == {worlds[world_id].edition}


async def test_branches_agree_too(a_game: GameMaker, worlds: Mapping[str, World]) -> None:
    chance = random.Random("branches")
    async with a_game() as game:
        await quiet(game)
        await begin(game, seed=9)
        await play_on(game, "default", 10, chance)
        await game.turns.regenerate("default", asked=Asked())
        await game.sessions.fork("default", turn=6, new_id="fork", name=None)
        await play_on(game, "fork", 8, chance)
        await game.sessions.rewind("default", turn=3)
        await play_on(game, "default", 8, chance)
        await game.turns.regenerate("default", asked=Asked())
        await game.sessions.reset("default", world=None, seed=10)
        archive = (await game.sessions.archives()).items[0].name
        await game.sessions.restore(archive, session_id="again")
        await play_on(game, "again", 4, chance)
        await begin(game)
        await play_on(game, "default", 3, chance)
    async with a_game() as game:
        for session_id in ("fork", "again", "default"):
            entries = await entries_of(game, session_id)
            assert first_difference(worlds["cinder_flat"], entries) is None


@pytest.fixture
async def entries(game: Game) -> list[StoredEntry]:
    await quiet(game)
    await begin(game, seed=4)
    await choose(game)
    await choose(game, words="listen at the door", fate="LUCKY")
    await game.turns.penalty("default", asked=Asked())
    await game.turns.regenerate("default", asked=Asked())
    await choose(game, index=1)
    await choose(game, index=2)
    return await entries_of(game)


def tampered(stored: StoredEntry, path: str, value: Any) -> StoredEntry:
    """The entry with one field different; nothing else is made to fit."""
    fields = stored.model_dump()
    at = fields
    *parents, last = path.split(".")
    for name in parents:
        at = at[name]
    assert at[last] != value
    at[last] = value
    return StoredEntry.model_validate(fields)


@pytest.mark.parametrize(
    ("turn", "path", "value", "field"),
    [
        (3, "world.health", 7, "world.health"),
        (2, "world.items", (), "world.items[0]"),
        (4, "world.flags", {"won": True}, "world.flags"),
        (1, "world.place", "nowhere", "world.place"),
        (2, "entry.health", 99, "health"),
        (2, "entry.dispatch", "You win.", "dispatch"),
        (5, "entry.phase", "over", "phase"),
        (4, "entry.state.mood", "merry", "state.mood"),
        (5, "entry.action", "Fly away", "action"),
        (2, "entry.fate", "UNLUCKY", None),
        (2, "entry.fate", None, "fate and action"),
        (2, "entry.action", "run for the hills", None),
        (3, "entry.is_timeout", False, "fate and action"),
        (4, "entry.offered", (), "offered"),
        (2, "entry.state.seed", 5, "seed"),
        (2, "accepted", {"facts": ({"text": "You have won."},)}, None),
    ],
)
async def test_a_record_that_lies_is_found_where_it_lies(
    entries: list[StoredEntry],
    worlds: Mapping[str, World],
    turn: int,
    path: str,
    value: Any,
    field: str | None,
) -> None:
    world = worlds["cinder_flat"]
    assert first_difference(world, entries) is None
    entries[turn] = tampered(entries[turn], path, value)
    found = first_difference(world, entries)
    assert found is not None
    assert found.turn == turn
    assert field is None or found.field.startswith(field)
    assert found.recorded != found.got


async def test_a_difference_says_what_was_recorded_and_what_came(
    entries: list[StoredEntry], worlds: Mapping[str, World]
) -> None:
    right = entries[3].world
    entries[3] = tampered(entries[3], "world.health", right.health - 1)
    found = first_difference(worlds["cinder_flat"], entries)
    assert found == Difference(3, "world.health", str(right.health - 1), str(right.health))
    entries[3] = entries[3].model_copy(
        update={"world": right.model_copy(update={"flags": {**right.flags, "won": True}})}
    )
    found = first_difference(worlds["cinder_flat"], entries)
    assert found == Difference(3, "world.flags.won", "True", ABSENT)


async def test_nobody_acts_in_a_record_after_the_end(
    entries: list[StoredEntry], worlds: Mapping[str, World]
) -> None:
    """A turn that follows a death cannot have been played."""
    world = worlds["cinder_flat"]
    replay = Replay(world)
    assert replay.turn(entries[0]) is None
    dead = entries[0].world.model_copy(update={"health": 0, "ending": "dead"})
    replay._before = entries[0].model_copy(update={"world": dead})
    found = replay.turn(entries[1])
    assert found is not None
    assert found.field == "action"


async def test_another_edition_of_a_pack_has_another_name(
    worlds: Mapping[str, World], tmp_path: Path
) -> None:
    pack = worlds["cinder_flat"].pack
    assert World(pack).edition == worlds["cinder_flat"].edition
    other = pack.model_copy(update={"tagline": pack.tagline + "!"})
    assert World(other).edition != worlds["cinder_flat"].edition
    assert worlds["skerry_light"].edition != worlds["cinder_flat"].edition
