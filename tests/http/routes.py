"""Every route of the service with a path and a body that are good, for tests that walk them."""

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Literal

from fastapi import FastAPI
from starlette.routing import Mount
from starlette.routing import Route as Mounted

from app.edge.headers import FILE, PAGE, PREVIEW, WORKER, Headers
from app.edge.routes import Route
from app.main import TABLES
from app.routers.media import IMPORT_PATH

ROUTES: Final = tuple(route for table in TABLES for route in table.routes)
SHOWN: Final = tuple(route for route in ROUTES if not route.hidden)
TAKES_JSON: Final = tuple(
    route for route in ROUTES if route.method in ("POST", "PATCH") and route.path != IMPORT_PATH
)
_PARTS: Final = MappingProxyType(
    {
        "session_id": "default",
        "name": "default_20261122T200000000000Z",
        "file": "000000-000000000000.webp",
        "world_id": "cinder_flat",
        "key": "negative",
        "turn": "0",
    }
)


def path_of(route: Route, **parts: str) -> str:
    """The route's path with its parameters filled in."""
    return route.path.format(**{**_PARTS, **parts})


def name_of(route: Route) -> str:
    return f"{route.method} {route.path}"


def body_schema(document: dict[str, Any], route: Route) -> dict[str, Any]:
    """The JSON schema of what the route takes."""
    operation = document["paths"][route.path][route.method.lower()]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    name: str = schema["$ref"].rpartition("/")[2]
    found: dict[str, Any] = document["components"]["schemas"][name]
    return found


@dataclass(frozen=True, slots=True)
class Outside:
    """An address that the OpenAPI document does not speak of, and why it need not."""

    methods: str
    path: str
    asks: Literal["nothing", "code", "session", "archive"]
    """What has to be shown: a share code stands in the address itself."""
    kind: Headers
    why: str


_PAGE: Final = "the game's page; what it shows it asks the API for"
OUTSIDE: Final = (
    Outside("GET", "/", "nothing", PAGE, _PAGE),
    Outside("GET", "/p/{session_id}", "session", PAGE, _PAGE),
    Outside("GET", "/p/{session_id}/history", "session", PAGE, _PAGE),
    Outside("GET", "/t/{session_id}", "session", PAGE, _PAGE),
    Outside("GET", "/s/{code}", "code", PAGE, "what a link leads to"),
    Outside("GET", "/s/{code}/{turn}", "code", PAGE, "what a link leads to"),
    Outside(
        "GET", "/s/{code}/{turn}/picture.webp", "code", {**FILE, **PREVIEW}, "a link's preview"
    ),
    Outside("GET", "/covers/{world}.webp", "nothing", FILE, "a world's picture"),
    Outside("GET", "/small/{session_id}/{file}", "session", FILE, "for the page's lists"),
    Outside("GET", "/small/archives/{archive}/{file}", "archive", FILE, "for the page's lists"),
    Outside("GET", "/share/{session_id}", "session", {}, "the page's links"),
    Outside("POST", "/share/{session_id}", "session", {}, "the page's links"),
    Outside("GET", "/assets/{build}/{path}", "nothing", {}, "the page's scripts and fonts"),
    Outside("GET", "/sw.js", "nothing", WORKER, "the page's worker"),
    Outside("GET", "/manifest.webmanifest", "nothing", {}, "the page's name and icons"),
    Outside("GET", "/openapi.json", "nothing", {}, "the document itself"),
    Outside("GET", "/docs", "nothing", {}, "shows the document"),
    Outside("GET", "/docs-assets", "nothing", {}, "the scripts of the docs"),
)
"""All that is mounted beside `ROUTES`."""


def mounted(app: FastAPI) -> set[tuple[str, str]]:
    """Every method and path that the app answers, parameters without their types. A folder of
    files has one path; HEAD, which goes with every GET, is left out where nobody asked for it."""
    own_heads = {("HEAD", route.path) for route in ROUTES if route.method == "HEAD"}
    found: set[tuple[str, str]] = set()
    for one in app.routes:
        assert isinstance(one, Mounted | Mount), one
        path = re.sub(r":[a-z]+}", "}", one.path)
        methods = (one.methods or set()) if isinstance(one, Mounted) else {"GET"}
        found |= {(method, path) for method in methods}
    return {one for one in found if one[0] != "HEAD" or one in own_heads}
