"""A transport that talks to an ASGI app in this process, and streams both ways.

httpx's own collects an answer before it gives any of it, so that an event stream never begins.
Here the app is met as by a server: an answer begins when the app begins it, a slow reader slows
the app, and who closes an answer is a client that has left.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from typing import Any, Final, TypeVar

import httpx

Message = MutableMapping[str, Any]
App = Callable[
    [Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]],
    Awaitable[None],
]
T = TypeVar("T")

AHEAD: Final = 4
"""Pieces that the app may be ahead of its reader."""
GRACE_SECONDS: Final = 1.0


class AppTransport(httpx.AsyncBaseTransport):
    """Give it to httpx as `transport`. The app's lifespan is its owner's to run."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._exchanges: dict[asyncio.Task[None], _Exchange] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        patience = request.extensions.get("timeout", {}).get("read")
        exchange = _Exchange(request, patience)
        task = asyncio.create_task(self._run(exchange), name="asgi exchange")
        self._exchanges[task] = exchange
        task.add_done_callback(self._exchanges.pop)
        return await exchange.answer()

    async def aclose(self) -> None:
        """End every exchange: as clients that leave, and after a moment by force."""
        tasks = dict(self._exchanges)
        for exchange in tasks.values():
            exchange.leave()
        if tasks:
            _, stuck = await asyncio.wait(tasks, timeout=GRACE_SECONDS)
            for task in stuck:
                task.cancel()
            await asyncio.gather(*stuck, return_exceptions=True)

    async def _run(self, exchange: "_Exchange") -> None:
        problem: Exception | None = None
        try:
            await self._app(exchange.scope(), exchange.receive, exchange.send)
        except Exception as error:  # noqa: BLE001 (a server's edge: the connection is dropped)
            problem = error
        finally:
            exchange.drop(problem)


class _Exchange:
    """One request and its answer."""

    def __init__(self, request: httpx.Request, patience: float | None) -> None:
        self._request = request
        self._patience = patience
        self._body = aiter(_body_of(request))
        self._sent_whole = False
        self._started = asyncio.Event()
        self._over = asyncio.Event()
        """The answer is whole, or nobody waits for it any more."""
        self._whole = False
        self._head: Message = {}
        self._problem: Exception | None = None
        self._callers: Exception | None = None
        """What the caller's own body raised."""
        self._pieces: asyncio.Queue[bytes | None] = asyncio.Queue(AHEAD)

    def scope(self) -> Message:
        url = self._request.url
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": self._request.method,
            "scheme": url.scheme,
            "path": url.path,
            "raw_path": url.raw_path.partition(b"?")[0],
            "query_string": url.query,
            "root_path": "",
            "headers": [(name.lower(), value) for name, value in self._request.headers.raw],
            "server": (url.host, url.port or 80),
            "client": ("127.0.0.1", 0),
        }

    # -- the app's side ------------------------------------------------------------------

    async def receive(self) -> Message:
        if not self._sent_whole and not self._over.is_set():
            try:
                piece = await self._upload()
            except Exception as error:  # noqa: BLE001 (the caller's body; raised to the caller)
                self._callers = error
                self.drop(error)
            else:
                self._sent_whole = piece is None
                return {"type": "http.request", "body": piece or b"", "more_body": bool(piece)}
        await self._over.wait()
        return {"type": "http.disconnect"}

    async def _upload(self) -> bytes | None:
        """The next piece of the request; None at its end. Raises what the caller's body raises,
        and `ConnectionAbortedError` once the client has left."""
        if isinstance(self._request.stream, httpx.ByteStream):
            return await anext(self._body, None)
        reading = asyncio.ensure_future(anext(self._body, None))
        leaving = asyncio.ensure_future(self._over.wait())
        try:
            await asyncio.wait((reading, leaving), return_when=asyncio.FIRST_COMPLETED)
            if reading.done():
                return reading.result()
            raise ConnectionAbortedError
        finally:
            reading.cancel()
            leaving.cancel()
            await asyncio.gather(reading, leaving, return_exceptions=True)

    async def send(self, message: Message) -> None:
        if self._over.is_set():
            return  # Nobody listens; servers drop it just so.
        if message["type"] == "http.response.start":
            self._head = message
            self._started.set()
            return
        if message.get("body"):
            await self._pieces.put(bytes(message["body"]))
        if not message.get("more_body") and not self._over.is_set():
            await self._pieces.put(None)
            self._whole = True
            self._over.set()

    def drop(self, error: Exception | None) -> None:
        """The app is done. An answer that is not whole is a broken connection."""
        if self._whole or self._over.is_set():
            return
        self._problem = error or RuntimeError("no whole answer")
        self._over.set()
        self._started.set()
        self._wake()

    # -- the client's side ---------------------------------------------------------------

    async def answer(self) -> httpx.Response:
        try:
            await self._waiting(self._started.wait())
        except BaseException:
            self.leave()
            raise
        if self._callers is not None:
            raise self._callers
        if not self._head:
            raise self._broken()
        return httpx.Response(
            self._head["status"],
            headers=list(self._head.get("headers", ())),
            stream=_Answer(self),
            request=self._request,
        )

    async def piece(self) -> bytes | None:
        """The next of the answer; None at its end."""
        if self._pieces.empty() and self._problem is not None:
            raise self._broken()
        piece = await self._waiting(self._pieces.get())
        if piece is None and self._problem is not None:
            raise self._broken()
        return piece

    def leave(self) -> None:
        """The client goes. The app is told, and nothing that it sends is kept."""
        if not self._whole:
            self._problem = self._problem or ConnectionAbortedError("closed")
            self._over.set()
            self._started.set()
        while not self._pieces.empty():
            self._pieces.get_nowait()
        self._wake()

    def _wake(self) -> None:
        """Whoever waits for a piece learns that none comes; a full queue has woken them."""
        if not self._pieces.full():
            self._pieces.put_nowait(None)

    async def _waiting(self, coming: Awaitable[T]) -> T:
        try:
            async with asyncio.timeout(self._patience):
                return await coming
        except TimeoutError as error:
            raise httpx.ReadTimeout("the app takes too long", request=self._request) from error

    def _broken(self) -> httpx.RemoteProtocolError:
        broken = httpx.RemoteProtocolError("the app gave no whole answer", request=self._request)
        broken.__cause__ = self._problem
        return broken


class _Answer(httpx.AsyncByteStream):
    def __init__(self, exchange: _Exchange) -> None:
        self._exchange = exchange

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while (piece := await self._exchange.piece()) is not None:
            yield piece

    async def aclose(self) -> None:
        self._exchange.leave()


async def _body_of(request: httpx.Request) -> AsyncIterator[bytes]:
    assert isinstance(request.stream, httpx.AsyncByteStream)  # noqa: S101 (httpx's async client)
    async for piece in request.stream:
        if piece:
            yield piece
