"""Every route of the service with a path and a body that are good, for tests that walk them."""

from types import MappingProxyType
from typing import Any, Final

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
