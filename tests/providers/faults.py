"""Everything that a model server was seen to do wrong, or could (FIGURES.md R5).

Each fault answers one request over its own socket. Where a server could say something, it says
`OUTAGE`: words that must never become story.
"""

import asyncio
import base64
import gzip
import json
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from tests.providers.fake_openai import Said
from tests.providers.wire import Wire, chunk, head

OUTAGE: Final = "Zeppelin overloaded"
HTML: Final = f"<!doctype html><html><body><h1>{OUTAGE}</h1></body></html>".encode()
DEEP: Final = "[" * 10_000
TEN_MEGABYTES: Final = 10_000_000
DRIP: Final = 0.05
"""Seconds between two bytes: one a second, to the scale of the tests' deadlines."""

Fault = Callable[[Wire], Awaitable[None]]
_EVENTS: Final = {"content-type": "text/event-stream", "transfer-encoding": "chunked"}


def _status(status: int, code: str = "", **headers: str) -> Fault:
    async def fault(wire: Wire) -> None:
        await wire.error(status, OUTAGE, code, **headers)

    return fault


async def _bad_gateway(wire: Wire) -> None:
    await wire.answer(502, HTML, "text/html")


async def _bad_key(wire: Wire) -> None:
    """Quotes the key, as servers do."""
    said = wire.asked.headers.get("authorization", "")
    await wire.error(401, f"{OUTAGE}: incorrect API key provided: {said}", "invalid_api_key")


async def _redirect(wire: Wire) -> None:
    await wire.answer(302, b"", location="http://169.254.169.254/latest/meta-data")


# -- connections ---------------------------------------------------------------------------


async def _hangs_up(wire: Wire) -> None:
    """Closes without a word."""


async def _reset_at_once(wire: Wire) -> None:
    wire.reset()


