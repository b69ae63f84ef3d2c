"""One image call: reserved for, received in pieces, bounded in size and time, accounted for."""

import asyncio
import math
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from app.engine.ports import Purse
from app.engine.providers.openai_compatible.calling import Bill
from app.engine.providers.openai_compatible.client import Connection
from app.engine.providers.openai_compatible.decode import Darkroom
from app.engine.providers.openai_compatible.failures import CallFailed, CallTimedOut
from app.engine.providers.openai_compatible.fetch import MAX_BYTES
from app.engine.providers.openai_compatible.image_answer import Answer, NoPicture, read_answer
from app.engine.providers.openai_compatible.image_asking import Way, size_of
from app.engine.providers.openai_compatible.image_header import PictureRefused
from app.engine.providers.openai_compatible.prices import Prices
from app.engine.providers.openai_compatible.turnstile import Turnstile
from app.models.ledger import Units

_REFERENCE_TOKENS: Final = 2500
"""The most that one reference counts, to reserve for: 1 000 to 2 000 are usual."""
_BYTES_A_TOKEN: Final = 2


@dataclass(slots=True)
class _Received:
    pieces: list[bytes] = field(default_factory=list)
    request_id: str = ""


class ImageCaller:
    """Makes single calls to one model. It keeps nothing of any of them."""

    def __init__(self, connection: Connection, prices: Prices, darkroom: Darkroom) -> None:
        self._connection = connection
        self._prices = prices
        self._darkroom = darkroom
        self._turnstile = Turnstile()

    async def ask(
        self, way: Way, body: dict[str, Any], *, expected: Units, purse: Purse, bill: Bill
    ) -> Answer:
        """One attempt; `expected` is reserved, and settled where the server does not count.

        Raises `ProviderError` and what `Purse.reserve` raises.
        """
        model, provider = self._connection.endpoint.model, self._connection.endpoint.provider
        await self._connection.sdk()
        hold = await purse.reserve(
            "image", provider=provider, model=model, at_most=self._prices.of(expected, model)
        )
        bill.calls += 1
        billed, counted, received = True, None, _Received()
        try:
            await self._receive(way, body, received)
            answer = await self._darkroom.run(read_answer, received.pieces)
            counted = answer.units
        except (CallFailed, CallTimedOut) as error:
            billed = error.trouble.billed
            raise
        except NoPicture as error:
            billed, counted = not error.astray, error.units
            raise
        finally:
            if billed:
                units = counted or expected
                micros = self._prices.of(units, model)
                bill.micros += micros or 0
                hold.settle(
                    units, micros, estimated=counted is None, request_id=received.request_id
                )
            else:
                hold.release()
        return answer

    def expected(self, prompt: str, wanted: Mapping[str, Any], references: int) -> Units:
        """The most that one call is expected to count."""
        model, asked = (
            self._connection.endpoint.model,
            {**wanted, **self._connection.endpoint.extra},
        )
        width, height = size_of(asked)
        quality = str(asked.get("quality", "auto"))
        made = self._prices.picture(model, quality=quality, width=width, height=height)
        return (made or Units(images=1)).model_copy(
            update={
                "input_tokens": math.ceil(len(prompt.encode()) / _BYTES_A_TOKEN),
                "image_input_tokens": _REFERENCE_TOKENS * references,
            }
        )

    async def _receive(self, way: Way, body: dict[str, Any], received: _Received) -> None:
        """The answer as it comes, bounded in size and in its silences."""
        loop, left = asyncio.get_running_loop(), MAX_BYTES
        idle = self._connection.endpoint.idle
        await self._turnstile.turn()
        async with self._response(way, body) as response:
            received.request_id = str(response.headers.get("x-request-id", ""))[:100]
            async with asyncio.timeout(idle) as silence:
                async for piece in response.iter_bytes():
                    left -= len(piece)
                    if left < 0:
                        raise PictureRefused("The model's answer is larger than any picture.")
                    received.pieces.append(piece)
                    silence.reschedule(loop.time() + idle)
                    await self._turnstile.turn()

    @asynccontextmanager
    async def _response(self, way: Way, body: dict[str, Any]) -> AsyncIterator[Any]:
        async with self._connection.calling() as sdk:
            match way:
                case "edit":
                    response = sdk.images.with_streaming_response.edit(**body)
                case "generate":
                    response = sdk.images.with_streaming_response.generate(**body)
                case "chat":
                    response = sdk.chat.completions.with_streaming_response.create(**body)
            async with response as opened:
                yield opened
