"""The client: every call of the service's API, as a method."""

from collections.abc import Mapping
from importlib.metadata import version
from types import TracebackType
from typing import Final, Self

import httpx

from clients.game_client.about import ServiceCalls
from clients.game_client.media import MediaCalls
from clients.game_client.playing import PlayingCalls
from clients.game_client.retries import Retries, Timing
from clients.game_client.sessions import SessionCalls
from clients.game_client.watching import WatchingCalls

LOCAL: Final = "http://127.0.0.1:8000"
KEPT_CONNECTIONS: Final = 20
KEPT_SECONDS: Final = 30.0
"""Less than the service keeps a connection that is not used."""


class GameClient(PlayingCalls, SessionCalls, WatchingCalls, MediaCalls, ServiceCalls):
    """Speaks to one service. For any number of tasks of one event loop; close it at the end.

    `client_name` (`discord`, `web`: lower case) tells those who watch what kind of client plays.
    `headers` go with every request. Every method raises `ServiceError` and nothing else of the
    network's.
    """

    def __init__(
        self,
        base_url: str = LOCAL,
        *,
        client_name: str | None = None,
        timing: Timing | None = None,
        retries: Retries | None = None,
        headers: Mapping[str, str] | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        # An event stream holds its connection: one could be open for every session there is.
        limits = httpx.Limits(
            max_connections=None,
            max_keepalive_connections=KEPT_CONNECTIONS,
            keepalive_expiry=KEPT_SECONDS,
        )
        http = httpx.AsyncClient(
            base_url=base_url,
            headers={"User-Agent": f"elsewhere-client/{version('elsewhere')}", **(headers or {})},
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
