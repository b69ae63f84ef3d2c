"""Event streams: typed, taken up where they broke, and let go at once."""

import asyncio
import gc
import json
from collections.abc import AsyncIterator, Callable

import httpx
import pytest
from fastapi import FastAPI

from app.edge.docs import load_examples
from app.models import events as theirs
from clients.game_client import (
    EventStream,
    GameClient,
    Hello,
    NotOurs,
    Presence,
    Resync,
    SessionDamaged,
    SessionNotFound,
    SessionOver,
    SessionReset,
    Timing,
    TurnCommitted,
    TurnFailed,
    TurnStarted,
    UnknownEvent,
    Unreachable,
    events,
)
from clients.game_client.asgi import AppTransport
from clients.game_client.events import DispatchDelta, Event, event_of
from tests.clients.conftest import BASE, QUICK, AppMaker, ServiceMaker, answered_by, listening
from tests.doubles import FailingNarrator, TalkingNarrator

PATIENCE = 20


async def until(stream: EventStream, *kinds: type[Event]) -> list[Event]:
    """Reads to the first of these."""
    told: list[Event] = []
    async with asyncio.timeout(PATIENCE):
        async for event in stream:
            told.append(event)
            if isinstance(event, kinds):
                break
    return told


async def watchers(client: GameClient, session_id: str = "default") -> int:
    """How many others watch."""
    async with client.events(session_id) as stream:
        hello = await anext(stream)
    assert isinstance(hello, Hello)
    return hello.watchers - 1


async def test_a_turn_is_told_as_it_is_made(a_service: ServiceMaker) -> None:
    narrator = TalkingNarrator()
    async with a_service(narrator=narrator) as client:
        narrator.finish()
        await client.intro()
        state = await client.state()
        async with client.events(after=state.last_event_id) as stream:
            playing = asyncio.create_task(client.act("default", "Wait", player="Ada"))
            narrator.say("You wait. ", "Nothing comes.")
            told = await until(stream, DispatchDelta)
            narrator.finish()
            told += await until(stream, TurnCommitted)
            turn = await playing
        names = [type(event) for event in told if not isinstance(event, Presence)]
        assert names[:3] == [Hello, TurnStarted, DispatchDelta]
        started = next(event for event in told if isinstance(event, TurnStarted))
        assert (started.turn, started.expected_turn, started.actor.name) == (1, 0, "Ada")
        assert started.choice is not None
        assert started.choice.text == "Wait"
        committed = told[-1]
        assert isinstance(committed, TurnCommitted)
        assert committed.model_dump(exclude={"event_id", "state", "at"}) == turn.model_dump()
        assert committed.event_id is not None


async def test_a_failure_is_told(a_service: ServiceMaker) -> None:
    async with a_service(narrator=FailingNarrator()) as client, client.events() as stream:
        with pytest.raises(Exception, match="500"):
            await client.intro()
        failed = (await until(stream, TurnFailed))[-1]
        assert isinstance(failed, TurnFailed)
        assert (failed.code, failed.unchanged, failed.retry_after) == ("provider_failed", True, 5)


async def test_a_stream_that_breaks_is_taken_up_where_it_broke(an_app: AppMaker) -> None:
    app = an_app()
    async with listening(app) as url, GameClient(url, retries=QUICK) as client:
        await client.intro()
        async with client.events() as stream:
            assert isinstance(await anext(stream), Hello)
            await client.act("default", "Wait")
            seen = await until(stream, TurnCommitted)
            drop_streams(app)
            await client.act("default", "Listen")
            await client.act("default", "Look up")
            told = await until(stream, Hello)
            assert isinstance(told[-1], Hello), "the connection is another one"
            told = await until(stream, TurnCommitted) + await until(stream, TurnCommitted)
    committed = [event for event in seen + told if isinstance(event, TurnCommitted)]
    assert [event.turn for event in committed] == [1, 2, 3]


def drop_streams(app: FastAPI) -> None:
    """End every stream, as a service does with readers that are too slow."""
    for channel in app.state.service.game.events._channels.values():
        channel.close()


async def test_over_a_restart_nothing_is_missed(an_app: AppMaker) -> None:
    transport = Switch()
    async with GameClient(BASE, transport=transport, retries=QUICK) as client:
        app = an_app()
        async with app.router.lifespan_context(app):
            await transport.to(AppTransport(app))
            await client.intro()
            stream = client.events()
            assert isinstance(await anext(stream), Hello)
            await client.act("default", "Wait")
            await until(stream, TurnCommitted)
            await transport.to(None)
        waiting = asyncio.create_task(until(stream, TurnCommitted))
        app = an_app()
        async with app.router.lifespan_context(app):
            elsewhere = GameClient(BASE, transport=AppTransport(app))
            await elsewhere.act("default", "Listen")
            await transport.to(AppTransport(app))
            told = await waiting
            await elsewhere.aclose()
            await stream.aclose()
    assert isinstance(told[0], Hello)
    assert [event.turn for event in told if isinstance(event, TurnCommitted)] == [2]


