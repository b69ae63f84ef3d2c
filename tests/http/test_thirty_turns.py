"""A game of thirty turns over HTTP with the built-in narrator and illustrator, twice."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from app.engine.providers.offline.illustrator import OfflineIllustrator
from app.engine.world.world import World
from tests.http.conftest import Client, ClientMaker

TURNS = 30
SEED = 11


async def _play(client: Client, folder: Path) -> tuple[list[str], list[bytes]]:
    """Thirty turns from one seed; a run that ends is taken up again three turns earlier."""
    told = [await client.intro(seed=SEED)]
    while len(told) <= TURNS:
        if told[-1]["phase"] == "over":
            told = told[:-3]
            await client.data("POST", "/api/sessions/default/rewind", json={"turn": len(told) - 1})
        choices = told[-1]["choices"]
        safest = sorted(choices, key=lambda one: (one["risk"] != "low", one["id"]))
        own = {"choice": "listen for a while"} if len(told) % 9 == 4 else None
        pick = safest[len(told) % 2]["id"]
        told.append(await client.act(**(own or {"choice_id": pick})))
    state = await client.data("GET", "/api/state")
    history = json.loads((folder / "default" / "history.json").read_bytes())
    assert state["turn"] == len(history) - 1 == TURNS
    pictures = [(await client.get(turn["image"]["url"])).content for turn in told]
    return [json.dumps(turn, sort_keys=True) for turn in told], pictures


@pytest.mark.slow
async def test_the_same_seed_and_choices_are_the_same_thirty_turns_and_pictures(
    a_client: ClientMaker, tmp_path: Path, worlds: Mapping[str, World]
) -> None:
    # A quarter of the pixels: the same turns, the same pictures, in a third of the time.
    small = {
        name: World(
            world.pack.model_copy(
                update={"meta": world.pack.meta.model_copy(update={"width": 512, "height": 384})}
            )
        )
        for name, world in worlds.items()
    }
    games = []
    for name in ("first", "second"):
        folder = tmp_path / name
        illustrator = OfflineIllustrator()
        async with a_client(sessions_dir=folder, illustrator=illustrator, worlds=small) as client:
            games.append(await _play(client, folder))
        await illustrator.close()
    words, pictures = games[0]
    assert games[1] == games[0]
    assert len(set(pictures)) == len(pictures) == TURNS + 1
    assert all(len(picture) > 4_000 for picture in pictures)
    assert len(set(words)) == TURNS + 1
