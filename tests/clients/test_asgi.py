"""The transport to an app in this process behaves as a server does."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest

from clients.game_client.asgi import AHEAD, AppTransport

Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]
START = {"type": "http.response.start", "status": 200, "headers": [(b"x-a", b"1"), (b"x-a", b"2")]}


def client_of(app: Any) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=AppTransport(app), base_url="http://app.test", timeout=5)


def body(content: bytes, *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.response.body", "body": content, "more_body": more}


async def test_an_answer_begins_when_the_app_begins_it() -> None:
    go_on = asyncio.Event()

    async def app(_: Any, __: Receive, send: Send) -> None:
        await send(START)
        await send(body(b"one", more=True))
        await go_on.wait()
        await send(body(b"two"))

    async with client_of(app) as client, client.stream("GET", "/") as response:
        assert response.headers.get_list("x-a") == ["1", "2"]
        pieces = response.aiter_bytes()
        assert await anext(pieces) == b"one"
        go_on.set()
        assert [piece async for piece in pieces] == [b"two"]


async def test_the_app_sees_what_a_server_would_show_it() -> None:
    seen: dict[str, Any] = {}

    async def app(scope: Any, receive: Receive, send: Send) -> None:
        seen.update(scope)
        seen["body"] = [await receive(), await receive()]
        await send(START)
        await send(body(b""))
        seen["after"] = await receive()

    async with client_of(app) as client:
        await client.post("/a%2fb/ü", params={"q": "x y"}, content=b"hello", headers={"X-Up": "1"})
    assert (seen["method"], seen["path"], seen["scheme"]) == ("POST", "/a/b/ü", "http")
    assert seen["raw_path"] == b"/a%2fb/%C3%BC"
    assert seen["query_string"] in (b"q=x+y", b"q=x%20y")
    headers = dict(seen["headers"])
    assert (headers[b"host"], headers[b"x-up"], headers[b"content-length"]) == (
        b"app.test",
        b"1",
        b"5",
    )
    assert [part["body"] for part in seen["body"]] == [b"hello", b""]
    assert [part["more_body"] for part in seen["body"]] == [True, False]
    assert seen["after"] == {"type": "http.disconnect"}


async def test_a_slow_reader_slows_the_app() -> None:
    sent = 0

    async def app(_: Any, __: Receive, send: Send) -> None:
        nonlocal sent
        await send(START)
        for _ in range(100):
            await send(body(b"x", more=True))
            sent += 1
        await send(body(b""))

    async with client_of(app) as client, client.stream("GET", "/") as response:
        for _ in range(50):
            await asyncio.sleep(0)
        assert sent == AHEAD
        assert len(b"".join([piece async for piece in response.aiter_raw()])) == 100


async def test_who_closes_an_answer_has_left() -> None:
    left, ignored = asyncio.Event(), asyncio.Event()

    async def app(_: Any, receive: Receive, send: Send) -> None:
        await receive()
        await send(START)
        await send(body(b"one", more=True))
        while (await receive())["type"] != "http.disconnect":
            pass
        left.set()
        for _ in range(100):
            await send(body(b"nobody reads it", more=True))
        ignored.set()

    async with client_of(app) as client:
        async with client.stream("GET", "/") as response:
            await anext(response.aiter_bytes())
        async with asyncio.timeout(5):
            await left.wait()
            await ignored.wait()


async def test_who_is_cancelled_has_left_and_the_app_goes_on() -> None:
    asked, finish, done = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def app(_: Any, __: Receive, send: Send) -> None:
        asked.set()
        await finish.wait()
        await send(START)
        await send(body(b"late"))
        done.set()

    async with client_of(app) as client:
        asking = asyncio.create_task(client.get("/"))
        await asked.wait()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        finish.set()
        async with asyncio.timeout(5):
            await done.wait()


async def test_who_leaves_while_sending_is_not_waited_for() -> None:
    sending, told = asyncio.Event(), asyncio.Event()

    async def source() -> AsyncIterator[bytes]:
        yield b"one"
        sending.set()
        await asyncio.Event().wait()

    async def app(_: Any, receive: Receive, __: Send) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        told.set()

    async with client_of(app) as client:
        asking = asyncio.create_task(client.post("/", content=source()))
        await sending.wait()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        async with asyncio.timeout(5):
            await told.wait()


async def breaks_before(_: Any, __: Receive, ___: Send) -> None:
    raise ZeroDivisionError


async def breaks_after(_: Any, __: Receive, send: Send) -> None:
    await send(START)
    await send(body(b"half", more=True))
    raise ZeroDivisionError


async def ends_too_early(_: Any, __: Receive, send: Send) -> None:
    await send(START)
    await send(body(b"half", more=True))


@pytest.mark.parametrize("app", [breaks_before, breaks_after, ends_too_early])
async def test_an_app_that_breaks_is_a_broken_line(app: Any) -> None:
    async with client_of(app) as client:
        with pytest.raises(httpx.RemoteProtocolError) as raised:
            await client.get("/")
    assert isinstance(raised.value.__cause__, ZeroDivisionError | RuntimeError)


async def test_an_app_that_is_silent_is_timed_out() -> None:
    async def app(_: Any, __: Receive, ___: Send) -> None:
        await asyncio.Event().wait()

    async with client_of(app) as client:
        with pytest.raises(httpx.ReadTimeout):
            await client.get("/", timeout=0.01)


async def test_closing_ends_everything_even_what_does_not_listen() -> None:
    asked, cancelled = asyncio.Event(), asyncio.Event()

    async def app(_: Any, __: Receive, ___: Send) -> None:
        asked.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    client = client_of(app)
    asking = asyncio.create_task(client.get("/"))
    await asked.wait()
    async with asyncio.timeout(5):
        await client.aclose()
    assert cancelled.is_set()
    with pytest.raises(httpx.RemoteProtocolError):
        await asking
