"""R10: whoever is slow, sends without end or takes nothing is let go, and is told where it can be.

Real sockets. The times that are waited for are short, and nothing here depends on their length.
"""

import asyncio
import contextlib
import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from starlette.responses import Response

from app.edge.limits.sockets import PIPELINED
from tests.conftest import Measured
from tests.http.conftest import Client, ClientMaker, assert_failed
from tests.http.served import GET, Line, line_to, post, served
from tests.http.test_real_server import serving

MOST_MEMORY = 20
"""MiB that a crowd of them may cost."""
SOON = 0.05
"""Seconds: the limit of a test in which it is to be reached."""


async def test_a_connection_on_which_nothing_is_asked_is_closed(client: Client) -> None:
    async with served(client.app, head_seconds=SOON) as port, line_to(port) as line:
        assert await line.is_over()


@pytest.mark.parametrize(
    "begun", [b"G", b"GET /api/health HTTP/1.1\r\nHost: localhost\r\n", b"\r\n"]
)
async def test_a_head_that_does_not_come_is_a_timeout(client: Client, begun: bytes) -> None:
    async with served(client.app, head_seconds=SOON) as port, line_to(port) as line:
        await line.say(begun)
        answer = await line.answer()
        assert_failed(answer, 408, "request_timeout")
        assert answer.headers["retry-after"] == "1"
        assert await line.is_over()


async def test_a_second_head_that_does_not_come_is_one_too(client: Client) -> None:
    async with served(client.app, head_seconds=SOON) as port, line_to(port) as line:
        await line.say(GET)
        assert (await line.answer()).status_code == 200
        await line.say(b"GET /api/hea")
        assert_failed(await line.answer(), 408, "request_timeout")
        assert await line.is_over()


async def test_a_quick_client_is_not_hurried(client: Client) -> None:
    async with served(client.app, head_seconds=SOON) as port, line_to(port) as line:
        for _ in range(3):
            await line.say(GET)
            assert (await line.answer()).status_code == 200
            await asyncio.sleep(2 * SOON)  # what is under test: rest between requests is no sin


@pytest.mark.parametrize(
    "head",
    [
        b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nX-Long: " + b"a" * 70_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"X-Many: a\r\n" * 7_000 + b"\r\n",
    ],
    ids=["address", "header", "headers"],
)
async def test_a_head_over_the_limit_is_refused(client: Client, head: bytes) -> None:
    async with served(client.app) as port, line_to(port) as line:
        with contextlib.suppress(ConnectionError):
            await line.say(head)
        assert_failed(await line.answer(), 413, "payload_too_large")


@pytest.mark.parametrize(
    "endless",
    [b"GET / HTTP/1.1\r\nX-Long: ", b"GET /"],
    ids=["header", "address"],
)
async def test_a_head_without_end_is_refused(client: Client, endless: bytes) -> None:
    async with served(client.app) as port, line_to(port) as line:
        assert await _without_end(line, endless, b"a" * 10_000) < 10_000_000
        assert_failed(await line.answer(), 413, "payload_too_large")


@pytest.mark.parametrize(
    "part", [b"1;" + b"a" * 10_000, b"0\r\nX-Behind: " + b"a" * 10_000], ids=["chunk", "trailer"]
)
async def test_what_belongs_to_no_body_has_an_end_too(client: Client, part: bytes) -> None:
    chunked = (
        b"POST /api/game/action HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n"
    )
    async with served(client.app) as port, line_to(port) as line:
        assert await _without_end(line, chunked + part, b"a" * 10_000) < 10_000_000


async def test_what_is_no_http_is_told_so(client: Client) -> None:
    async with served(client.app) as port, line_to(port) as line:
        await line.say(b"\x16\x03\x01 hello\r\n\r\n")
        assert_failed(await line.answer(), 400, "malformed_request")
        assert await line.is_over()


async def test_a_body_that_does_not_come_is_a_timeout(a_client: ClientMaker) -> None:
    async with a_client(body_seconds=SOON) as client, served(client.app) as port:
        async with line_to(port) as line:
            await line.say(post("/api/game/intro", {"seed": 7})[:-5])
            assert_failed(await line.answer(), 408, "request_timeout")
        state = await client.data("GET", "/api/state")
        assert state["turn"] == -1


