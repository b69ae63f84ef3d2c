"""Every method against the real service, and every route by a method: the two cannot drift."""

import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from fastapi import FastAPI

from app.edge.access.keys import new_key
from clients.game_client import (
    Accepted,
    Actor,
    Denied,
    GameClient,
    Hello,
    Image,
    Retries,
    TapeReady,
    Turn,
    TurnStarted,
    VideoReady,
)
from clients.game_client.asgi import AppTransport
from tests.clients.conftest import BASE, AppMaker, listening

NO_METHOD: Final = frozenset(("GET /metrics",))
"""For machines that speak another language. Legacy routes are left out by their mark."""
KEY, KEPT = new_key("tour")


class Noting(httpx.AsyncBaseTransport):
    """Keeps which requests were made and answered well."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self.inner = inner
        self.answered: list[tuple[str, str]] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self.inner.handle_async_request(request)
        if response.is_success:
            self.answered.append((request.method, request.url.path))
        return response

    async def aclose(self) -> None:
        await self.inner.aclose()


class Noted:
    """A client that keeps which of its methods were called."""

    def __init__(self, client: GameClient) -> None:
        self.client = client
        self.called: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        self.called.add(name)
        return getattr(self.client, name)


def methods() -> set[str]:
    """What callers are offered."""
    found = inspect.getmembers(GameClient, inspect.isfunction)
    return {name for name, _ in found if not name.startswith("_")}


def routes(app: FastAPI) -> set[str]:
    """What the service's document says that it can do, but for what is deprecated."""
    return {
        f"{method.upper()} {path}"
        for path, operations in app.openapi()["paths"].items()
        for method, operation in operations.items()
        if not operation.get("deprecated")
    } - NO_METHOD


def route_of(app: FastAPI, method: str, path: str) -> str:
    for route in app.router.routes:
        matched, _ = route.matches({"type": "http", "method": method, "path": path})
        if matched.name == "FULL":
            return f"{method} {route.path}"  # type: ignore[attr-defined]
    raise AssertionError(path)


@pytest.mark.parametrize("where", ["in process", "on a socket"])
async def test_every_method_works_and_every_route_has_one(
    where: str, an_app: AppMaker, tmp_path: Path
) -> None:
    app = an_app(access="keys", service_keys=(KEPT,))
    async with opened(app, where) as (client, noting):
        noted = Noted(client)
        for part in TOUR:
            await part(noted, tmp_path)
        await noted.aclose()
    assert noted.called == methods()
    reached = {route_of(app, *asked) for asked in noting.answered}
    assert routes(app) - reached == set()


@asynccontextmanager
async def opened(app: FastAPI, where: str) -> AsyncIterator[tuple[GameClient, Noting]]:
    """The service, and a client of it whose requests are noted."""
    async with AsyncExitStack() as stack:
        if where == "on a socket":
            base = await stack.enter_async_context(listening(app))
            noting = Noting(httpx.AsyncHTTPTransport())
        else:
            await stack.enter_async_context(app.router.lifespan_context(app))
            base, noting = BASE, Noting(AppTransport(app))
        client = GameClient(base, key=KEY, transport=noting, retries=Retries(attempts=1))
        yield await stack.enter_async_context(client), noting


# -- the tour: each part leaves behind what the next one needs ----------------------------------


async def the_service(client: Any, _: Path) -> None:
    assert (await client.health()).service == "elsewhere"
    assert (await client.ready()).store == "ok"
    info = await client.info()
    assert info.limits.action_characters == 300
    worlds = (await client.worlds()).items
    assert {world.id for world in worlds} == set(info.worlds)
    world = await client.world(info.default_world)
    assert world.is_default
    assert world.goal


async def sessions(client: Any, _: Path) -> None:
    meta = await client.create_session(
        "tour", name="A tour", description="of all", seed=1, settings={"deadline_seconds": 60}
    )
    assert (meta.name, meta.settings.deadline_seconds) == ("A tour", 60)
    made = await client.create_session()
    first = await client.sessions(limit=1, sort="created")
    rest = await client.sessions(cursor=first.next_cursor)
    listed = {meta.session_id for meta in (*first.items, *rest.items)}
    assert listed >= {"tour", made.session_id}
    changed = await client.change_session("tour", name="Grand", settings={"budget_usd": None})
    assert (changed.name, changed.description) == ("Grand", "of all")
    assert (await client.delete_session(made.session_id, archive=False)).archive is None


