"""The service as the bot meets it in a test: outside of simcord's reach, and of a connection that
can be cut."""

import asyncio
import contextvars
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Any

import httpx

from clients.game_client import Event, GameClient, Image, Media

if TYPE_CHECKING:
    from tests.discord_bot.sim.stage import Stage


class StageClient(GameClient):
    """The real client, whose service is not part of the bot."""

    stage: "Stage"

    async def _send(self, *args: Any, **more: Any) -> httpx.Response:
        return await self.stage.outside(super()._send(*args, **more))

    async def media(self, what: Image | str, *, max_bytes: int = 2**24) -> Media:
        return await self.stage.outside(super().media(what, max_bytes=max_bytes))

    async def _watch(
        self, path: str, position: str, patience: float | None
    ) -> AsyncGenerator[Event]:
        told: asyncio.Queue[Event | BaseException | None] = asyncio.Queue()

        async def listen() -> None:
            try:
                async for event in GameClient._watch(self, path, position, patience):
                    told.put_nowait(event)
            except Exception as error:  # noqa: BLE001 (raised where it is awaited)
                told.put_nowait(error)
            else:
                told.put_nowait(None)

        listening = contextvars.Context().run(asyncio.create_task, listen())
        try:
            while True:
                event = await self.stage.env.external_wait(
                    told.get(), reason="the service says when something happens"
                )
                if event is None:
                    return
                if isinstance(event, BaseException):
                    raise event
                yield event
        finally:
            listening.cancel()
            await asyncio.wait({listening})


class Gate(httpx.AsyncBaseTransport):
    """A connection that can be cut."""

    def __init__(self, stage: "Stage", inner: httpx.AsyncBaseTransport) -> None:
        self._stage = stage
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self._stage.is_down:
            raise httpx.ConnectError("refused", request=request)
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self._inner.aclose()
