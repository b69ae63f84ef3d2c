"""One text call: reserved for, streamed, bounded in size and time, and accounted for."""

import asyncio
import json
import math
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from app.engine.ports import Hear, Purse
from app.engine.providers.openai_compatible.client import Connection
from app.engine.providers.openai_compatible.events import events
from app.engine.providers.openai_compatible.failures import (
    BrokenOff,
    CallFailed,
    CallTimedOut,
    Trouble,
)
from app.engine.providers.openai_compatible.prices import Prices
from app.engine.providers.openai_compatible.reading import MAX_TEXT, DispatchReader
from app.models.ledger import Units

if TYPE_CHECKING:
    import httpx2

_Chunk = Mapping[str, Any]
_Chunks = AsyncGenerator[_Chunk, None]

TAIL: Final = 2.0
"""Seconds that are waited, once an answer is finished, for what was counted and for the end."""
END: Final = 0.1
"""Seconds for the end of a stream that says that it is done: then its connection can be kept."""
PACE: Final = 1.5
"""Characters a second, below which an answer that has begun counts as stuck."""
_BYTES_A_TOKEN: Final = 2
"""For the most a prompt can count; a text in English has twice as many."""
_CHARACTERS_A_TOKEN: Final = 4


@dataclass(slots=True)
class Bill:
    """What one turn's calls came to so far."""

    micros: int = 0
    calls: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model wrote in one call."""

    text: str
    finish: str | None
    """`stop` or `length`; None from a server that does not say."""
    told: bool
    """Whether the whole dispatch was there."""


@dataclass(slots=True)
class _Received:
    """What has come so far of one answer."""

    text: list[str] = field(default_factory=list)
    length: int = 0
    finish: str | None = None
    refused: bool = False
    usage: object = None
    request_id: str = ""


class Caller:
    """Makes single calls to one model."""

    def __init__(
        self, connection: Connection, prices: Prices, *, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._connection = connection
        self._prices = prices
        self._now = now

    async def ask(
        self,
        body: Mapping[str, Any],
        *,
        cap: int,
        hear: Hear,
        purse: Purse,
        bill: Bill,
        ends: float,
    ) -> Answer:
        """One attempt. `ends` is a time of the event loop; `hear` is told the dispatch.

        Raises `ProviderError` and what `Purse.reserve` raises.
        """
        endpoint, received = self._connection.endpoint, _Received()
        await self._connection.sdk()  # Loaded before money is set aside.
        prompt = sum(len(message["content"].encode()) for message in body["messages"])
        at_most = self._prices.at_most(
            endpoint.model, input_tokens=math.ceil(prompt / _BYTES_A_TOKEN), output_tokens=cap
        )
        hold = await purse.reserve(
            "text", provider=endpoint.provider, model=endpoint.model, at_most=at_most
        )
        bill.calls += 1
        trouble = Trouble(servers=True)  # Cancelled, unless told otherwise.
        done = False
        try:
            async with self._connection.calling() as sdk, asyncio.timeout_at(ends):
                stream = await sdk.chat.completions.create(**body)
                await self._receive(stream, received, hear)
            done = True
        except (CallFailed, CallTimedOut) as error:
            trouble = error.trouble
            raise
        finally:
            if done or trouble.billed:
                # Unanswered, it may have been written to the end for nobody.
                cut_off = not done and trouble.status is None and not received.length
                units, estimated = _units(received, prompt, at_least=cap if cut_off else 0)
                micros = self._prices.of(units, endpoint.model)
                hold.settle(
                    units, micros, estimated=estimated, request_id=received.request_id[:100]
                )
                bill.micros += micros or 0
            else:
                hold.release()
        return _answer(received, endpoint.provider)

    async def _receive(self, stream: object, received: _Received, hear: Hear) -> None:
        from openai import AsyncStream
        from openai.types.chat import ChatCompletion

        if isinstance(stream, ChatCompletion):
            # Asked for without a stream, which this server refuses.
            _take_whole(stream.model_dump(warnings=False), received)
            _hear(DispatchReader(), "".join(received.text), hear)
            return
        if not isinstance(stream, AsyncStream):
            raise TypeError("the SDK gave text instead of a stream")
        response = stream.response
        received.request_id = str(response.headers.get("x-request-id", ""))
        kind = response.headers.get("content-type", "").lower()
        try:
            if "json" in kind:
                # A server that does not stream: the whole answer at once.
                _take_whole(json.loads(await response.aread()), received)
                _hear(DispatchReader(), "".join(received.text), hear)
            elif "html" in kind:
                raise TypeError("a page instead of a stream")
            else:
                await self._read_stream(response, received, hear)
        finally:
            await stream.close()

    async def _read_stream(
        self, response: "httpx2.Response", received: _Received, hear: Hear
    ) -> None:
        reader = DispatchReader()
        async with (
            aclosing(response.aiter_bytes()) as pieces,
            aclosing(events(pieces)) as chunks,
            aclosing(self._paced(chunks, received)) as paced,
        ):
            async for chunk in paced:
                piece = _take(chunk, received)[: MAX_TEXT - received.length]
                if piece:
                    received.length += len(piece)
                    received.text.append(piece)
                    _hear(reader, piece, hear)
                if received.length == MAX_TEXT:
                    received.finish = "length"
                    return

    async def _paced(self, chunks: AsyncIterator[_Chunk | None], received: _Received) -> _Chunks:
        """The chunks, as long as they come fast enough once the text has begun.

        Before that only the deadline counts: a model on a small machine reads for long before
        it writes.
        """
        idle = self._connection.endpoint.idle
        began, length, done = self._now(), 0, False
        while True:
            patience = idle if received.length else None
            if done or received.finish:
                patience = min(idle, END if done else TAIL)
            try:
                async with asyncio.timeout(patience):
                    chunk = await anext(chunks)
            except StopAsyncIteration:
                return
            except TimeoutError:
                if done or received.finish:
                    return
                raise
            if chunk is None or done:
                done = True
                continue
            if not received.length:
                began = self._now()
            if received.length and self._now() - began >= idle:
                if received.length - length < idle * PACE:
                    raise TimeoutError
                began, length = self._now(), received.length
            yield chunk


def _hear(reader: DispatchReader, piece: str, hear: Hear) -> None:
    if text := reader.feed(piece):
        hear(text)


def _take(chunk: _Chunk, received: _Received) -> str:
    """Note what a chunk says, and give its text."""
    if chunk.get("error"):
        raise BrokenOff
    received.usage = chunk.get("usage") or received.usage
    received.request_id = received.request_id or str(chunk.get("id") or "")
    choices = chunk.get("choices")
    if not choices:
        return ""
    choice = choices[0]
    received.finish = choice.get("finish_reason") or received.finish
    delta = choice.get("delta") or {}
    received.refused = received.refused or bool(delta.get("refusal"))
    content = delta.get("content")
    return content if isinstance(content, str) else ""


def _take_whole(completion: _Chunk, received: _Received) -> None:
    choice = completion["choices"][0]
    message = choice["message"]
    content = message.get("content")
    received.usage = completion.get("usage")
    received.request_id = received.request_id or str(completion.get("id") or "")
    received.finish = choice.get("finish_reason")
    received.refused = bool(message.get("refusal"))
    text = content if isinstance(content, str) else ""
    if len(text) > MAX_TEXT:
        text, received.finish = text[:MAX_TEXT], "length"
    received.text, received.length = [text], len(text)


def _answer(received: _Received, provider: str) -> Answer:
    if received.refused or received.finish == "content_filter":
        raise CallFailed(f"{provider} declines to word this.", Trouble(final=True))
    text = "".join(received.text)
    reader = DispatchReader()
    reader.feed(text)
    return Answer(text, received.finish, reader.told)


def _units(received: _Received, prompt: int, *, at_least: int) -> tuple[Units, bool]:
    """What the server counted, or an estimate of it."""
    usage = received.usage
    read, written = _count(usage, "prompt_tokens"), _count(usage, "completion_tokens")
    if read or written:
        details = _get(usage, "prompt_tokens_details")
        return Units(
            input_tokens=read,
            cached_tokens=min(read, _count(details, "cached_tokens")),
            cache_write_tokens=min(read, _count(details, "cache_write_tokens")),
            output_tokens=written,
        ), False
    written = math.ceil(received.length / _CHARACTERS_A_TOKEN)
    read = math.ceil(prompt / _CHARACTERS_A_TOKEN)
    return Units(input_tokens=read, output_tokens=max(written, at_least)), True


def _get(usage: object, name: str) -> object:
    return usage.get(name) if isinstance(usage, Mapping) else getattr(usage, name, None)


def _count(usage: object, name: str) -> int:
    value = _get(usage, name)
    return value if isinstance(value, int) and value > 0 else 0
