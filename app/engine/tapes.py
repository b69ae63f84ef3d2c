"""Tapes: a whole run as one film, made when it ends, when it is archived, and when asked for.

A tape is named after the last turn that it shows and the run's way to it, so that its name is
never used for anything else: further play makes another tape. Its captions are published first
and its film last. So captions without a film are a tape that was being made: a restart finds them
and makes it, and no other log is kept.

Films are made one at a time, in a process of its own that is less nice to nobody than turns are.
"""

import asyncio
import logging
import re
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from app.engine.events import Events
from app.engine.pictures import Pictures
from app.engine.ports import TapeDeck
from app.engine.tapes_script import FORMS, Form
from app.engine.tapes_shelves import ArchiveShelf, SessionShelf, Shelf
from app.engine.tapes_writing import CAPTIONS, require_run, write_script
from app.engine.world.world import World
from app.errors import GameError, NotStarted, ProviderError, StaleTurn, TurnNotFound
from app.models.events import TapeReady
from app.models.record import StoredEntry
from app.models.tape import FILM, STILLS, Tape, TapeList, TapeStatus
from app.storage.faults import storage_error
from app.storage.store import SessionStore

logger = logging.getLogger(__name__)

MOST_UNASKED: Final = 100
"""Tapes that wait for their turn without anybody having asked; of more there are none."""

_LATE: Final = 5
"""Turns whose pictures may still be on their way."""
_NAME: Final = re.compile(r"(?P<turn>\d{6,9})-(?P<lineage>[0-9a-f]{1,32})")

Heard = Callable[[float], None]


@dataclass(slots=True)
class _Job:
    """A tape that is being made."""

    session_id: str
    key: str
    name: str
    described: asyncio.Future[None]
    """Done when its captions are there."""
    asked: bool
    progress: float = 0.0
    task: asyncio.Task[None] | None = None
    heard: list[Heard] = field(default_factory=list)

    def tell(self, share: float) -> None:
        self.progress = share
        for heard in self.heard:
            heard(share)


