"""The picture of a turn: painted beside the telling, never holding it, attached when it is late."""

import asyncio
import logging
from dataclasses import dataclass
from typing import Final

from app.engine.events import Events
from app.engine.ports import Illustrator, Purse
from app.errors import (
    BudgetExhausted,
    GameError,
    MediaNotFound,
    ProviderError,
    ProviderTimeout,
)
from app.models.events import ImageFailed, ImageReady
from app.models.media_urls import image_file, media_url
from app.models.narration import Picture, PictureRequest
from app.models.record import MediaFile
from app.models.session import Image
from app.models.vocabulary import MediaStatus
from app.storage.store import SessionStore

logger = logging.getLogger(__name__)

_BEFORE_THE_UNDERSTUDY: Final = 0.9
"""The model's share of the time that a picture has, when the built-in illustrator may have to
paint it after all."""


@dataclass(frozen=True, slots=True)
class Painting:
    """A picture being made, and what is known of it before it is there."""

    task: asyncio.Task[Picture]
    turn: int
    image: Image
    deadline: float
    """On the event loop's clock."""

    async def abandon(self) -> None:
        """Nobody wants this picture any more, nor to hear how it failed. Returns once it is given
        up, so that what it had set aside is free again."""
        self.task.add_done_callback(lambda task: task.cancelled() or task.exception())
        self.task.cancel()
        await asyncio.wait({self.task})

    async def settle(self) -> tuple[Image, Picture | None]:
        """The picture, or `pending` at its deadline, or `failed`. Raises `BudgetExhausted`."""
        done, _ = await asyncio.wait({self.task}, timeout=self._left())
        if not done:
            return self.image, None
        error = self.task.exception()
        if isinstance(error, BudgetExhausted):
            raise error
        if error is not None:
            # The one failure we absorb: a story without its picture is still playable.
            _log_failure(error, self.image)
            return self.image.model_copy(update={"status": "failed"}), None
        return self.image.model_copy(update={"status": "ready"}), self.task.result()

    def _left(self) -> float:
        return max(0.0, self.deadline - asyncio.get_running_loop().time())


