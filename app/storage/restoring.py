"""Brings sessions back from a backup. Each is checked whole, and then there at once or not at all.

Beside a running service only what is not there can be brought back: what the service has in memory
cannot be taken from under it. Such a session is made complete under a name that nobody looks at
and renamed into place, which fails if something came there meanwhile.
"""

import hashlib
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from app.errors import InvalidRequest, SessionExists
from app.models.session import Meta
from app.storage import ledger_file
from app.storage.archives import archived_id
from app.storage.backups import LARGEST, Index, Item
from app.storage.disk import Disk
from app.storage.faults import Damage
from app.storage.importing import Import
from app.storage.session_folder import SessionFolder
from app.storage.sessions_root import SessionsRoot, is_session_id

RESTORING: Final = ".restoring-"


class Restoring:
    """Blocking calls."""

    def __init__(self, disk: Disk, root: SessionsRoot, clock: Callable[[], datetime]) -> None:
        self._disk, self._root, self._clock = disk, root, clock

    def is_there(self, kind: str, name: str) -> bool:
        """Whether it would be overwritten; a session in the middle of a reset is there too."""
        if kind == "archive":
            return self._root.archived(name).exists()
        return self._root.is_known(name)

    def verify(self, folder: Path, item: Item) -> None:
        """Whether a file of a backup is the one that was written. Raises `Damage`."""
        digest, size = hashlib.sha256(), 0
        with self._disk.opened_or_damaged(folder / item.file) as fd:
            for piece in self._disk.slices(fd, 0, self._disk.io.size(fd)):
                digest.update(piece)
                size += len(piece)
        if (digest.hexdigest(), size) != (item.sha256, item.size):
            raise Damage(f"{item.file} is not what backup.json says")

    def session(self, file: Path, session_id: str | None, *, replace: bool) -> tuple[str, int]:
        """Bring a session back, under its own id unless another is given; its id and its turns.

        `replace`: what is there goes to the archives first, and its ledger is kept, for money that
        is spent stays spent. Only without a service. Raises `SessionExists`, `InvalidRequest`.
        """
        with closing(Import(file, LARGEST)) as parcel:
            own = parcel.meta.session_id
            meta = parcel.meta.model_copy(update={"session_id": session_id or own})
            if not is_session_id(meta.session_id):
                raise InvalidRequest(details="this is no id of a session")
            if not self.is_there("session", meta.session_id):
                turn = self._add(parcel, meta, ledger=meta.session_id == own)
            elif replace:
                turn = self._swap(parcel, meta)
            else:
                raise SessionExists
        return meta.session_id, turn + 1

    def archive(self, file: Path, name: str) -> int:
        """Bring an ended run back; its turns. Raises `SessionExists`, `InvalidRequest`."""
        if self.is_there("archive", name):
            raise SessionExists
        self._disk.ensure_folder(self._root.archives)
        with closing(Import(file, LARGEST)) as parcel:
            if parcel.meta.session_id != archived_id(name):
                raise InvalidRequest(details=f"it is no run of {archived_id(name)}")
            draft = self._root.archived(self._draft_name(name))
            with self._root.removed_on_failure(draft):
                parcel.build(draft, parcel.meta, ledger=True)
                self._disk.io.rename(draft.path, self._root.archives / name)
            self._disk.sync_folder(self._root.archives)
            return self._root.archived(name).read().head.turn + 1

    def days(self, folder: Path, index: Index) -> tuple[str, ...]:
        """Bring back what was spent on days of which nothing is known here; which they are."""
        return tuple(name for name in index.days if self._day(folder / "ledgers" / name))

    def _day(self, source: Path) -> bool:
        target = self._root.path / ".ledger" / source.name
        if self._disk.io.kind(target) is not None:
            return False
        if not all(whole for _, whole in ledger_file.all_lines(self._disk, source)):
            raise Damage(f"{source.name} holds a line that no server wrote")
        self._disk.ensure_folder(target.parent)
        draft = target.with_name(self._draft_name(source.name))
        self._disk.copy(source, draft)
        self._disk.io.rename(draft, target)
        self._disk.sync_folder(target.parent)
        return True

    def _add(self, parcel: Import, meta: Meta, *, ledger: bool) -> int:
        draft = self._root.folder(self._draft_name(meta.session_id))
        with self._root.removed_on_failure(draft):
            parcel.build(draft, meta, ledger=ledger)
            if self.is_there("session", meta.session_id):
                raise SessionExists
            self._root.put(draft, meta.session_id)
        return self._turn(meta.session_id)

    def _swap(self, parcel: Import, meta: Meta) -> int:
        session_id = meta.session_id
        there = self._root.folder(session_id)
        with self._root.removed_on_failure(self._root.stage(session_id)) as stage:
            parcel.build(stage, meta, ledger=not self._has_ledger(there))
            stage.take_over_ledger(there)
        self._root.swap(session_id, archive=True)
        return self._turn(session_id)

    def _has_ledger(self, folder: SessionFolder) -> bool:
        return self._disk.io.kind(folder.path / ledger_file.LEDGER) == "file"

    def _turn(self, session_id: str) -> int:
        return self._root.folder(session_id).read().head.turn

    def _draft_name(self, name: str) -> str:
        return f"{name}{RESTORING}{self._clock().astimezone(UTC):%Y%m%dT%H%M%S%fZ}"
