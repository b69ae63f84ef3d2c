"""The event stream over HTTP, and answers that do not wait for a turn."""

import asyncio
import signal
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import TypeAdapter

from app.edge.streams import EventStream
from app.engine.channel import PING_SECONDS, ROOM
from app.errors import ProviderError
from app.models.events import AnyEvent, Event
from tests.doubles import FailingNarrator, TalkingNarrator
from tests.http.conftest import Client, ClientMaker, assert_failed
from tests.http.streams import in_process, over_http
from tests.http.test_real_server import serving

EARLY = {"Prefer": "respond-async"}
ANY_EVENT: TypeAdapter[Event] = TypeAdapter(AnyEvent)


# -- the stream --------------------------------------------------------------------------------


async def test_a_stream_says_what_it_is_and_begins_at_once(client: Client) -> None:
    await client.intro()
    async with in_process(client.app) as stream:
        assert await stream.more()
        hello = stream.told[0]
        assert stream.status == 200
        assert stream.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert stream.headers["cache-control"] == "no-store"
        assert stream.headers["x-accel-buffering"] == "no"
        assert "\nretry: 1000\n" in stream.text
        assert (hello.event, hello.data["turn"], hello.data["role"]) == ("hello", 0, "player")
        assert (hello.data["running_turn"], hello.data["watchers"]) == (None, 1)
        turn = await client.act()
        committed = await stream.until("turn.committed")
    assert committed.data == {**turn, "type": "turn.committed"}
    assert (await client.get(committed.data["image"]["url"])).status_code == 200
    state = await client.data("GET", "/api/state")
    assert committed.id == str(state["last_event_id"])


async def test_every_event_is_of_a_documented_type(client: Client) -> None:
    async with in_process(client.app) as stream:
        await client.die()
        await client.data("POST", "/api/state/reset")
        await stream.until("session.reset")
    for one in stream.told:
        assert ANY_EVENT.validate_json(_json(one.data)).type == one.event
    assert {"hello", "turn.started", "turn.committed", "session.over"} < set(stream.kinds)


async def test_the_header_wins_over_the_query(client: Client) -> None:
    await client.intro()
    first = (await client.data("GET", "/api/state"))["last_event_id"]
    await client.act()
    second = (await client.data("GET", "/api/state"))["last_event_id"]
    await client.act()
    for after, header, turns in (
        (str(first), None, [1, 2]),
        (str(second), None, [2]),
        (str(first), str(second), [2]),
        (str(second), str(first), [1, 2]),
    ):
        async with in_process(client.app, after=after, last_event_id=header) as stream:
            await stream.more()
            told = [one.data["turn"] for one in stream.told if one.event == "turn.committed"]
            assert told == turns
            assert stream.told[0].id == (header or after), "hello is where the stream begins"


async def test_a_stream_of_what_is_not_there_is_an_error_like_any_other(client: Client) -> None:
    unknown = await client.get("/api/sessions/nobody/events")
    assert_failed(unknown, 404, "session_not_found")
    assert_failed(await client.get("/api/sessions/a.b/events"), 422, "invalid_session_id")
    odd = await client.get("/api/sessions/default/events", params={"after": "x" * 65})
    assert_failed(odd, 422, "validation_error")
    misspelt = await client.get("/api/sessions/default/events", params={"since": "1"})
    assert_failed(misspelt, 422, "validation_error")


async def test_a_client_that_leaves_is_not_counted_any_more(client: Client) -> None:
    events = client.app.state.service.game.events
    for _ in range(3):
        async with in_process(client.app) as stream:
            await stream.more()
            assert stream.told[0].data["watchers"] == 1
            assert events._channels["default"].watchers == 1
        assert events._channels["default"].watchers == 0


async def test_a_quiet_stream_pings(client: Client) -> None:
    async with in_process(client.app) as stream, in_process(client.app) as other:
        await stream.until("hello")
        await other.until("hello")
        channel = client.app.state.service.game.events._channels["default"]
        for count in range(1, 4):
            channel.ping()
            for one in (stream, other):
                while one.text.count(": ping\n\n") < count:
                    assert await one.more()
        timer = channel._ping_timer
        assert 0 < timer.when() - asyncio.get_running_loop().time() <= PING_SECONDS == 15


