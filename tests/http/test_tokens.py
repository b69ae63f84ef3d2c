"""Where tokens, keys and share codes may stand: in the header or cookie that shows them, in the one
answer that gives them, and nowhere else. How they are compared, and how they are replaced."""

import hashlib
import logging
import re
import traceback
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.edge.access.gate import COOKIE, TOKEN_HEADER
from app.edge.access.keys import new_key
from app.edge.access.tokens import Tokens
from app.errors import Unauthorized
from app.logs import JsonFormatter, TextFormatter
from tests.factories import a_meta
from tests.http.conftest import Client, ClientMaker, Clock, assert_failed
from tests.http.house import KEPT, KEY, OURS, bearer, made
from tests.http.routes import ROUTES, path_of
from tests.http.served import GET, line_to, served

LOGGERS = ("app", "uvicorn", "uvicorn.error", "uvicorn.access", "asyncio", "fastapi", "starlette")


class Everything(logging.Handler):
    """Every record, as each of our formats writes it and as it is."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []
        self._formats = (TextFormatter(), JsonFormatter())

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.startswith(("httpx.", "httpcore.")) or record.name == "httpx":
            return  # The client of these tests.
        self.lines += [one.format(record) for one in self._formats]
        self.lines.append(repr(vars(record)))
        if record.exc_info and record.exc_info[1] is not None:
            self.lines += traceback.format_exception(record.exc_info[1])


@pytest.fixture
def logged() -> Iterator[list[str]]:
    """All levels of all loggers of a server."""
    handler = Everything()
    loggers = [logging.getLogger(), *map(logging.getLogger, LOGGERS)]
    levels = [logger.level for logger in loggers]
    loggers[0].addHandler(handler)
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    yield handler.lines
    loggers[0].removeHandler(handler)
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


async def test_no_secret_stands_anywhere_but_where_it_is_shown(
    a_client: ClientMaker, tmp_path: Path, logged: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over a socket, with every log at its most talkative: every route with every secret, shown as
    bearer and as cookie; refusals, and a break, whose trace is logged whole."""
    answers: list[httpx.Response] = []
    async with (
        a_client(access="keys", service_keys=(KEPT,)) as inside,
        served(inside.app) as port,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        new = await client.post("/api/sessions", json={"session_id": OURS})
        token = new.headers[TOKEN_HEADER]
        client.cookies.clear()
        await client.post("/api/game/intro", json={"session_id": OURS}, headers=bearer(token))
        url = f"/api/sessions/{OURS}/tokens"
        given = await client.post(url, json={"role": "watch"}, headers=bearer(token))
        watch = given.json()["data"]["token"]
        codes = (await client.get(f"/share/{OURS}", headers=bearer(token))).json()
        secrets = (KEY, token, watch)
        for secret in secrets:
            answers += await _everywhere(client, secret)
        for code in codes.values():
            assert (await client.get(f"/s/{code}")).is_success
            client.cookies.clear()

        async def breaks(*_: object) -> None:
            raise RuntimeError("it broke")

        with monkeypatch.context() as patched:
            patched.setattr("app.engine.sessions.Sessions.state", breaks)
            broken = await client.get(f"/api/state?session_id={OURS}", headers=bearer(token))
        assert_failed(broken, 500, "internal_error")
        async with line_to(port) as line:
            await line.say(GET.replace(b"HTTP/1.1", f"{token} nonsense".encode()))
            answers += [broken, await line.answer()]
        metrics = await client.get("/metrics", headers=bearer(KEY))
    text = "\n".join(logged)
    assert "it broke" in text
    assert text.count("answered") > len(answers) > 100
    said = "\n".join(answer.text + str(_plain(answer)) for answer in answers)
    for secret in (*secrets, KEY.removeprefix("ek_"), token.rpartition(".")[2]):
        assert secret not in text
        assert secret not in said
        assert secret not in metrics.text
    for code in codes.values():
        assert code not in text
        assert code not in metrics.text
    for file in filter(Path.is_file, tmp_path.rglob("*")):
        kept = file.read_bytes()
        assert not [one for one in (*secrets, *codes.values()) if one.encode() in kept], file


async def _everywhere(client: httpx.AsyncClient, secret: str) -> list[httpx.Response]:
    """What is answered to who shows it: to every route but those that give tokens, end the session,
    or never end themselves."""
    cookie = {"Cookie": f"{COOKIE}{OURS}={secret}"}
    read = (f"/api/state?session_id={OURS}", f"/p/{OURS}", f"/share/{OURS}")
    answers = [await client.get(path, headers=cookie) for path in read]
    for route in ROUTES:
        if route.method == "DELETE" or route.path.endswith(("/events", "/tokens")):
            continue
        body: dict[str, str] | None = None if route.method in ("GET", "HEAD") else {}
        path = path_of(route, session_id=OURS)
        answers.append(await client.request(route.method, path, headers=bearer(secret), json=body))
    client.cookies.clear()
    return answers


def _plain(answer: httpx.Response) -> list[tuple[str, str]]:
    """Its headers, but for the two that give a token."""
    given = (TOKEN_HEADER.lower(), "set-cookie")
    return [(name, value) for name, value in answer.headers.items() if name.lower() not in given]


async def test_no_address_that_an_answer_names_holds_a_secret(
    a_client: ClientMaker,
) -> None:
    """Pictures, films, previews, downloads, redirects: each is asked for with what is shown."""
    async with a_client(access="keys", service_keys=(KEPT,)) as client:
        token = await made(client, OURS)
        pages = [
            await client.get(path, headers=bearer(token))
            for path in (
                f"/api/state?session_id={OURS}",
                f"/api/sessions/{OURS}",
                f"/api/sessions/{OURS}/history",
                f"/api/sessions/{OURS}/export",
                f"/p/{OURS}",
                "/",
            )
        ]
        for page in pages:
            assert page.is_success
            assert "location" not in page.headers
            for address in re.findall(rb'"(/[^"\s]+|https?://[^"\s]+)"', page.content):
                assert b"?" not in address
                assert token.encode() not in address
            assert token.encode() not in page.content


def test_tokens_are_compared_in_constant_time(
    monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    """Counted: a signature is compared by `compare_digest` and by nothing else, right or wrong,
    and nothing of what is signed is read before."""
    compared: list[bytes] = []

    def compare(one: bytes, other: bytes) -> bool:
        compared.append(one)
        return one == other

    tokens = _tokens(clock)
    token, _ = tokens.issue(a_meta(OURS), "play")
    monkeypatch.setattr("itsdangerous.signer.hmac.compare_digest", compare)
    assert tokens.read(token).session_id == OURS
    payload, _, signature = token.rpartition(".")
    flipped = ("A" if signature[0] != "A" else "B") + signature[1:]
    for wrong in (f"{payload}.{flipped}", f"{payload[:-2]}.{signature}", f"x.{signature}"):
        with pytest.raises(Unauthorized, match="not made here"):
            tokens.read(wrong)
    assert len(compared) == 4


def _tokens(clock: Clock, secret: bytes = b"s" * 32) -> Tokens:
    return Tokens(secret, timedelta(days=1), clock)


async def test_a_key_is_replaced_without_a_moment_in_which_none_is_taken(
    a_client: ClientMaker,
) -> None:
    """Old and new stand beside each other under one name until the service shows the new one."""
    shown, kept = new_key("discord")

    async def codes(client: Client) -> list[int]:
        return [
            (await client.get("/metrics", headers=bearer(one))).status_code for one in (KEY, shown)
        ]

    for keys, expected in (
        ((KEPT,), [200, 401]),
        ((KEPT, kept), [200, 200]),
        ((kept,), [401, 200]),
    ):
        async with a_client(access="keys", service_keys=keys) as client:
            assert await codes(client) == expected


async def test_the_secret_is_replaced_with_every_token_and_link(
    a_client: ClientMaker, tmp_path: Path
) -> None:
    settings: dict[str, Any] = {"access": "keys", "service_keys": (KEPT,)}
    async with a_client(**settings) as client:
        token = await made(client, OURS)
        codes = (await client.get(f"/share/{OURS}", headers=bearer(token))).json()
    async with a_client(**settings) as client:
        assert (await client.get(f"/api/sessions/{OURS}", headers=bearer(token))).is_success
    (tmp_path / "sessions" / ".share-key").unlink()
    async with a_client(**settings) as client:
        refused = await client.get(f"/api/sessions/{OURS}", headers=bearer(token))
        assert_failed(refused, 401, "unauthorized")
        for code in codes.values():
            assert (await client.get(f"/s/{code}")).status_code == 404
        fresh = await client.data(
            "POST", f"/api/sessions/{OURS}/tokens", json={"role": "play"}, headers=bearer(KEY)
        )
        again = await client.get(f"/api/sessions/{OURS}", headers=bearer(fresh["token"]))
        assert again.is_success


def test_a_key_is_kept_as_its_hash() -> None:
    shown, kept = new_key("discord")
    assert shown not in repr(kept)
    assert kept.sha256 == hashlib.sha256(shown.encode()).hexdigest()
    assert len(shown) > 43
