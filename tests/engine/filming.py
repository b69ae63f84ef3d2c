"""Filmmakers with one thing bent, and a studio of them. Tests choose the interleaving."""

import asyncio
from pathlib import Path

from app.engine.clips import Studio
from app.engine.game import Game
from app.engine.ports import Purse
from app.engine.views import SettingsChange
from app.errors import ProviderError
from app.models.ledger import Units
from app.models.narration import Clip, ClipRequest
from app.models.session import Video
from tests.doubles import DIME, QuickFilmmaker


class HeldFilmmaker(QuickFilmmaker):
    """Holds every clip until it is let go on."""

    def __init__(self) -> None:
        super().__init__()
        self.entered = asyncio.Semaphore(0)
        self.release = asyncio.Semaphore(0)
        self.at_work = 0

    async def film(self, request: ClipRequest, *, purse: Purse) -> Clip:
        self.at_work += 1
        self.entered.release()
        try:
            await self.release.acquire()
        finally:
            self.at_work -= 1
        return await super().film(request, purse=purse)


class FailingFilmmaker(QuickFilmmaker):
    """Raises what it is given."""

    def __init__(self, error: Exception | None = None) -> None:
        super().__init__()
        self.error = error or ProviderError("The film is torn.")

    async def film(self, request: ClipRequest, *, purse: Purse) -> Clip:
        self.requests.append(request)
        raise self.error


class PricedFilmmaker(QuickFilmmaker):
    """Costs ten cents a clip; fails after it was paid while `broken`."""

    priced = True

    def __init__(self, *, broken: bool = False) -> None:
        super().__init__()
        self.broken = broken

    async def film(self, request: ClipRequest, *, purse: Purse) -> Clip:
        hold = await purse.reserve("video", provider="double", model="reel", at_most=DIME)
        hold.settle(Units(seconds=float(request.seconds)), DIME)
        if self.broken:
            raise ProviderError("The model filmed nothing.")
        return await super().film(request, purse=purse)


def alone(filmmaker: QuickFilmmaker) -> Studio:
    return Studio(filmmaker, filmmaker)


async def moving(game: Game, session_id: str = "default") -> None:
    """Switch clips on."""
    change = SettingsChange(videos=True)
    await game.sessions.change(session_id, name=None, description=None, settings=change)


def clip_of(video: Video | None) -> Video:
    assert video is not None
    return video


async def settled(game: Game, session_id: str = "default") -> Video:
    """The clip of the present turn, once it is no longer to come."""
    async with asyncio.timeout(10):
        while True:
            video = clip_of((await game.sessions.state(session_id)).video)
            if video.status != "pending":
                return video


def files(folder: Path, session_id: str = "default") -> list[str]:
    return sorted(file.name for file in (folder / "sessions" / session_id / "videos").iterdir())