async def test_a_body_that_nobody_wants_is_not_waited_for(client: Client) -> None:
    async with served(client.app, wasted_seconds=SOON) as port, line_to(port) as line:
        await line.say(
            b"POST /api/nothing HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n12"
        )
        assert_failed(await line.answer(), 404, "route_not_found")
        assert await line.is_over()


async def test_a_stream_whose_request_never_ends_does(a_client: ClientMaker) -> None:
    asked = b"GET /api/sessions/default/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n"
    async with a_client(body_seconds=SOON) as client, served(client.app) as port:
        async with line_to(port) as line:
            await line.say(asked + b"\r\n12")
            await line.reader.readuntil(b"hello")
            async with asyncio.timeout(20):
                await line.reader.readuntil(b"0\r\n\r\n")
        assert client.app.state.service.game.events.watching("default") == 0


async def test_a_hundred_megabytes_are_refused_before_they_come(client: Client) -> None:
    async with served(client.app) as port, line_to(port) as line:
        head = post("/api/game/action", {}).replace(b"Length: 2", b"Length: 100000000")
        await line.say(head)
        assert_failed(await line.answer(), 413, "payload_too_large")


async def test_a_chunked_body_without_a_length_is_refused_when_it_is_too_large(
    client: Client,
) -> None:
    async def long() -> AsyncIterator[bytes]:
        for _ in range(400):
            yield b" " * 65_536

    async with served(client.app) as port, httpx.AsyncClient() as http:
        url, headers = f"http://127.0.0.1:{port}", {"content-type": "application/json"}
        answer = await http.post(f"{url}/api/game/action", content=long(), headers=headers)
        assert_failed(answer, 413, "payload_too_large")


async def test_a_gzip_bomb_stays_packed(client: Client) -> None:
    bomb = gzip.compress(b" " * 40_000_000)
    assert len(bomb) < 65_536
    headers = {"content-type": "application/json", "content-encoding": "gzip"}
    answer = await client.post("/api/game/action", content=bomb, headers=headers)
    assert_failed(answer, 422, "validation_error")


async def test_more_requests_on_one_connection_than_anybody_sends(client: Client) -> None:
    async with served(client.app) as port, line_to(port) as line:
        await line.say(GET * (4 * PIPELINED))
        assert (await line.rest()).count(b"HTTP/1.1 200") <= PIPELINED + 1


