"""Looks all sessions and archives of a folder over, and mends what can be mended.

For commands, beside a service or without one. Looking changes nothing, and needs no lock: what is
committed never changes, and what looks damaged while a service writes is looked at again.
"""

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal

from app.storage.archives import archived_id
from app.storage.checking import Findings, Problem, look_over, look_over_ledger
from app.storage.disk import Disk
from app.storage.faults import Damage, storage_error
from app.storage.io import RealIO
from app.storage.salvaging import Salvage, copy_whole_lines
from app.storage.session_folder import SessionFolder
from app.storage.sessions_root import SessionsRoot, is_session_id

Kind = Literal["session", "archive", "ledger"]

_LOOKS: Final = 3
_PAUSE: Final = 0.05
"""Seconds between them: a reset is two renames."""
_UNFINISHED: Final = "a reset that was cut off: the next start of the service finishes it"
SET_ASIDE: Final = ".damaged-"
HALF_MADE: Final = (".salvaged-", ".restoring-")


@dataclass(frozen=True, slots=True)
class Report:
    """What is to be said of one session, archive or day's ledger."""

    kind: Kind
    name: str
    turns: int | None
    media: int
    problems: tuple[Problem, ...]
    remains: tuple[str, ...]
    beside: str | None = None
    """Salvaged: where the damaged files are now."""
    lost: tuple[str, ...] = ()
    """Salvaged: what is not there any more, in words."""
    hopeless: str | None = None
    """Why it could not be salvaged; then it is as it was."""

    @property
    def damaged(self) -> bool:
        return bool(self.problems)