class Switch(httpx.AsyncBaseTransport):
    """A service that can go away and come back."""

    def __init__(self) -> None:
        self._inner: httpx.AsyncBaseTransport | None = None
        self.asked: list[httpx.Request] = []

    async def to(self, inner: httpx.AsyncBaseTransport | None) -> None:
        before, self._inner = self._inner, inner
        if before is not None:
            await before.aclose()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        if self._inner is None:
            raise httpx.ConnectError("nobody there", request=request)
        return await self._inner.handle_async_request(request)


async def test_what_cannot_be_told_is_a_resync(client: GameClient) -> None:
    await client.intro()
    async with client.events(after="999999") as stream:
        told = await until(stream, Resync)
    resync = told[-1]
    assert isinstance(resync, Resync)
    assert resync.reason == "unknown_id"


async def test_no_session_no_stream(client: GameClient) -> None:
    with pytest.raises(SessionNotFound):
        await anext(client.events("nobody"))
    with pytest.raises(SessionNotFound):
        await client.events("nobody").__aenter__()


async def test_a_stream_that_was_entered_misses_nothing(client: GameClient) -> None:
    async with client.events() as stream:
        await client.intro()
        await client.reset()
        told = [type(event) for event in await until(stream, SessionReset)]
    kinds = [kind for kind in told if kind is not Presence]
    assert kinds == [Hello, TurnStarted, TurnCommitted, SessionReset]


async def test_the_stream_of_a_session_that_is_deleted_ends(client: GameClient) -> None:
    await client.intro("short")
    async with client.events("short") as stream:
        assert isinstance(await anext(stream), Hello)
        await client.delete_session("short")
        async with asyncio.timeout(PATIENCE):
            told = [event async for event in stream]
    over = told[-1]
    assert isinstance(over, SessionOver)
    assert over.reason == "deleted"


async def test_a_session_that_went_while_nobody_listened_ends_its_stream(an_app: AppMaker) -> None:
    app, transport = an_app(), Switch()
    async with (
        app.router.lifespan_context(app),
        GameClient(BASE, transport=transport, retries=QUICK) as client,
    ):
        await transport.to(AppTransport(app))
        await client.intro("short")
        stream = client.events("short")
        assert isinstance(await anext(stream), Hello)
        await transport.to(None)
        async with GameClient(BASE, transport=AppTransport(app)) as other:
            await other.delete_session("short")
        await transport.to(AppTransport(app))
        async with asyncio.timeout(PATIENCE):
            assert [event async for event in stream] == []


@pytest.mark.parametrize("where", ["in process", "on a socket"])
async def test_who_leaves_is_gone_at_once(where: str, an_app: AppMaker) -> None:
    app = an_app()
    if where == "on a socket":
        async with listening(app) as url, GameClient(url) as client:
            await _leave_in_every_way(client)
    else:
        async with (
            app.router.lifespan_context(app),
            GameClient(BASE, transport=AppTransport(app)) as client,
        ):
            await _leave_in_every_way(client)


async def _leave_in_every_way(client: GameClient) -> None:
    await client.intro()

    async def cancelled() -> None:
        heard = asyncio.Event()

        async def read() -> None:
            async for _ in client.events():
                heard.set()

        reading = asyncio.create_task(read())
        await heard.wait()
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading

    async def closed() -> None:
        stream = client.events()
        await anext(stream)
        await stream.aclose()
        assert [event async for event in stream] == []

    async def broken_off() -> None:
        async for _ in client.events():
            break
        gc.collect()

    async def raised() -> None:
        async def read() -> None:
            async with client.events() as stream:
                async for _ in stream:
                    raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await read()

    for leave in (cancelled, closed, broken_off, raised):
        await leave()
        async with asyncio.timeout(5):
            while await watchers(client):
                await asyncio.sleep(0.01)


async def test_a_client_that_is_closed_ends_its_streams(an_app: AppMaker) -> None:
    app = an_app()
    async with listening(app) as url:
        client = GameClient(url, retries=QUICK)
        await client.intro()
        stream = client.events()
        assert isinstance(await anext(stream), Hello)
        reading = asyncio.create_task(until(stream, UnknownEvent))
        await asyncio.sleep(0)
        await client.aclose()
        async with asyncio.timeout(5):
            assert all(isinstance(event, Presence) for event in await reading)


