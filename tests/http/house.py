"""A service that asks for keys, with two sessions: ours, and somebody else's."""

import hashlib
import inspect
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

from app.edge.access.gate import TOKEN_HEADER
from app.edge.access.keys import new_key
from app.edge.routes import Route
from app.routers.media import IMPORT_PATH
from tests.http.conftest import Client, ClientMaker
from tests.http.routes import path_of

KEY, KEPT = new_key("discord")
OURS: Final = "ours"
THEIRS: Final = "theirs"
MAKES: Final = ("create_session", "import_session", "fork_session", "restore_archive")


@dataclass(frozen=True, slots=True)
class House:
    """A service with two sessions: ours, which has an ended run too, and somebody else's."""

    client: Client
    folder: Path
    archive: str
    ours: str
    theirs: str

    async def ask(self, route: Route, token: str | None, about: str = OURS) -> httpx.Response:
        """A request as `route` takes it. What comes after the gate may refuse it all the same."""
        self.client.cookies.clear()
        path = path_of(route, session_id=about, name=self.archive, turn="0")
        more: dict[str, Any] = {}
        if route.method in ("POST", "PATCH") and route.path != IMPORT_PATH:
            named = path == route.path and route.operation_id not in MAKES
            more["json"] = {"session_id": about} if named else {}
        elif path == route.path and "session_id" in inspect.signature(route.endpoint).parameters:
            more["params"] = {"session_id": about}
        headers = {} if token is None else {b"Authorization": f"Bearer {token}".encode()}
        if route.path.endswith("/events"):
            request = self.client.build_request(route.method, path, headers=headers, **more)
            return await _head_of(self.client, request)
        return await self.client.request(route.method, path, headers=headers, **more)

    def digest(self) -> str:
        """Of every byte that is kept."""
        whole = hashlib.sha256()
        for path in sorted(self.folder.rglob("*")):
            if path.is_file() and path.name not in (".share-key", ".lock"):
                whole.update(str(path).encode() + path.read_bytes())
        return whole.hexdigest()

    def kept(self, session_id: str = OURS) -> dict[Path, bytes]:
        """Every file of a session."""
        folder = self.folder / "sessions" / session_id
        return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def bearer(token: str) -> dict[str, str]:
    """The header that shows it."""
    return {"Authorization": f"Bearer {token}"}


async def made(client: Client, session_id: str) -> str:
    """A session that a visitor makes and plays; its token."""
    response = await client.post("/api/sessions", json={"session_id": session_id, "seed": 7})
    assert response.status_code == 201
    token = response.headers[TOKEN_HEADER]
    client.cookies.clear()
    body = {"session_id": session_id}
    await client.data("POST", "/api/game/intro", json=body, headers=bearer(token))
    return token


@asynccontextmanager
async def a_house(a_client: ClientMaker, folder: Path, **settings: Any) -> AsyncIterator[House]:
    """`folder` is where the client's service keeps its sessions and archives."""
    async with a_client(access="keys", service_keys=(KEPT,), **settings) as client:
        ours, theirs = await made(client, OURS), await made(client, THEIRS)
        body, shown = {"session_id": OURS}, bearer(ours)
        await client.data("POST", "/api/state/reset", json=body, headers=shown)
        (ended,) = (await client.data("GET", "/api/archives", headers=shown))["items"]
        await client.data("POST", "/api/game/intro", json=body, headers=shown)
        yield House(client, folder, ended["name"], ours, theirs)


async def _head_of(client: Client, request: httpx.Request) -> httpx.Response:
    """The answer without its body, which has no end where it is a stream."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "path": request.url.path,
        "raw_path": request.url.raw_path,
        "query_string": request.url.query,
        "headers": [(k.lower(), v) for k, v in request.headers.raw],
        "scheme": "http",
        "server": ("elsewhere.test", None),
        "client": ("127.0.0.1", 1),
    }
    await client.app(scope, receive, send)
    start = sent[0]
    body = b"".join(part.get("body", b"") for part in sent[1:])
    return httpx.Response(start["status"], headers=start["headers"], content=body)
