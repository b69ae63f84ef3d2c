"""Narrators, illustrators and filmmakers with one thing bent, for tests to choose orders with."""

import asyncio
import io
from functools import lru_cache

from PIL import Image as Pixels

from app.engine.ports import Hear, Hold, Purse
from app.engine.providers.offline.narrator import OfflineNarrator
from app.errors import BudgetExhausted, ProviderError
from app.models.ledger import MICROS, Capability, Units
from app.models.narration import Brief, Clip, ClipRequest, Picture, PictureRequest, Telling

DIME = MICROS // 10


class HeldNarrator(OfflineNarrator):
    """Holds every telling of the named sessions open until `release` is set."""

    def __init__(self, *sessions: str) -> None:
        self.sessions = frozenset(sessions)
        self.entered = asyncio.Semaphore(0)
        self.release = asyncio.Event()
        self.calls = 0

    async def tell(self, brief: Brief, *, hear: Hear, purse: Purse) -> Telling:
        self.calls += 1
        if not self.sessions or brief.session_id in self.sessions:
            self.entered.release()
            await self.release.wait()
        return await super().tell(brief, hear=hear, purse=purse)


class TalkingNarrator(OfflineNarrator):
    """Says what it is told to say, piece by piece, and ends or fails when it is told to."""

    def __init__(self) -> None:
        self.entered = asyncio.Semaphore(0)
        self._script: asyncio.Queue[str | Exception | None] = asyncio.Queue()

    def say(self, *pieces: str) -> None:
        for piece in pieces:
            self._script.put_nowait(piece)

    def finish(self) -> None:
        self._script.put_nowait(None)

    def fail(self, error: Exception) -> None:
        self._script.put_nowait(error)

    async def tell(self, brief: Brief, *, hear: Hear, purse: Purse) -> Telling:
        self.entered.release()
        said = ""
        while isinstance(piece := await self._script.get(), str):
            said += piece
            hear(piece)
        if piece is not None:
            raise piece
        telling = await super().tell(brief, hear=hear, purse=purse)
        return telling.model_copy(update={"dispatch": said or telling.dispatch})


class WordyNarrator(OfflineNarrator):
    """Says its turns word by word, and lets others in between two words."""

    async def tell(self, brief: Brief, *, hear: Hear, purse: Purse) -> Telling:
        for word in brief.wording.dispatch.split(" "):
            hear(f"{word} ")
            await asyncio.sleep(0.001)
        return await super().tell(brief, hear=hear, purse=purse)


class RecordingNarrator(OfflineNarrator):
    """Keeps every brief and words the turn with the session's own name in it."""

    def __init__(self) -> None:
        self.briefs: list[Brief] = []

    async def tell(self, brief: Brief, *, hear: Hear, purse: Purse) -> Telling:
        self.briefs.append(brief)
        await asyncio.sleep(0)  # Lets the other sessions in between.
        telling = await super().tell(brief, hear=hear, purse=purse)
        return telling.model_copy(update={"dispatch": f"[{brief.session_id}] {telling.dispatch}"})


class FailingNarrator(OfflineNarrator):
    """Fails while `broken`."""

    def __init__(self) -> None:
        self.broken = True

    async def tell(self, brief: Brief, *, hear: Hear, purse: Purse) -> Telling:
        if self.broken:
            raise ProviderError("The model answered 500.")
        return await super().tell(brief, hear=hear, purse=purse)


class SilentNarrator(OfflineNarrator):
    """Never answers."""

    async def tell(self, brief: Brief, *, hear: Hear, purse: Purse) -> Telling:
        await asyncio.Event().wait()
        raise AssertionError(brief)


class PricedNarrator(OfflineNarrator):
    """Costs a dollar a turn."""

    priced = True

    async def tell(self, brief: Brief, *, hear: Hear, purse: Purse) -> Telling:
        hold = await purse.reserve("text", provider="double", model="dear", at_most=MICROS)
        hold.settle(Units(output_tokens=100), MICROS)
        telling = await super().tell(brief, hear=hear, purse=purse)
        return telling.model_copy(update={"source": "ai", "cost_micros": MICROS})


class QuickIllustrator:
    """Answers at once with a flat picture whose colour is the session's and the turn's own."""

    priced = False
    wants_previous = False

    def __init__(self) -> None:
        self.requests: list[PictureRequest] = []

    async def paint(self, request: PictureRequest, *, purse: Purse) -> Picture:
        self.requests.append(request)
        return Picture(data=flat_webp(f"{request.session_id}|{request.turn}"))

    async def close(self) -> None:
        """Nothing to let go."""


class PricedIllustrator(QuickIllustrator):
    """Costs ten cents a picture; fails after it was paid while `broken`."""

    priced = True

    def __init__(self) -> None:
        super().__init__()
        self.broken = False
        self.refused = 0

    async def paint(self, request: PictureRequest, *, purse: Purse) -> Picture:
        try:
            hold = await purse.reserve("image", provider="double", model="oil", at_most=DIME)
        except BudgetExhausted:
            self.refused += 1
            raise
        hold.settle(Units(images=1, image_input_tokens=1500), DIME)
        if self.broken:
            raise ProviderError("The model painted nothing.")
        return await super().paint(request, purse=purse)


class HeldIllustrator(QuickIllustrator):
    """Holds every picture until `release` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.entered = asyncio.Semaphore(0)
        self.release = asyncio.Event()

    async def paint(self, request: PictureRequest, *, purse: Purse) -> Picture:
        self.entered.release()
        await self.release.wait()
        return await super().paint(request, purse=purse)


class FailingIllustrator(QuickIllustrator):
    async def paint(self, request: PictureRequest, *, purse: Purse) -> Picture:
        raise ProviderError(f"no picture of turn {request.turn}")


class QuickFilmmaker:
    """Answers at once with bytes that begin as an MP4 and name the session and the turn."""

    priced = False

    def __init__(self) -> None:
        self.requests: list[ClipRequest] = []

    async def film(self, request: ClipRequest, *, purse: Purse) -> Clip:
        self.requests.append(request)
        marker = f"{request.session_id}|{request.turn}"
        return Clip(data=flat_mp4(marker), poster=flat_webp(f"poster of {marker}"))


def flat_mp4(marker: str) -> bytes:
    """The signature of an MP4, and `marker`. Nobody can play it."""
    return b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + marker.encode()


@lru_cache(maxsize=4096)
def flat_webp(marker: str) -> bytes:
    """A small WebP that carries `marker` in its comment, so that it can be found in any file."""
    colour = tuple(sum(marker.encode()) * k % 256 for k in (3, 7, 11))
    file = io.BytesIO()
    Pixels.new("RGB", (16, 12), colour).save(file, "WEBP", exif=b"Exif\0\0" + marker.encode())
    return file.getvalue()


class FreeHold:
    """Nothing was set aside."""

    def settle(
        self, units: Units, micros: int | None, *, estimated: bool = False, request_id: str = ""
    ) -> None:
        """Nothing is owed."""

    def release(self) -> None:
        """Nothing was held."""


class OpenPurse:
    """Pays for everything; for tests that are not about money."""

    async def reserve(
        self, capability: Capability, *, provider: str, model: str, at_most: int | None
    ) -> Hold:
        return FreeHold()
