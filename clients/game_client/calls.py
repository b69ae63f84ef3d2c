"""One call: sent, sent again where that is safe, and its answer read or raised."""

import asyncio
import logging
from collections.abc import AsyncIterable, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final, TypeVar
from urllib.parse import quote

import httpx
from pydantic import ValidationError

from clients.game_client.errors import (
    NotOurs,
    Refused,
    ServiceError,
    TimedOut,
    Unreachable,
    kind_of,
)
from clients.game_client.models import Answer, Failure, Made
from clients.game_client.retries import Retries, Timing

logger = logging.getLogger(__name__)

M = TypeVar("M")

DEFAULT_SESSION: Final = "default"
_GATEWAY: Final = frozenset((502, 503, 504))
_NOT_A_SEGMENT: Final = frozenset(("", ".", ".."))
_KEPT_HEADERS: Final = ("content-type", "retry-after")
MAX_FAILURE: Final = 64 * 1024
LONG: Final = 128 * 1024
"""Bytes; 200 entries of a history are four times as much, and take 30 ms."""


class Calls:
    """What every method of the client is made of."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        timing: Timing,
        retries: Retries,
        client_name: str | None = None,
    ) -> None:
        self._http = http
        self._timing = timing
        self._retries = retries
        self._client_name = client_name

    async def _get(
        self, answer: type[M], path: str, *, params: Mapping[str, Any] | None = None
    ) -> M:
        response = await self._send("GET", path, params=given(params or {}), repeatable=True)
        return await read_as(answer, response)

    async def _change(
        self,
        answer: type[M],
        method: str,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        params: Mapping[str, Any] | None = None,
        repeatable: bool = False,
    ) -> M:
        response = await self._send(
            method, path, json=body, params=given(params or {}), repeatable=repeatable
        )
        return await read_as(answer, response)

    async def _make(self, path: str, body: Mapping[str, Any]) -> Made:
        return await read_made(await self._send("POST", path, json=body, repeatable=False))

    async def _send(
        self,
        method: str,
        path: str,
        *,
        repeatable: bool,
        params: Mapping[str, Any] | None = None,
        json: Mapping[str, Any] | None = None,
        content: bytes | AsyncIterable[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
        read: float | None = None,
    ) -> httpx.Response:
        """The answer, whole and good. Raises `ServiceError`."""
        failures = 0
        while True:
            cause: httpx.RequestError | None = None
            try:
                response = await self._http.request(
                    method,
                    path,
                    params=params,
                    json=json,
                    content=content,
                    headers=headers,
                    timeout=self._timing.of(self._timing.read if read is None else read),
                )
            except httpx.RequestError as error:
                problem, cause = unanswered(error), error
                again = (repeatable and lost(error)) or never_sent(error)
            else:
                if response.is_success:
                    return response
                problem = failure_of(response)
                again = repeatable and isinstance(problem, NotOurs) and problem.status in _GATEWAY
            failures += 1
            if not again or failures >= self._retries.attempts:
                raise problem from cause
            logger.info("asking again", extra={"code": problem.code, "failures": failures})
            wish = min(problem.retry_after or 0.0, self._retries.longest_delay)
            await asyncio.sleep(self._retries.delay(failures, at_least=wish))

    @asynccontextmanager
    async def _open(
        self, path: str, *, read: float, headers: Mapping[str, str] | None = None
    ) -> AsyncIterator[httpx.Response]:
        """A good answer whose body has yet to be read. Raises `ServiceError`, later as well."""
        timeout = self._timing.of(read)
        try:
            async with self._http.stream("GET", path, timeout=timeout, headers=headers) as response:
                if not response.is_success:
                    raise failure_of(await _with_body(response))
                yield response
        except httpx.RequestError as error:
            raise unanswered(error) from error


def given(values: Mapping[str, Any]) -> dict[str, Any]:
    """Without what was left out: unknown to an older service, and its own to choose."""
    return {name: value for name, value in values.items() if value is not None}


def segment(value: str, *, code: str = "validation_error") -> str:
    """A part of a path. Nothing that a caller passes can lead to another address.

    Raises `Refused`.
    """
    if value in _NOT_A_SEGMENT:
        raise Refused("That names nothing.", code=code)
    return quote(value, safe="")


def session_path(session_id: str, *more: str) -> str:
    """The address of something of a session."""
    name = segment(session_id, code="invalid_session_id")
    return "/".join(("/api/sessions", name, *more))


def data_of(answer: type[M], response: httpx.Response) -> M:
    """What an answer is about. Raises `NotOurs`."""
    try:
        # The envelope of a type is made once and kept by Pydantic.
        read: Answer[M] = Answer[answer].model_validate_json(response.content)  # type: ignore[valid-type]
    except ValidationError as error:
        raise not_ours(response) from error
    return read.data


def failure_of(response: httpx.Response) -> ServiceError:
    """The error that a (whole) answer tells of."""
    try:
        told = Failure.model_validate_json(response.content)
    except ValidationError:
        return not_ours(response)
    return kind_of(told.code, response.status_code)(
        told.error,
        code=told.code,
        details=told.details,
        status=response.status_code,
        retry_after=retry_after(response),
    )


def not_ours(response: httpx.Response) -> NotOurs:
    kind = response.headers.get("content-type", "no type")[:80]
    return NotOurs(
        "Something answered, but not the game service.",
        code="not_ours",
        details=f"status {response.status_code}, {kind}",
        status=response.status_code,
        retry_after=retry_after(response),
    )


async def read_as(answer: type[M], response: httpx.Response) -> M:
    """What a good answer is about; a long one is read beside the event loop. Raises `NotOurs`."""
    if len(response.content) > LONG:
        return await asyncio.to_thread(data_of, answer, response)
    return data_of(answer, response)


async def read_made(response: httpx.Response) -> Made:
    """A session that was made, with its token. Raises `NotOurs`."""
    made = await read_as(Made, response)
    return made.model_copy(update={"token": response.headers.get("elsewhere-token", "")})


async def _with_body(response: httpx.Response) -> httpx.Response:
    """A failure, read as far as one of the service's can go."""
    body = bytearray()
    async for piece in response.aiter_bytes():
        body += piece
        if len(body) > MAX_FAILURE:
            break
    headers = {name: response.headers.get(name, "") for name in _KEPT_HEADERS}
    return httpx.Response(response.status_code, headers=headers, content=bytes(body))


def retry_after(response: httpx.Response) -> float | None:
    value = response.headers.get("retry-after", "")
    return float(value) if value.isascii() and value.isdigit() and len(value) < 10 else None


def unanswered(error: httpx.RequestError) -> ServiceError:
    """Ours for httpx's. The address is left out: it may hold more than a person should read."""
    details = type(error).__name__
    if isinstance(error, httpx.DecodingError | httpx.TooManyRedirects):
        return NotOurs(
            "Something answered, but not the game service.", code="not_ours", details=details
        )
    if isinstance(error, httpx.ReadTimeout | httpx.WriteTimeout):
        return TimedOut("The game service takes too long.", code="timed_out", details=details)
    return Unreachable("The game service cannot be reached.", code="unreachable", details=details)


def lost(error: httpx.RequestError) -> bool:
    """Whether the connection was lost, so that nobody knows what came of the request."""
    return isinstance(error, httpx.NetworkError | httpx.RemoteProtocolError)


def never_sent(error: httpx.RequestError) -> bool:
    return isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout)
