"""The folder of all sessions: how one comes, goes and is swapped, so that a crash cannot halve it.

A new session is made complete in `.incoming` and then renamed into place. One that replaces
another is made complete in `.staged/<id>` (its `state.json` is written last); then the old one
goes to the archives or to `.trash`, and the new one takes its place. A stage whose session is
missing is therefore one whose swap a crash interrupted: it is adopted. A stage whose session is
there never counted: it is removed, like everything in `.incoming` and `.trash`.
"""

import contextlib
import dataclasses
import errno
import logging
import re
import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

from app.errors import SessionExists, SessionNotFound
from app.models.base import SESSION_ID_PATTERN
from app.models.ledger import LedgerEntry, LedgerSums
from app.storage import ledger_file
from app.storage.disk import Disk
from app.storage.faults import Damage
from app.storage.io import free_bytes, is_locked
from app.storage.session_folder import Loaded, SessionFolder

logger = logging.getLogger(__name__)

_SESSION_ID = re.compile(SESSION_ID_PATTERN)
_LOCK = ".lock"


def is_session_id(text: str) -> bool:
    return _SESSION_ID.fullmatch(text) is not None


def now() -> datetime:
    return datetime.now(UTC)


class SessionsRoot:
    """Blocking calls on the two folders that the store owns."""

    def __init__(
        self, disk: Disk, root: Path, archives: Path, clock: Callable[[], datetime]
    ) -> None:
        self.path, self.archives = root, archives
        self._disk = disk
        self._clock = clock
        self._staged, self._trash = root / ".staged", root / ".trash"
        self._incoming = root / ".incoming"
        self._ledgers = root / ".ledger"

    def take(self) -> int:
        """Make the folders and lock them for this process; what comes back is the lock."""
        self._disk.ensure_folder(self.path)
        lock = self._disk.io.lock(self.path / _LOCK)
        try:
            for path in (self.archives, self._staged, self._trash, self._incoming):
                self._disk.ensure_folder(path)
            self._tidy()
        except BaseException:
            self._disk.io.close(lock)
            raise
        return lock

    def take_as_it_is(self) -> int:
        """The same, but for what a crash left half done: that is left for the next start."""
        lock = self._disk.io.lock(self.path / _LOCK)
        try:
            self._disk.ensure_folder(self._staged)
        except BaseException:
            self._disk.io.close(lock)
            raise
        return lock

    def is_taken_by_another(self) -> bool:
        """Whether a process has locked the folders."""
        return is_locked(self.path / _LOCK)

    def let_go(self, lock: int) -> None:
        self._disk.io.close(lock)

    def probe(self) -> int:
        """Write a file as turns are written; then how many bytes there is room for."""
        path = self._incoming / secrets.token_hex(16)
        try:
            self._disk.write(path, b"?")
        finally:
            self._disk.forget_quietly(path)
        return min(free_bytes(self.path), free_bytes(self.archives))

    def folder(self, session_id: str) -> SessionFolder:
        return SessionFolder(self._disk, self.path / session_id, self._incoming)

    def archived(self, name: str) -> SessionFolder:
        return SessionFolder(self._disk, self.archives / name, self._incoming)

    def day_sums(self, day: date) -> LedgerSums:
        """What all sessions have spent on a day."""
        return ledger_file.read_sums(self._disk, self._day(day))

    def day_names(self) -> list[str]:
        """The files of all days."""
        known = self._disk.io.kind(self._ledgers) == "folder"
        return self._disk.io.names(self._ledgers) if known else []

    def post_day(self, day: date, entries: tuple[LedgerEntry, ...]) -> None:
        """Add to a day's ledger; the caller lets nobody else do so meanwhile."""
        self._disk.ensure_folder(self._ledgers)
        ledger_file.append(self._disk, self._day(day), entries)

    def _day(self, day: date) -> Path:
        return self._ledgers / f"{day.isoformat()}.jsonl"

    def ids(self) -> list[str]:
        """Everything in the folder that is named like a session."""
        return [name for name in self._disk.io.names(self.path) if is_session_id(name)]

    def archive_names(self) -> list[str]:
        return self._disk.io.names(self.archives)

    def is_taken(self, session_id: str) -> bool:
        """Whether something of this name is there now. Good for an early answer only."""
        return self._disk.io.kind(self.path / session_id) is not None

    def is_staged(self, session_id: str) -> bool:
        """Whether a session is about to take the place of this one, or was when a crash came."""
        return self._disk.io.kind(self._staged / session_id) is not None

    def is_known(self, session_id: str) -> bool:
        """Whether there is such a session, for those who do not hold its file lock: also while
        it is swapped for another, when for a moment there is only the one that comes."""
        return any(look(session_id) for look in (self.is_taken, self.is_staged, self.is_taken))

    def known_ids(self) -> list[str]:
        """The ids of all of these."""
        staged = self._disk.io.kind(self._staged) == "folder"
        coming = self._disk.io.names(self._staged) if staged else []
        return sorted({*filter(is_session_id, coming), *self.ids()})

    def exists(self, session_id: str) -> bool:
        """The same, having finished what a crash in the middle of a swap left undone.

        Like all that writes, only for the holder of the session's file lock: to anybody else a
        swap that is under way looks like one that was interrupted.
        """
        return self.is_taken(session_id) or self._adopt(session_id)

    def touch(self, session_id: str, *, suspicious: bool, read_only: bool) -> Loaded:
        """Read a session for the first time, and mend it unless it must not be written."""
        if not self.exists(session_id):
            if suspicious:
                self._confirm()
            raise SessionNotFound
        if read_only:
            loaded = self._readable(session_id)
        else:
            loaded = self._mended(session_id, suspicious=suspicious)
        if loaded.meta.session_id != session_id:
            if loaded.meta.session_id.casefold() == session_id.casefold():
                raise SessionNotFound  # a disk that takes "Anna" for "anna"
            raise Damage("the files are of another session")
        return loaded

    def mend(self, session_id: str, *, suspicious: bool) -> Loaded:
        """Read a session and remove what a crash or a failed write left behind."""
        loaded = self.folder(session_id).recover(suspicious=suspicious)
        if suspicious:
            self._confirm()
        return loaded

    def _confirm(self) -> None:
        """What failed may have been a move: before anybody is told of its outcome, it must last."""
        for path in (self.archives, self._trash, self.path):
            self._disk.sync_folder(path)

    def _mended(self, session_id: str, *, suspicious: bool) -> Loaded:
        try:
            return self.mend(session_id, suspicious=suspicious)
        except OSError:
            logger.warning("session cannot be written for now", exc_info=True)
            return self._readable(session_id)

    def _readable(self, session_id: str) -> Loaded:
        return dataclasses.replace(self.folder(session_id).read(), mended=False)

    def draft(self) -> SessionFolder:
        """A place to make a new session in; its folder is not there yet."""
        return SessionFolder(self._disk, self._incoming / secrets.token_hex(16), self._incoming)

    def workshop(self) -> Path:
        """An empty folder for files that are being made."""
        path = self._incoming / secrets.token_hex(16)
        self._disk.io.mkdir(path)
        return path

    def clear(self, workshop: Path) -> None:
        """Remove what was made there and not kept."""
        self._empty(workshop)

    def stage(self, session_id: str) -> SessionFolder:
        """A place to make the session in that will replace the one of this id."""
        path = self._staged / session_id
        self._disk.remove_tree(path)
        return SessionFolder(self._disk, path, self._incoming)

    @contextlib.contextmanager
    def removed_on_failure(self, folder: SessionFolder) -> Iterator[SessionFolder]:
        """Where a session is made that will not be used unless it is complete."""
        try:
            yield folder
        except BaseException:
            self._empty(folder.path)
            raise

    def drop(self, draft: SessionFolder) -> None:
        """Remove a draft that is not wanted after all."""
        self._empty(draft.path)

    def add(self, session_id: str, draft: SessionFolder) -> Loaded:
        """Put a finished draft in place, under an id that must be free."""
        with self.removed_on_failure(draft):
            if self.exists(session_id):
                raise SessionExists
            self._place(draft.path, session_id)
        return self.folder(session_id).read()

    def put(self, draft: SessionFolder, session_id: str) -> None:
        """Put a finished folder in place, which fails if there is one.

        For those who do not hold the session's file lock.
        """
        try:
            self._place(draft.path, session_id)
        except OSError as error:
            if error.errno in (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR):
                raise SessionExists from error
            raise

    def swap(self, session_id: str, *, archive: bool) -> tuple[Loaded, str | None]:
        """Put the stage in place of the session, which is archived or discarded.

        Returns the new session and the archive's name. After an error it is one or the other.
        """
        try:
            self._disk.sync_folder(self._staged)  # from here on the old one may go
            name = self._set_aside(session_id, archive=archive)
            self._place(self._staged / session_id, session_id)
        except OSError:
            self._settle(session_id)
            raise
        return self.folder(session_id).read(), name

    def swap_beside(self, session_id: str, beside: str) -> None:
        """Put the stage in place of the session, which stays in the folder under the name
        `beside`: no session is named so, and nothing here looks at it again."""
        try:
            self._disk.sync_folder(self._staged)
            self._disk.io.rename(self.path / session_id, self.path / beside)
            self._disk.sync_folder(self.path)
            self._place(self._staged / session_id, session_id)
        except OSError:
            self._settle(session_id)
            raise

    def replace_archive(self, name: str, made: SessionFolder, beside: str) -> None:
        """Put a finished folder, that lies among the archives, in place of one of them, which
        stays there under the name `beside`."""
        self._disk.sync_folder(self.archives)
        self._disk.io.rename(self.archives / name, self.archives / beside)
        self._disk.io.rename(made.path, self.archives / name)
        self._disk.sync_folder(self.archives)

    def remove(self, session_id: str, *, archive: bool) -> str | None:
        """Take a session away, to the archives or for good."""
        # A stage that a failed swap left behind would bring it back.
        self._disk.remove_tree(self._staged / session_id)
        self._disk.sync_folder(self._staged)
        return self._set_aside(session_id, archive=archive)

    def _set_aside(self, session_id: str, *, archive: bool) -> str | None:
        if archive:
            return self._archive(session_id)
        self._discard(session_id)
        return None

    def _settle(self, session_id: str) -> None:
        """Finish a swap that has gone past the middle, or forget it."""
        with contextlib.suppress(OSError):  # then the next touch or the next start does it
            if self.exists(session_id):
                self._disk.remove_tree(self._staged / session_id)

    def _place(self, source: Path, session_id: str) -> None:
        self._disk.io.rename(source, self.path / session_id)
        self._disk.sync_folder(self.path)

    def _archive(self, session_id: str) -> str:
        """Move a session to the archives and say under which name."""
        name = self._archive_name(session_id)
        source, target = self.path / session_id, self.archives / name
        try:
            self._disk.io.rename(source, target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            self._disk.copy_tree(source, self.archives / ("." + name))
            self._disk.io.rename(self.archives / ("." + name), target)
            self._disk.sync_folder(self.archives)
            self._discard(session_id)
        else:
            self._disk.sync_folder(self.archives)
            self._disk.sync_folder(self.path)
        return name

    def _discard(self, session_id: str) -> None:
        """Make a session vanish at once; its files follow."""
        grave = self._trash / secrets.token_hex(16)
        self._disk.io.rename(self.path / session_id, grave)
        self._disk.sync_folder(self._trash)
        self._disk.sync_folder(self.path)
        self._empty(grave)

    def discard_archive(self, name: str) -> None:
        """The same for an archive, which may lie on another disk than the trash."""
        grave = self.archives / ("." + secrets.token_hex(16))
        self._disk.io.rename(self.archives / name, grave)
        self._disk.sync_folder(self.archives)
        self._empty(grave)

    def _archive_name(self, session_id: str) -> str:
        plain = name = f"{session_id}_{self._clock():%Y%m%dT%H%M%SZ}"
        count = 1
        while self._disk.io.kind(self.archives / name) is not None:
            count += 1
            name = f"{plain}-{count}"
        return name

    def _adopt(self, session_id: str) -> bool:
        staged = self._staged / session_id
        if self._disk.io.kind(staged) is None:
            return False
        try:
            SessionFolder(self._disk, staged, self._incoming).read()
        except Damage:
            logger.warning("unfinished session removed", extra={"session_id": session_id})
            self._disk.remove_tree(staged)
            return False
        self._place(staged, session_id)
        logger.warning("interrupted swap finished", extra={"session_id": session_id})
        return True

    def _tidy(self) -> None:
        for name in self._disk.io.names(self._staged):
            if not is_session_id(name) or self.exists(name):
                self._disk.remove_tree(self._staged / name)
        for folder in (self._trash, self._incoming):
            for name in self._disk.io.names(folder):
                self._empty(folder / name)
        for name in self._disk.io.names(self.archives):
            if name.startswith("."):
                self._empty(self.archives / name)

    def _empty(self, path: Path) -> None:
        try:
            self._disk.remove_tree(path)
        except OSError:
            logger.warning("rubbish left behind; the next start tries again")
