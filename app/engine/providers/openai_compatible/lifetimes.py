"""How long a model is still served, where a server says so."""

import asyncio
from datetime import date
from typing import Final

from app.engine.providers.openai_compatible.client import Connection
from app.engine.providers.openai_compatible.endpoint import Endpoint
from app.errors import ProviderError

ASK_SECONDS: Final = 10.0


async def shutdown_date(endpoint: Endpoint, connection: Connection | None = None) -> date | None:
    """The day on which the model will be shut down; None when none is told.

    A server that does not list its models, or does not answer within ten seconds, tells none.
    """
    connection = connection or Connection(endpoint)
    try:
        async with asyncio.timeout(ASK_SECONDS), connection.calling() as sdk:
            model = await sdk.models.retrieve(endpoint.model)
            told = getattr(model, "shutdown_date", None)
            return date.fromisoformat(str(told)[:10]) if told else None
    except (ProviderError, TimeoutError, ValueError):
        return None
    finally:
        await connection.close()
