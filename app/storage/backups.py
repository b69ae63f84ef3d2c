"""Backups of sessions and archives, made beside a running service, and brought back from.

The files are read as they lie there, and no service is asked: the committed part of a history never
changes, `state.json` says how much of it that is and is only ever replaced whole, media have names
that are used once. So what is read is one acknowledged turn of a session, whatever goes on
meanwhile; a session that is swapped for another while it is opened is opened again. It is the same
with a service that has stopped or broken, it costs its event loop nothing, and the ledgers, which
no export has, come along.

A backup of many is a folder, made under another name and renamed when all of it was read back:

    backup.json  sessions/<id>.zip  archives/<name>.zip  ledgers/<day>.jsonl
"""

import contextlib
import hashlib
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field, ValidationError

from app.errors import InvalidRequest, SessionNotFound
from app.models.base import Model, UtcTime
from app.storage import ledger_file
from app.storage.archives import archived_id
from app.storage.disk import Disk
from app.storage.exporting import Export
from app.storage.faults import Damage
from app.storage.importing import Import
from app.storage.io import CREATE
from app.storage.session_folder import SessionFolder
from app.storage.sessions_root import SessionsRoot, is_session_id
from app.storage.state_file import META

Kept = Literal["session", "archive"]

INDEX: Final = "backup.json"
LARGEST: Final = 64 << 30
"""Bytes of one session, unpacked. It is one's own machine: only bombs are refused."""
_FOLDERS: Final = ("sessions", "archives", "ledgers")
_ATTEMPTS: Final = 16
_PAUSE: Final = 0.01
"""Seconds: a swap is two renames."""
_WRITES: Final = 3


class Item(Model):
    """A file of a backup."""

    kind: Kept
    name: str
    turns: Annotated[int, Field(ge=0)]
    size: Annotated[int, Field(ge=0)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]

    @property
    def file(self) -> str:
        """Where it lies in the folder."""
        return f"{self.kind}s/{self.name}.zip"


class Index(Model):
    """`backup.json`: written last, it names every other file."""

    format: Literal["elsewhere-backup"] = "elsewhere-backup"
    version: Literal[1] = 1
    made_at: UtcTime
    items: tuple[Item, ...]
    days: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    """What was damaged when the backup was made."""


class _Gone(Damage):
    """It is not there now."""

    def __init__(self) -> None:
        super().__init__("a reset of it was cut off; the next start of the service finishes it")


@dataclass(frozen=True, slots=True)
class Source:
    """Something that a backup is to hold."""

    kind: Kept
    name: str

    @property
    def told(self) -> str:
        return self.name if self.kind == "session" else f"archive {self.name}"


