"""The exclusive right to write one session, over its files."""

from collections.abc import Callable
from typing import TypeVar

from app.errors import StorageError, TurnNotFound
from app.models.record import MediaFile, SessionRecord, StoredEntry
from app.models.session import Meta
from app.storage.branching import branch
from app.storage.live import LiveSessions
from app.storage.session_folder import Loaded, SessionFolder, Turn
from app.storage.sessions_root import SessionsRoot

T = TypeVar("T")


class FileClaim:
    """Good until its `claim` block ends or a write through it fails."""

    def __init__(self, live: LiveSessions, root: SessionsRoot, loaded: Loaded) -> None:
        self._live = live
        self._root = root
        self._session_id = loaded.meta.session_id
        self._record = loaded.record
        self._meta = loaded.meta
        self._over = False

    @property
    def record(self) -> SessionRecord:
        return self._record

    def end(self) -> None:
        self._over = True

    async def commit(
        self,
        record: SessionRecord,
        entry: StoredEntry | None = None,
        media: tuple[MediaFile, ...] = (),
    ) -> None:
        self._check(record, entry, media)
        turn = None if entry is None else Turn(entry, media)

        def job(folder: SessionFolder, before: Loaded) -> tuple[Loaded, None]:
            return folder.commit(before, record, turn), None

        await self._write(job, record)

    async def restart(self, meta: Meta, record: SessionRecord) -> str | None:
        self._check_fresh(meta, record, turn=-1)

        def job(folder: SessionFolder, before: Loaded) -> tuple[Loaded, str | None]:
            with self._root.removed_on_failure(self._root.stage(self._session_id)) as stage:
                stage.begin(self._merged(meta, before.meta), record)
                stage.take_over_ledger(folder)
            return self._root.swap(self._session_id, archive=before.head.turn >= 0)

        return await self._swap(job, record)

    async def rewind(self, turn: int, meta: Meta, record: SessionRecord) -> str:
        if not 0 <= turn <= self._record.snapshot.turn:
            raise TurnNotFound
        self._check_fresh(meta, record, turn=turn)

        def job(folder: SessionFolder, before: Loaded) -> tuple[Loaded, str | None]:
            with self._root.removed_on_failure(self._root.stage(self._session_id)) as stage:
                merged = self._merged(meta, before.meta)
                branch(folder, before.head, stage, turn, merged, record)
                stage.take_over_ledger(folder)
            return self._root.swap(self._session_id, archive=True)

        return str(await self._swap(job, record))

    async def _swap(
        self, job: Callable[[SessionFolder, Loaded], tuple[Loaded, T]], record: SessionRecord
    ) -> T:
        result = await self._write(job, record)
        self._meta = (await self._live.loaded(self._session_id)).meta
        return result

    async def _write(
        self, job: Callable[[SessionFolder, Loaded], tuple[Loaded, T]], record: SessionRecord
    ) -> T:
        if self._over:
            raise StorageError("This claim is over: a write through it failed, or it was let go.")
        self._over = True  # and stays so unless the write succeeds
        result = await self._live.change(self._session_id, job)
        self._over = False
        self._record = record
        return result

    def _merged(self, wanted: Meta, current: Meta) -> Meta:
        """What is wanted, without undoing what `change_meta` did since the claim began.

        A change of settings waits for no turn, so it may come between the caller's look at the
        meta and the swap.
        """
        kept = {
            name: getattr(current, name)
            for name in Meta.model_fields
            if getattr(wanted, name) == getattr(self._meta, name)
        }
        return wanted.model_copy(update=kept)

    def _check(
        self, record: SessionRecord, entry: StoredEntry | None, media: tuple[MediaFile, ...]
    ) -> None:
        turn = self._record.snapshot.turn + (0 if entry is None else 1)
        if record.snapshot.turn != turn or (entry is not None and entry.entry.turn != turn):
            raise ValueError(f"the next commit is of turn {turn}")
        if entry is None and media:
            raise ValueError("media are committed with a turn; later ones go by put_media")
        ids = {self._session_id, record.snapshot.session_id}
        if entry is not None:
            ids |= {entry.entry.session_id, entry.entry.state.session_id}
        if len(ids) > 1:
            raise ValueError("a commit is of one session only")

    def _check_fresh(self, meta: Meta, record: SessionRecord, *, turn: int) -> None:
        if {meta.session_id, record.snapshot.session_id} != {self._session_id}:
            raise ValueError("a run begins again under the same id")
        if record.snapshot.turn != turn:
            raise ValueError(f"the run goes on from turn {turn}")
