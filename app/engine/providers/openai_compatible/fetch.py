"""Fetching a picture from the address that a model's server names.

That address is input from outside: it may point at our own machine or network, and a name may
mean another host by the time it is connected to. So the host is looked up once, every address of
it is checked, and the connection goes to the very address that was checked; a redirect begins
anew. Only the configured server itself may be at a private address.
"""

import asyncio
from collections.abc import Sequence
from types import MappingProxyType
from typing import Final

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
"""The only ones of other hosts that may be asked, on either scheme."""
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_OK: Final = 200
_HEADERS: Final = MappingProxyType(
    {"Accept": "image/png, image/jpeg, image/webp", "Accept-Encoding": "identity"}
)


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
        self._home = _origin(httpx2.URL(home))
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
            target = _parsed(url)
            for _ in range(_MAX_REDIRECTS + 1):
                found = await self._step(target, await self._addresses(target))
                if isinstance(found, bytes):
                    return found
                target = _parsed(found, target)
        except (httpx2.TimeoutException, TimeoutError) as error:
            raise ProviderTimeout("The model's picture could not be fetched in time.") from error
        except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, OSError) as error:
            raise ProviderError("The model's picture could not be fetched.") from error
        raise PictureRefused("The model's picture is behind too many redirects.")

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _addresses(self, target: httpx2.URL) -> Sequence[str]:
        """Where `target` may be fetched from; nothing is connected to find out."""
        scheme, host, port = origin = _origin(target)
        if origin != self._home:
            if port not in _PORTS.values() or (scheme == "http" and self._home[0] != "http"):
                raise _refused()
            if not is_plain_host(host):
                raise _refused()
        addresses = await self._resolve(host, port)
        if not addresses or (origin != self._home and not all(map(is_public, addresses))):
            raise _refused()
        return addresses

    async def _step(self, target: httpx2.URL, addresses: Sequence[str]) -> bytes | str:
        """The picture, or where it is said to be instead."""
        unreachable: httpx2.ConnectError | httpx2.ConnectTimeout | None = None
        client = await self._opened()
        for address in addresses:
            request = client.build_request(
                "GET",
                target.copy_with(host=address),
                headers={**_HEADERS, "Host": target.netloc.decode("ascii")},
                # The certificate must be that of the name.
                extensions={"sni_hostname": _origin(target)[1]},
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
        async for piece in response.aiter_bytes():
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


def _parsed(text: str, base: httpx2.URL | None = None) -> httpx2.URL:
    """An address as the very client reads it that will go there."""
    if not 0 < len(text) <= _LONGEST_URL or not text.isprintable() or "\\" in text:
        raise _refused()
    try:
        url = httpx2.URL(text) if base is None else base.join(text)
    except (httpx2.InvalidURL, ValueError) as error:
        raise _refused() from error
    if url.scheme not in _PORTS or not url.host or url.userinfo:
        raise _refused()
    return url


def _origin(url: httpx2.URL) -> tuple[str, str, int]:
    host = url.raw_host.decode("ascii").strip("[]").rstrip(".").lower()
    return url.scheme, host, url.port or _PORTS.get(url.scheme, 0)


def _refused() -> PictureRefused:
    return PictureRefused("The model's picture is at an address that may not be fetched.")
