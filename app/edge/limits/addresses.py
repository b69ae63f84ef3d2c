"""Who asks: the address that limits are counted for."""

import functools
import ipaddress
import logging
from collections.abc import Sequence
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from app.limit_settings import Network

logger = logging.getLogger(__name__)

ADDRESS: Final = "elsewhere.address"
UNKNOWN: Final = "unknown"
IPV6_PREFIX: Final = 64
"""One household has a whole network of this size: its addresses count as one client."""

_FOR: Final = b"x-forwarded-for"
_SIGNS: Final = frozenset((_FOR, b"forwarded", b"x-real-ip", b"x-forwarded-proto", b"via"))
"""By which a request shows that a proxy passed it on."""
_CACHED: Final = 4096


def address_of(scope: Scope) -> str | None:
    """For whom this request counts; None for a client without limits."""
    address: str | None = scope.get(ADDRESS)
    return address


class ClientAddress:
    """Finds out who asks, and puts it into `scope["client"]`: trusted proxies are believed.

    uvicorn's own reading of `X-Forwarded-For` is used: the last address that is no trusted
    proxy's. What it does by default, to believe whoever is on this machine, is not.
    """

    def __init__(
        self, app: ASGIApp, trusted: Sequence[Network], unlimited: Sequence[Network]
    ) -> None:
        self._app = app
        self._trusted = (*trusted, *_mapped(trusted))
        self._unlimited = unlimited
        names = [str(network) for network in self._trusted]
        self._proxied = ProxyHeadersMiddleware(self._asked, trusted_hosts=names)  # type: ignore[arg-type]  # uvicorn types scopes more narrowly
        self._is_trusted = functools.lru_cache(_CACHED)(self._trusts)
        self._known = functools.lru_cache(_CACHED)(self._find)
        self._warned = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if self._trusted and self._is_trusted(_host(scope)):
            await self._proxied(scope, receive, send)  # type: ignore[arg-type]  # the same
            return
        scope[ADDRESS] = self._directly(scope)
        await self._app(scope, receive, send)

    async def _asked(self, scope: Scope, receive: Receive, send: Send) -> None:
        named = any(name == _FOR for name, _ in scope["headers"])
        scope[ADDRESS] = self._known(_host(scope)) if named else self._directly(scope)
        await self._app(scope, receive, send)

    def _directly(self, scope: Scope) -> str | None:
        """Nobody is named for whom it would be asked: not even a client without limits may pass
        on what others ask."""
        address = self._known(_host(scope))
        if address is None and any(name in _SIGNS for name, _ in scope["headers"]):
            self._warn()
            return _host(scope)
        return address

    def _trusts(self, host: str) -> bool:
        address = _parsed(host)
        return address is not None and any(address in network for network in self._trusted)

    def _find(self, host: str) -> str | None:
        address = _parsed(host)
        if address is None:
            return UNKNOWN
        if any(address in network for network in self._unlimited):
            return None
        if isinstance(address, ipaddress.IPv6Address):
            return str(ipaddress.ip_network((address, IPV6_PREFIX), strict=False))
        return str(address)

    def _warn(self) -> None:
        if not self._warned:
            self._warned = True
            logger.warning(
                "a proxy is not trusted, or names no client: all of its clients count as one",
                extra={"setting": "ELSEWHERE_TRUSTED_PROXIES"},
            )


def _host(scope: Scope) -> str:
    client = scope.get("client")
    # No address at all is a socket of this machine.
    return client[0] if client else "127.0.0.1"


def _parsed(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """An IPv4 address that came by way of IPv6 is the IPv4 address."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _mapped(networks: Sequence[Network]) -> list[Network]:
    """The same networks as a socket that listens to both kinds of address shows them."""
    return [
        ipaddress.ip_network(f"::ffff:{network.network_address}/{96 + network.prefixlen}")
        for network in networks
        if isinstance(network, ipaddress.IPv4Network)
    ]
