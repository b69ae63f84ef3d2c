"""Tape decks with one thing bent. Tests choose the interleaving with them."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final

from app.engine.game import Game
from app.errors import GameError
from app.models.tape import FILM, SCRIPT, STILLS, Tape

LIKE_MP4: Final = b"\0\0\0\x10ftypisom\0\0\0\0"
LIKE_WEBP: Final = b"RIFF\x0c\0\0\0WEBPVP8 \0\0\0\0"


class HeldDeck:
    """Makes each film when it is told to; a film is the script that it was made of."""

    def __init__(self, *, share: float = 0.5) -> None:
        self.share = share
        """How far it says to be while it is held."""
        self.entered = asyncio.Semaphore(0)
        self.release = asyncio.Semaphore(0)
        self.at_work = 0
        self.most_at_work = 0
        self.cancelled = 0

    async def record(self, folder: Path, *, heard: Callable[[float], None]) -> None:
        self.at_work += 1
        self.most_at_work = max(self.most_at_work, self.at_work)
        (folder / FILM).write_bytes(b"half a film")
        heard(self.share)
        self.entered.release()
        try:
            await self.release.acquire()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            self.at_work -= 1
        (folder / FILM).write_bytes(LIKE_MP4 + (folder / SCRIPT).read_bytes())
        (folder / STILLS).write_bytes(LIKE_WEBP)

    def let_go(self, count: int = 100) -> None:
        for _ in range(count):
            self.release.release()


class QuickDeck(HeldDeck):
    """Makes each film at once."""

    def __init__(self) -> None:
        super().__init__()
        self.let_go()


class FailingDeck:
    """Leaves half a film and an error."""

    def __init__(self, error: GameError | OSError) -> None:
        self.error = error
        self.calls = 0

    async def record(self, folder: Path, *, heard: Callable[[float], None]) -> None:
        self.calls += 1
        (folder / FILM).write_bytes(b"half a film")
        raise self.error


async def idle(game: Game) -> None:
    """Return when no tape is being made or about to be."""
    while tasks := {*game.tapes._errands, *(j.task for j in game.tapes._jobs.values() if j.task)}:
        await asyncio.wait(tasks)


async def only(game: Game, session_id: str = "default") -> Tape:
    """The one tape that there is."""
    (tape,) = (await game.tapes.list(session_id)).items
    return tape
