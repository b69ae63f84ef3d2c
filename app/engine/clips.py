"""The clip of a turn: begun when its picture is there, never holding the turn, attached when made.

It is committed as `pending`, as a late picture is, and its file appearing is what makes it ready:
nothing about it is written twice. A clip that nobody is making any more is `failed`; a restart
makes the clip of a session's last turn after all.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final

from app.engine.clip_orders import Staging, announced, ordered
from app.engine.events import Events
from app.engine.latest_first import Crowded, LatestFirst
from app.engine.ledger import Ledger
from app.engine.pictures import Pictures
from app.engine.ports import Filmmaker
from app.engine.showing import at_address
from app.errors import (
    BudgetExhausted,
    GameError,
    MediaNotFound,
    ProviderError,
    ProviderTimeout,
    SessionNotFound,
)
from app.models.events import VideoFailed, VideoReady
from app.models.media_urls import media_url, poster_file, video_file
from app.models.narration import Clip, ClipRequest
from app.models.record import MediaFile, StoredEntry
from app.models.session import HistoryEntry, Image, Settings, Video
from app.storage.store import SessionStore

logger = logging.getLogger(__name__)

ROOM: Final = 64
"""Clips that may wait to be made; one more, and the oldest of them is given up."""
MOST_SECONDS: Final = 600.0
"""For the built-in filmmaker, once it has begun: it gives way to everything else on the machine.
A configured one has its own deadline."""

Staged = Callable[[StoredEntry], Staging]
"""What can be seen in a turn. Raises `WorldNotFound`."""


@dataclass(frozen=True, slots=True)
class Studio:
    """Who makes clips; the understudy is the built-in one, and may be the very same."""

    filmmaker: Filmmaker
    understudy: Filmmaker
    at_once: int = 1
    """Clips that are made at the same time; the others wait, and the newest goes first."""


class Clips:
    """Has clips made, and knows which of them may still come."""

    def __init__(
        self,
        store: SessionStore,
        events: Events,
        pictures: Pictures,
        ledger: Ledger,
        studio: Studio | None,
        staged: Staged,
        *,
        room: int = ROOM,
    ) -> None:
        self._store = store
        self._events = events
        self._pictures = pictures
        self._ledger = ledger
        self._studio = studio
        self._staged = staged
        self._turnstile = LatestFirst(at_once=studio.at_once if studio else 1, room=room)
        self._coming: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._count = 0
        self._catching_up: asyncio.Task[None] | None = None

    def announced(self, settings: Settings, image: Image) -> Video | None:
        """How a turn's clip is committed; None where the session has none."""
        return announced(settings, image) if self._studio is not None else None

    def expect(self, stored: StoredEntry, settings: Settings) -> None:
        """Make the clip of a turn that was just committed, if it is to have one."""
        video = stored.entry.video
        if video is not None and video.status == "pending":
            self._begin(self._studio, stored, video, settings)

    def resume(self, session_id: str) -> None:
        """Make the clip of the session's last turn after all, if it is still to come.

        Always by the built-in filmmaker: a copy of a game does not begin to spend by itself, and
        a stopped service may have paid for this very clip.
        """
        self._start(session_id, "", self._resumed(session_id))

    async def shown(self, session_id: str, video: Video | None) -> Video | None:
        """The clip as a client may see it now, with its url when its file is there."""
        if video is None or video.status in ("failed", "off"):
            return video
        may_come = self._may_come(session_id, video)
        if await self._is_there(session_id, video):
            return at_address(video, lambda name: media_url(session_id, "videos", name))
        status = "pending" if may_come else "failed"
        return video.model_copy(update={"status": status, "url": None, "poster": None})

    async def cancel(self, session_id: str) -> None:
        """Give up the session's clips: its run has ended. What is cancelled leaves no file."""
        await _cancel([task for (owner, _), task in self._coming.items() if owner == session_id])

    def open(self) -> None:
        """Catch up with what a stop has cut off."""
        self._catching_up = asyncio.create_task(self._catch_up(), name="clips after a restart")

    async def close(self) -> None:
        catching_up = [self._catching_up] if self._catching_up else []
        await _cancel([*catching_up, *self._coming.values()])

    # -- making --------------------------------------------------------------------------

    def _begin(
        self, studio: Studio | None, stored: StoredEntry, video: Video, settings: Settings
    ) -> None:
        if studio is not None:
            work = self._make(studio, stored, video, settings)
            self._start(stored.entry.session_id, video.id, work)

    def _start(self, session_id: str, name: str, work: Coroutine[Any, Any, None]) -> None:
        key = (session_id, name)
        if key in self._coming:
            work.close()
            return
        task = asyncio.create_task(work, name="clip")
        self._coming[key] = task
        task.add_done_callback(lambda done: self._ended(key, done))

    def _ended(self, key: tuple[str, str], task: asyncio.Task[None]) -> None:
        if self._coming.get(key) is task:
            del self._coming[key]
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("clip broke", extra={"session_id": key[0]}, exc_info=error)

    async def _make(
        self, studio: Studio, stored: StoredEntry, video: Video, settings: Settings
    ) -> None:
        entry, self._count = stored.entry, self._count + 1
        number = self._count
        try:
            await self._pictures.arrival(entry.session_id, entry.image)
            async with self._turnstile.turn(number):
                request = await self._order(stored, video)
                clip = await self._filmed(studio, request, settings)
            await self._keep(entry, video, clip)
        except Crowded:
            self._failed(entry, video, ProviderError("Too many clips are waiting."))
        except GameError as error:
            self._failed(entry, video, error)
        except BaseException as error:
            if not isinstance(error, asyncio.CancelledError):  # A bug: logged where it ends.
                self._failed(entry, video, GameError())
            raise

    async def _order(self, stored: StoredEntry, video: Video) -> ClipRequest:
        """What is to be filmed. Raises `ProviderError` where there is no picture of it."""
        entry = stored.entry
        picture = await self._pictures.bytes_of(entry.session_id, entry.image)
        if picture is None:
            raise ProviderError("There is no picture to set in motion.")
        previous: bytes | None = None
        if entry.hard_transition and entry.turn > 0:
            before = (await self._store.entry(entry.session_id, entry.turn - 1)).entry
            previous = await self._pictures.bytes_of(entry.session_id, before.image)
        return ordered(entry, video, self._staged(stored), picture, previous)

    async def _filmed(self, studio: Studio, request: ClipRequest, settings: Settings) -> Clip:
        """By whom the session can afford; the built-in one makes what the other does not."""
        purse = self._ledger.purse(request.session_id, request.turn, settings)
        broke = studio.filmmaker.priced and await self._ledger.is_exhausted(
            request.session_id, settings
        )
        if studio.filmmaker is not studio.understudy and not broke:
            try:
                return await studio.filmmaker.film(request, purse=purse)
            except (ProviderError, BudgetExhausted) as error:
                extra = {"session_id": request.session_id, "turn": request.turn, "code": error.code}
                logger.warning("built-in filmmaker takes the clip", extra=extra)
        try:
            async with asyncio.timeout(MOST_SECONDS):
                return await studio.understudy.film(request, purse=purse)
        except TimeoutError as error:
            raise ProviderTimeout("The clip was not made in time.") from error

    async def _keep(self, entry: HistoryEntry, video: Video, clip: Clip) -> None:
        """The poster first: the clip's own file is what makes both of them be there."""
        session_id = entry.session_id
        files = (
            MediaFile(name=poster_file(video), data=clip.poster),
            MediaFile(name=video_file(video), data=clip.data),
        )
        putting = asyncio.create_task(self._put(session_id, files), name="keep a clip")
        try:
            await asyncio.shield(putting)
        except asyncio.CancelledError:
            # Whoever cancels may take the session's folder away next: nothing is written after.
            await asyncio.wait({putting})
            putting.cancelled() or putting.exception()
            raise
        ready = at_address(video, lambda name: media_url(session_id, "videos", name))
        logger.info("clip made", extra={"session_id": session_id, "turn": entry.turn})
        self._events.announce(session_id, VideoReady(turn=entry.turn, video=ready))

    async def _put(self, session_id: str, files: tuple[MediaFile, ...]) -> None:
        for file in files:
            await self._store.put_media(session_id, "videos", file)

    def _failed(self, entry: HistoryEntry, video: Video, error: GameError) -> None:
        # First not expected any more, then announced: whoever asks in between is told the same.
        self._coming.pop((entry.session_id, video.id), None)
        extra = {"session_id": entry.session_id, "turn": entry.turn, "code": error.code}
        logger.warning("turn does not move", extra=extra)
        failed = video.model_copy(update={"status": "failed"})
        told = VideoFailed(turn=entry.turn, video=failed, code=error.code)
        self._events.announce(entry.session_id, told)

    # -- what a stop cut off -------------------------------------------------------------

    async def _catch_up(self) -> None:
        try:
            async for metas in self._store.metas():
                for meta in metas:
                    if meta.settings.videos:
                        self.resume(meta.session_id)
        except GameError as error:
            logger.warning("clips cannot be caught up with", extra={"code": error.code})

    async def _resumed(self, session_id: str) -> None:
        try:
            snapshot = (await self._store.load(session_id)).snapshot
            video, settings = snapshot.video, (await self._store.meta(session_id)).settings
            if video is None or video.status != "pending" or not settings.videos:
                return
            image = await self._pictures.shown(session_id, snapshot.image)
            if image is None or image.status not in ("ready", "pending"):
                return
            if not await self._is_there(session_id, video):
                stored = await self._store.entry(session_id, snapshot.turn)
                self._begin(self._own(), stored, video, settings)
        except SessionNotFound:
            return
        except GameError as error:
            extra = {"session_id": session_id, "code": error.code}
            logger.warning("clip cannot be made after all", extra=extra)

    def _may_come(self, session_id: str, video: Video) -> bool:
        if self._catching_up is not None and not self._catching_up.done():
            return True
        # The second: it is being found out whether it is to be made after all.
        return not self._coming.keys().isdisjoint({(session_id, video.id), (session_id, "")})

    def _own(self) -> Studio | None:
        own = None if self._studio is None else self._studio.understudy
        return None if own is None else Studio(own, own)

    async def _is_there(self, session_id: str, video: Video) -> bool:
        try:
            await self._store.media(session_id, "videos", video_file(video))
        except MediaNotFound:
            return False
        return True


async def _cancel(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)
