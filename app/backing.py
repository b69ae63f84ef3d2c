"""`elsewhere backup` and `restore`: sessions as files, made and brought back while it serves."""

import argparse
import contextlib
import os
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from app.errors import GameError, InvalidRequest, SessionExists, SessionNotFound
from app.storage.backups import INDEX, Backups, Index, Item, Source, read_index
from app.storage.disk import Disk
from app.storage.faults import Damage
from app.storage.io import RealIO
from app.storage.restoring import Restoring
from app.storage.sessions_root import SessionsRoot

DONE: Final = 0
LEFT_OUT: Final = 1
MISUSED: Final = 2


class Refused(Exception):
    """What was asked for cannot be done; the message says why."""


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """`elsewhere backup` and `elsewhere restore`"""
    backup = commands.add_parser(
        "backup",
        help="copy sessions while the service runs",
        description="Copies sessions, archives and ledgers, each as of one acknowledged turn, "
        "beside a running service or without one, and reads every copy back. The exit status is "
        "1 if something is damaged and had to be left out.",
    )
    backup.add_argument("session", nargs="*", help="ids, or names of archives; all unless given")
    backup.add_argument(
        "-o",
        "--out",
        type=Path,
        required=True,
        metavar="FOLDER|FILE",
        help="a folder, in which a new one is made that is named by the time; or a .zip, for one "
        "session",
    )
    restore = commands.add_parser(
        "restore",
        help="bring sessions back from a backup",
        description="Brings sessions and archives back, each checked whole before anything is "
        "kept. Beside a running service only what is not there; nothing is overwritten unless "
        "--replace says so, and what is replaced goes to the archives first.",
    )
    restore.add_argument("file", type=Path, help="a folder made by backup, or a session's .zip")
    restore.add_argument("session", nargs="*", help="of a folder: only these ids or archives")
    restore.add_argument("--as", dest="new_id", metavar="ID", help="of one .zip: under this id")
    how = restore.add_mutually_exclusive_group()
    how.add_argument("--replace", action="store_true", help="also those that are there")
    how.add_argument("--missing", action="store_true", help="leave those alone that are there")
    for command in (backup, restore):
        command.add_argument("--sessions-dir", type=Path, help="where sessions are kept (sessions)")
        command.add_argument("--archives-dir", type=Path, help="where ended runs are (archives)")


def run(asked: argparse.Namespace, sessions: Path, archives: Path) -> int:
    """Do what was asked; returns the exit status."""
    disk = Disk(RealIO(), durable=True)
    root = SessionsRoot(disk, sessions, archives, _now)
    try:
        if asked.command == "backup":
            return _back_up(asked, Backups(disk, root, _now), sessions)
        return _restore(asked, disk, root)
    except Refused as refused:
        return _refuse(str(refused))
    except GameError as error:
        return _refuse(f"{error} {error.details or ''}".strip())
    except Damage as damage:
        return _refuse(str(damage))
    except OSError as error:
        what = error.filename or "the disk"
        why = os.strerror(error.errno) if error.errno else type(error).__name__
        return _refuse(f"{what}: {why}")


# -- backup ------------------------------------------------------------------------------


def _back_up(asked: argparse.Namespace, backups: Backups, sessions: Path) -> int:
    if not sessions.is_dir():
        raise Refused(f"there is no folder {sessions}")
    sources = [_found(backups, name) for name in asked.session] or backups.sources()
    if asked.out.suffix == ".zip":
        if len(asked.session) != 1:
            raise Refused("a .zip holds one session: name it, or name a folder")
        return _one(backups, sources[0], asked.out)
    return _many(backups, sources, asked.out)


def _found(backups: Backups, name: str) -> Source:
    source = backups.find(name)
    if source is None:
        raise Refused(f"there is no session or archive {name!r}")
    return source


def _one(backups: Backups, source: Source, target: Path) -> int:
    try:
        item = backups.write(source, target)
    except Damage as damage:
        raise Refused(f"{source.told} is damaged: {damage}") from damage
    _say(_kept(source.told, item))
    return DONE


