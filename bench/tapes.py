"""T1: how fast a run becomes a film, and what that does to the loop of a playing service."""

import asyncio
import itertools
import statistics
import tempfile
import time
from collections.abc import Awaitable
from pathlib import Path

from fastapi import FastAPI

from app.engine.ports import Purse
from app.engine.providers.offline.illustrator import OfflineIllustrator
from app.engine.requests import Asked
from app.main import create_app
from app.models.narration import Picture, PictureRequest
from app.models.tape import Tape
from app.settings import ServiceSettings
from bench.clips import SESSIONS, _found, _game, _lags, _play, _watch
from bench.pictures import samples
from bench.row import Row
from tests.doubles import OpenPurse

TURNS = 40
_ALONE_SECONDS = 10.0


class _Gallery:
    """Real pictures that were painted before, one after the other."""

    priced = False
    wants_previous = False

    def __init__(self, pictures: list[Picture]) -> None:
        self._next = itertools.cycle(pictures)

    async def paint(self, request: PictureRequest, *, purse: Purse) -> Picture:
        return next(self._next)


async def tapes() -> list[Row]:
    """A film of 40 turns while 16 sessions play, and how late the loop wakes meanwhile."""
    tape, took, idle, busy = await _filmed(_Gallery(await _painted()))
    length = f"{tape.duration_s:.0f} s long"
    said = f"{took:.0f} s, {(tape.bytes or 0) / 2**20:.0f} MiB"
    speed = f"{tape.duration_s / took:.1f}x real time"
    what = f"a film of {tape.turns} scenes, {SESSIONS} sessions play"
    ratio = f"{busy[98] / max(idle[98], 1e-6):.1f}"
    fast, smooth = tape.duration_s >= 5 * took, busy[98] <= 0.01
    lag, reach = "loop lag p99 / max meanwhile", "p99 <= 10 ms"
    return [
        Row("T1", what, length, said, speed, ">= 5x", fast),
        Row("T1", lag, _lags(idle), _lags(busy), ratio, reach, smooth),
    ]


async def _painted() -> list[Picture]:
    painters = OfflineIllustrator(2)
    asked = [
        PictureRequest(session_id="s", turn=turn, scene=scene, alt="a place")
        for turn, scene in enumerate(samples())
    ]
    pictures = await asyncio.gather(*(painters.paint(one, purse=OpenPurse()) for one in asked))
    await painters.close()
    return list(pictures)


async def _filmed(gallery: _Gallery) -> tuple[Tape, float, list[float], list[float]]:
    """The tape, the seconds it took, and the loop's lags without and with it."""
    with tempfile.TemporaryDirectory(prefix="elsewhere-bench-") as folder:
        settings = ServiceSettings(
            sessions_dir=Path(folder) / "sessions", log_level="error", tapes=False
        )
        app = create_app(settings, illustrator=gallery)
        async with app.router.lifespan_context(app):
            game = _game(app)
            await game.turns.intro("filmed", world=None, seed=7, asked=Asked())
            for turn in range(TURNS):
                words = f"Keep to the shadow and count to {turn + 2}"
                if (await game.sessions.state("filmed")).phase == "over":
                    await game.sessions.rewind("filmed", turn=turn - 1)
                await game.turns.act(
                    "filmed", choice=words, choice_id=None, fate="LUCKY", asked=Asked()
                )
            names = [f"s{number}" for number in range(SESSIONS)]
            for name in names:
                await _found(game, name, videos=False)
            idle: list[float] = []
            await _while_playing(app, names, idle, asyncio.sleep(_ALONE_SECONDS))
            busy: list[float] = []
            begun = time.perf_counter()
            making = game.tapes.finished("filmed", lambda _: None)
            await _while_playing(app, names, busy, making)
            took = time.perf_counter() - begun
            tape = (await game.tapes.list("filmed")).items[0]
    return tape, took, _cuts(idle), _cuts(busy)


async def _while_playing(
    app: FastAPI, names: list[str], lags: list[float], work: Awaitable[object]
) -> None:
    """Have every session play, and watch the loop, until `work` is done."""
    game = _game(app)
    others = [asyncio.create_task(_play(game, name, float("inf"))) for name in names]
    others.append(asyncio.create_task(_watch(lags)))
    try:
        await work
    finally:
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)


def _cuts(lags: list[float]) -> list[float]:
    return [*statistics.quantiles(lags, n=100), max(lags)]