async def _reset_mid_body(wire: Wire) -> None:
    headers, body = await wire.well()
    await wire.raw(head(200, headers) + body[: len(body) // 2])
    wire.reset()


async def _not_http(wire: Wire) -> None:
    await wire.raw(f"220 {OUTAGE} ESMTP ready\r\n".encode())


async def _never_answers(wire: Wire) -> None:
    await asyncio.Event().wait()


async def _silent_after_headers(wire: Wire) -> None:
    headers, _ = await wire.well()
    await wire.raw(head(200, headers))
    await asyncio.Event().wait()


async def _drips_headers(wire: Wire) -> None:
    headers, body = await wire.well()
    await _drip(wire, head(200, headers) + body)


async def _drips_body(wire: Wire) -> None:
    headers, body = await wire.well()
    await wire.raw(head(200, headers))
    await _drip(wire, body)


async def _drip(wire: Wire, data: bytes) -> None:
    for at in range(len(data)):
        await wire.raw(data[at : at + 1])
        await asyncio.sleep(DRIP)


async def _too_long_a_length(wire: Wire) -> None:
    headers, body = await wire.well()
    await wire.raw(head(200, {**headers, "content-length": str(len(body) + 1000)}) + body)


async def _too_short_a_length(wire: Wire) -> None:
    headers, body = await wire.well()
    await wire.raw(head(200, {**headers, "content-length": str(len(body) // 2)}) + body)


# -- bodies --------------------------------------------------------------------------------


async def _empty(wire: Wire) -> None:
    await wire.answer(200, b"")


async def _html(wire: Wire) -> None:
    await wire.answer(200, HTML, "text/html")


async def _html_called_json(wire: Wire) -> None:
    await wire.answer(200, HTML)


async def _null(wire: Wire) -> None:
    await wire.answer(200, b"null")


async def _half_an_envelope(wire: Wire) -> None:
    """A body that is whole to HTTP and half to JSON."""
    headers, body = await wire.well()
    await wire.answer(200, body[: len(body) // 2], headers["content-type"])


async def _another_envelope(wire: Wire) -> None:
    body = {"object": "list", "data": [{"revised_prompt": OUTAGE}], "choices": [{"text": OUTAGE}]}
    await wire.json(200, body)


async def _an_error_as_200(wire: Wire) -> None:
    await wire.error(200, OUTAGE)


async def _deep_envelope(wire: Wire) -> None:
    name = "choices" if wire.asked.kind == "text" else "data"
    await wire.answer(200, f'{{"{name}": {DEEP}'.encode())


async def _gzip_bomb(wire: Wire) -> None:
    bomb = gzip.compress(b" " * 50_000_000, 1)
    await wire.answer(200, bomb, content_encoding="gzip")


async def _endless(wire: Wire) -> None:
    """Blanks before the JSON, as fast as they are taken."""
    await wire.raw(head(200, {"content-type": "application/json", "transfer-encoding": "chunked"}))
    while True:
        await wire.raw(chunk(b" " * 65536))


# -- what the model says ---------------------------------------------------------------------


def _saying(said: Callable[[str], Said], image: Any) -> Fault:
    """`said` makes an answer of the right words; a picture's server says `image` instead."""

    async def fault(wire: Wire) -> None:
        if wire.asked.kind == "text":
            await wire.said(said(await wire.told()))
        elif isinstance(image, str):
            await wire.error(400, f"{OUTAGE}: rejected by our safety system", image)
        else:
            await wire.json(200, image)

    return fault


def _picture(data: bytes) -> Mapping[str, Any]:
    return {"created": 0, "data": [{"b64_json": base64.b64encode(data).decode()}]}


_PNG: Final = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
_WRONG: Final = json.dumps({"dispatch": 7, "choices": OUTAGE, "outage": OUTAGE})


def _half(told: str) -> str:
    return told[: len(told) // 2]


SAYINGS: Final[Mapping[str, Fault]] = MappingProxyType(
    {
        "wrong_schema": _saying(lambda _: Said(_WRONG), {"data": [{"url": 7}]}),
        "prose": _saying(lambda _: Said(OUTAGE), _picture(HTML)),
        "nothing_said": _saying(lambda _: Said(""), {"created": 0, "data": []}),
        "null_said": _saying(lambda _: Said(None), {"created": 0, "data": [{}]}),
        "half_the_json": _saying(lambda told: Said(_half(told)), _picture(_PNG)),
        "cut_at_length": _saying(lambda told: Said(_half(told), "length"), _picture(_PNG + b"\0")),
        "refusal": _saying(lambda _: Said(None, refusal=OUTAGE), "moderation_blocked"),
        "content_filter": _saying(
            lambda told: Said(_half(told), "content_filter"), "content_policy_violation"
        ),
        "ten_megabytes": _saying(
            lambda told: Said(json.dumps({**json.loads(told), "dispatch": "a " * 5_000_000})),
            {"created": 0, "data": [{"b64_json": "A" * TEN_MEGABYTES}]},
        ),
        "deep": _saying(lambda _: Said(DEEP), {"data": [{"b64_json": _PNG.hex(), "url": []}]}),
        "deep_and_closed": _saying(
            lambda told: Said(told[:-1] + ', "deep": ' + DEEP + "]" * len(DEEP) + "}"),
            _picture(b"RIFF\0\0\0\0WEBP" + b"\0" * 100),
        ),
    }
)


# -- streams ---------------------------------------------------------------------------------


async def _events(wire: Wire) -> list[bytes]:
    _, body = await wire.well()
    return [event + b"\n\n" for event in body.split(b"\n\n") if event]


async def _cut_stream(wire: Wire) -> None:
    """Ends the connection in the middle, with no last chunk."""
    events = await _events(wire)
    await wire.raw(head(200, _EVENTS))
    for event in events[: len(events) // 2]:
        await wire.raw(chunk(event))


async def _ended_stream(wire: Wire) -> None:
    """Ends in the middle as if that were all."""
    events = await _events(wire)
    await _send_events(wire, events[: len(events) // 2])


async def _error_in_stream(wire: Wire) -> None:
    events = await _events(wire)
    error = json.dumps({"error": {"message": OUTAGE, "type": "server_error", "code": None}})
    half = len(events) // 2
    await _send_events(wire, [*events[:half], f"data: {error}\n\n".encode(), *events[half:]])


async def _silent_in_stream(wire: Wire) -> None:
    events = await _events(wire)
    await wire.raw(head(200, _EVENTS))
    for event in events[: len(events) // 2]:
        await wire.raw(chunk(event))
    await asyncio.Event().wait()


async def _undone_stream(wire: Wire) -> None:
    """All of it but the `[DONE]`."""
    await _send_events(wire, (await _events(wire))[:-1])


async def _noisy_stream(wire: Wire) -> None:
    """Comments, empty lines and a chunk with no choices among the right ones."""
    events = await _events(wire)
    empty = (
        b'data: {"id":"x","object":"chat.completion.chunk","created":0,"model":"m","choices":[]}'
    )
    noise = [b": keep-alive\n\n", b"\n\n", empty + b"\n\n"]
    await _send_events(wire, [*noise, *events[:3], *noise, *events[3:]])


async def _empty_event_in_stream(wire: Wire) -> None:
    """An event without data, which the SDK stumbles over."""
    events = await _events(wire)
    await _send_events(wire, [*events[:3], b"id: 7\nretry: 10\n\n", *events[3:]])


async def _repeated_stream(wire: Wire) -> None:
    """Every event twice: the words of it are nonsense."""
    events = await _events(wire)
    await _send_events(wire, [event for one in events[:-1] for event in (one, one)] + events[-1:])


async def _garbage_in_stream(wire: Wire) -> None:
    events = await _events(wire)
    await _send_events(wire, [*events[:3], f"data: {{{OUTAGE}\n\n".encode(), *events[3:]])


async def _endless_stream(wire: Wire) -> None:
    """Opens a text and chatters on: it never comes to an end."""
    await wire.raw(head(200, _EVENTS) + chunk(_delta('{"dispatch": "')))
    while True:
        await wire.raw(chunk(_delta("and on ") * 50))
        await asyncio.sleep(0)


def _delta(content: str) -> bytes:
    choice = {"index": 0, "delta": {"content": content}, "finish_reason": None}
    event = {"id": "x", "object": "chat.completion.chunk", "created": 0, "model": "m"}
    return f"data: {json.dumps(event | {'choices': [choice]})}\n\n".encode()


async def _send_events(wire: Wire, events: list[bytes]) -> None:
    await wire.raw(head(200, _EVENTS) + b"".join(map(chunk, events)) + chunk(b""))


STATUSES: Final[Mapping[str, Fault]] = MappingProxyType(
    {
        "429": _status(429, "rate_limit_exceeded"),
        "429_soon": _status(429, retry_after="0"),
        "429_later": _status(429, retry_after="300"),
        "429_sometime": _status(429, retry_after="when it suits"),
        "429_no_quota": _status(429, "insufficient_quota"),
        "500": _status(500),
        "502": _bad_gateway,
        "503": _status(503, retry_after="1"),
        "401": _bad_key,
        "302": _redirect,
    }
)
CONNECTIONS: Final[Mapping[str, Fault]] = MappingProxyType(
    {
        "hangs_up": _hangs_up,
        "reset_at_once": _reset_at_once,
        "reset_mid_body": _reset_mid_body,
        "not_http": _not_http,
        "never_answers": _never_answers,
        "silent_after_headers": _silent_after_headers,
        "drips_headers": _drips_headers,
        "drips_body": _drips_body,
        "too_long_a_length": _too_long_a_length,
        "too_short_a_length": _too_short_a_length,
    }
)
BODIES: Final[Mapping[str, Fault]] = MappingProxyType(
    {
        "empty": _empty,
        "html": _html,
        "html_called_json": _html_called_json,
        "null": _null,
        "half_an_envelope": _half_an_envelope,
        "another_envelope": _another_envelope,
        "an_error_as_200": _an_error_as_200,
        "deep_envelope": _deep_envelope,
        "gzip_bomb": _gzip_bomb,
        "endless": _endless,
    }
)
STREAMS: Final[Mapping[str, Fault]] = MappingProxyType(
    {
        "cut_stream": _cut_stream,
        "ended_stream": _ended_stream,
        "error_in_stream": _error_in_stream,
        "silent_in_stream": _silent_in_stream,
        "undone_stream": _undone_stream,
        "noisy_stream": _noisy_stream,
        "empty_event_in_stream": _empty_event_in_stream,
        "repeated_stream": _repeated_stream,
        "garbage_in_stream": _garbage_in_stream,
        "endless_stream": _endless_stream,
    }
)
DOORS: Final = ("refused", "unaccepted")
"""Faults before any request: an address of their own."""

FAULTS: Final[Mapping[str, Fault]] = MappingProxyType(
    {**STATUSES, **CONNECTIONS, **BODIES, **SAYINGS, **STREAMS}
)
