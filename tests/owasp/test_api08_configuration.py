"""API8:2023, Security Misconfiguration: what is said too much, and what is kept too long.

OWASP's scenarios: a log that resolves what a client wrote into a header; answers without
`Cache-Control` that a browser keeps for the next one who sits there. Headers of every answer:
`tests/http/test_headers.py`; CORS, and what is refused at the start: `tests/http/test_access.py`.
"""

import io
import json
import logging
from collections.abc import Iterator
from typing import Final

import pytest

from app import logs
from tests.http.conftest import Client, ClientMaker, assert_failed
from tests.http.house import KEPT, OURS, House, bearer

LOOKED_UP: Final = "${jndi:ldap://127.0.0.1:1389/a}"
FORGED: Final = "x\r\n2026-11-22T00:00:00Z CRITICAL app forged=1"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """All that a service logs that says everything."""
    root = logging.getLogger()
    names = ("uvicorn.error", "asyncio", "httpx", "httpx2")
    handlers, level = root.handlers[:], root.level
    levels = [logging.getLogger(name).level for name in names]
    stream = io.StringIO()
    logs.configure(style="json", level="debug", stream=stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, was in zip(names, levels, strict=True):
        logging.getLogger(name).setLevel(was)


async def test_what_clients_write_is_in_no_log(house: House, log: io.StringIO) -> None:
    """Neither to be resolved there, nor to look like a line of ours."""
    shown = bearer(house.ours)
    for said in (LOOKED_UP, FORGED):
        headers = {
            name.encode(): said.encode()
            for name in (
                "X-Request-ID",
                "User-Agent",
                "Referer",
                "Elsewhere-Client",
                "X-Api-Version",
            )
        }
        await house.client.get("/api/info", headers=headers)
        await house.client.get("/nothing", params={"q": said}, headers=shown)
        await house.client.patch(f"/api/sessions/{OURS}", json={"name": said}, headers=shown)
        await house.client.post(
            "/api/game/action", json={"session_id": OURS, "choice": said}, headers=shown
        )
        await house.client.post("/api/state/reload", json={"session_id": said}, headers=shown)
    lines = log.getvalue().splitlines()
    assert len(lines) > 8
    for line in lines:
        event = json.loads(line)
        assert event["level"] in ("debug", "info", "warning")
        assert "jndi" not in line
        assert "forged" not in line


async def test_nothing_of_a_break_is_told(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """No trace, file, module or version, on any way out: debugging is off, and not to be had."""

    async def breaks(*_: object) -> None:
        raise RuntimeError("/var/lib/elsewhere/sessions/secret: sk-123 app.engine")

    monkeypatch.setattr("app.engine.sessions.Sessions.state", breaks)
    assert client.app.debug is False
    for headers in ({}, {"Accept": "text/html"}, {"X-Debug": "1"}):
        response = await client.get("/api/state", headers=headers)
        failed = assert_failed(response, 500, "internal_error")
        assert failed["details"] is None
        for told in ("Traceback", "RuntimeError", "sk-123", "/var/lib", ".py", "app.", "uvicorn"):
            assert told not in response.text
            assert told not in str(response.headers)


async def test_no_answer_says_what_it_runs_on(house: House) -> None:
    for path in ("/", "/nothing", "/api/info", "/docs", f"/p/{OURS}", "/sw.js"):
        headers = (await house.client.get(path, headers=bearer(house.ours))).headers
        assert not {"server", "x-powered-by", "x-aspnet-version", "via"} & set(headers)


async def test_methods_that_nobody_needs_are_off(house: House) -> None:
    shown = {**bearer(house.ours), "X-Canary": "zqcanary"}
    for method in ("TRACE", "TRACK", "DEBUG", "CONNECT", "PROPFIND", "PUT"):
        for path in (f"/api/sessions/{OURS}", "/api/state", "/", "/docs", "/assets/x/y"):
            response = await house.client.request(method, path, headers=shown)
            assert response.status_code in (404, 405), (method, path)
            assert "zqcanary" not in response.text


async def test_types_that_nobody_needs_are_not_parsed(house: House) -> None:
    """No XML and so no entities; no forms, which pages of other sites could send."""
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'
    before = house.digest()
    for content_type, content in (
        ("application/xml", bomb),
        ("text/xml", bomb),
        ("application/x-www-form-urlencoded", b"session_id=ours&choice=Wait"),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\n--x--"),
        ("text/plain", b'{"session_id":"ours","choice":"Wait"}'),
        ("application/x-yaml", b"!!python/object/apply:os.system [id]"),
    ):
        response = await house.client.post(
            "/api/game/action",
            content=content,
            headers={**bearer(house.ours), "content-type": content_type},
        )
        assert_failed(response, 422, "validation_error")
    assert house.digest() == before


async def test_a_page_of_another_site_cannot_play_with_a_visitors_cookie(house: House) -> None:
    """What a browser lets a foreign page send without asking first is no JSON, and a cookie that
    is `SameSite=Lax` does not come along; nor is any origin let in that was not named."""
    cookie = {"Cookie": f"elsewhere-session-{OURS}={house.ours}", "Origin": "https://evil.example"}
    before = house.kept()
    body = b'{"session_id":"ours","choice":"Wait"}'
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        for path in ("/api/game/action", "/api/state/reset", f"/share/{OURS}"):
            response = await house.client.post(
                path, content=body, headers={**cookie, "content-type": content_type}
            )
            assert_failed(response, 422, "validation_error")
    asks = {**cookie, "Access-Control-Request-Method": "POST"}
    answer = await house.client.options("/api/game/action", headers=asks)
    assert "access-control-allow-origin" not in answer.headers
    assert house.kept() == before


async def test_keys_without_a_key_let_nobody_in(a_client: ClientMaker) -> None:
    """A forgotten setting is a closed door: there is no default key, name or password."""
    async with a_client(access="keys", visitors=False) as client:
        for shown in ("", "ek_", "admin", "changeme", "secret", "elsewhere", KEPT.sha256):
            response = await client.get("/metrics", headers=bearer(shown))
            assert_failed(response, 401, "unauthorized")
        assert_failed(await client.post("/api/sessions", json={}), 401, "unauthorized")