class Tapes:
    """Makes tapes and knows of those that there are.

    `deck` None: nobody can make any, and nothing is begun by itself. `unasked`: whether ends and
    archives get theirs without anybody asking.
    """

    def __init__(
        self,
        store: SessionStore,
        events: Events,
        pictures: Pictures,
        worlds: Mapping[str, World],
        deck: TapeDeck | None,
        *,
        unasked: bool = True,
        form: Form | None = None,
        at_once: int = 1,
    ) -> None:
        self._store = store
        self._events = events
        self._pictures = pictures
        self._worlds = worlds
        self._deck = deck
        self._unasked = unasked and deck is not None
        self._form = form
        self._gate = asyncio.Semaphore(at_once)
        self._jobs: dict[tuple[str, str], _Job] = {}
        self._errands: set[asyncio.Task[None]] = set()
        self._closed = False

    # -- what clients ask ----------------------------------------------------------------

    async def list(self, session_id: str) -> TapeList:
        """The tapes of the present run, the newest first."""
        return await self._list(SessionShelf(self._store, session_id), session_id)

    async def archived(self, name: str) -> TapeList:
        """Those of an ended run. Raises `ArchiveNotFound`."""
        meta, _ = await self._store.archive(name)
        return await self._list(ArchiveShelf(self._store, name), meta.session_id)

    async def make(self, session_id: str, *, turn: int | None = None) -> Tape:
        """Have the run, or its beginning up to `turn`, made into a tape, unless it is one; its
        captions are there.

        Raises `NotStarted`, `TurnNotFound`, `SessionDamaged`, `StorageFull`.
        """
        return await self._made(SessionShelf(self._store, session_id), session_id, turn)

    async def finished(self, session_id: str, heard: Heard) -> Tape:
        """`make`, and wait for the film; `heard` is told how far it is.

        Raises what kept it from being made.
        """
        return await self._finished(SessionShelf(self._store, session_id), session_id, heard)

    async def finished_archive(self, name: str, heard: Heard) -> Tape:
        """The same of an ended run. Raises `ArchiveNotFound`."""
        meta, _ = await self._store.archive(name)
        return await self._finished(ArchiveShelf(self._store, name), meta.session_id, heard)

    # -- what happens --------------------------------------------------------------------

    def ended(self, session_id: str) -> None:
        """The session's run is over."""
        if self._unasked:
            self._send(self._unasked_for(SessionShelf(self._store, session_id), session_id))

    def shelved(self, session_id: str, archive: str, *, whole: bool) -> None:
        """The session's run has become an archive. `whole`: it gets its tape; else only what
        was being made is finished there."""
        shelf = ArchiveShelf(self._store, archive)
        if self._deck is not None:
            self._send(self._finish(shelf, session_id))
        if whole and self._unasked:
            self._send(self._unasked_for(shelf, session_id))

    async def cancel(self, session_id: str) -> None:
        """Give up what is being made of the session: its run goes elsewhere."""
        await self._cancel(SessionShelf(self._store, session_id).key)

    async def cancel_archived(self, name: str) -> None:
        """Give up what is being made of an ended run: it will be deleted."""
        await self._cancel(ArchiveShelf(self._store, name).key)

    def open(self) -> None:
        """Find, in the background, the tapes that were being made, and make them."""
        if self._deck is not None:
            self._send(self._resume())

    async def close(self) -> None:
        """Give up all of it; the next start goes on."""
        self._closed = True
        tasks = [*self._errands, *(job.task for job in self._jobs.values() if job.task)]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    # -- one tape ------------------------------------------------------------------------

    async def _finished(self, shelf: Shelf, session_id: str, heard: Heard) -> Tape:
        tape = await self._made(shelf, session_id)
        job = self._jobs.get((shelf.key, tape.name))
        if job is None or job.task is None:
            return tape
        job.heard.append(heard)
        await asyncio.wait({job.task})
        _raise(job.task)
        return await self._named(shelf, session_id, tape.name)

    async def _made(self, shelf: Shelf, session_id: str, turn: int | None = None) -> Tape:
        last = await self._last(shelf, turn)
        if last is None:
            raise NotStarted
        if turn is not None and last.entry.turn != turn:
            raise TurnNotFound
        name = _name(last)
        for tape in (await self._list(shelf, session_id)).items:
            if tape.name == name and tape.status != "failed":
                return tape
        job = self._begin(shelf, session_id, last, asked=True)
        if job.task is not None:
            waited: set[asyncio.Future[None]] = {job.task, job.described}
            await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
            _raise(job.task)
        return await self._named(shelf, session_id, name)

    def _begin(self, shelf: Shelf, session_id: str, last: StoredEntry, *, asked: bool) -> _Job:
        """No await lies between the test and the entry in the map: one job a tape."""
        key = (shelf.key, _name(last))
        if (job := self._jobs.get(key)) is not None:
            return job
        described: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        job = _Job(session_id, shelf.key, key[1], described, asked)
        self._jobs[key] = job
        job.task = asyncio.create_task(self._work(shelf, last, job), name=f"tape of {session_id}")
        job.task.add_done_callback(lambda task: self._over(key, job, task))
        return job

    async def _work(self, shelf: Shelf, last: StoredEntry, job: _Job) -> None:
        turn = last.entry.turn
        if self._deck is None:
            raise ProviderError("This server makes no tapes.")
        try:
            form = self._form or FORMS[await shelf.quality()]
            async with self._store.workshop() as folder:
                await write_script(shelf, last, folder, self._worlds, form)
                await shelf.keep(f"{job.name}.vtt", folder / CAPTIONS)
                job.described.set_result(None)
                await self._arrivals(shelf, job.session_id, turn)
                async with self._gate:
                    # Once more: pictures may have come meanwhile.
                    await write_script(shelf, last, folder, self._worlds, form)
                    await self._deck.record(folder, heard=job.tell)
                await self._publish(shelf, last, job, folder)
        except OSError as error:
            raise storage_error(error) from error
        if isinstance(shelf, SessionShelf):
            tape = await self._named(shelf, job.session_id, job.name)
            self._events.announce(job.session_id, TapeReady(turn=turn, tape=tape))

    async def _publish(self, shelf: Shelf, last: StoredEntry, job: _Job, folder: Path) -> None:
        await require_run(shelf, last)
        await shelf.keep(f"{job.name}.webp", folder / STILLS)
        # The film last: it is what makes the tape ready.
        await shelf.keep(f"{job.name}.mp4", folder / FILM)

    async def _arrivals(self, shelf: Shelf, session_id: str, turn: int) -> None:
        """Wait for late pictures: a film cannot be told later that they came."""
        if isinstance(shelf, SessionShelf):
            for stored in await shelf.page(before=turn + 1, limit=_LATE):
                await self._pictures.arrival(session_id, stored.entry.image)

    def _over(self, key: tuple[str, str], job: _Job, task: asyncio.Task[None]) -> None:
        self._jobs.pop(key, None)
        job.described.cancel()
        if task.cancelled():
            return
        error = task.exception()
        extra = {"session_id": job.session_id, "tape": job.name}
        if error is None:
            logger.info("tape is made", extra=extra)
        elif isinstance(error, GameError):
            logger.warning("tape could not be made", extra={**extra, "code": error.code})
        else:
            logger.error("tape broke", extra=extra, exc_info=error)

    # -- unasked -------------------------------------------------------------------------

    async def _unasked_for(self, shelf: Shelf, session_id: str) -> None:
        last = await self._last(shelf)
        waiting = sum(1 for job in self._jobs.values() if not job.asked)
        if last is None:
            return
        if waiting >= MOST_UNASKED:
            logger.warning("too many tapes to make another", extra={"session_id": session_id})
            return
        if f"{_name(last)}.mp4" not in {file.name for file in await shelf.tapes()}:
            self._begin(shelf, session_id, last, asked=False)

    async def _resume(self) -> None:
        async for metas in self._store.metas():
            for meta in metas:
                await self._finish(SessionShelf(self._store, meta.session_id), meta.session_id)
        for archive in await self._store.archives():
            await self._finish(ArchiveShelf(self._store, archive.name), archive.session_id)

    async def _finish(self, shelf: Shelf, session_id: str) -> None:
        """Make what has captions and no film, as far as the run still goes there."""
        try:
            there = {file.name for file in await shelf.tapes()}
            for file in sorted(there):
                name, _, kind = file.rpartition(".")
                found = _NAME.fullmatch(name)
                if kind != "vtt" or found is None or f"{name}.mp4" in there:
                    continue
                page = await shelf.page(before=int(found["turn"]) + 1, limit=1)
                if page and _name(page[0]) == name:
                    self._begin(shelf, session_id, page[0], asked=False)
        except GameError as error:
            extra = {"session_id": session_id, "code": error.code}
            logger.warning("tapes cannot be looked for", extra=extra)

    def _send(self, errand: Coroutine[object, object, None]) -> None:
        if self._closed:
            errand.close()
            return
        task = asyncio.create_task(self._run(errand), name="tapes")
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)

    async def _run(self, errand: Coroutine[object, object, None]) -> None:
        try:
            await errand
        except GameError as error:
            logger.warning("tape cannot be begun", extra={"code": error.code})

    async def _cancel(self, key: str) -> None:
        tasks = [job.task for job in self._jobs.values() if job.key == key and job.task]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    # -- as clients see them -------------------------------------------------------------

    async def _last(self, shelf: Shelf, turn: int | None = None) -> StoredEntry | None:
        page = await shelf.page(before=None if turn is None else turn + 1, limit=1)
        return page[0] if page else None

    async def _named(self, shelf: Shelf, session_id: str, name: str) -> Tape:
        """Raises `StaleTurn` when the run has gone, and its tapes with it."""
        for tape in (await self._list(shelf, session_id)).items:
            if tape.name == name:
                return tape
        raise StaleTurn

    async def _list(self, shelf: Shelf, session_id: str) -> TapeList:
        sizes = {file.name: file.size for file in await shelf.tapes()}
        names = [
            name for name, _, kind in (file.rpartition(".") for file in sizes) if kind == "vtt"
        ]
        found = [
            await self._tape(shelf, session_id, name, sizes)
            for name in names
            if _NAME.fullmatch(name)
        ]
        return TapeList(items=tuple(sorted(found, key=lambda tape: tape.turn, reverse=True)))

    async def _tape(
        self, shelf: Shelf, session_id: str, name: str, sizes: Mapping[str, int]
    ) -> Tape:
        facts = await shelf.facts(f"{name}.vtt")
        job = self._jobs.get((shelf.key, name))
        film, stills = f"{name}.mp4", f"{name}.webp"
        ready = film in sizes
        status: TapeStatus = "ready" if ready else "making" if job is not None else "failed"
        return Tape(
            name=name,
            session_id=session_id,
            status=status,
            turn=facts.turns - 1,
            turns=facts.turns,
            duration_s=facts.seconds,
            bytes=sizes.get(film),
            progress=1.0 if ready else job.progress if job is not None else 0.0,
            url=shelf.url(film) if ready else None,
            captions_url=shelf.url(f"{name}.vtt"),
            preview_url=shelf.url(stills) if ready and stills in sizes else None,
        )


def _raise(task: asyncio.Task[None]) -> None:
    """What kept a tape from being made, if that is known by now."""
    if task.cancelled():
        raise StaleTurn("The run has moved on while its tape was being made.")
    if task.done():
        task.result()


def _name(last: StoredEntry) -> str:
    return f"{last.entry.turn:06d}-{last.lineage}"