async def test_who_takes_nothing_of_an_answer_is_let_go(client: Client) -> None:
    client.app.add_api_route("/large", _large)
    async with served(client.app, stall_seconds=SOON) as port, line_to(port) as line:
        line.writer.transport.pause_reading()  # type: ignore[attr-defined]
        await line.say(b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n")
        async with asyncio.timeout(10):
            while 'limit="stalled"' not in (await client.get("/metrics")).text:
                await asyncio.sleep(SOON)


async def test_when_there_are_too_many_the_one_that_only_waits_is_let_go(client: Client) -> None:
    async with (
        served(client.app, max_connections=2) as port,
        line_to(port) as first,
        line_to(port) as second,
    ):
        await second.say(GET)
        assert (await second.answer()).status_code == 200
        async with line_to(port) as third:
            assert await first.is_over()
            await third.say(GET)
            assert (await third.answer()).status_code == 200


async def test_when_all_are_at_work_the_new_one_is_told_to_wait(client: Client) -> None:
    stream = b"GET /api/sessions/default/events HTTP/1.1\r\nHost: localhost\r\n\r\n"
    async with served(client.app, max_connections=1) as port, line_to(port) as watching:
        await watching.say(stream)
        await watching.reader.readuntil(b"hello")
        async with line_to(port) as refused:
            answer = await refused.answer()
            assert_failed(answer, 429, "rate_limited")
            assert answer.headers["retry-after"]
            assert await refused.is_over()


@pytest.mark.slow
@pytest.mark.alone
async def test_five_hundred_slow_sockets_cost_little_and_hold_nobody_up(
    tmp_path: Path, measured: Measured
) -> None:
    soon = {"ELSEWHERE_HEAD_SECONDS": "8", "ELSEWHERE_BODY_SECONDS": "8"}
    async with (
        serving(tmp_path, **soon) as server,
        httpx.AsyncClient(base_url=server.url) as http,
    ):
        await http.post("/api/game/intro", timeout=30)
        before = await _slowest(http)
        memory = _resident(server.process.pid)
        async with contextlib.AsyncExitStack() as stack:
            port = int(server.url.rpartition(":")[2])
            lines = [await stack.enter_async_context(line_to(port)) for _ in range(500)]
            for number, line in enumerate(lines):
                body = post("/api/game/action", {"choice": "x" * 60_000})
                await line.say(body[: 20 + number % 40] if number % 5 else body[:-1])
            during = await _slowest(http)
            assert {(await line.answer()).status_code for line in lines} == {408}
        grown = _resident(server.process.pid) - memory
        assert grown < MOST_MEMORY
    measured("slow sockets", len(lines))
    measured("memory grown by", f"{grown:.1f} MiB")
    measured("p99 of reading", f"{before * 1000:.0f} ms before, {during * 1000:.0f} ms meanwhile")
    assert during < 10 * before + 0.1, (before, during)


@pytest.mark.slow
@pytest.mark.alone
async def test_large_bodies_cost_no_memory(tmp_path: Path, measured: Measured) -> None:
    async with serving(tmp_path) as server:
        port, peak = int(server.url.rpartition(":")[2]), 0.0
        async with line_to(port) as line:
            await line.say(GET)
            await line.answer()
        memory = _resident(server.process.pid)

        async def send() -> None:
            nonlocal peak
            head = post("/api/game/action", {}).replace(
                b"Content-Length: 2", b"Transfer-Encoding: chunked"
            )
            async with line_to(port) as line:
                chunk = b"8000\r\n" + b" " * 0x8000 + b"\r\n"
                assert await _without_end(line, head[:-2], chunk, 5_000_000) >= 5_000_000
                assert_failed(await line.answer(), 413, "payload_too_large")
            peak = max(peak, _resident(server.process.pid))

        await asyncio.gather(*(send() for _ in range(20)))
        measured("memory grown by", f"{peak - memory:.1f} MiB")
        assert peak - memory < MOST_MEMORY


@pytest.mark.slow
@pytest.mark.alone
async def test_gzip_bombs_cost_no_memory(tmp_path: Path, measured: Measured) -> None:
    bomb = gzip.compress(b" " * 40_000_000)
    headers = {"content-type": "application/json", "content-encoding": "gzip"}
    async with (
        serving(tmp_path) as server,
        httpx.AsyncClient(base_url=server.url, headers=headers) as http,
    ):
        assert_failed(await http.post("/api/game/action", content=b"{}"), 422, "validation_error")
        memory, peak = _resident(server.process.pid), 0.0

        async def send() -> None:
            nonlocal peak
            answer = await http.post("/api/game/action", content=bomb, timeout=30)
            assert_failed(answer, 422, "validation_error")
            peak = max(peak, _resident(server.process.pid))

        await asyncio.gather(*(send() for _ in range(20)))
    measured("memory grown by", f"{peak - memory:.1f} MiB")
    assert peak - memory < MOST_MEMORY


async def _large() -> Response:
    return Response(b"x" * 50_000_000)


async def _without_end(line: Line, beginning: bytes, piece: bytes, most: int = 100_000_000) -> int:
    """Send until the server has said the last of it, or `most`; how many bytes."""
    sent = 0
    try:
        await line.say(beginning)
        while sent < most and not line.reader._eof:  # type: ignore[attr-defined]  # with an answer unread
            await line.say(piece)
            sent += len(piece)
            await asyncio.sleep(0)
    except ConnectionError:
        pass
    return sent


async def _slowest(http: httpx.AsyncClient) -> float:
    """Seconds: the 99th percentile of reading the state."""
    loop, took = asyncio.get_running_loop(), []
    for _ in range(200):
        begun = loop.time()
        assert (await http.get("/api/state")).status_code == 200
        took.append(loop.time() - begun)
    return sorted(took)[-3]


def _resident(pid: int) -> float:
    """MiB."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * 4096 / 2**20
