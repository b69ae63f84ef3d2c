"""One connection to a server: the SDK client, made when it is first needed."""

import asyncio
import importlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

import httpx2

from app.engine.providers.openai_compatible.endpoint import Endpoint
from app.engine.providers.openai_compatible.failures import translated

if TYPE_CHECKING:
    from openai import AsyncOpenAI

MAX_ANSWER_BYTES: Final = 64 * 1024 * 1024
"""Of one answer: more than the largest picture as base64."""

_MAX_ERROR_BYTES: Final = 256 * 1024
"""Of an error, which the SDK reads and parses on the event loop."""

_NO_KEY: Final = "none"
"""The SDK refuses to be made without a key; servers that want none ignore this one."""


class Connection:
    """The SDK client of one endpoint. Whoever made it closes it.

    It neither retries nor follows redirects: each attempt is reserved for on its own, and a key
    goes only where it was meant to.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        transport: httpx2.AsyncBaseTransport | None = None,
        max_bytes: int = MAX_ANSWER_BYTES,
    ) -> None:
        self.endpoint = endpoint
        self._transport = transport
        self._max_bytes = max_bytes
        self._sdk: AsyncOpenAI | None = None

    async def sdk(self) -> "AsyncOpenAI":
        """The client. The first call loads the SDK, which takes a second, off the event loop."""
        if self._sdk is None:
            await asyncio.to_thread(_load)
        if self._sdk is None:  # No other call made it meanwhile.
            self._sdk = self._make()
        return self._sdk

    @asynccontextmanager
    async def calling(self) -> AsyncIterator["AsyncOpenAI"]:
        """The client for one call, every failure of which becomes a `ProviderError`."""
        sdk = await self.sdk()
        with translated(self.endpoint.provider):
            yield sdk

    async def close(self) -> None:
        """Close what is open. It may be used again; then it opens again."""
        sdk, self._sdk = self._sdk, None
        if sdk is not None:
            await sdk.close()

    def _make(self) -> "AsyncOpenAI":
        from openai import AsyncOpenAI, DefaultAsyncHttpx2Client

        endpoint, key = self.endpoint, self.endpoint.api_key.get_secret_value().strip()
        timeout = httpx2.Timeout(endpoint.deadline, connect=endpoint.connect)
        sdk = AsyncOpenAI(
            api_key=key or _NO_KEY,
            base_url=endpoint.base_url,
            timeout=timeout,
            max_retries=0,
            # A packed answer could not be bounded before it is unpacked.
            default_headers={"Accept-Encoding": "identity"},
            http_client=DefaultAsyncHttpx2Client(
                timeout=timeout,
                follow_redirects=False,
                transport=self._transport,
                event_hooks={"response": [_Bound(self._max_bytes)]},
            ),
        )
        # The SDK finds these two in the environment; a key of ours goes without them.
        sdk.organization = sdk.project = None
        return sdk


def _load() -> None:
    """Import what the SDK itself imports only when it is first used."""
    for name in ("openai", "openai.resources.chat", "openai.resources.images"):
        importlib.import_module(name)


class _Bound:
    """Cuts an answer off that is larger than anything we ask for."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes

    async def __call__(self, response: httpx2.Response) -> None:
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            raise httpx2.DecodingError("packed, which was not asked for")
        most = min(self._max_bytes, _MAX_ERROR_BYTES) if response.is_error else self._max_bytes
        if isinstance(response.stream, httpx2.AsyncByteStream):
            response.stream = _BoundedStream(response.stream, most)


class _BoundedStream(httpx2.AsyncByteStream):
    def __init__(self, inner: httpx2.AsyncByteStream, max_bytes: int) -> None:
        self._inner = inner
        self._left = max_bytes

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._inner:
            self._left -= len(piece)
            if self._left < 0:
                raise httpx2.DecodingError("larger than anything that was asked for")
            yield piece

    async def aclose(self) -> None:
        await self._inner.aclose()
