"""Route classes that read JSON strictly, once, and know which session a request is about."""

import re
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, ClassVar, Final
from urllib.parse import parse_qsl

from fastapi import Request, Response
from fastapi.routing import APIRoute
from pydantic_core import from_json
from starlette.types import Receive, Scope

from app.edge.access.gate import Access, Gate, owner_of
from app.edge.failures import invalid
from app.edge.limits.addresses import address_of
from app.edge.limits.traffic import READS, traffic_of
from app.engine.sessions import DEFAULT_SESSION
from app.errors import InvalidRequest
from app.logs import SESSION_ID
from app.models.base import SESSION_ID_PATTERN
from app.storage.owners import OWNER

_SESSION_ID: Final = re.compile(SESSION_ID_PATTERN)
_JSON: Final = re.compile(r"application/([A-Za-z0-9.+-]+\+)?json\s*(;.*)?", re.IGNORECASE)
_JSON_HEADER: Final = (b"content-type", b"application/json")

ACCESS: Final = "x-access"
"""In a route's `openapi_extra`, and so in the document: what it asks to be shown."""

Query = Sequence[tuple[str, str]]


class JsonRequest(Request):
    """A request whose body has been read and parsed already."""

    def __init__(self, scope: Scope, receive: Receive, body: bytes, parsed: object) -> None:
        super().__init__(scope, receive)
        self._body = body
        self._json = parsed
        self.parsed = parsed


class JsonRoute(APIRoute):
    """An empty body means `{}`; unknown and doubled query parameters are errors, like fields.

    The parser is pydantic's: deep nesting, NaN, lone surrogates, numbers of a thousand digits
    and bytes that are no UTF-8 are refused there, before anything is built from them.
    """

    strict_query: ClassVar[bool] = True

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        takes_json = self.body_field is not None
        known = frozenset(field.alias for field in self.dependant.query_params)
        strict = self.strict_query
        access: Access = (self.openapi_extra or {})[ACCESS]
        default = DEFAULT_SESSION if "session_id" in known | self._body_fields() else None

        async def handler(request: Request) -> Response:
            raw_query = request.scope["query_string"]
            query: Query = ()
            if raw_query:
                query = parse_qsl(raw_query.decode("latin-1"), keep_blank_values=True)
                if strict:
                    check_query(query, known)
            if takes_json:
                request = await _parsed(request)
            named = _note_session(request, query, default)
            gate: Gate | None = request.app.state.service.gate
            if gate is not None:
                about = request.path_params.get("name") if access == "archive" else named
                await gate.admit(request, access, about)
            if named is not None:
                await traffic_of(request).changes(address_of(request.scope), request.method, named)
            if request.method in READS:
                return await handle(request)
            for_whom = OWNER.set(owner_of(request))
            try:
                return await handle(request)
            finally:
                OWNER.reset(for_whom)

        return handler

    def _body_fields(self) -> frozenset[str]:
        body = self.body_field.field_info.annotation if self.body_field else None
        return frozenset(getattr(body, "model_fields", ()))


class LenientRoute(JsonRoute):
    """Lets pass query parameters that are not ours: cache busters, old programs' habits."""

    strict_query = False


def check_query(query: Query, known: frozenset[str]) -> None:
    """A misspelt `session_id` must not play the default session."""
    names = [name for name, _ in query]
    unknown = [
        {"loc": ("query", name), "msg": "There is no such parameter"}
        for name in names
        if name not in known
    ]
    doubled = [
        {"loc": ("query", name), "msg": "Given more than once"}
        for name in known
        if names.count(name) > 1
    ]
    if unknown or doubled:
        raise invalid([*unknown, *doubled])


async def _parsed(request: Request) -> JsonRequest:
    body = await request.body()
    types = request.headers.getlist("content-type")
    scope = request.scope
    parsed: object = {}
    if not body.strip(b" \t\r\n"):
        body = b"{}"
    elif len(types) != 1 or not _JSON.fullmatch(types[0]):
        raise InvalidRequest(details="The body must be JSON with one `Content-Type` that says so.")
    else:
        parsed = _json(body)
    if types != ["application/json"]:
        others = [header for header in scope["headers"] if header[0] != b"content-type"]
        scope = {**scope, "headers": [*others, _JSON_HEADER]}
    return JsonRequest(scope, request.receive, body, parsed)


def _json(body: bytes) -> object:
    try:
        parsed: object = from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise InvalidRequest(details=f"The body is not JSON: {error}.") from None
    return parsed


def _note_session(request: Request, query: Query, default: str | None) -> str | None:
    """Which session this is about, if it says so and says it well. Tells the logs too."""
    named = request.path_params.get("session_id")
    if named is None and isinstance(request, JsonRequest):
        body = request.parsed
        named = body.get("session_id") if isinstance(body, dict) else None
    if named is None and query:
        named = dict(query).get("session_id")
    named = default if named is None else named
    if isinstance(named, str) and _SESSION_ID.fullmatch(named):
        SESSION_ID.set(named)
        return named
    return None