async def playing(client: Any, _: Path) -> None:
    assert (await client.state()).phase == "new"
    assert (await client.reset("default", seed=3)).seed == 3
    assert (await client.reload()).turn == -1
    intro = await client.intro("tour", player="Zoë  \n Ω", expected_turn=-1)
    assert intro.turn == 0
    assert len(intro.choices) == 4
    assert (await client.intro("tour", seed=1)).dispatch == intro.dispatch
    second = await client.act("tour", intro.choices[0], expected_turn=0, fate="LUCKY")
    assert (second.turn, second.fate, second.action) == (1, "LUCKY", intro.choices[0].text)
    third = await client.act("tour", "Whistle and listen", key="my own key")
    assert third.is_custom_action
    again = await client.act("tour", "Whistle and listen", key="my own key")
    assert (again.turn, again.dispatch) == (2, third.dispatch)
    other = await client.regenerate("tour", expected_turn=2)
    assert {choice.id for choice in other.choices}.isdisjoint(c.id for c in third.choices)
    fourth = await client.act("tour", choice_id=other.choices[0].id)
    assert fourth.turn == 3
    tick = await client.begin_tick("tour")
    assert (tick.turn, len(tick.choices)) == (3, 4)


async def playing_in_two_phases(client: Any, _: Path) -> None:
    assert (await client.intro_image("phases", seed=1)).image.ready
    assert (await client.intro_choices("phases", expected_turn=0)).choices
    assert (await client.act_image("phases", "Wait")).turn == 1
    assert (await client.act_choices("phases", expected_turn=1)).choices
    assert (await client.penalize("phases")).is_timeout


async def playing_without_waiting(client: Any, _: Path) -> None:
    assert await client.start_intro("soon") == Accepted(turn=0)
    assert (await client.intro_choices("soon")).turn == 0
    assert await client.start_act("soon", "Wait") == Accepted(turn=1)
    assert (await client.act_choices("soon")).turn == 1
    assert await client.start_penalty("soon", expected_turn=1) == Accepted(turn=2)
    before = await client.act_choices("soon")
    assert await client.start_regenerate("soon") == Accepted(turn=2)
    async with client.events("soon", after=0) as events:
        async for event in events:
            if type(event).__name__ == "ChoicesChanged":
                break
    assert (await client.state("soon")).choices != before.choices


async def the_clock(client: Any, _: Path) -> None:
    state = await client.hold("tour", name="Ada")
    assert (state.held_by, state.deadline_at) == ("Ada", None)
    resumed = await client.resume("tour")
    assert resumed.deadline_at is not None
    extended = await client.extend("tour", seconds=30)
    assert (extended.deadline_at - resumed.deadline_at).total_seconds() == pytest.approx(30, abs=1)


async def the_past(client: Any, _: Path) -> None:
    overview = await client.session("tour")
    assert (overview.meta.name, overview.state.turn, len(overview.history)) == ("Grand", 3, 4)
    status = await client.status("tour")
    assert (status.turn, status.alive) == (3, True)
    page = await client.history("tour", limit=3)
    assert ([entry.turn for entry in page.items], page.next_before) == ([3, 2, 1], 1)
    found = [entry.turn async for entry in client.entries("tour", q="Whistle")]
    assert 2 in found
    entry = await client.entry("tour", turn=1)
    assert entry.offered
    assert entry.state.turn == 1
    assert (await client.cost("tour", limit=5)).spent_usd == 0
    assert "#" in await client.transcript("tour")
    assert "Whistle" in await client.transcript("tour", style="txt")
    assert [entry.turn for entry in await client.story("tour")] == [0, 1, 2, 3]


async def watching(client: Any, _: Path) -> None:
    async with client.events("tour") as events:
        hello = await anext(events)
    assert isinstance(hello, Hello)
    assert (hello.turn, hello.watchers) == (3, 1)


async def bytes_and_files(client: Any, folder: Path) -> None:
    turn: Turn = await client.act_choices("tour")
    image = turn.image
    assert isinstance(image, Image)
    picture = await client.media(image)
    assert picture.mime == image.mime == "image/webp"
    async with client.media_stream(image.url) as pieces:
        assert b"".join([piece async for piece in pieces]) == picture.content
    async with client.export("tour") as pieces:
        whole = b"".join([piece async for piece in pieces])
    file = folder / "tour.zip"
    assert await client.export_to(file, "tour") == file.stat().st_size
    assert [path.name for path in folder.glob("tour.zip*")] == ["tour.zip"]

    async def in_pieces() -> AsyncIterator[bytes]:
        for at in range(0, len(whole), 1000):
            yield whole[at : at + 1000]

    for name, source in (("bytes", whole), ("file", file), ("pieces", in_pieces())):
        meta = await client.import_session(source, session_id=f"from-{name}")
        assert meta.session_id == f"from-{name}"
        assert (await client.state(f"from-{name}")).turn == 3


