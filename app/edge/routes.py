"""Routes as data: a table a module, read by the composition root and by the docs."""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from fastapi import FastAPI, Response
from fastapi.datastructures import Default
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from app.edge.access.gate import READING, Access
from app.edge.bodies import ACCESS, JsonRoute
from app.edge.envelope import Failure
from app.errors import (
    Forbidden,
    GameError,
    InvalidRequest,
    InvalidSessionId,
    PayloadTooLarge,
    RateLimited,
    ReadOnly,
    RequestTimeout,
    SessionDamaged,
    SessionNotFound,
    StorageError,
    StorageFull,
    Unauthorized,
)

Errors = tuple[type[GameError], ...]
FAILURE_SCHEMA: Final = MappingProxyType({"$ref": "#/components/schemas/Failure"})

ABOUT_A_SESSION: Final[Errors] = (InvalidSessionId, SessionNotFound, SessionDamaged)
"""What can go wrong wherever a session is named."""

WRITING: Final[Errors] = (StorageError, StorageFull)
"""What can go wrong wherever something is kept."""


@dataclass(frozen=True, slots=True)
class Said:
    """An answer that is not JSON of one type. `content` pairs content types with the formats of
    what is text or bytes, and with the model of what is not."""

    status: int
    description: str
    content: tuple[tuple[str, str | type[BaseModel] | None], ...] = ()

    def as_response(self) -> dict[str, Any]:
        content = {media_type: {"schema": _schema(kind)} for media_type, kind in self.content}
        return {"description": self.description, **({"content": content} if content else {})}


def _schema(kind: str | type[BaseModel] | None) -> dict[str, Any]:
    if isinstance(kind, type):
        schema = kind.model_json_schema(ref_template="#/components/schemas/{model}")
        schema.pop("$defs", None)  # Its parts are in the document, for other routes.
        return schema
    return {"type": "string", **({"format": kind} if kind else {})}


@dataclass(frozen=True, slots=True)
class Also:
    """Another good answer in JSON. `headers` pairs names with what they say."""

    status: int
    model: Any
    description: str
    headers: tuple[tuple[str, str], ...] = ()

    def as_response(self) -> dict[str, Any]:
        headers = {
            name: {"description": about, "schema": {"type": "string"}}
            for name, about in self.headers
        }
        return {"model": self.model, "description": self.description, "headers": headers}


@dataclass(frozen=True, slots=True)
class Route:
    """One address. Its summary and description are the endpoint's docstring."""

    method: str
    path: str
    endpoint: Callable[..., Any]
    raises: Errors = ()
    status: int = 200
    deprecated: bool = False
    kind: type[JsonRoute] = JsonRoute
    answers: type[Response] | None = None
    """The class of an answer that is not JSON."""
    says: tuple["Said", ...] = ()
    """More to say of the answers than their type does."""
    body_type: str | None = None
    """The content type of a body that is not JSON."""
    model: Any = None
    """The type of the answer, where the endpoint may answer something else too."""
    also: tuple[Also, ...] = ()
    streams: Any = None
    """The type of an event, where the answer is a stream of them."""
    hidden: bool = False
    hot: bool = False
    """Asked for all the time: matched before the others."""
    access: Access = "session"
    """What has to be shown, where access is not open. A route that says nothing is closed to all
    who hold no token of the session that it names; one that names none, to all but services."""

    @property
    def operation_id(self) -> str:
        return self.endpoint.__name__

    @property
    def summary(self) -> str:
        return (inspect.getdoc(self.endpoint) or "").split("\n")[0].rstrip(".")

    @property
    def description(self) -> str:
        return (inspect.getdoc(self.endpoint) or "").partition("\n")[2].strip()


@dataclass(frozen=True, slots=True)
class RouteTable:
    """The routes of one tag."""

    tag: str
    about: str
    routes: tuple[Route, ...]


def install_routes(app: FastAPI, tables: Sequence[RouteTable]) -> None:
    """Add every route, flat: matching stays one pass over one list, hot routes first."""
    tagged = [(route, table.tag) for table in tables for route in table.routes]
    for route, tag in sorted(tagged, key=lambda one: not one[0].hot):
        _install(app, route, tag)


def _install(app: FastAPI, route: Route, tag: str) -> None:
    problems: Errors = (InvalidRequest, RateLimited, *_at_the_gate(route), *route.raises)
    if route.method in ("POST", "PATCH"):
        problems = (*problems, PayloadTooLarge, RequestTimeout)
    responses = errors(*problems)
    responses.update({said.status: said.as_response() for said in route.says})
    responses.update({other.status: other.as_response() for other in route.also})
    if route.streams is not None:
        responses[route.status] = {"model": route.streams, "description": "The events."}
    app.router.add_api_route(
        route.path,
        route.endpoint,
        methods=[route.method],
        status_code=route.status,
        response_model=route.model or Default(None),
        tags=[tag],
        summary=route.summary,
        description=route.description,
        operation_id=route.operation_id,
        responses=responses,
        deprecated=route.deprecated or None,
        include_in_schema=not route.hidden,
        openapi_extra={ACCESS: route.access, **_request_body(route.body_type)},
        route_class_override=route.kind,
        # Only the default class is serialised in one step, by pydantic.
        response_class=route.answers or Default(JSONResponse),
    )


def _at_the_gate(route: Route) -> Errors:
    """What a request is told that does not show what it has to, where keys are asked for."""
    if route.access == "public":
        return ()
    if route.access == "visitor":
        return (Unauthorized,)
    # A token is no use to a request that names no session, or none that there could be.
    refused: Errors = () if route.access == "archive" else (Forbidden,)
    if route.access == "service" or route.method in READING:
        return (Unauthorized, *refused)
    return (Unauthorized, *refused, ReadOnly)


def _request_body(content_type: str | None) -> dict[str, Any]:
    if content_type is None:
        return {}
    content = {content_type: {"schema": {"type": "string", "format": "binary"}}}
    return {"requestBody": {"required": True, "content": content}}


def errors(*classes: type[GameError]) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that can answer these errors, each with an example."""
    by_status: dict[int | str, dict[str, Any]] = {}
    for cls in sorted(dict.fromkeys(classes), key=lambda cls: (cls.status, cls.code)):
        entry = by_status.setdefault(cls.status, _response())
        title = _title(cls)
        entry["description"] += f"{'' if not entry['description'] else ' · '}`{cls.code}`: {title}"
        entry["content"]["application/json"]["examples"][cls.code] = _example(cls, title)
        if cls.retry_after is not None:
            entry["headers"] = {
                "Retry-After": {
                    "description": "Seconds after which the same request may work.",
                    "schema": {"type": "integer"},
                }
            }
    return by_status


def _response() -> dict[str, Any]:
    # By reference: FastAPI would put a `model` under the content type of the good answer.
    content = {"application/json": {"schema": dict(FAILURE_SCHEMA), "examples": {}}}
    return {"description": "", "content": content}


def _title(cls: type[GameError]) -> str:
    return (inspect.getdoc(cls) or "").split("\n")[0]


def _example(cls: type[GameError], title: str) -> dict[str, Any]:
    value = Failure(error=title, code=cls.code).model_dump(mode="json")
    return {"summary": title, "value": value}
