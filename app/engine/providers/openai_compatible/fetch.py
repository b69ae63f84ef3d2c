"""Fetching a picture from the address that a model's server names.

That address is input from outside: it may point at our own machine or network, and a name may
mean another host by the time it is connected to. So the host is looked up once, every address of
it is checked, and the connection goes to the very address that was checked; a redirect begins
anew. Only the configured server itself may be at a private address.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final
from urllib.parse import SplitResult, urljoin, urlsplit

import httpx2

from app.engine.providers.openai_compatible.addresses import (
    Resolve,
    is_plain_host,
    is_public,
    resolved,
)
from app.engine.providers.openai_compatible.image_header import PictureRefused
from app.errors import ProviderError, ProviderTimeout

MAX_BYTES: Final = 24 * 2**20
_MAX_REDIRECTS: Final = 3
_LONGEST_URL: Final = 4096
_PORTS: Final = MappingProxyType({"http": 80, "https": 443})
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_OK: Final = 200
_HEADERS: Final = MappingProxyType(
    {"Accept": "image/png, image/jpeg, image/webp", "Accept-Encoding": "identity"}
)


@dataclass(frozen=True, slots=True)
class _Target:
    """Where one request goes: the address that was checked, and what it is called."""

    scheme: str
    host: str
    port: int
    path: str
    addresses: Sequence[str]

    def url(self, address: str) -> str:
        place = f"[{address}]" if ":" in address else address
        return f"{self.scheme}://{place}:{self.port}{self.path}"

    @property
    def name(self) -> str:
        """The `Host` header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


class Fetcher:
    """Fetches pictures for one configured server. Whoever made it closes it."""

    def __init__(
        self,
        home: str,
        *,
        connect: float = 5.0,
        idle: float = 20.0,
        resolve: Resolve = resolved,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self._home = _origin(urlsplit(home))
        self._connect = connect
        self._idle = idle
        self._resolve = resolve
        self._transport = transport
        self._client: httpx2.AsyncClient | None = None

    async def get(self, url: str) -> bytes:
        """What is at `url`. The caller bounds the whole time; silence is bounded here.

        Raises `PictureRefused` before connecting to where nobody may send us, and for more than
        `MAX_BYTES`; `ProviderError` for anything but a 200.
        """
        try:
            for _ in range(_MAX_REDIRECTS + 1):
                found = await self._step(await self._target(url))
                if isinstance(found, bytes):
                    return found
                url = urljoin(url, found)
        except (httpx2.TimeoutException, TimeoutError) as error:
            raise ProviderTimeout("The model's picture could not be fetched in time.") from error
        except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, OSError) as error:
            raise ProviderError("The model's picture could not be fetched.") from error
        raise PictureRefused("The model's picture is behind too many redirects.")

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _target(self, url: str) -> _Target:
        """Check an address without connecting to it."""
        parts = _allowed(url)
        scheme, host, port = origin = _origin(parts)
        if origin != self._home:
            if port not in _PORTS.values() or (scheme == "http" and self._home[0] != "http"):
                raise _refused()
            if not is_plain_host(host):
                raise _refused()
        addresses = await self._resolve(host, port)
        if not addresses:
            raise _refused()
        if origin != self._home and not all(map(is_public, addresses)):
            raise _refused()
        path = parts.path or "/"
        return _Target(
            scheme, host, port, f"{path}?{parts.query}" if parts.query else path, addresses
        )

    async def _step(self, target: _Target) -> bytes | str:
        """The picture, or where it is said to be instead."""
        unreachable: httpx2.ConnectError | httpx2.ConnectTimeout | None = None
        client = await self._opened()
        for address in target.addresses:
            request = client.build_request(
                "GET",
                target.url(address),
                headers={**_HEADERS, "Host": target.name},
                extensions={"sni_hostname": target.host},
            )
            try:
                response = await client.send(request, stream=True)
            except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
                unreachable = error
                continue
            try:
                return await self._read(response)
            finally:
                await response.aclose()
        raise unreachable or _refused()

    async def _read(self, response: httpx2.Response) -> bytes | str:
        if response.status_code in _REDIRECTS:
            return response.headers.get("location", "")
        if response.status_code != _OK:
            raise ProviderError("The model's picture could not be fetched.")
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            raise PictureRefused("The model's picture is packed in a way that was not asked for.")
        pieces: list[bytes] = []
        left = MAX_BYTES
        async for piece in response.aiter_raw():
            left -= len(piece)
            if left < 0:
                raise PictureRefused("The model's picture is larger than any that is wanted.")
            pieces.append(piece)
        return b"".join(pieces)

    async def _opened(self) -> httpx2.AsyncClient:
        if self._client is None:
            client = await asyncio.to_thread(self._make)  # Reading certificates takes a while.
            if self._client is None:
                self._client = client
            else:
                await client.aclose()
        return self._client

    def _make(self) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(
            transport=self._transport
            # A kept connection is known by its address alone, and two names may share one.
            or httpx2.AsyncHTTPTransport(
                trust_env=False, limits=httpx2.Limits(max_keepalive_connections=0)
            ),
            timeout=httpx2.Timeout(self._idle, connect=self._connect),
            follow_redirects=False,
            trust_env=False,
        )


def _allowed(url: str) -> SplitResult:
    try:
        if len(url) > _LONGEST_URL or not url.isprintable() or "\\" in url:
            raise _refused()
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname or "@" in parts.netloc:
            raise _refused()
        _ = parts.port
    except ValueError as error:
        raise _refused() from error
    return parts


def _origin(parts: SplitResult) -> tuple[str, str, int]:
    host = (parts.hostname or "").rstrip(".").lower()
    return parts.scheme, host, parts.port or _PORTS.get(parts.scheme, 0)


def _refused() -> PictureRefused:
    return PictureRefused("The model's picture is at an address that may not be fetched.")
