"""A model server on loopback with the delays of today's small models (FIGURES.md).

python -m bench.model_double PORT

`GET /bench/calls` tells when each call since the last asking came, spoke first and was answered,
on the machine's monotonic clock, so that another process can compare.
"""

import asyncio
import io
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import uvicorn
from fastapi import Response
from fastapi.responses import StreamingResponse
from PIL import Image as Pixels

from app.tuning import tune_process
from tests.providers.asked import Asked
from tests.providers.fake_openai import FakeOpenAI

FIRST_TOKEN = 0.74
TOKENS_A_SECOND = 131.0
CHARACTERS_A_TOKEN = 4
PIECE = 12
"""Characters of one streamed piece: about three tokens."""
PICTURE = 8.0


@dataclass(slots=True)
class Call:
    """Seconds on the monotonic clock."""

    kind: str
    came: float
    first: float = 0.0
    """When the first words, or the picture, were sent."""
    ended: float = 0.0


class ModelDouble(FakeOpenAI):
    """Takes its time, and notes it."""

    def __init__(self) -> None:
        super().__init__()
        self._calls: list[Call] = []
        self._photograph = _photograph(1024, 768)
        self.piece = PIECE
        self.before = _thinks
        self.between = _writes
        self.paint = lambda _: self._photograph
        self.app.add_api_route("/bench/calls", self._told, methods=["GET"])

    async def respond(self, asked: Asked) -> Response:
        call = Call(asked.kind, time.perf_counter())
        self._calls.append(call)
        response = await super().respond(asked)
        if isinstance(response, StreamingResponse):
            response.body_iterator = _noted(response.body_iterator, call)
        else:
            call.first = call.ended = time.perf_counter()
        return response

    async def _told(self) -> list[dict[str, Any]]:
        told, self._calls = self._calls, []
        return [asdict(call) for call in told]


async def _thinks(asked: Asked) -> None:
    await asyncio.sleep(
        {"text": FIRST_TOKEN, "image": PICTURE, "edit": PICTURE}.get(asked.kind, 0.0)
    )


async def _writes() -> None:
    await asyncio.sleep(PIECE / CHARACTERS_A_TOKEN / TOKENS_A_SECOND)


async def _noted(pieces: Any, call: Call) -> AsyncIterator[Any]:  # noqa: ANN401 (what Starlette takes)
    async for piece in pieces:
        if not call.first and '"content": ""' not in piece:
            call.first = time.perf_counter()
        yield piece
    call.ended = time.perf_counter()


def _photograph(width: int, height: int) -> bytes:
    """A picture as heavy to read as a painted one: soft shapes under a little grain."""
    draw = np.random.default_rng(7)
    soft = draw.integers(0, 255, (12, 16, 3), dtype=np.uint8)
    image = Pixels.fromarray(soft).resize((width, height), Pixels.Resampling.BICUBIC)
    grain = draw.normal(0, 4, (height, width, 3))
    grainy = np.clip(np.asarray(image) + grain, 0, 255).astype(np.uint8)
    file = io.BytesIO()
    Pixels.fromarray(grainy).save(file, "PNG", compress_level=1)
    return file.getvalue()


def main() -> None:
    tune_process()
    uvicorn.run(ModelDouble().app, port=int(sys.argv[1]), log_level="error", access_log=False)


if __name__ == "__main__":
    main()
