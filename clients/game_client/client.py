"""The client: every call of the service's API, as a method."""

import re
from collections.abc import Mapping
from importlib.metadata import version
from types import TracebackType
from typing import Final, Self

import httpx

from clients.game_client.about import ServiceCalls
from clients.game_client.playing import PlayingCalls
from clients.game_client.retries import Retries, Timing
from clients.game_client.sessions import SessionCalls
from clients.game_client.tapes import TapeCalls
from clients.game_client.watching import WatchingCalls

LOCAL: Final = "http://127.0.0.1:8000"
KEPT_CONNECTIONS: Final = 20
KEPT_SECONDS: Final = 30.0
"""Less than the service keeps a connection that is not used."""

_CLIENT_NAME: Final = re.compile(r"[a-z][a-z0-9_-]{0,31}")


class GameClient(PlayingCalls, SessionCalls, WatchingCalls, TapeCalls, ServiceCalls):
    """Speaks to one service. For any number of tasks of one event loop; close it at the end.

    `client_name` (`discord`, `web`: lower case) tells those who watch what kind of client plays.
    `key` is what is shown to a service that asks: a service key, or the token of one session.
    `headers` go with every request. Raises `ValueError` for an address or name that can be none.

    Every method raises `ServiceError` and nothing else of the
    network's.
    """

    def __init__(
        self,
        base_url: str = LOCAL,
        *,
        client_name: str | None = None,
        key: str | None = None,
        timing: Timing | None = None,
        retries: Retries | None = None,
        headers: Mapping[str, str] | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        if client_name is not None and not _CLIENT_NAME.fullmatch(client_name):
            raise ValueError("a client's name is a short lower-case word, such as discord")
        # An event stream holds its connection: one could be open for every session there is.
        limits = httpx.Limits(
            max_connections=None,
            max_keepalive_connections=KEPT_CONNECTIONS,
            keepalive_expiry=KEPT_SECONDS,
        )
        http = httpx.AsyncClient(
            base_url=_checked(base_url),
            headers={
                "User-Agent": f"elsewhere-client/{version('elsewhere')}",
                **({"Authorization": f"Bearer {key}"} if key else {}),
                **(headers or {}),
            },
            limits=limits,
            transport=transport,
        )
        super().__init__(
            http,
            timing=timing or Timing(),
            retries=retries or Retries(),
            client_name=client_name,
        )

    @property
    def base_url(self) -> str:
        return str(self._http.base_url)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close every connection; event streams end."""
        await self._http.aclose()


def _checked(base_url: str) -> httpx.URL:
    """Raises `ValueError` for what can be no service's address: now, and not with each call."""
    try:
        url = httpx.URL(base_url)
    except httpx.InvalidURL as error:
        raise ValueError(f"not an address: {error}") from None
    if url.scheme not in ("http", "https") or not url.host:
        raise ValueError("an address begins with http:// or https://")
    return url