def _many(backups: Backups, sources: Sequence[Source], folder: Path) -> int:
    draft = backups.begin(folder)
    items: list[Item] = []
    left_out: list[str] = []
    try:
        for source in sources:
            try:
                item = backups.write(source, draft / f"{source.kind}s" / f"{source.name}.zip")
            except SessionNotFound:
                continue  # it went away meanwhile
            except Damage as damage:
                left_out.append(source.told)
                _say(f"{source.told}: LEFT OUT, it is damaged: {damage}")
            else:
                items.append(item)
                _say(_kept(source.told, item))
        target = backups.finish(draft, items, left_out)
    except BaseException:
        backups.give_up(draft)
        raise
    said = f"{len(items)} kept" + (f", {len(left_out)} left out" if left_out else "")
    _say(f"{target}: {said}")
    return LEFT_OUT if left_out else DONE


def _kept(told: str, item: Item) -> str:
    return f"{told}: {_turns(item.turns)}, {item.size} bytes"


# -- restore -----------------------------------------------------------------------------


def _restore(asked: argparse.Namespace, disk: Disk, root: SessionsRoot) -> int:
    disk.ensure_folder(root.path)
    restoring = Restoring(disk, root, _now)
    with _alone(root) as alone:
        if asked.replace and not alone:
            raise Refused("the service is running: stop it to replace what is there")
        if asked.file.is_dir() or asked.file.name == INDEX:
            folder = asked.file if asked.file.is_dir() else asked.file.parent
            if asked.new_id is not None:
                raise Refused("--as goes with one .zip")
            _bring_back_all(asked, disk, restoring, folder)
        elif asked.session:
            raise Refused("a .zip holds one session: no name is needed")
        else:
            _bring_back(asked, restoring)
    return DONE


@contextlib.contextmanager
def _alone(root: SessionsRoot) -> Iterator[bool]:
    """Whether no service is there, nor comes, while this lasts."""
    with contextlib.ExitStack() as held:
        try:
            held.callback(root.let_go, root.take_as_it_is())
        except BlockingIOError:
            yield False
        else:
            yield True


def _bring_back(asked: argparse.Namespace, restoring: Restoring) -> None:
    try:
        session_id, turns = restoring.session(asked.file, asked.new_id, replace=asked.replace)
    except SessionExists:
        if not asked.missing:
            raise Refused(_TAKEN.format("the session")) from None
        _say("it is there already: nothing was done")
        return
    _say(f"{session_id}: {_turns(turns)}")


_TAKEN: Final = (
    "{} is there already: say --missing to leave it alone, or stop the service and say --replace"
)


def _bring_back_all(
    asked: argparse.Namespace, disk: Disk, restoring: Restoring, folder: Path
) -> None:
    index = read_index(disk, folder)
    items = _wanted(index, asked.session)
    there = [item for item in items if restoring.is_there(item.kind, item.name)]
    if there and not (asked.missing or asked.replace):
        raise Refused(_TAKEN.format(", ".join(_told(item) for item in there)))
    # An archive never changes: one that is there is the same, whatever is to be replaced.
    items = [
        item for item in items if item not in there or (asked.replace and item.kind == "session")
    ]
    for item in items:
        restoring.verify(folder, item)
    for item in items:
        _say(f"{_told(item)}: {_turns(_brought_back(restoring, folder, item, asked))}")
    if not asked.session:
        for day in restoring.days(folder, index):
            _say(f"ledger {day}")


def _brought_back(restoring: Restoring, folder: Path, item: Item, asked: argparse.Namespace) -> int:
    try:
        if item.kind == "archive":
            return restoring.archive(folder / item.file, item.name)
        return restoring.session(folder / item.file, item.name, replace=asked.replace)[1]
    except InvalidRequest as error:
        raise Refused(f"{item.file}: {error.details or error}") from error
    except SessionExists as error:
        raise Refused(_TAKEN.format(_told(item))) from error


def _wanted(index: Index, names: Sequence[str]) -> list[Item]:
    for name in names:
        if not any(item.name == name for item in index.items):
            raise Refused(f"there is no {name!r} in this backup")
    return [item for item in index.items if not names or item.name in names]


def _told(item: Item) -> str:
    return Source(item.kind, item.name).told


def _turns(count: int) -> str:
    return f"{count} turn{'' if count == 1 else 's'}"


def _now() -> datetime:
    return datetime.now(UTC)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def _refuse(why: str) -> int:
    sys.stderr.write(f"elsewhere: {why}\n")
    return MISUSED
