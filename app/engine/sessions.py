"""Sessions beside their turns: reading, naming, setting, resetting, branching, ending."""

import contextlib
from collections.abc import AsyncIterator, Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Literal, TypeVar

from app.engine.autoplay import AutoPlay
from app.engine.clips import Clips
from app.engine.costs import cost_report
from app.engine.deadlines import DeadlineAction, Deadlines, fresh
from app.engine.founding import Founding
from app.engine.jobs import Jobs
from app.engine.ledger import Ledger
from app.engine.pictures import Pictures
from app.engine.records import at_turn, gone_on
from app.engine.showing import (
    archive_of,
    archived_image,
    archived_video,
    older_than,
    page_of,
    state_of,
)
from app.engine.transcript import Format, heading, told
from app.engine.views import (
    ArchiveList,
    ArchiveOverview,
    CostReport,
    HistoryPage,
    Overview,
    SessionList,
    SettingsChange,
    Status,
    TurnCost,
)
from app.errors import (
    MediaNotFound,
    SessionDamaged,
    SessionNotFound,
    SessionProtected,
    StaleTurn,
    TurnNotFound,
)
from app.models.ledger import MICROS
from app.models.media_urls import video_file
from app.models.record import SessionRecord, StoredEntry
from app.models.session import HistoryEntry, Meta, Parent, Settings, State, Video
from app.models.vocabulary import MediaFolder
from app.storage.store import SessionStore

T = TypeVar("T")

DEFAULT_SESSION = "default"
OVERVIEW_ENTRIES = 10
HISTORY_LIMIT = 200
STORY_PAGE = 50


