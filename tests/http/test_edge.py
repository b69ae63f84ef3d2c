"""What surrounds every route: names of requests, logs, limits, metrics, health."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive, Scope, Send

from app import logs
from app.edge.metrics import Metrics
from app.edge.middleware import RequestLog
from app.engine.sessions import Sessions
from app.engine.turns import Turns
from app.errors import StorageError
from tests.http.conftest import Client, assert_failed

SECRET = "the player whispers xyzzy"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the service logs, as lines of JSON; the process's logging is put back after."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    names = ("uvicorn.error", "asyncio")
    levels = [logging.getLogger(name).level for name in names]
    stream = io.StringIO()
    logs.configure(style="json", level="info", stream=stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, was in zip(names, levels, strict=True):
        logging.getLogger(name).setLevel(was)


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


async def test_a_request_keeps_a_sane_name_and_is_given_one_otherwise(client: Client) -> None:
    response = await client.get("/api/health", headers={"X-Request-ID": "trace-1.a_B"})
    assert response.headers["x-request-id"] == "trace-1.a_B"
    for bad in ("a b", "x" * 65, "a\tb", "<b>", ""):
        response = await client.get("/api/health", headers={"X-Request-ID": bad})
        assert len(response.headers["x-request-id"]) == 16
    assert (await client.get("/nothing")).headers["x-request-id"]


async def test_one_line_tells_of_a_request_and_nothing_of_the_player(
    client: Client, log: io.StringIO
) -> None:
    await client.intro("mine")
    await client.post(
        "/api/game/action",
        json={"session_id": "mine", "choice": SECRET},
        headers={"X-Request-ID": "r1", "Idempotency-Key": "key-xyzzy"},
    )
    told = [line for line in lines(log) if line.get("request_id") == "r1"]
    [answered] = [line for line in told if line["logger"] == "app.access"]
    assert (answered["method"], answered["route"]) == ("POST", "/api/game/action")
    assert (answered["status"], answered["session_id"]) == (200, "mine")
    assert answered["ms"] >= 0
    assert any(line["event"] == "turn played" for line in told)
    assert "xyzzy" not in log.getvalue()


async def test_a_session_is_known_to_the_log_wherever_it_is_named(
    client: Client, log: io.StringIO
) -> None:
    await client.get("/api/state")
    await client.get("/api/state", params={"session_id": "query"})
    await client.get("/api/sessions/path/status")
    await client.post("/api/state/reload", json={"session_id": "body"})
    await client.post("/api/state/reload")
    await client.post("/api/state/reload", json={"session_id": "no\nsession"})
    await client.get("/api/health")
    named = [line.get("session_id") for line in lines(log) if line["logger"] == "app.access"]
    assert named == ["default", "query", "path", "body", "default", None, None]


async def test_what_nobody_foresaw_is_logged_whole_and_answered_with_nothing(
    client: Client, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def breaks(*_: object) -> None:
        raise ZeroDivisionError("inside")

    monkeypatch.setattr(Sessions, "state", breaks)
    failed = assert_failed(await client.get("/api/state"), 500, "internal_error")
    assert "inside" not in json.dumps(failed)
    [broke] = [line for line in lines(log) if line["event"] == "request broke"]
    assert "ZeroDivisionError: inside" in broke["exception"]
    assert broke["request_id"]


async def test_an_answer_that_breaks_half_way_is_not_finished(log: io.StringIO) -> None:
    sent: list[Message] = []

    async def half(_: Scope, __: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise ZeroDivisionError

    async def receive() -> Message:
        raise AssertionError("nothing is read")

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
    with pytest.raises(ZeroDivisionError):
        await RequestLog(half, Metrics())(scope, receive, send)
    assert [message["type"] for message in sent] == ["http.response.start"]
    assert lines(log)[-1]["status"] == 200


async def test_a_client_that_left_is_no_error(log: io.StringIO) -> None:
    async def leaves(*_: object) -> None:
        raise ClientDisconnect

    async def unused(*_: object) -> Any:
        raise AssertionError("nobody is there")

    scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
    await RequestLog(leaves, Metrics())(scope, unused, unused)
    [line] = lines(log)
    assert (line["level"], line["status"]) == ("info", 499)


async def test_the_metrics_count_what_happened(client: Client) -> None:
    await client.intro("mine")
    await client.post("/api/game/action", json={"session_id": "nobody", "choice": "Wait"})
    await client.request("BREW", "/api/state")
    await client.get("/wp-login.php")
    response = await client.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain")
    text = response.text
    for sample in (
        'elsewhere_http_requests_total{method="POST",route="/api/game/intro",status="200"} 1.0',
        'elsewhere_http_requests_total{method="GET",route="(none)",status="404"} 1.0',
        'elsewhere_http_requests_total{method="OTHER",route="/api/state",status="405"} 1.0',
        'elsewhere_turns_total{outcome="told",source="offline"} 1.0',
        'elsewhere_turns_total{outcome="session_not_found",source="none"} 1.0',
        "elsewhere_turn_seconds_count 2.0",
        'elsewhere_pictures_total{status="ready"} 1.0',
        'elsewhere_provider_calls_total{capability="text",outcome="ok"} 1.0',
        'elsewhere_provider_calls_total{capability="image",outcome="ok"} 1.0',
        'elsewhere_provider_seconds_count{capability="text"} 1.0',
        "elsewhere_spent_today_usd 0.0",
        "elsewhere_sessions_playing 0.0",
    ):
        assert sample in text
    assert "mine" not in text
    assert "wp-login" not in text


async def test_health_is_out_of_the_envelope(client: Client) -> None:
    body = (await client.get("/api/health?probe=1")).json()
    assert set(body) == {"status", "service", "version"}
    assert (body["status"], body["service"]) == ("ok", "elsewhere")


async def test_ready_tells_the_truth_of_the_store(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = await client.data("GET", "/api/ready")
    assert ready.pop("free_bytes") > 0
    assert ready == {
        "store": "ok",
        "narrator": "offline",
        "illustrator": "QuickIllustrator",
        "painter": "idle",
        "breakers": {},
    }
    client.app.state.service.readiness.fresh = 0

    async def fails(*_: object) -> None:
        raise StorageError

    monkeypatch.setattr(Sessions, "reload", fails)
    response = await client.get("/api/ready")
    assert_failed(response, 503, "storage_failed")
    assert response.headers["retry-after"] == "30"
    assert (await client.get("/api/health")).status_code == 200


async def test_info_names_the_worlds_and_the_limits(client: Client) -> None:
    info = await client.data("GET", "/api/info")
    assert info["default_world"] in info["worlds"]
    assert info["limits"]["body_bytes"] == 65536
    assert info["limits"]["action_characters"] == 300


async def test_a_world_keeps_its_secrets(client: Client) -> None:
    worlds = await client.data("GET", "/api/worlds")
    assert [world["id"] for world in worlds["items"] if world["is_default"]] == ["cinder_flat"]
    world = await client.data("GET", "/api/worlds/cinder_flat")
    assert world["role"]
    assert not {"bible", "storylets", "endings"} & world.keys()


async def test_a_playing_request_that_breaks_is_counted_too(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def breaks(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Turns, "begin", breaks)
    assert_failed(await client.post("/api/game/intro"), 500, "internal_error")
    text = (await client.get("/metrics")).text
    assert 'elsewhere_turns_total{outcome="internal_error",source="none"} 1.0' in text