class SickBay:
    """Blocking calls."""

    def __init__(self, sessions: Path, archives: Path, clock: Callable[[], datetime]) -> None:
        self._disk = Disk(RealIO(), durable=True)
        self._root = SessionsRoot(self._disk, sessions, archives, clock)
        self._clock = clock
        self._ours = False

    def in_use(self) -> bool:
        """Whether a service, or another command that writes, has the folders now."""
        return not self._ours and self._root.is_taken_by_another()

    @contextlib.contextmanager
    def taken(self) -> Iterator[None]:
        """Keep every service out meanwhile. Raises `BlockingIOError` when one is there."""
        lock = self._root.take_as_it_is()
        self._ours = True
        try:
            yield
        finally:
            self._ours = False
            self._root.let_go(lock)

    # -- looking -------------------------------------------------------------------------

    def patients(self) -> Iterator[tuple[Kind, str]]:
        """Everything there is to look at."""
        for name in self._root.known_ids():
            if self._root.is_known(name):
                yield "session", name
        for name in sorted(self._names(self._root.archives)):
            if archived_id(name) is not None:
                yield "archive", name
        for name in sorted(self._names(self._root.path / ".ledger")):
            yield "ledger", name

    def find(self, name: str) -> tuple[Kind, str] | None:
        """A session of this id, or else an archive of this name."""
        if is_session_id(name) and self._root.is_known(name):
            return "session", name
        if archived_id(name) is not None and self._root.archived(name).exists():
            return "archive", name
        return None

    def look(self, kind: Kind, name: str) -> Report | None:
        """One of them; None when it went away meanwhile."""
        for _ in range(_LOOKS):
            busy = self.in_use()
            with _watched(self._path(kind, name)) as swapped:
                found = self._found(kind, name)
                gone = swapped()
            if not (busy and found.problems):
                break
            time.sleep(_PAUSE)
        # By now it may be there again: made anew under the same name, and no concern of this look.
        if found.problems and (gone or found.absent):
            if busy or not (kind == "session" and self._root.is_staged(name)):
                return None
            return Report(kind, name, None, 0, (), (_UNFINISHED,))
        remains = () if busy else tuple(found.remains)  # or a write that is under way
        return Report(kind, name, found.turns, found.media, tuple(found.problems), remains)

    def remains(self) -> tuple[str, ...]:
        """What lies in the folders and belongs to nothing."""
        if self.in_use():
            return ()
        found = [
            f"{place}/{name}"
            for place in (".staged", ".trash", ".incoming")
            for name in sorted(self._names(self._root.path / place))
        ]
        for path in (self._root.path, self._root.archives):
            found += [
                f"{path.name}/{name}"
                for name in sorted(self._names(path))
                if any(mark in name for mark in HALF_MADE)
            ]
        return tuple(found)

    def set_aside(self) -> int:
        """How many damaged folders were moved aside earlier and are still there."""
        folders = (self._root.path, self._root.archives, self._root.path / ".ledger")
        return sum(SET_ASIDE in name for path in folders for name in self._names(path))

    def _names(self, path: Path) -> list[str]:
        return self._disk.io.names(path) if self._disk.io.kind(path) == "folder" else []

    def _path(self, kind: Kind, name: str) -> Path:
        if kind == "session":
            return self._root.path / name
        if kind == "archive":
            return self._root.archives / name
        return self._root.path / ".ledger" / name

    def _found(self, kind: Kind, name: str) -> Findings:
        if kind == "ledger":
            return self._ledger(name)
        return look_over(self._folder(kind, name), self._id(kind, name))

    def _ledger(self, name: str) -> Findings:
        found = Findings()
        if SET_ASIDE in name:
            return found
        try:
            look_over_ledger(self._disk, self._path("ledger", name), found)
        except (Damage, OSError) as error:
            found.problem(name, error if isinstance(error, Damage) else storage_error(error))
        return found

    def _folder(self, kind: Kind, name: str) -> SessionFolder:
        return self._root.folder(name) if kind == "session" else self._root.archived(name)

    def _id(self, kind: Kind, name: str) -> str:
        return name if kind == "session" else archived_id(name) or name

    # -- mending -------------------------------------------------------------------------

    def salvage(self, report: Report) -> Report:
        """Make a damaged one whole again, as far as it goes; the damaged files stay beside it.

        Only while `taken`.
        """
        kind, name = report.kind, report.name
        beside = f"{name}{SET_ASIDE}{self._stamp()}"
        try:
            if kind == "ledger":
                lost = self._salvage_ledger(name, beside)
            else:
                lost = self._salvage_folder(kind, name, beside)
        except Damage as damage:
            return replace(report, hopeless=str(damage))
        except OSError as error:
            return replace(report, hopeless=str(storage_error(error)))
        after = self.look(kind, name)
        return replace(after or report, beside=beside, lost=lost)

    def _salvage_folder(self, kind: Kind, name: str, beside: str) -> tuple[str, ...]:
        salvage = Salvage(self._folder(kind, name), self._id(kind, name))
        if kind == "session":
            with self._root.removed_on_failure(self._root.stage(name)) as stage:
                salvage.build(stage)
            self._root.swap_beside(name, beside)
        else:
            made = self._root.archived(f"{name}{HALF_MADE[0]}{self._stamp()}")
            with self._root.removed_on_failure(made):
                salvage.build(made)
            self._root.replace_archive(name, made, beside)
        return salvage.losses.told()

    def _salvage_ledger(self, name: str, beside: str) -> tuple[str, ...]:
        path = self._path("ledger", name)
        made = path.with_name(f"{name}{HALF_MADE[0]}{self._stamp()}")
        lost = copy_whole_lines(self._disk, path, made)
        self._disk.io.rename(path, path.with_name(beside))
        self._disk.io.rename(made, path)
        self._disk.sync_folder(path.parent)
        return (f"{lost}: what was spent that day may be more",) if lost else ()

    def _stamp(self) -> str:
        return f"{self._clock().astimezone(UTC):%Y%m%dT%H%M%S%fZ}"


@contextlib.contextmanager
def _watched(path: Path) -> Iterator[Callable[[], bool]]:
    """Tells whether `path` has become something else, or nothing, since the block began.

    It is held open meanwhile, so that its number is given to nothing else.
    """
    try:
        held = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        yield lambda: not path.exists()
        return
    try:
        yield lambda: not _is_same(held, path)
    finally:
        os.close(held)


def _is_same(held: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(held), path.lstat())
    except OSError:
        return False