class Pictures:
    """Starts paintings, keeps the late ones, and knows which of them may still come."""

    def __init__(
        self, store: SessionStore, events: Events, *, deadline: float, late: float
    ) -> None:
        self._store = store
        self._events = events
        self.deadline = deadline
        self._late = late
        self._coming: dict[tuple[str, str], asyncio.Task[None]] = {}

    def begin(
        self,
        illustrator: Illustrator,
        request: PictureRequest,
        image_id: str,
        purse: Purse,
        *,
        understudy: Illustrator | None = None,
    ) -> Painting:
        """Start painting; the caller settles the result or abandons it. The understudy paints
        what the illustrator fails to."""
        image = Image(
            id=image_id,
            url=None,
            status="pending",
            alt=request.alt,
            width=request.scene.width,
            height=request.scene.height,
        )
        limit = self.deadline + self._late
        if understudy is None:
            work = _painted(illustrator, request, purse, limit)
        else:
            work = _backed(illustrator, understudy, request, purse, limit)
        task = asyncio.create_task(work, name="painting")
        return Painting(
            task, request.turn, image, asyncio.get_running_loop().time() + self.deadline
        )

    def expect(self, session_id: str, painting: Painting) -> None:
        """Attach the picture when it comes: its file appearing is what makes it ready."""
        key = (session_id, painting.image.id)
        task = asyncio.create_task(self._attach(session_id, painting), name="late picture")
        self._coming[key] = task
        task.add_done_callback(lambda _: self._came(key))

    async def shown(self, session_id: str, image: Image | None) -> Image | None:
        """The image as a client may see it now, with its url when its file is there."""
        if image is None or image.status in ("failed", "off"):
            return image
        if image.status == "pending":
            status = await self._late_status(session_id, image)
            if status != "ready":
                return image.model_copy(update={"status": status})
        url = media_url(session_id, "images", image_file(image))
        return image.model_copy(update={"status": "ready", "url": url})

    async def bytes_of(self, session_id: str, image: Image | None) -> bytes | None:
        """The picture itself (WebP), if it is there."""
        if image is None or image.status not in ("ready", "pending"):
            return None
        try:
            path = await self._store.media(session_id, "images", image_file(image))
            # One hop: a file that is opened on one and read on another is left open by who is
            # cancelled in between.
            return await asyncio.to_thread(path.read_bytes)
        except (MediaNotFound, OSError):
            return None

    async def arrival(self, session_id: str, image: Image | None) -> None:
        """Return once the picture is there, or will never be."""
        coming = self._coming.get((session_id, image.id)) if image is not None else None
        if coming is not None:
            await asyncio.wait({coming})

    @property
    def late(self) -> int:
        """How many may still come."""
        return len(self._coming)

    async def cancel(self, session_id: str) -> None:
        """Give up the session's late pictures: its run has ended."""
        await _cancel([task for (owner, _), task in self._coming.items() if owner == session_id])

    async def close(self) -> None:
        await _cancel(list(self._coming.values()))

    async def _late_status(self, session_id: str, image: Image) -> MediaStatus:
        coming = (session_id, image.id) in self._coming
        try:
            await self._store.media(session_id, "images", image_file(image))
        except MediaNotFound:
            return "pending" if coming else "failed"
        return "ready"

    async def _attach(self, session_id: str, painting: Painting) -> None:
        image, turn = painting.image, painting.turn
        try:
            await asyncio.wait({painting.task})
            error = painting.task.exception()
            if error is not None:
                _log_failure(error, image)
                self._failed(session_id, painting, error)
                return
            file = MediaFile(name=image_file(image), data=painting.task.result().data)
            await self._store.put_media(session_id, "images", file)
            shown = await self.shown(session_id, image.model_copy(update={"status": "ready"}))
            if shown is not None:
                self._events.announce(session_id, ImageReady(turn=turn, image=shown))
        except GameError as error:
            extra = {"session_id": session_id, "code": error.code}
            logger.warning("late picture could not be kept", extra=extra)
            self._failed(session_id, painting, error)
        finally:
            await painting.abandon()

    def _failed(self, session_id: str, painting: Painting, error: BaseException) -> None:
        # First not expected any more, then announced: whoever asks in between is told the same.
        self._came((session_id, painting.image.id))
        code = error.code if isinstance(error, GameError) else GameError.code
        image = painting.image.model_copy(update={"status": "failed"})
        failed = ImageFailed(turn=painting.turn, image=image, code=code)
        self._events.announce(session_id, failed)

    def _came(self, key: tuple[str, str]) -> None:
        self._coming.pop(key, None)


def _log_failure(error: BaseException, image: Image) -> None:
    extra = {"image": image.id, "code": getattr(error, "code", "internal_error")}
    bug = None if isinstance(error, ProviderError) else error
    logger.warning("turn goes unillustrated", extra=extra, exc_info=bug)


async def _painted(
    illustrator: Illustrator, request: PictureRequest, purse: Purse, limit: float
) -> Picture:
    try:
        async with asyncio.timeout(limit):
            return await illustrator.paint(request, purse=purse)
    except TimeoutError as error:
        raise ProviderTimeout("The picture did not come in time.") from error


async def _backed(
    illustrator: Illustrator,
    understudy: Illustrator,
    request: PictureRequest,
    purse: Purse,
    limit: float,
) -> Picture:
    ends = asyncio.get_running_loop().time() + limit
    try:
        return await _painted(illustrator, request, purse, limit * _BEFORE_THE_UNDERSTUDY)
    except (ProviderError, BudgetExhausted) as error:
        logger.warning(
            "built-in illustrator takes the picture",
            extra={"session_id": request.session_id, "turn": request.turn, "code": error.code},
        )
    left = max(0.0, ends - asyncio.get_running_loop().time())
    return await _painted(understudy, request, purse, left)


async def _cancel(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)