async def test_patience_has_an_end() -> None:
    asked = []

    def nobody(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        raise httpx.ConnectError("nobody there", request=request)

    async with answered_by(nobody) as client:
        with pytest.raises(Unreachable):
            await anext(client.events(patience=0.05))
    assert len(asked) > 1


async def test_an_error_that_waiting_does_not_mend_is_raised() -> None:
    body = {"success": False, "error": "Damaged.", "code": "session_damaged"}
    async with answered_by(lambda _: httpx.Response(500, json=body)) as client:
        with pytest.raises(SessionDamaged):
            await anext(client.events())


async def test_a_page_is_no_stream() -> None:
    async with answered_by(lambda _: httpx.Response(200, text="<html>")) as client:
        with pytest.raises(NotOurs):
            await anext(client.events(patience=0.0))


class Telling(httpx.AsyncByteStream):
    """A stream that says what it is told to say, and then nothing, or ends."""

    def __init__(self, *pieces: bytes, ends: bool = True) -> None:
        self._pieces, self._ends = pieces, ends

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            yield piece
        if not self._ends:
            raise httpx.ReadTimeout("silence")


def streams(*each: Telling) -> tuple[Callable[[httpx.Request], httpx.Response], list[str | None]]:
    """Answers with one stream after the other; keeps from where each was asked for."""
    waiting, positions = list(each), []

    def answering(request: httpx.Request) -> httpx.Response:
        positions.append(request.headers.get("last-event-id"))
        headers = {"content-type": "text/event-stream; charset=utf-8"}
        return httpx.Response(200, headers=headers, stream=waiting.pop(0))

    return answering, positions


async def test_it_goes_on_after_the_last_event_that_was_whole() -> None:
    answering, positions = streams(
        Telling(b'id: 1.0\nevent: hello\ndata: {"turn":1}\n\n', b"id: 2\ndata: {"),
        Telling(b"retry: 1\n: ping\n\n", ends=False),
        Telling(b'id: 7\nevent: session.over\ndata: {"turn":3,"reason":"deleted"}\n\n'),
    )
    async with answered_by(answering) as client:
        told = [event async for event in client.events(after=0)]
    assert positions == ["0", "1.0", "1.0"]
    assert [(type(event), event.event_id) for event in told] == [(Hello, "1.0"), (SessionOver, "7")]


async def test_silence_is_a_broken_line(an_app: AppMaker) -> None:
    app = an_app()
    timing = Timing(silence=0.05)
    async with (
        app.router.lifespan_context(app),
        GameClient(BASE, transport=AppTransport(app), retries=QUICK, timing=timing) as client,
    ):
        await client.intro()
        stream = client.events()
        for _ in range(2):
            assert isinstance((await until(stream, Hello))[-1], Hello)
        await stream.aclose()


@pytest.mark.parametrize("after", ["a\nb", "é", "1\r\nx: y"])
async def test_an_id_that_no_header_can_carry(after: str, client: GameClient) -> None:
    with pytest.raises(ValueError, match="no event"):
        client.events(after=after)


@pytest.mark.parametrize(
    ("kind", "text", "told"),
    [
        ("comet.seen", '{"turn": 3, "tail": 7}', UnknownEvent(type="comet.seen", turn=3)),
        ("turn.committed", '{"turn": "many"}', UnknownEvent(type="turn.committed")),
        ("hello", "not json", UnknownEvent(type="hello")),
        ("hello", "[1]", UnknownEvent(type="hello")),
        ("deadline", '{"turn": true, "deadline_at": 7.5e99}', UnknownEvent(type="deadline")),
        ("presence", '{"turn": 1, "players": null, "more": {}}', Presence(turn=1)),
    ],
)
def test_an_event_of_a_newer_service_breaks_nothing(kind: str, text: str, told: Event) -> None:
    event = event_of(kind, text)
    assert type(event) is type(told)
    assert event.turn == told.turn
    assert getattr(event, "type", None) == getattr(told, "type", None)


def test_every_event_of_the_service_is_known() -> None:
    for kind in theirs.Event.__args__:
        ours = getattr(events, kind.__name__)
        assert set(kind.model_fields) - {"type"} <= set(ours.model_fields), kind
        assert kind.model_fields["type"].default in events._BY_TYPE


def test_the_recorded_stream_is_understood() -> None:
    (text,) = load_examples()["watch_session"]["answers"].values()
    blocks = [block.splitlines() for block in str(text).strip().split("\n\n")]
    frames = [dict(line.split(": ", 1) for line in block if ": " in line) for block in blocks]
    told = [event_of(one["event"], one["data"]) for one in frames if "event" in one]
    assert told
    assert not any(isinstance(event, UnknownEvent) for event in told)
    assert json.loads(frames[0]["data"])["type"] == frames[0]["event"]