class Backups:
    """Blocking calls; reads only. Memory stays within a few pieces."""

    def __init__(self, disk: Disk, root: SessionsRoot, clock: Callable[[], datetime]) -> None:
        self._disk, self._root, self._clock = disk, root, clock

    def sources(self) -> list[Source]:
        """All there is to keep."""
        sessions = [Source("session", name) for name in self._root.known_ids()]
        if self._disk.io.kind(self._root.archives) != "folder":
            return sessions
        names = sorted(self._root.archive_names())
        return sessions + [Source("archive", name) for name in names if archived_id(name)]

    def find(self, name: str) -> Source | None:
        """A session of this id, or else an archive of this name."""
        if is_session_id(name) and self._root.is_known(name):
            return Source("session", name)
        if archived_id(name) is not None and self._root.archived(name).exists():
            return Source("archive", name)
        return None

    def write(self, source: Source, target: Path) -> Item:
        """One file, replaced as one when all of it was read back.

        Raises `SessionNotFound` when it went away meanwhile, `Damage`, `OSError`.
        """
        for _ in range(_WRITES - 1):
            # It may be deleted, or reset with nothing to archive, while it is copied.
            with contextlib.suppress(Damage, FileNotFoundError):
                return self._write(source, target)
        return self._write(source, target)

    def _write(self, source: Source, target: Path) -> Item:
        part = target.with_name(f".{target.name}.part")
        try:
            size, sha256 = self._copy(source, part)
            turns = self._read_back(part)
            self._disk.io.rename(part, target)
        except BaseException:
            self._disk.forget_quietly(part)
            raise
        self._disk.sync_folder(target.parent)
        return Item(kind=source.kind, name=source.name, turns=turns, size=size, sha256=sha256)

    def _copy(self, source: Source, part: Path) -> tuple[int, str]:
        digest, at = hashlib.sha256(), 0
        with (
            closing(self._opened(source)) as export,
            self._disk.opened(part, CREATE) as fd,
        ):
            while (piece := export.next()) is not None:
                digest.update(piece)
                self._disk.write_all(fd, piece, at)
                at += len(piece)
            self._disk.sync(fd)
        return at, digest.hexdigest()

    def _opened(self, source: Source) -> Export:
        """The session as it is now. Once it is open, nothing that happens to it matters."""
        folder = self._folder(source)
        failure: Damage | OSError | None = None
        for _ in range(_ATTEMPTS):
            try:
                if not folder.exists():
                    raise _Gone
                before = self._disk.read(folder.path / META)
                with contextlib.ExitStack() as held:
                    export = Export(folder, folder.read(), ledger=True)
                    held.callback(export.close)
                    # A reset or a rewind counts the run up in it: unchanged, it is one run's.
                    if self._disk.read(folder.path / META) == before:
                        held.pop_all()
                        return export
            except (Damage, FileNotFoundError) as error:
                failure = error
                time.sleep(_PAUSE)
        if isinstance(failure, _Gone) and not self._root.is_staged(source.name):
            raise SessionNotFound
        raise failure or Damage("it changes faster than it can be read")

    def _folder(self, source: Source) -> SessionFolder:
        if source.kind == "session":
            return self._root.folder(source.name)
        return self._root.archived(source.name)

    def _read_back(self, part: Path) -> int:
        try:
            with closing(Import(part, LARGEST)) as parcel:
                return parcel.check() + 1
        except InvalidRequest as error:
            raise Damage(error.details or str(error)) from error

    # -- of many -------------------------------------------------------------------------

    def begin(self, folder: Path) -> Path:
        """Where a backup is made; it is in `folder` under its own name after `finish`."""
        self._disk.ensure_folder(folder)
        draft = folder / f".elsewhere-{self._clock().astimezone(UTC):%Y%m%dT%H%M%SZ}.part"
        self._disk.remove_tree(draft)
        self._disk.io.mkdir(draft)
        for name in _FOLDERS:
            self._disk.io.mkdir(draft / name)
        return draft

    def finish(self, draft: Path, items: list[Item], left_out: list[str]) -> Path:
        """Add what all sessions spent by day, name everything, and let it be seen."""
        days = tuple(self._days(draft / "ledgers"))
        index = Index(
            made_at=self._clock(), items=tuple(items), days=days, left_out=tuple(left_out)
        )
        self._disk.write(draft / INDEX, index.model_dump_json(indent=1).encode())
        for name in _FOLDERS:
            self._disk.sync_folder(draft / name)
        self._disk.sync_folder(draft)
        target = draft.with_name(draft.name[1:].removesuffix(".part"))
        self._disk.io.rename(draft, target)
        self._disk.sync_folder(target.parent)
        return target

    def give_up(self, draft: Path) -> None:
        self._disk.remove_tree(draft)

    def _days(self, target: Path) -> list[str]:
        names = [name for name in self._root.day_names() if is_day(name)]
        for name in names:
            with (
                self._disk.opened(self._root.path / ".ledger" / name) as old,
                self._disk.opened(target / name, CREATE) as new,
            ):
                at = 0
                for piece in self._disk.slices(old, 0, ledger_file.whole_length(self._disk, old)):
                    self._disk.write_all(new, piece, at)
                    at += len(piece)
                self._disk.sync(new)
        return sorted(names)


def is_day(name: str) -> bool:
    """Whether a day's ledger is named so."""
    try:
        datetime.strptime(name, "%Y-%m-%d.jsonl").replace(tzinfo=UTC)
    except ValueError:
        return False
    return len(name) == len("2026-11-22.jsonl")


def read_index(disk: Disk, folder: Path) -> Index:
    """What a backup holds; names in it are those of sessions and archives, and each comes once.

    Raises `Damage`.
    """
    try:
        index = Index.model_validate_json(disk.read(folder / INDEX))
    except ValidationError as error:
        raise Damage(f"{INDEX} is of another version or shape") from error
    names = [(item.kind, item.name) for item in index.items]
    right = all(
        is_session_id(name) if kind == "session" else archived_id(name) for kind, name in names
    )
    if not right or len(set(names)) < len(names) or not all(map(is_day, index.days)):
        raise Damage(f"{INDEX} names what no session is called")
    return index