async def test_who_does_not_read_is_let_go_and_resumes_whole(client: Client) -> None:
    """uvicorn lets `send` wait while the client's socket is full."""
    await client.intro()
    game = client.app.state.service.game
    watch = await game.watching.watch("default")
    socket_is_full, ended = asyncio.Event(), asyncio.Event()
    room = asyncio.Event()
    sent: list[Any] = []

    async def send(message: Any) -> None:
        if len(sent) == 2:
            socket_is_full.set()
            await room.wait()
        sent.append(message)

    async def receive() -> Any:
        await ended.wait()
        return {"type": "http.disconnect"}

    answering = asyncio.create_task(EventStream(watch)({}, receive, send))
    await client.act()
    async with asyncio.timeout(10):
        await socket_is_full.wait()
    async with in_process(client.app) as quick:
        await quick.until("hello")
        start = quick.last_id
        for _ in range(ROOM + 2):
            await client.data("POST", "/api/game/choices/regenerate")
        while len(quick.told) < ROOM + 3:
            assert await quick.more()
        assert game.events._channels["default"].watchers == 2, "its connection is still open"
        assert not watch._waiting, "nothing is kept for it"
        room.set()
        async with asyncio.timeout(10):
            await answering
        assert sent[-1] == {"type": "http.response.body", "body": b"", "more_body": False}
        async with in_process(client.app, last_event_id=start) as again:
            while len(again.told) < ROOM + 3:
                assert await again.more()
        assert again.told[1:] == quick.told[1:]


async def test_a_session_that_is_deleted_ends_its_streams(client: Client) -> None:
    await client.intro("short")
    async with in_process(client.app, "short") as stream:
        await stream.more()
        await client.data("DELETE", "/api/sessions/short")
        await stream.to_the_end()
    assert stream.told[-1].data["reason"] == "deleted"


# -- answers that do not wait ------------------------------------------------------------------


async def test_who_prefers_it_is_answered_before_the_turn_is_there(a_client: ClientMaker) -> None:
    narrator = TalkingNarrator()
    async with a_client(narrator=narrator) as client, in_process(client.app) as stream:
        response = await client.post("/api/game/intro", headers=EARLY)
        assert response.status_code == 202
        assert response.headers["preference-applied"] == "respond-async"
        assert response.json()["data"] == {"turn": 0}
        narrator.say("The wire hums.")
        await stream.until("dispatch.delta")
        assert "turn.committed" not in stream.kinds
        assert (await client.data("GET", "/api/state"))["phase"] == "resolving"
        narrator.finish()
        committed = await stream.until("turn.committed")
        assert committed.data["dispatch"] == "The wire hums."
        narrator.finish()
        whole = await client.post("/api/game/action", json={"choice": "Wait"})
        assert whole.status_code == 200
        assert "preference-applied" not in whole.headers


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("action", {"choice": "Wait"}),
        ("action/image", {"choice": "Wait"}),
        ("action/image", {"is_timeout_penalty": True}),
        ("timeout_penalty", {}),
        ("choices/regenerate", {}),
        ("intro", {}),
        ("intro/image", {}),
    ],
)
async def test_every_call_that_plays_can_be_answered_early(
    client: Client, path: str, body: dict[str, Any]
) -> None:
    begun = await client.intro()
    async with in_process(client.app) as stream:
        response = await client.post(f"/api/game/{path}", json=body, headers=EARLY)
        assert response.status_code == 202, response.text
        turn = response.json()["data"]["turn"]
        plays = "intro" not in path and "regenerate" not in path
        assert turn == (1 if plays else 0)
        if plays:
            await stream.until("turn.committed", turn=1)
        elif "regenerate" in path:
            changed = await stream.until("choices.changed")
            assert changed.data["choices"] != begun["choices"]


async def test_what_is_refused_is_refused_at_once(a_client: ClientMaker) -> None:
    narrator = TalkingNarrator()
    async with a_client(narrator=narrator) as client:

        async def act(**body: Any) -> httpx.Response:
            return await client.post("/api/game/action", json=body, headers=EARLY)

        assert_failed(await act(choice="Wait"), 409, "not_started")
        narrator.finish()
        await client.intro()
        assert_failed(await act(choice="Wait", expected_turn=5), 409, "stale_turn")
        assert_failed(await act(choice_id="nothing"), 422, "choice_not_offered")
        assert_failed(await act(), 422, "validation_error")
        assert_failed(await act(choice="Wait", session_id="nobody"), 404, "session_not_found")
        assert (await act(choice="Wait")).status_code == 202
        assert_failed(await act(choice="Wait"), 409, "turn_in_progress")
        narrator.finish()


async def test_a_failure_after_that_is_told_by_the_events(a_client: ClientMaker) -> None:
    narrator = TalkingNarrator()
    async with a_client(narrator=narrator) as client:
        response = await client.post("/api/game/intro", headers=EARLY)
        assert response.status_code == 202
        narrator.fail(ProviderError("The model answered 500."))
        before = (await client.data("GET", "/api/state"))["last_event_id"]
        async with in_process(client.app, after=str(before)) as stream:
            failed = await stream.until("turn.failed")
        assert failed.data == {
            "type": "turn.failed", "turn": 0, "code": "provider_failed",
            "error": "The model answered 500.", "unchanged": True, "retry_after": 5,
        }  # fmt: skip
        text = (await client.get("/metrics")).text
        assert 'elsewhere_turns_total{outcome="provider_failed",source="none"} 1.0' in text


