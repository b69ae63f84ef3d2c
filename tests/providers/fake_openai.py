"""A model server in this process: what is asked of it is recorded, what it says is scripted.

fake = FakeOpenAI(OPENAI)
transport = httpx2.ASGITransport(app=fake.app)   # no socket; streams arrive in one piece
async with listening(fake.app) as base_url: ...  # a socket; streams arrive as they are sent
"""

import asyncio
import base64
import json
import socket
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse

from tests.providers.asked import Asked, Kind, read
from tests.providers.profiles import OPENAI, Profile
from tests.providers.story import fenced, picture, schema_of, telling

STRICT_FORBIDS: Final = frozenset(
    {"default", "minLength", "maxLength", "uniqueItems", "patternProperties"}
)
PIECE: Final = 40
"""Characters of one streamed piece: about ten tokens."""
MOST_PIECES: Final = 500
"""Of one answer: what is meant to be long is long in fewer pieces."""


@dataclass(frozen=True, slots=True)
class Said:
    """A chat's answer, word for word."""

    content: str | None
    finish_reason: str = "stop"
    refusal: str | None = None
    usage: bool = True


@dataclass(frozen=True, slots=True)
class Refused:
    """An error in the API's own shape."""

    status: int
    message: str = "No."
    code: str | None = None
    param: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


Answer = Said | Refused | Response
"""What can be scripted; a `Response` is sent as it is."""


class FakeOpenAI:
    """One server. `script` answers the next calls, whatever they ask; then it behaves again."""

    def __init__(self, profile: Profile = OPENAI) -> None:
        self.profile = profile
        self.asked: list[Asked] = []
        self.script: deque[Answer] = deque()
        self.story: Callable[[Asked], Mapping[str, Any]] = telling
        self.paint: Callable[[Asked], bytes] = painted
        self.before: Callable[[Asked], Awaitable[None]] = _at_once
        """Awaited before each answer: holds a call open where a test wants it held."""
        self.between: Callable[[], Awaitable[None]] = _at_once_again
        """Awaited before each streamed piece."""
        self.piece = PIECE
        self.shutdown_date: str | None = None
        self.app = FastAPI(openapi_url=None)
        for path in ("/v1/chat/completions", "/v1/images/generations", "/v1/images/edits"):
            self.app.add_api_route(path, self._answer, methods=["POST"], response_model=None)
        self.app.add_api_route(
            "/v1/models/{model:path}", self._answer, methods=["GET"], response_model=None
        )
        self.app.add_api_route(
            "/pictures/{words:path}", self._picture, methods=["GET"], response_model=None
        )

    def calls(self, kind: Kind) -> list[Asked]:
        """What was asked of one kind."""
        return [asked for asked in self.asked if asked.kind == kind]

    async def _answer(self, request: Request) -> Response:
        path, headers = request.url.path, dict(request.headers)
        return await self.respond(read(request.method, path, headers, await request.body()))

    async def respond(self, asked: Asked) -> Response:
        """The answer to one request; for servers that do their own talking."""
        self.asked.append(asked)
        await self.before(asked)
        if self.script:
            return self._scripted(asked, self.script.popleft())
        match asked.kind:
            case "text":
                return self._text(asked)
            case "image" | "edit":
                return self._image(asked)
        return self._model(asked)

    def _scripted(self, asked: Asked, answer: Answer) -> Response:
        match answer:
            case Said():
                return self.say(asked, answer)
            case Refused():
                return _refusal(answer)
        return answer

    # -- text ----------------------------------------------------------------------------

    def _text(self, asked: Asked) -> Response:
        refused = self._unwelcome(asked)
        if refused is not None:
            return _refusal(refused)
        told = self.story(asked)
        obeyed = self.profile.format == "obeyed" and "response_format" in asked.json
        return self.say(asked, Said(json.dumps(told) if obeyed else fenced(told)))

    def _unwelcome(self, asked: Asked) -> Refused | None:
        """The first parameter that this server does not take."""
        wanted = asked.json
        for name in sorted(self.profile.refuses & wanted.keys()):
            return _unsupported(name)
        if self.profile.fixed_temperature and wanted.get("temperature", 1) != 1:
            return _unsupported("temperature")
        if self.profile.format == "refused" and "response_format" in wanted:
            return _unsupported("response_format")
        flaw = _flaw(schema_of(asked)) if self.profile.strict_schema else None
        if flaw is not None:
            message = f"Invalid schema for response_format: {flaw}"
            return Refused(400, message, "invalid_json_schema", "response_format")
        return None

    def say(self, asked: Asked, said: Said) -> Response:
        """A chat's answer in the form that was asked for: whole, or as a stream."""
        headers = {"x-request-id": f"req-{len(self.asked)}"}
        wanted = asked.json
        usage = _chat_usage(asked, said) if self.profile.usage and said.usage else None
        if not wanted.get("stream"):
            return JSONResponse(_completion(wanted["model"], said, usage), headers=headers)
        if not (wanted.get("stream_options") or {}).get("include_usage"):
            usage = None
        stream = self._stream(list(_chunks(wanted["model"], said, usage, self.piece)))
        return StreamingResponse(stream, media_type="text/event-stream", headers=headers)

    async def _stream(self, chunks: list[dict[str, Any]]) -> AsyncIterator[str]:
        for chunk in chunks:
            await self.between()
            yield f"data: {json.dumps(chunk)}\n\n"
        yield "data: [DONE]\n\n"

    # -- pictures ------------------------------------------------------------------------

    def _image(self, asked: Asked) -> Response:
        if not (self.profile.image if asked.kind == "image" else self.profile.edit):
            return _refusal(Refused(404, "Not Found"))
        fields = asked.fields
        for name in sorted(self.profile.image_refuses & fields.keys()):
            return _refusal(_unsupported(name))
        if asked.kind == "edit" and not asked.files:
            return _refusal(Refused(400, "No image.", "missing_required_parameter", "image"))
        if self.profile.picture_as == "url":
            host = asked.headers["host"]
            data = {"url": f"http://{host}/pictures/{asked.prompt.encode().hex()}"}
        else:
            data = {"b64_json": base64.b64encode(self.paint(asked)).decode()}
        answer = {"created": 0, "data": [data]}
        if self.profile.usage:
            answer["usage"] = _image_usage(asked)
        return JSONResponse(answer, headers={"x-request-id": f"req-{len(self.asked)}"})

    async def _picture(self, words: str) -> Response:
        return Response(picture(bytes.fromhex(words).decode()), media_type="image/png")

    def _model(self, asked: Asked) -> Response:
        model = {"id": asked.path.removeprefix("/v1/models/"), "object": "model"}
        model |= {"created": 0, "owned_by": "double"}  # type: ignore[dict-item]
        more = {"shutdown_date": self.shutdown_date} if self.shutdown_date else {}
        return JSONResponse(model | more)


