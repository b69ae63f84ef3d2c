"""Where access is open, only this machine is let in, under a name that only this machine has.

The first is what `ELSEWHERE_HOST` says already, unless something else than `elsewhere serve`
listens.
The second keeps out what reaches this machine through a friend: a page of another site whose name
was made to lead here (DNS rebinding), and a proxy that was put in front without a thought of keys.
"""

import re
from collections.abc import Sequence
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from app.edge.failures import failure
from app.errors import Forbidden
from app.settings import is_loopback

_ADDRESS: Final = re.compile(r"[0-9a-fA-F.:]+")
_MOSTLY: Final = "127.0.0.1"
_MOSTLY_CALLED: Final = frozenset((b"127.0.0.1", b"localhost"))
"""What nearly all requests have: reading an address costs 10 microseconds."""
_HOST: Final = re.compile(r"\[?([^\[\]]+?)\]?(:\d+)?")


class LoopbackOnly:
    """ASGI: refuses what came over another address, or asked for another host.

    `hosts` are names that are let in all the same. A request that came over no socket is let in.
    """

    def __init__(self, app: ASGIApp, hosts: Sequence[str]) -> None:
        self._app = app
        self._hosts = frozenset(host.lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._is_ours(scope):
            await failure(
                Forbidden(
                    "This server is open to its own machine only.",
                    details="Its host can set ELSEWHERE_ACCESS=keys, or name this address in "
                    "ELSEWHERE_OPEN_HOSTS.",
                )
            )(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_ours(self, scope: Scope) -> bool:
        server = scope.get("server")
        host = next((value for name, value in scope["headers"] if name == b"host"), b"")
        if server is None:
            return True
        if server[0] == _MOSTLY and host.partition(b":")[0] in _MOSTLY_CALLED:
            return True
        if not _ADDRESS.fullmatch(server[0]):
            return True
        found = _HOST.fullmatch(host.decode("latin-1").lower())
        name = found[1] if found else ""
        if name in self._hosts:
            return True
        return is_loopback(server[0]) and (is_loopback(name) or name.endswith(".localhost"))