async def moving_pictures(client: Any, _: Path) -> None:
    await client.create_session("moving", seed=3, settings={"videos": True})
    assert (await client.intro("moving")).video.status in ("pending", "ready")
    async with client.events("moving", after=1) as events:
        ready = await anext(event async for event in events if isinstance(event, VideoReady))
    video = (await client.state("moving")).video
    assert (video, video.ready) == (ready.video, True)
    assert (await client.media(video)).mime == video.mime == "video/mp4"
    assert (await client.media(video.poster)).mime == "image/webp"
    archive = (await client.delete_session("moving", archive=True)).archive
    ended = await client.archive(archive, limit=1)
    assert (await client.media(ended.state.video)).mime == "video/mp4"


async def whole_runs_as_films(client: Any, folder: Path) -> None:
    await client.create_session("filmed", seed=3)
    await client.intro("filmed")
    async with client.events("filmed") as events:
        asked = await client.make_tape("filmed")
        assert (asked.session_id, asked.turns) == ("filmed", 1)
        ready = await anext(event async for event in events if isinstance(event, TapeReady))
    (tape,) = (await client.tapes("filmed")).items
    assert (tape, tape.ready) == (ready.tape, True)
    assert (await client.media(tape.url)).mime == "video/mp4"
    assert (await client.media(tape.captions_url)).mime == "text/vtt"
    assert await client.tape_to(folder / "film.mp4", tape) == tape.bytes
    assert await client.tape_to(folder / "film.webp", tape, part="preview") > 0
    assert {path.name for path in folder.glob("film*")} == {"film.mp4", "film.webp"}
    archive = (await client.delete_session("filmed", archive=True)).archive
    (kept,) = (await client.archived_tapes(archive)).items
    assert (await client.media(kept.url)).mime == "video/mp4"


async def tokens(client: Any, _: Path) -> None:
    made = await client.create_session("lent")
    assert made.token
    given = await client.make_token("lent")
    assert (given.session_id, given.role) == ("lent", "watch")
    assert given.token != made.token
    transport = client.client._http._transport
    guest = GameClient(client.client.base_url, key=given.token, transport=transport)
    assert (await guest.state("lent")).turn == -1
    with pytest.raises(Denied):
        await guest.intro("lent")
    replaced = await client.make_token("lent", role="play", replace=True)
    with pytest.raises(Denied):
        await guest.state("lent")
    assert replaced.role == "play"


async def branches_and_archives(client: Any, _: Path) -> None:
    fork = await client.fork("tour", turn=1, new_id="branch", name="Another way")
    assert (fork.parent.session_id, fork.parent.turn) == ("tour", 1)
    assert (await client.rewind("tour", turn=0)).turn == 0
    archive = next(one for one in (await client.archives()).items if one.session_id == "tour")
    overview = await client.archive(archive.name, limit=1)
    assert (overview.state.turn, len(overview.history.items)) == (3, 1)
    assert (await client.media(overview.state.image)).mime == "image/webp"
    assert (await client.restore(archive.name, session_id="restored")).session_id == "restored"
    assert (await client.delete_archive(archive.name)).archive == archive.name


TOUR: Final[tuple[Callable[[Any, Path], Awaitable[None]], ...]] = (
    the_service,
    sessions,
    playing,
    playing_in_two_phases,
    playing_without_waiting,
    the_clock,
    the_past,
    watching,
    bytes_and_files,
    moving_pictures,
    whole_runs_as_films,
    branches_and_archives,
    tokens,
)


async def test_who_plays_is_told_to_who_watches(an_app: AppMaker) -> None:
    app = an_app()
    async with (
        app.router.lifespan_context(app),
        GameClient(BASE, transport=AppTransport(app), client_name="discord") as client,
    ):
        await client.intro("here")
        async with client.events("here") as events:
            assert isinstance(await anext(events), Hello)
            await client.act("here", "Wait", player="Zoë \x00 \n Ω" + "x" * 80)
            started = await anext(e async for e in events if isinstance(e, TurnStarted))
    assert started.turn == 1
    assert started.actor == Actor(name=("Zoë Ω" + "x" * 80)[:64], client="discord")