@asynccontextmanager
async def listening(app: FastAPI) -> AsyncIterator[str]:
    """Serve `app` on a free port of this loop; gives the base URL of its API."""
    server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_config=None, ws="none"))
    listener = socket.create_server(("127.0.0.1", 0), backlog=512)
    port = listener.getsockname()[1]
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        server.should_exit = server.force_exit = True
        await serving
        listener.close()


async def _at_once(_: Asked) -> None:
    """Does not hold it."""


async def _at_once_again() -> None:
    """Does not hold it."""


def painted(asked: Asked) -> bytes:
    """A flat picture of the prompt, as large and in such a format as was asked for."""
    fields = asked.fields
    size = str(fields.get("size", "1024x1024"))
    return picture(str(fields["prompt"]), size, str(fields.get("output_format", "png")))


def _unsupported(name: str) -> Refused:
    return Refused(400, f"Unsupported parameter: '{name}'.", "unsupported_parameter", name)


def _refusal(refused: Refused) -> Response:
    kind = "invalid_request_error" if refused.status < 500 else "server_error"
    error = {
        "message": refused.message,
        "type": kind,
        "code": refused.code,
        "param": refused.param,
    }
    return JSONResponse({"error": error}, status_code=refused.status, headers=dict(refused.headers))


def _flaw(schema: Any) -> str | None:
    """Why a schema is not of the strict kind."""
    if isinstance(schema, list):
        return next((flaw for one in schema if (flaw := _flaw(one))), None)
    if not isinstance(schema, dict):
        return None
    if schema.get("type") == "object" or "properties" in schema:
        if schema.get("additionalProperties") is not False:
            return "'additionalProperties' is required to be supplied and to be false."
        if set(schema.get("required", ())) != set(schema.get("properties", {})):
            return "'required' must name every property."
    names = {name for name in schema if not isinstance(schema[name], dict) or name == "default"}
    if forbidden := sorted(STRICT_FORBIDS & names):
        return f"'{forbidden[0]}' is not permitted."
    return next((flaw for one in schema.values() if (flaw := _flaw(one))), None)


def _completion(model: str, said: Said, usage: dict[str, Any] | None) -> dict[str, Any]:
    message = {"role": "assistant", "content": said.content, "refusal": said.refusal}
    choice = {"index": 0, "message": message, "finish_reason": said.finish_reason}
    whole = {"id": "chat-1", "object": "chat.completion", "created": 0, "model": model}
    return whole | {"choices": [choice]} | ({"usage": usage} if usage else {})


def _chunks(
    model: str, said: Said, usage: dict[str, Any] | None, least: int
) -> Iterator[dict[str, Any]]:
    head = {"id": "chat-1", "object": "chat.completion.chunk", "created": 0, "model": model}
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    content = said.content or ""
    piece = max(least, len(content) // MOST_PIECES)
    deltas += [{"content": content[at : at + piece]} for at in range(0, len(content), piece)]
    if said.refusal is not None:
        deltas.append({"refusal": said.refusal})
    for delta in deltas:
        yield head | {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]}
    yield head | {"choices": [{"index": 0, "delta": {}, "finish_reason": said.finish_reason}]}
    if usage:
        yield head | {"choices": [], "usage": usage}


def _chat_usage(asked: Asked, said: Said) -> dict[str, Any]:
    read_tokens, written = len(asked.prompt) // 4, len(said.content or "") // 4
    return {
        "prompt_tokens": read_tokens,
        "completion_tokens": written,
        "total_tokens": read_tokens + written,
        "prompt_tokens_details": {"cached_tokens": read_tokens // 2},
        "completion_tokens_details": {"reasoning_tokens": 0},
    }


def _image_usage(asked: Asked) -> dict[str, Any]:
    words, references = len(asked.prompt) // 4, 1000 * len(asked.files)
    return {
        "input_tokens": words + references,
        "input_tokens_details": {"text_tokens": words, "image_tokens": references},
        "output_tokens": 196,
        "total_tokens": words + references + 196,
    }