async def test_a_key_plays_once_whether_its_answer_is_early_or_whole(client: Client) -> None:
    await client.intro()
    key = {"Idempotency-Key": "once"}
    body = {"choice": "Wait"}
    async with in_process(client.app) as stream:
        for headers in (EARLY | key, EARLY | key, key, EARLY | key):
            response = await client.post("/api/game/action", json=body, headers=headers)
            assert response.json()["data"]["turn"] == 1
            assert response.status_code == (202 if "Prefer" in headers else 200)
        await stream.until("turn.committed")
    assert stream.kinds.count("turn.started") == 1
    other = await client.post("/api/game/action", json={"choice": "Run"}, headers=EARLY | key)
    assert_failed(other, 422, "idempotency_mismatch")


async def test_other_preferences_change_nothing(client: Client) -> None:
    for prefer in ("return=minimal", "respond-asynchronously", "wait=10, handling=lenient"):
        response = await client.post("/api/game/intro", headers={"Prefer": prefer})
        assert response.status_code == 200
        assert "preference-applied" not in response.headers
    for prefer in ("Respond-Async", "wait=5, respond-async", 'respond-async; x="y"'):
        response = await client.post("/api/game/intro", headers={"Prefer": prefer})
        assert response.status_code == 202


async def test_who_asks_is_told_to_who_watches(client: Client) -> None:
    named = {"Elsewhere-Client": "discord", "Elsewhere-Player": "Zo%C3%AB%20%F0%9F%94%A5"}
    async with in_process(client.app) as stream:
        await client.post("/api/game/intro", headers=named)
        started = await stream.until("turn.started")
        assert started.data["actor"] == {"name": "Zoë \N{FIRE}", "client": "discord"}
        await client.act()
        started = await stream.until("turn.started", turn=1)
        assert started.data["actor"] == {"name": None, "client": "api"}
    for headers in (
        {"Elsewhere-Client": "Not A Client"},
        {"Elsewhere-Client": "x" * 40},
        {"Elsewhere-Player": "x" * 65},
        {"Elsewhere-Player": "a%00b"},
        {"Elsewhere-Player": "%20"},
        {"Prefer": "x" * 201},
    ):
        response = await client.post("/api/game/intro", headers=headers)
        assert_failed(response, 422, "validation_error")


async def test_a_failed_turn_leaves_no_task_behind(a_client: ClientMaker) -> None:
    before = len(asyncio.all_tasks())
    async with a_client(narrator=FailingNarrator()) as client:
        for _ in range(5):
            assert (await client.post("/api/game/intro", headers=EARLY)).status_code == 202
            await client.app.state.service.game.jobs.brief_ones("default")
            while client.app.state.service.game.jobs.running("default"):
                await asyncio.sleep(0)
    assert len(asyncio.all_tasks()) == before


# -- over a socket -----------------------------------------------------------------------------


async def test_twenty_clients_hear_the_same_over_sockets(tmp_path: Path) -> None:
    http = httpx.AsyncClient(limits=httpx.Limits(max_connections=None), timeout=30)
    async with serving(tmp_path) as server, AsyncExitStack() as stack, http:
        http.base_url = httpx.URL(server.url)
        streams = [await stack.enter_async_context(over_http(http)) for _ in range(20)]
        for stream in streams:
            await stream.until("hello")
        await http.post("/api/game/intro", json={"seed": 7})
        for _ in range(3):
            await http.post("/api/game/action", json={"choice": "Wait"})
        await asyncio.gather(*(stream.until("turn.committed", turn=3) for stream in streams))
    told = [[(one.id, one.data) for one in stream.told[1:]] for stream in streams]
    assert len(told[0]) >= 8
    assert all(one == told[0] for one in told)


async def test_a_signal_ends_streams_and_the_next_process_goes_on(tmp_path: Path) -> None:
    async with serving(tmp_path) as server, httpx.AsyncClient(base_url=server.url) as http:
        await http.post("/api/game/intro", json={"seed": 7}, timeout=30)
        async with over_http(http) as stream, over_http(http) as other:
            await stream.until("hello")
            await other.until("hello")
            stopping = asyncio.create_task(server.stop(signal.SIGTERM))
            await stream.to_the_end()
            await other.to_the_end()
            logged = await stopping
    assert "app.main closed" in logged
    assert "ERROR" not in logged
    last_id = stream.last_id
    async with serving(tmp_path) as server, httpx.AsyncClient(base_url=server.url) as http:
        turn = await http.post("/api/game/action", json={"choice": "Wait"}, timeout=30)
        async with over_http(http, headers={"Last-Event-ID": last_id}) as stream:
            committed = await stream.until("turn.committed")
            assert committed.data["dispatch"] == turn.json()["data"]["dispatch"]
            assert "resync" not in stream.kinds


def _json(data: Any) -> bytes:
    encoded: bytes = TypeAdapter(Any).dump_json(data)
    return encoded
