"""S6 and S7: whole turns with the model double, in time and in calls."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from statistics import median

from bench.load import Connection, get, post
from bench.model_double import Call
from bench.process import Service, free_port, running, service
from bench.row import Row

TURNS = 5
WARM_UP = 1
SESSION = "s0"
PREVIOUS_CALLS = 10
"""Of the previous generation, for one turn: 9 for text and vision, 1 for the picture."""
_WAYS = ("wait and listen", "look at the ground", "walk on a little", "sit down and rest")


@dataclass(frozen=True, slots=True)
class Timed:
    """One turn. Seconds on the monotonic clock, which all processes share."""

    asked: float
    readable: float
    """When the first words had come to a client."""
    whole: float
    spoke: float
    """When the text model sent its first words."""
    longer: float
    """What the longer of the two model calls took."""
    calls: tuple[str, ...]


async def with_models() -> list[Row]:
    """S6: a turn beside the longer of its two calls. S7: the calls of a turn."""
    async with _double() as double, service("ours", "models", str(double)) as ours:
        turns = [await _turn(ours, double, n) for n in range(WARM_UP + TURNS)][WARM_UP:]
    readable = median(turn.readable - turn.spoke for turn in turns)
    took = median(turn.whole - turn.asked for turn in turns)
    longer = median(turn.longer for turn in turns)
    ratio = median((turn.whole - turn.asked) / turn.longer for turn in turns)
    first = median(turn.spoke - turn.asked for turn in turns)
    text = sum(turn.calls.count("text") for turn in turns) / TURNS
    image = sum(turn.calls.count("image") + turn.calls.count("edit") for turn in turns) / TURNS
    return [
        Row(
            "S6",
            "text readable after the model's first token",
            f"{first:.2f} s",
            f"+{readable * 1000:.0f} ms",
            "",
            "<= 100 ms",
            readable <= 0.1,
        ),
        Row(
            "S6",
            "whole turn, text and picture side by side",
            f"{longer:.2f} s",
            f"{took:.2f} s",
            f"{ratio:.3f}x",
            "<= 1.05x",
            ratio <= 1.05,
        ),
        Row(
            "S7",
            "model calls a turn",
            f"{PREVIOUS_CALLS} in series",
            f"{text:g} text + {image:g} image",
            "",
            "1 + 1",
            (text, image) == (1, 1),
        ),
    ]


@asynccontextmanager
async def _double() -> AsyncIterator[int]:
    """The double's port."""
    port = free_port()
    async with running("bench.model_double", str(port), port=port, ready="/bench/calls"):
        yield port


async def _turn(ours: Service, double: int, n: int) -> Timed:
    await _calls(double)
    listener = asyncio.create_task(_first_words(ours.port)) if n else None
    asked = time.perf_counter()
    if n:
        body: dict[str, object] = {
            "session_id": SESSION,
            "choice": _WAYS[n % len(_WAYS)],
            "fate": "LUCKY",
        }
        path = "/api/game/action"
    else:
        body = {"session_id": SESSION, "seed": 7}
        path = "/api/game/intro"
    answer = await _ask(ours.port, post(path, json.dumps(body)))
    whole = time.perf_counter()
    turn = json.loads(answer)["data"]
    assert turn["source"] == "ai", turn
    assert turn["image"]["status"] == "ready", turn
    readable = await listener if listener else whole
    calls = await _calls(double)
    spoke = next(call.first for call in calls if call.kind == "text")
    longer = max(call.ended - call.came for call in calls)
    return Timed(asked, readable, whole, spoke, longer, tuple(call.kind for call in calls))


async def _first_words(port: int) -> float:
    """When a client that listens has the first words of the next turn."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(get(f"/api/sessions/{SESSION}/events"))
    try:
        await reader.readuntil(b"event: dispatch.delta")
        await reader.readuntil(b"\n\n")
        return time.perf_counter()
    finally:
        writer.close()


async def _calls(double: int) -> list[Call]:
    return [Call(**call) for call in json.loads(await _ask(double, get("/bench/calls")))]


async def _ask(port: int, request: bytes) -> bytes:
    connection = await Connection.open(port)
    status, answer = await connection.ask(request)
    connection.close()
    assert status < 300, answer
    return answer
