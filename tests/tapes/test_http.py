"""Tapes over HTTP: asked for, listed, read in parts, kept by caches."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.engine.world.world import World
from app.main import create_app
from app.settings import ServiceSettings
from tests.doubles import QuickIllustrator
from tests.http.conftest import Client, assert_failed
from tests.tapes.decks import FailingDeck, HeldDeck, QuickDeck, idle
from tests.tapes.runs import SMALL


@pytest.fixture
async def client(tmp_path: Path, worlds: Mapping[str, World]) -> AsyncIterator[Client]:
    settings = ServiceSettings(sessions_dir=tmp_path / "sessions", durability="process")
    app = create_app(settings, illustrator=QuickIllustrator(), worlds=worlds)
    app.state.service.game.tapes._form = SMALL
    async with (
        app.router.lifespan_context(app),
        Client(transport=httpx.ASGITransport(app), base_url="http://elsewhere.test") as made,
    ):
        made.app = app
        yield made


def with_deck(client: Client, deck: object) -> None:
    client.app.state.service.game.tapes._deck = deck


async def made(client: Client) -> dict[str, Any]:
    """A run of two turns and its finished tape."""
    await client.intro()
    await client.act()
    await client.data("POST", "/api/sessions/default/tapes", json={})
    await idle(client.app.state.service.game)
    tapes = await client.data("GET", "/api/sessions/default/tapes")
    tape: dict[str, Any] = tapes["items"][0]
    return tape


async def test_a_tape_is_asked_for_made_listed_and_read(client: Client) -> None:
    """With the real deck, to the last byte."""
    await client.intro()
    await client.act()
    answer = await client.post("/api/sessions/default/tapes")
    assert answer.status_code == 202
    assert answer.json()["data"]["status"] == "making"
    assert answer.json()["data"]["turns"] == 2
    tape = await made(client)
    assert (tape["status"], tape["turns"]) == ("ready", 3)
    kinds = {"url": "video/mp4", "captions_url": "text/vtt; charset=utf-8"}
    for key, content_type in {**kinds, "preview_url": "image/webp"}.items():
        file = await client.get(tape[key])
        assert file.status_code == 200
        assert file.headers["content-type"] == content_type
        assert file.headers["x-content-type-options"] == "nosniff"
        assert "immutable" in file.headers["cache-control"]
        assert file.headers["etag"]
        head = await client.head(tape[key])
        assert head.headers["content-length"] == str(len(file.content))
    film = (await client.get(tape["url"])).content
    assert len(film) == tape["bytes"]
    assert film[4:8] == b"ftyp"


async def test_parts_of_a_film_and_copies_that_are_still_good(client: Client) -> None:
    with_deck(client, QuickDeck())
    tape = await made(client)
    whole = await client.get(tape["url"])
    part = await client.get(tape["url"], headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, whole.content[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{len(whole.content)}"
    tail = await client.get(tape["url"], headers={"Range": "bytes=-5"})
    assert (tail.status_code, tail.content) == (206, whole.content[-5:])
    same = await client.get(tape["url"], headers={"If-None-Match": whole.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")
    beyond = await client.get(tape["url"], headers={"Range": f"bytes={len(whole.content)}-"})
    assert_failed(beyond, 416, "range_not_satisfiable")
    assert beyond.headers["content-range"] == f"bytes */{len(whole.content)}"


async def test_a_film_that_is_being_made_is_not_there(client: Client) -> None:
    with_deck(client, deck := HeldDeck())
    await client.intro()
    tape = await client.data("POST", "/api/sessions/default/tapes", json={})
    await deck.entered.acquire()
    listed = await client.data("GET", "/api/sessions/default/tapes")
    assert [one["status"] for one in listed["items"]] == ["making"]
    assert (await client.get(tape["captions_url"])).text.startswith("WEBVTT")
    film = tape["captions_url"].replace(".vtt", ".mp4")
    assert_failed(await client.get(film), 404, "media_not_found")


async def test_an_ended_runs_tape_is_read_from_the_archive(client: Client) -> None:
    with_deck(client, QuickDeck())
    await client.intro()
    await client.act()
    await client.data("POST", "/api/state/reset", json={})
    await idle(client.app.state.service.game)
    (archive,) = (await client.data("GET", "/api/archives"))["items"]
    (tape,) = (await client.data("GET", f"/api/archives/{archive['name']}/tapes"))["items"]
    assert tape["status"] == "ready"
    for key in ("url", "captions_url", "preview_url"):
        assert tape[key].startswith(f"/api/archives/{archive['name']}/tapes/")
        assert (await client.get(tape[key])).status_code == 200
        assert (await client.head(tape[key])).status_code == 200


async def test_what_is_taken_home_has_its_film(client: Client) -> None:
    with_deck(client, QuickDeck())
    tape = await made(client)
    parcel = (await client.get("/api/sessions/default/export")).content
    await client.data(
        "POST",
        "/api/sessions/import?session_id=home",
        content=parcel,
        headers={"content-type": "application/zip"},
    )
    (there,) = (await client.data("GET", "/api/sessions/home/tapes"))["items"]
    assert (there["name"], there["status"]) == (tape["name"], "ready")
    assert (await client.get(there["url"])).content == (await client.get(tape["url"])).content


async def test_the_beginning_of_a_run_is_a_tape_too(client: Client) -> None:
    with_deck(client, QuickDeck())
    await made(client)
    tapes = "/api/sessions/default/tapes"
    await client.data("POST", tapes, json={"turn": 0})
    await idle(client.app.state.service.game)
    listed = (await client.data("GET", tapes))["items"]
    assert [(tape["turn"], tape["turns"], tape["status"]) for tape in listed] == [
        (1, 2, "ready"),
        (0, 1, "ready"),
    ]
    assert_failed(await client.post(tapes, json={"turn": 9}), 404, "turn_not_found")


async def test_what_can_go_wrong_has_its_code(client: Client) -> None:
    tapes = "/api/sessions/default/tapes"
    assert_failed(await client.post(tapes), 409, "not_started")
    assert_failed(await client.post("/api/sessions/nobody/tapes"), 404, "session_not_found")
    assert_failed(await client.get("/api/sessions/nobody/tapes"), 404, "session_not_found")
    assert_failed(await client.get("/api/archives/nothing/tapes"), 404, "archive_not_found")
    for name in ("x.mp4", "state.json", "..%2fstate.json", "a.exe"):
        answer = await client.get(f"{tapes}/{name}")
        assert answer.status_code == 404, name
    with_deck(client, None)
    await client.intro()
    assert_failed(await client.post(tapes), 502, "provider_failed")


async def test_a_get_makes_nothing(client: Client) -> None:
    with_deck(client, deck := FailingDeck(OSError()))
    await client.intro()
    assert (await client.data("GET", "/api/sessions/default/tapes"))["items"] == []
    assert deck.calls == 0
