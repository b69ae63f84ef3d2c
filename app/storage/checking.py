"""Looks a session's folder over, every byte that has a checksum and every picture; changes nothing.

A *problem* is damage: something that was written is not there any more. *Remains* are what a crash
left behind and the next start removes; they harm nobody.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar
from zlib import crc32

from app.models.record import StoredEntry
from app.models.session import Meta
from app.storage import history, ledger_file
from app.storage.branching import media_of
from app.storage.disk import Disk
from app.storage.faults import Damage, storage_error
from app.storage.history import HISTORY, Head
from app.storage.ledger_file import LEDGER
from app.storage.session_folder import MEDIA_FOLDERS, SessionFolder, is_media_name
from app.storage.sound_media import flaw_of
from app.storage.state_file import (
    META,
    STATE,
    TEMPORARIES,
    Committed,
    decode_meta,
    decode_state,
)

Content = TypeVar("Content", Meta, Committed)

_FILES: Final = frozenset({META, STATE, HISTORY, LEDGER, *MEDIA_FOLDERS})


@dataclass(frozen=True, slots=True)
class Problem:
    """Damage, and where."""

    file: str
    what: str

    def __str__(self) -> str:
        return f"{self.file}: {self.what}"


@dataclass(slots=True)
class Findings:
    """What was found in one folder; grows while it is looked over."""

    turns: int | None = None
    """How many are committed; None where that cannot be read."""
    media: int = 0
    problems: list[Problem] = field(default_factory=list)
    remains: list[str] = field(default_factory=list)
    absent: bool = False
    """Nothing was there to be looked over."""

    def problem(self, file: str, what: object) -> None:
        self.problems.append(Problem(file, str(what)))


def look_over(folder: SessionFolder, session_id: str) -> Findings:
    """Everything that can be told of the folder of session `session_id`. Blocking."""
    found = Findings()
    try:
        if folder.exists():
            _Look(folder, session_id, found).all()
        else:
            found.absent = True
            found.problem(".", "is missing")
    except Damage as damage:
        found.problem(".", damage)
    except OSError as error:
        found.problem(".", f"cannot be read ({storage_error(error).details})")
    return found


def look_over_ledger(disk: Disk, path: Path, found: Findings) -> None:
    """Every line of a ledger; one that is not there is well."""
    kind = disk.io.kind(path)
    if kind is None:
        return
    if kind != "file":
        found.problem(path.name, "is not a file")
        return
    for number, (line, whole) in enumerate(ledger_file.all_lines(disk, path), start=1):
        if not line.endswith(b"\n"):
            found.remains.append(f"{path.name}: {len(line)} bytes behind its last line")
        elif not whole:
            found.problem(path.name, f"line {number} is not what was written")


class _Look:
    def __init__(self, folder: SessionFolder, session_id: str, found: Findings) -> None:
        self._folder, self._disk = folder, folder.disk
        self._id = session_id
        self._found = found
        self._named: set[str] = set()
        """Pictures that the history speaks of."""
        self._all_named = False

    def all(self) -> None:
        self._meta()
        committed = self._state()
        if committed is not None:
            self._found.turns = committed.turn + 1
            head = Head(committed.turn, committed.history_bytes, committed.history_crc)
            self._guarded(HISTORY, lambda: self._history(head))
        self._media()
        self._guarded(LEDGER, lambda: look_over_ledger(self._disk, self._path(LEDGER), self._found))
        self._strays()

    def _path(self, name: str) -> Path:
        return self._folder.path / name

    def _meta(self) -> None:
        meta = self._decoded(META, decode_meta)
        if meta is not None and meta.session_id != self._id:
            self._found.problem(META, f"is of session {meta.session_id}")

    def _state(self) -> Committed | None:
        committed = self._decoded(STATE, decode_state)
        if committed is None:
            return None
        if committed.record.snapshot.session_id != self._id:
            self._found.problem(STATE, "is of another session")
            return None
        return committed

    def _decoded(self, name: str, decode: Callable[[bytes], Content]) -> Content | None:
        try:
            return decode(self._disk.read(self._path(name)))
        except Damage as damage:
            self._found.problem(name, damage)
            return None

    def _guarded(self, name: str, look: Callable[[], None]) -> None:
        try:
            look()
        except Damage as damage:
            self._found.problem(name, damage)

    def _history(self, head: Head) -> None:
        with self._disk.opened_or_damaged(self._path(HISTORY)) as fd:
            if not history.check(self._disk, fd, head):
                extra = self._disk.io.size(fd) - head.length
                self._found.remains.append(f"{HISTORY}: {extra} bytes behind the last turn")
            self._turns(history.lines(self._disk, fd, head), head)

    def _turns(self, lines: Iterator[bytes], head: Head) -> None:
        before, crc, count = len(self._found.problems), crc32(history.OPENING), 0
        for turn, line in enumerate(lines):
            crc, count = crc32(b"\n", crc32(line, crc)), turn + 1
            try:
                stored = history.decode_line(line, turn)
            except Damage as damage:
                self._found.problem(HISTORY, damage)
                continue
            if {stored.entry.session_id, stored.entry.state.session_id} != {self._id}:
                self._found.problem(HISTORY, f"turn {turn} is of another session")
            self._shown(stored)
        self._all_named = len(self._found.problems) == before
        if count != head.turn + 1:
            self._found.problem(HISTORY, f"holds {count} turns and not {head.turn + 1}")
        elif crc != head.crc and self._all_named:
            self._found.problem(HISTORY, "the checksum over all of it does not match")

    def _shown(self, stored: StoredEntry) -> None:
        for media, (folder, name) in media_of(stored.entry):
            self._named.add(f"{folder}/{name}")
            if media.status == "ready" and not self._folder.has_media(folder, name):
                turn = stored.entry.turn
                self._found.problem(f"{folder}/{name}", f"is missing, and turn {turn} shows it")

    def _media(self) -> None:
        for folder in MEDIA_FOLDERS:
            if self._disk.io.kind(self._path(folder)) != "folder":
                self._found.problem(folder, "is missing or not a folder")
                continue
            for name in sorted(self._disk.io.names(self._path(folder))):
                self._file(folder, name, strict=self._all_named and folder == "images")

    def _file(self, folder: str, name: str, *, strict: bool) -> None:
        where = f"{folder}/{name}"
        if not is_media_name(folder, name):
            self._found.remains.append(f"{where}: no file of a session")
            return
        self._found.media += 1
        if (flaw := flaw_of(self._disk, self._path(where))) is not None:
            self._found.problem(where, flaw)
        elif strict and where not in self._named:
            self._found.remains.append(f"{where}: no turn shows it")

    def _strays(self) -> None:
        for name in sorted(self._disk.io.names(self._folder.path)):
            if name in TEMPORARIES:
                self._found.remains.append(f"{name}: a write that was cut off")
            elif name not in _FILES:
                self._found.remains.append(f"{name}: no file of a session")
