"""Worlds that are taken over while they are played. The files change when the test says so."""

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from app.engine.world.fitting import fit
from app.engine.world.live import LiveWorlds
from app.engine.world.loader import load_world
from app.engine.world.starting import plant
from app.main import create_app
from app.settings import ServiceSettings
from tests.doubles import HeldNarrator, QuickIllustrator
from tests.http.conftest import Client

LABEL = "Sit on your suitcase for a minute"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "worlds" / "last_stop"
    plant(made)
    return made


@pytest.fixture
def narrator() -> HeldNarrator:
    return HeldNarrator("held")


@pytest.fixture
async def client(tmp_path: Path, folder: Path, narrator: HeldNarrator) -> AsyncIterator[Client]:
    settings = ServiceSettings(
        sessions_dir=tmp_path / "sessions",
        worlds_dir=folder.parent,
        default_world="last_stop",
        durability="process",
        reload_worlds=True,
    )
    app = create_app(settings, narrator=narrator, illustrator=QuickIllustrator())
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        Client(transport=transport, base_url="http://elsewhere.test") as made,
    ):
        made.app = app
        yield made


def live(client: Client) -> LiveWorlds:
    worlds = client.app.state.service.game.founding.worlds
    assert isinstance(worlds, LiveWorlds)
    return worlds


def rewrite(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


async def test_a_change_is_played_from_the_next_turn_on(client: Client, folder: Path) -> None:
    await client.intro(seed=5)
    rewrite(folder / "pack.yaml", "The Last Stop", "The Very Last Stop")
    rewrite(
        folder / "lines.yaml",
        "- {slot: amb, t:",
        "- {slot: amb, t: [A goose.]}\n  - {slot: amb, t:",
    )
    await live(client).refresh()
    turn = await client.act()
    assert turn["turn"] == 1
    title = (await client.data("GET", "/api/worlds/last_stop"))["title"]
    assert title == "The Very Last Stop"


async def test_a_turn_that_is_being_made_ends_in_the_world_it_began_in(
    client: Client, folder: Path, narrator: HeldNarrator
) -> None:
    await client.data("POST", "/api/sessions", json={"session_id": "held", "seed": 5})
    intro = asyncio.create_task(client.intro("held"))
    await narrator.entered.acquire()
    rewrite(folder / "places.yaml", "The platform is a hundred yards", "The platform is a mile")
    rewrite(folder / "places.yaml", "Benches line the walls", "Chairs line the walls")
    await live(client).refresh()
    narrator.release.set()
    told = (await intro)["dispatch"]
    assert "hundred yards" in told or "Benches line" in told
    again = await client.data("POST", "/api/state/reset", json={"session_id": "held", "seed": 5})
    assert again["turn"] == -1
    told = (await client.intro("held"))["dispatch"]
    assert "a mile" in told or "Chairs line" in told


async def test_what_cannot_be_played_is_not_taken(
    client: Client, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await client.intro(seed=5)
    before = live(client)["last_stop"]
    rewrite(folder / "places.yaml", "to: waiting_room", "to: moon")
    with caplog.at_level(logging.ERROR):
        await live(client).refresh()
    assert live(client)["last_stop"] is before
    (said,) = [one for one in caplog.records if one.message == "world not reloaded"]
    assert "places.yaml" in said.__dict__["reason"]
    assert "places.platform.exits" in said.__dict__["reason"]
    assert (await client.act())["turn"] == 1
    rewrite(folder / "places.yaml", "to: moon", "to: waiting_room")
    await live(client).refresh()
    assert live(client)["last_stop"] is not before


async def test_what_has_not_changed_stays_the_same_object(client: Client) -> None:
    before = live(client)["last_stop"]
    await live(client).refresh()
    assert live(client)["last_stop"] is before


async def test_a_world_comes_and_a_world_that_goes_stays(client: Client, folder: Path) -> None:
    plant(folder.parent / "another")
    await live(client).refresh()
    assert set(live(client)) == {"last_stop", "another"}
    (folder / "pack.yaml").unlink()
    await live(client).refresh()
    assert set(live(client)) == {"last_stop", "another"}
    assert (await client.intro(seed=5))["turn"] == 0


async def test_it_looks_after_every_pause_until_it_is_stopped(folder: Path) -> None:
    worlds = LiveWorlds(folder.parent, {"last_stop": load_world(folder)})
    pauses: asyncio.Queue[None] = asyncio.Queue()
    paused = asyncio.Event()

    async def pause() -> None:
        paused.set()
        await pauses.get()

    watch = asyncio.create_task(worlds.watch(pause))
    await paused.wait()
    rewrite(folder / "pack.yaml", "The Last Stop", "The First Stop")
    paused.clear()
    pauses.put_nowait(None)
    await paused.wait()
    assert worlds["last_stop"].pack.title == "The First Stop"
    watch.cancel()
    with pytest.raises(asyncio.CancelledError):
        await watch


def test_it_is_off_unless_asked_for(tmp_path: Path) -> None:
    app = create_app(ServiceSettings(sessions_dir=tmp_path), illustrator=QuickIllustrator())
    assert not isinstance(app.state.service.game.founding.worlds, LiveWorlds)


def test_a_state_is_fitted_to_a_changed_world(folder: Path) -> None:
    world = load_world(folder)
    state = world.begin(5).world
    assert fit(world.compiled, state) is state
    agents = {"ghost": state.agents["inspector"]}
    old = state.model_copy(
        update={"place": "moon", "came_from": "mars", "items": ("case", "sword"), "agents": agents}
    )
    fitted = fit(world.compiled, old)
    assert fitted.place == "platform"
    assert fitted.came_from is None
    assert fitted.items == ("case",)
    assert fitted.agents["inspector"].state == "asleep"
    assert world.view(old, turn=0).location.id == "platform"
    assert world.penalty(old, seed=5, turn=1).world.place in world.compiled.settings
    offer = state.offers[0]
    gone = offer.model_copy(update={"action": "do:sword:swing"})
    after = world.act(old, seed=5, turn=1, fate="NORMAL", offer=gone)
    assert len(after.world.offers) >= 3
