"""What is asked again, how often, and that nothing is ever played twice by it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from clients.game_client import (
    GameClient,
    NotOurs,
    ProviderFailed,
    Retries,
    ServiceError,
    TimedOut,
    Timing,
    Unreachable,
)
from tests.clients.conftest import QUICK, AppMaker, answered_by, good, listening

STATE = {"session_id": "default", "turn": 0, "phase": "choosing"}
META = {"session_id": "default"}
PROXYS = httpx.Response(502, text="<h1>Bad gateway</h1>")
Call = Callable[[GameClient], Coroutine[Any, Any, Any]]


class Script:
    """Answers one after the other, and keeps what was asked."""

    def __init__(self, *answers: httpx.Response | type[httpx.RequestError]) -> None:
        self._answers = list(answers)
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self._answers.pop(0)
        if isinstance(answer, httpx.Response):
            return answer
        raise answer("as scripted", request=request)


def reading(client: GameClient) -> Coroutine[Any, Any, Any]:
    return client.state()


def playing(client: GameClient) -> Coroutine[Any, Any, Any]:
    return client.act("default", "Wait")


def making(client: GameClient) -> Coroutine[Any, Any, Any]:
    return client.create_session()


LOST = (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError, PROXYS)
NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout)


@pytest.mark.parametrize("call", [reading, playing])
@pytest.mark.parametrize("lost", [*LOST, *NEVER_SENT], ids=str)
async def test_what_may_come_twice_is_asked_again(call: Call, lost: Any) -> None:
    script = Script(lost, lost, good(STATE))
    async with answered_by(script) as client:
        assert (await call(client)).turn == 0
    assert len(script.asked) == 3
    first, *again = script.asked
    for request in again:
        assert request.content == first.content
        assert request.headers.get("idempotency-key") == first.headers.get("idempotency-key")


@pytest.mark.parametrize("lost", LOST, ids=str)
async def test_what_may_not_come_twice_is_asked_once(lost: Any) -> None:
    script = Script(lost)
    async with answered_by(script) as client:
        with pytest.raises((Unreachable, NotOurs)):
            await making(client)
    assert len(script.asked) == 1


@pytest.mark.parametrize("never_sent", NEVER_SENT, ids=str)
async def test_what_never_left_is_sent_again_in_any_case(never_sent: Any) -> None:
    script = Script(never_sent, good(META))
    async with answered_by(script) as client:
        assert (await making(client)).session_id == "default"


@pytest.mark.parametrize("call", [reading, playing, making])
async def test_it_ends(call: Call) -> None:
    script = Script(*[httpx.ConnectError] * 9)
    async with answered_by(script) as client:
        with pytest.raises(Unreachable) as raised:
            await call(client)
    assert len(script.asked) == QUICK.attempts == 3
    assert (raised.value.code, raised.value.status) == ("unreachable", None)
    assert "elsewhere.test" not in str(raised.value)


@pytest.mark.parametrize("call", [reading, playing, making])
async def test_who_takes_too_long_is_not_asked_again(call: Call) -> None:
    script = Script(httpx.ReadTimeout)
    async with answered_by(script) as client:
        with pytest.raises(TimedOut):
            await call(client)
    assert len(script.asked) == 1


async def test_an_error_of_the_service_is_an_answer() -> None:
    body = {"success": False, "error": "No.", "code": "provider_failed"}
    script = Script(httpx.Response(502, json=body, headers={"retry-after": "5"}))
    async with answered_by(script) as client:
        with pytest.raises(ProviderFailed):
            await playing(client)
    assert len(script.asked) == 1


async def test_two_calls_are_two_intents() -> None:
    script = Script(good(STATE), good(STATE))
    async with answered_by(script) as client:
        await playing(client)
        await playing(client)
    keys = {request.headers["idempotency-key"] for request in script.asked}
    assert len(keys) == 2


def test_delays_grow_are_jittered_and_have_an_end() -> None:
    retries = Retries(first_delay=0.3, longest_delay=15)
    for failures, most in ((1, 0.3), (2, 0.6), (3, 1.2), (7, 15), (10_000, 15)):
        delays = [retries.delay(failures) for _ in range(200)]
        assert most / 2 <= min(delays) < max(delays) <= most


async def test_play_is_waited_for_longer_than_the_rest() -> None:
    script = Script(good(STATE), good(STATE))
    async with answered_by(script, timing=Timing(connect=1, read=2, play=3)) as client:
        await reading(client)
        await playing(client)
    read, play = (request.extensions["timeout"] for request in script.asked)
    assert (read["connect"], read["read"], play["connect"], play["read"]) == (1, 2, 1, 3)


class Cutting:
    """A proxy that passes everything on, and cuts the line before the first answers come."""

    def __init__(self, target: str, cuts: int) -> None:
        self._target = urlsplit(target)
        self._cuts = cuts
        self.requests = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(self._target.hostname, self._target.port)
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = next(
                    int(line.partition(b":")[2])
                    for line in head.lower().split(b"\r\n")
                    if line.startswith(b"content-length")
                )
                back.write(head + await reader.readexactly(length))
                self.requests += 1
                answer = await there.readuntil(b"\r\n\r\n")
                if self._cuts > 0:
                    self._cuts -= 1
                    return
                size = next(
                    int(line.partition(b":")[2])
                    for line in answer.lower().split(b"\r\n")
                    if line.startswith(b"content-length")
                )
                writer.write(answer + await there.readexactly(size))
        except asyncio.IncompleteReadError:
            return
        finally:
            for one in (back, writer):
                one.close()


@asynccontextmanager
async def cutting(target: str, cuts: int) -> AsyncIterator[tuple[str, Cutting]]:
    proxy = Cutting(target, cuts)
    server = await asyncio.start_server(proxy, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}", proxy


async def test_a_line_that_breaks_before_the_answer_plays_one_turn(an_app: AppMaker) -> None:
    async with listening(an_app()) as url, GameClient(url) as direct:
        await direct.intro()
        async with (
            cutting(url, 2) as (through, proxy),
            GameClient(through, retries=QUICK) as client,
        ):
            turn = await client.act("default", "Wait")
            assert proxy.requests == 3, "twice the line was cut after the service had the request"
        assert turn.turn == 1
        assert (await direct.state()).turn == 1


async def test_nobody_there_is_unreachable(unused_tcp_port: int) -> None:
    async with GameClient(f"http://127.0.0.1:{unused_tcp_port}", retries=QUICK) as client:
        with pytest.raises(Unreachable) as raised:
            await client.health()
    assert isinstance(raised.value, ServiceError)
    assert raised.value.details == "ConnectError"
