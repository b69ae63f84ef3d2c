"""Every error, ours or the framework's, becomes one envelope here and nowhere else."""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import Match

from app.edge.envelope import Failure
from app.errors import (
    GameError,
    InvalidRequest,
    InvalidSessionId,
    MethodNotAllowed,
    NotFound,
    PayloadTooLarge,
    Unauthorized,
)

MAX_NAMED_PROBLEMS: Final = 5
MAX_DETAILS: Final = 500
_BY_STATUS: Final = MappingProxyType({404: NotFound, 405: MethodNotAllowed, 413: PayloadTooLarge})
_FIELD: Final = re.compile(r"[A-Za-z0-9_-]{1,40}")
SESSION_FIELDS: Final = frozenset(("session_id",))


class InternalError(GameError):
    """Something went wrong on this server; it has been logged."""


def failure(error: GameError, headers: Mapping[str, str] | None = None) -> Response:
    """The answer that tells a client of `error`."""
    body = Failure(error=str(error), details=error.details, code=error.code)
    response = Response(
        body.model_dump_json(),
        status_code=error.status,
        headers=headers,
        media_type="application/json",
    )
    response.headers["cache-control"] = "no-store"
    if isinstance(error, Unauthorized):
        response.headers["www-authenticate"] = "Bearer"
    if error.retry_after is not None:
        response.headers["retry-after"] = str(error.retry_after)
    return response


def install_failures(app: FastAPI) -> None:
    """Have `app` answer its errors, and the framework's, in the envelope."""
    app.add_exception_handler(GameError, _game_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _framework_error)


def invalid(problems: Sequence[Mapping[str, Any]]) -> InvalidRequest:
    """An error that names what is wrong, and never repeats what was sent."""
    named = [f"{_where(problem['loc'])}: {problem['msg']}" for problem in problems]
    details = "; ".join(named[:MAX_NAMED_PROBLEMS])
    if len(named) > MAX_NAMED_PROBLEMS:
        details = f"{details}; and {len(named) - MAX_NAMED_PROBLEMS} more"
    details = details[:MAX_DETAILS]
    if any(problem["loc"] and problem["loc"][-1] in SESSION_FIELDS for problem in problems):
        return InvalidSessionId(details=details)
    return InvalidRequest(details=details)


def _where(location: Sequence[object]) -> str:
    """`body.choice`. A name that no field of ours could have is the client's text: left out."""
    return ".".join(
        str(part) if isinstance(part, int) or _FIELD.fullmatch(str(part)) else "?"
        for part in location
    )


async def _game_error(_: Request, error: Exception) -> Response:
    return failure(error if isinstance(error, GameError) else InternalError())


async def _invalid(_: Request, error: Exception) -> Response:
    problems = error.errors() if isinstance(error, RequestValidationError) else ()
    return failure(invalid(problems))


async def _framework_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        return failure(InternalError())
    kind = _BY_STATUS.get(error.status_code, InvalidRequest)
    if kind is MethodNotAllowed:
        return failure(kind(), {"allow": ", ".join(sorted(_methods_at(request)))})
    return failure(kind(), error.headers)


def _methods_at(request: Request) -> set[str]:
    """All that this address takes. The framework names those of the first route that fits."""
    methods: set[str] = set()
    for route in request.app.routes:
        if route.matches(request.scope)[0] is not Match.NONE:
            methods |= getattr(route, "methods", None) or set()
    return methods
