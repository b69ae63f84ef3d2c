"""Direct mode: the service in this process, spoken to as if it were elsewhere.

The one module of the clients that knows the service. There is no second engine and no other path:
the same client sends the same requests, to an app instead of an address.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

from fastapi import FastAPI

from app.errors import GameError
from app.main import create_app
from app.settings import ServiceSettings
from clients.game_client.asgi import AppTransport
from clients.game_client.client import GameClient
from clients.game_client.errors import ServiceError, kind_of
from clients.game_client.retries import Retries, Timing

HERE: Final = "http://elsewhere.local"


@asynccontextmanager
async def direct_client(
    settings: ServiceSettings | None = None,
    *,
    app: FastAPI | None = None,
    client_name: str | None = None,
    key: str | None = None,
    timing: Timing | None = None,
    retries: Retries | None = None,
    headers: Mapping[str, str] | None = None,
) -> AsyncIterator[GameClient]:
    """Start the service here, set by `settings` or by `ELSEWHERE_*`, and stop it at the end.

    `app` is another app to start: one with doubles in it. Raises `ServiceError` if the service
    cannot start, above all because another process has its sessions.
    """
    # Compiling the worlds takes a second: not on the caller's event loop.
    if app is None:
        app = await asyncio.to_thread(create_app, settings)
    async with AsyncExitStack() as stack:
        try:
            await stack.enter_async_context(app.router.lifespan_context(app))
        except GameError as error:
            raise _ours(error) from error
        yield await stack.enter_async_context(
            GameClient(
                HERE,
                client_name=client_name,
                key=key,
                timing=timing,
                retries=retries,
                headers=headers,
                transport=AppTransport(app),
            )
        )


def _ours(error: GameError) -> ServiceError:
    kind = kind_of(error.code, error.status)
    return kind(str(error), code=error.code, details=error.details, status=error.status)
