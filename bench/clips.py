"""V1: what a built-in clip costs, and what making clips does to the loop of a playing service."""

import asyncio
import logging
import resource
import statistics
import tempfile
import time
from pathlib import Path

from fastapi import FastAPI

from app.engine.game import Game
from app.engine.providers.offline.filmmaker import OfflineFilmmaker
from app.engine.providers.offline.illustrator import OfflineIllustrator
from app.engine.requests import Asked
from app.engine.views import SettingsChange
from app.main import create_app
from app.models.narration import ClipRequest, PictureRequest
from app.models.session import Settings
from app.settings import ServiceSettings
from bench.pictures import samples
from bench.row import Row
from tests.doubles import OpenPurse, QuickIllustrator

SESSIONS = 16
SECONDS = 10.0
PAUSE = 0.5
"""Between two turns of a session: sixteen play 32 turns a second."""
_FORMS = (("fast", 640, 480, 3), ("high", 1024, 768, 5))


async def clips() -> list[Row]:
    """The time of a clip of each quality, and the loop's lag while clips are made."""
    # More turns are played than can be filmed: that the oldest are given up is no news here.
    logging.getLogger("app.engine.clips").setLevel(logging.ERROR)
    rows = [await _one(*form) for form in _FORMS]
    without, _ = await _playing(videos=False)
    with_clips, made = await _playing(videos=True)
    ratio = f"{with_clips[98] / max(without[98], 1e-6):.1f}"
    rows.append(
        Row("V1", f"loop lag p99 / max, {SESSIONS} sessions play, {made} clips made",
            _lags(without), _lags(with_clips), ratio, "p99 <= 10 ms",
            with_clips[98] <= 0.01),
    )  # fmt: skip
    return rows


def _lags(cuts: list[float]) -> str:
    return f"{cuts[98] * 1000:.2f} / {cuts[99] * 1000:.1f} ms"


async def _one(quality: str, width: int, height: int, seconds: int) -> Row:
    """One clip of a walk in the rain, in a process that is warm."""
    painters, films, purse = OfflineIllustrator(1), OfflineFilmmaker(), OpenPurse()
    scene = samples()[6]
    asked = PictureRequest(session_id="s", turn=1, scene=scene, alt="a street")
    picture = (await painters.paint(asked, purse=purse)).data
    await painters.close()
    order = ClipRequest(
        prompt="", seconds=seconds, width=width, height=height, picture=picture,
        previous=picture, hard_transition=True, movement="forward", weather="rain", seed=7,
    )  # fmt: skip
    await films.film(order.model_copy(update={"width": 64, "height": 48}), purse=purse)
    begun = time.perf_counter()
    clip = await films.film(order, purse=purse)
    took = time.perf_counter() - begun
    await films.close()
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    said = f"{took:.1f} s, {len(clip.data) // 1024} kB, {memory} MiB"
    what = f"a clip, {quality}: {width}x{height}, one worker"
    ratio, holds = f"{took / seconds:.2f}", took <= 3 * seconds
    return Row("V1", what, f"{seconds} s long", said, ratio, "<= 3x its length", holds)


async def _playing(*, videos: bool) -> tuple[list[float], int]:
    """The percentiles of how late the loop woke, and how many clips were made meanwhile."""
    with tempfile.TemporaryDirectory(prefix="elsewhere-bench-") as folder:
        settings = ServiceSettings(
            sessions_dir=Path(folder) / "sessions", log_level="error", tapes=False
        )
        app = create_app(settings, illustrator=QuickIllustrator())
        async with app.router.lifespan_context(app):
            game = _game(app)
            names = [f"s{number}" for number in range(SESSIONS)]
            for name in names:
                await _found(game, name, videos=videos)
            lags: list[float] = []
            watching = asyncio.create_task(_watch(lags))
            until = time.perf_counter() + SECONDS
            await asyncio.gather(*(_play(game, name, until) for name in names))
            watching.cancel()
            made = await asyncio.to_thread(_clips_in, Path(folder))
    return [*statistics.quantiles(lags, n=100), max(lags)], made


def _clips_in(folder: Path) -> int:
    return len(list(folder.glob("sessions/*/videos/*.mp4")))


def _game(app: FastAPI) -> Game:
    game: Game = app.state.service.game
    return game


async def _found(game: Game, name: str, *, videos: bool) -> None:
    await game.sessions.create(
        session_id=name, name=None, description="", world=None, seed=7,
        settings=Settings(videos=videos),
    )  # fmt: skip
    change = SettingsChange(videos=videos)
    await game.sessions.change(name, name=None, description=None, settings=change)
    await game.turns.intro(name, world=None, seed=None, asked=Asked())


async def _play(game: Game, name: str, until: float) -> None:
    while time.perf_counter() < until:
        state = await game.sessions.state(name)
        if state.phase == "over":
            await game.sessions.reset(name, world=None, seed=None)
            await game.turns.intro(name, world=None, seed=None, asked=Asked())
            continue
        chosen = state.choices[0].id
        await game.turns.act(name, choice=None, choice_id=chosen, fate="LUCKY", asked=Asked())
        await asyncio.sleep(PAUSE)


async def _watch(lags: list[float]) -> None:
    while True:
        due = time.perf_counter() + 0.005
        await asyncio.sleep(0.005)
        lags.append(time.perf_counter() - due)