class Sessions:
    """Everything about sessions that is not playing a turn."""

    def __init__(
        self,
        store: SessionStore,
        founding: Founding,
        jobs: Jobs,
        pictures: Pictures,
        clips: Clips,
        deadlines: Deadlines,
        autoplay: AutoPlay,
        ledger: Ledger,
        *,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._founding = founding
        self._jobs = jobs
        self._pictures = pictures
        self._clips = clips
        self._deadlines = deadlines
        self._autoplay = autoplay
        self._ledger = ledger
        self._clock = clock

    # -- reading -------------------------------------------------------------------------

    async def state(self, session_id: str) -> State:
        """What is true now. `phase` is `resolving` while a turn is being made."""
        record = await self._store.load(session_id)
        return await self._state(record, await self._store.meta(session_id))

    async def reload(self, session_id: str) -> State:
        """The state, read afresh from the store."""
        record = await self._store.reload(session_id)
        return await self._state(record, await self._store.meta(session_id))

    async def overview(self, session_id: str) -> Overview:
        page = await self.history(session_id, limit=OVERVIEW_ENTRIES, before=None)
        meta = await self._store.meta(session_id)
        return Overview(meta=meta, state=await self.state(session_id), history=page.items)

    async def status(self, session_id: str) -> Status:
        state = await self.state(session_id)
        return Status(
            session_id=session_id,
            turn=state.turn,
            phase=state.phase,
            alive=state.player.alive,
            location=state.location,
            accessed_at=state.updated_at,
        )

    async def list(
        self, *, sort: Literal["accessed", "created"], limit: int, cursor: str | None
    ) -> SessionList:
        page = await self._store.list(sort=sort, limit=limit, cursor=cursor)
        items = tuple(summary.meta for summary in page.items)
        return SessionList(items=items, next_cursor=page.next_cursor)

    async def some(
        self, session_ids: Iterable[str], *, sort: Literal["accessed", "created"]
    ) -> tuple[Meta, ...]:
        """Those of these sessions that there are, newest first. One at a time: a few only."""
        found: list[tuple[datetime, Meta]] = []
        for session_id in session_ids:
            with contextlib.suppress(SessionNotFound, SessionDamaged):
                meta = await self._store.meta(session_id)
                record = await self._store.load(session_id)
                at = record.snapshot.updated_at if sort == "accessed" else meta.created_at
                found.append((at, meta))
        newest_first = sorted(found, key=lambda one: one[0], reverse=True)
        return tuple(meta for _, meta in newest_first)

    async def history(
        self, session_id: str, *, limit: int, before: int | None, words: str | None = None
    ) -> HistoryPage:
        """Newest first. With `words` only the turns whose dispatch, action or situation have
        them; a page may then hold fewer than `limit` although older ones follow."""
        record = await self._store.load(session_id)
        if words is not None:
            found = await self._store.search(session_id, words, before=before, limit=limit)
            shown = [await self._shown(stored) for stored in found.entries]
            return page_of(record, shown, found.next_before)
        entries = await self._store.page(session_id, before=before, limit=limit)
        shown = [await self._shown(stored) for stored in entries]
        return page_of(record, shown, older_than(shown))

    async def entry(self, session_id: str, turn: int) -> HistoryEntry:
        """One turn of the history. Raises `TurnNotFound`."""
        return await self._shown(await self._store.entry(session_id, turn))

    async def story(self, session_id: str) -> AsyncIterator[tuple[HistoryEntry, ...]]:
        """Every turn that there is now, oldest first, a page at a time: no story is too long.

        Raises `StaleTurn` rather than tell of two runs, if it is reset or rewound meanwhile.
        """
        turn = (await self._store.load(session_id)).snapshot.turn
        if turn < 0:
            return
        last = await self._store.entry(session_id, turn)
        for start in range(0, turn + 1, STORY_PAGE):
            limit = min(STORY_PAGE, turn + 1 - start)
            page = await self._store.page(session_id, before=start + limit, limit=limit)
            await self._check_still(session_id, last)
            yield tuple([await self._shown(stored) for stored in reversed(page)])

    async def _check_still(self, session_id: str, last: StoredEntry) -> None:
        """What was read until now is of the run that has this turn: no other can have it."""
        try:
            now = await self._store.entry(session_id, last.entry.turn)
        except TurnNotFound:
            now = None
        if now is None or now.lineage != last.lineage:
            raise StaleTurn(details="It was reset or rewound while its story was read: ask again.")

    async def transcript(self, session_id: str, *, style: Format) -> AsyncIterator[str]:
        """The whole story of one run as a text, in pieces. Raises `StaleTurn`, as `story` does."""
        meta = await self._store.meta(session_id)
        begins = heading(meta, self._founding.title(meta.world), style)
        async for page in self.story(session_id):
            if begins and (await self._store.meta(session_id)).run != meta.run:
                raise StaleTurn(details="It was reset while its story was read: ask again.")
            yield begins + "".join(f"\n\n{told(entry, style)}" for entry in page)
            begins = ""
        yield f"{begins}\n"

    async def cost(self, session_id: str, *, limit: int, before: int | None) -> CostReport:
        """The sums of the session's ledger and a page of its calls."""
        meta = await self._store.meta(session_id)
        sums, under_way = await self._ledger.sums(session_id)
        calls = await self._store.ledger_page(session_id, before=before, limit=limit)
        page = await self._store.page(session_id, before=None, limit=HISTORY_LIMIT)
        turns = tuple(
            TurnCost(turn=e.entry.turn, source=e.entry.source, cost_usd=e.entry.cost_usd)
            for e in page
        )
        return cost_report(sums, calls, under_way, budget_usd=meta.settings.budget_usd, turns=turns)

    async def media(self, session_id: str, folder: MediaFolder, file: str) -> Path:
        """A file that may be served. Raises `MediaNotFound`."""
        return await self._store.media(session_id, folder, file)

    def export(self, session_id: str) -> AsyncIterator[bytes]:
        """One `.zip` with everything, in pieces."""
        return self._store.export(session_id)

    # -- changing ------------------------------------------------------------------------

    async def create(
        self,
        *,
        session_id: str | None,
        name: str | None,
        description: str,
        world: str | None,
        seed: int | None,
        settings: Settings | None,
    ) -> Meta:
        """Add a session. Raises `SessionExists`, `WorldNotFound`."""
        meta = await self._founding.found(
            session_id,
            world=world,
            seed=seed,
            name=name,
            description=description,
            settings=settings,
        )
        self._autoplay.follow(meta.session_id, meta.settings)
        return meta

    async def change(
        self,
        session_id: str,
        *,
        name: str | None,
        description: str | None,
        settings: SettingsChange | None,
    ) -> Meta:
        """Rename, describe or set; what is None stays. Waits for no turn.

        Another `deadline_seconds` gives the present turn a new deadline of that length.
        """
        lengths: list[int] = []

        def changed(meta: Meta) -> Meta:
            lengths.append(meta.settings.deadline_seconds)
            anew = settings is not None and bool(settings.auto_play)
            return meta.model_copy(
                update={
                    "name": meta.name if name is None else name,
                    "description": meta.description if description is None else description,
                    "settings": settings.of(meta.settings) if settings else meta.settings,
                    "auto_turns": 0 if anew else meta.auto_turns,
                }
            )

        meta = await self._store.change_meta(session_id, changed)
        self._autoplay.follow(session_id, meta.settings)
        if meta.settings.deadline_seconds != lengths[-1]:
            await self._deadlines.rearm(session_id)
        return meta

    async def replace_tokens(self, session_id: str) -> Meta:
        """From now on no token and no share code that was given before is good for anything."""
        return await self._store.change_meta(
            session_id, lambda meta: meta.model_copy(update={"edition": meta.edition + 1})
        )

    async def meta(self, session_id: str) -> Meta:
        """What the session is called and how it is set."""
        return await self._store.meta(session_id)

    async def archive_meta(self, name: str) -> Meta:
        """The same of an ended run. Raises `ArchiveNotFound`."""
        meta, _ = await self._store.archive(name)
        return meta

    async def set_deadline(
        self, session_id: str, action: DeadlineAction, *, by: str, seconds: int | None
    ) -> State:
        """Hold the present deadline, let it go on, or extend it.

        Raises `NotStarted`, `SessionOver`, `NoDeadline`, `TurnInProgress`.
        """
        await self._deadlines.change(session_id, action, by=by, seconds=seconds)
        return await self.state(session_id)

    async def reset(self, session_id: str, *, world: str | None, seed: int | None) -> State:
        """Begin again, cancelling a turn that is being made; makes an unknown session.

        A run that has turns is archived first; settings survive, but for `auto_play`.
        """
        if world is not None:
            self._founding.world(world)
        with contextlib.suppress(SessionNotFound):
            await self._autoplay.off(session_id, "reset")
        await self._jobs.preempt(session_id, lambda: self._reset(session_id, world, seed))
        return await self.state(session_id)

    async def rewind(self, session_id: str, *, turn: int) -> State:
        """Archive the run so far and go on from the end of `turn`. Raises `TurnNotFound`."""
        await self._store.entry(session_id, turn)
        await self._autoplay.off(session_id, "rewound")
        await self._jobs.preempt(session_id, lambda: self._rewind(session_id, turn))
        return await self.state(session_id)

    async def fork(
        self, session_id: str, *, turn: int, new_id: str | None, name: str | None
    ) -> Meta:
        """A new session that begins with this one's turns up to `turn`."""
        source = await self._store.meta(session_id)
        stored = await self._store.entry(session_id, turn)
        now = self._clock()
        new_id = new_id or self._founding.new_id()
        meta = Meta(
            session_id=new_id,
            name=name or f"{source.name} (from turn {turn})",
            description=source.description,
            world=source.world,
            settings=_unhurried(source.settings),
            parent=Parent(session_id=session_id, turn=turn),
            created_at=now,
        )
        deadline_at = fresh(meta.settings, now)
        events = stored.entry.state.last_event_id + 1  # Numbers of a history only grow.
        record = at_turn(stored, meta, events=events, deadline_at=deadline_at, at=now)
        await self._store.fork(session_id, turn, meta, record)
        self._clips.resume(meta.session_id)
        return meta

    async def import_(self, upload: Path, *, session_id: str | None) -> Meta:
        """Add a session from an export.

        Raises `InvalidRequest`, `SessionExists`, and `WorldNotFound` for one that could not go on.
        """

        def renamed(meta: Meta) -> Meta:
            self._founding.world(meta.world)
            return meta.model_copy(
                update={
                    "session_id": session_id or self._founding.new_id(),
                    "settings": _unhurried(meta.settings),
                    # Tokens name this moment: nobody chooses it who brings a file.
                    "created_at": self._clock(),
                }
            )

        meta = await self._store.import_(upload, renamed)
        await self._deadlines.rearm(meta.session_id)
        self._clips.resume(meta.session_id)
        return meta

    async def restore(self, name: str, *, session_id: str | None) -> Meta:
        """A session that goes on where an ended run ended; the archive stays.

        Raises `ArchiveNotFound`, `SessionExists`.
        """
        archived, record = await self._store.archive(name)
        now = self._clock()
        meta = archived.model_copy(
            update={
                "session_id": session_id or self._founding.new_id(),
                "settings": _unhurried(archived.settings),
                "created_at": now,
            }
        )
        deadline_at = fresh(meta.settings, now)
        await self._store.restore(name, meta, gone_on(record, meta, deadline_at, now))
        self._clips.resume(meta.session_id)
        return meta

    async def delete(self, session_id: str, *, archive: bool) -> str | None:
        """Remove a session, a damaged one too; a turn being made is cancelled.

        Returns the archive's name.
        """
        if session_id == DEFAULT_SESSION:
            raise SessionProtected(f"The session {DEFAULT_SESSION!r} cannot be deleted.")
        with contextlib.suppress(SessionDamaged):  # it may be taken away, unread
            await self._store.load(session_id)
            await self._autoplay.off(session_id, "deleted")
        return await self._jobs.preempt(session_id, lambda: self._delete(session_id, archive))

    async def put_away(self, session_id: str) -> str | None:
        """`delete` as work of a job that the caller has begun: nobody else plays meanwhile."""
        return await self._delete(session_id, archive=True)

    async def _reset(self, session_id: str, world: str | None, seed: int | None) -> None:
        await self._give_up_media(session_id)
        try:
            async with self._store.claim(session_id) as claim:
                await self._founding.begin_again(claim, world=world, seed=seed)
        except SessionNotFound:
            await self._founding.found(session_id, world=world, seed=seed)

    async def _rewind(self, session_id: str, turn: int) -> None:
        await self._give_up_media(session_id)
        async with self._store.claim(session_id) as claim:
            stored = await self._store.entry(session_id, turn)
            meta = await self._store.meta(session_id)
            meta = meta.model_copy(update={"run": meta.run + 1})
            now = self._clock()
            record = at_turn(
                stored,
                meta,
                events=claim.record.snapshot.last_event_id + 1,
                deadline_at=fresh(meta.settings, now),
                at=now,
            )
            await claim.rewind(turn, meta, record)
        self._clips.resume(session_id)

    async def _delete(self, session_id: str, archive: bool) -> str | None:  # noqa: FBT001 (inner)
        await self._give_up_media(session_id)
        await self._ledger.drain(session_id)
        archived = await self._store.delete(session_id, archive=archive)
        self._ledger.forget(session_id)
        return archived

    async def _give_up_media(self, session_id: str) -> None:
        await self._clips.cancel(session_id)
        await self._pictures.cancel(session_id)

    # -- ended runs ----------------------------------------------------------------------

    async def archives(self) -> ArchiveList:
        return ArchiveList(items=tuple(map(archive_of, await self._store.archives())))

    async def archive(self, name: str, *, limit: int, before: int | None) -> ArchiveOverview:
        """Raises `ArchiveNotFound`."""
        meta, record = await self._store.archive(name)
        entries = await self._store.archive_page(name, before=before, limit=limit)
        snapshot = record.snapshot
        image = archived_image(name, snapshot.image)
        video = await self._archived_video(name, snapshot.video)
        state = state_of(record, meta, image, video, spent_usd=snapshot.spent_usd)
        shown = [
            stored.entry.model_copy(
                update={
                    "image": archived_image(name, stored.entry.image),
                    "video": await self._archived_video(name, stored.entry.video),
                }
            )
            for stored in entries
        ]
        history = page_of(record, shown, older_than(shown))
        return ArchiveOverview(archive=name, meta=meta, state=state, history=history)

    async def archive_media(self, name: str, folder: MediaFolder, file: str) -> Path:
        return await self._store.archive_media(name, folder, file)

    async def _archived_video(self, name: str, video: Video | None) -> Video | None:
        there = False
        if video is not None and video.status in ("ready", "pending"):
            with contextlib.suppress(MediaNotFound):
                await self._store.archive_media(name, "videos", video_file(video))
                there = True
        return archived_video(name, video, there=there)

    async def delete_archive(self, name: str) -> None:
        await self._store.delete_archive(name)

    # -- assembling ----------------------------------------------------------------------

    async def _state(self, record: SessionRecord, meta: Meta) -> State:
        session_id = record.snapshot.session_id
        image = await self._pictures.shown(session_id, record.snapshot.image)
        video = await self._clips.shown(session_id, record.snapshot.video)
        making = self._jobs.running(session_id) is not None
        spent = await self._ledger.spent(session_id) / MICROS
        return state_of(record, meta, image, video, spent_usd=spent, making=making)

    async def _shown(self, stored: StoredEntry) -> HistoryEntry:
        entry = stored.entry
        image = await self._pictures.shown(entry.session_id, entry.image)
        video = await self._clips.shown(entry.session_id, entry.video)
        shown = {"image": image, "video": video}
        return entry.model_copy(update={**shown, "state": entry.state.model_copy(update=shown)})


def _unhurried(settings: Settings) -> Settings:
    """A copy of a game does not begin to play by itself, and to spend."""
    return settings.model_copy(update={"auto_play": False})
