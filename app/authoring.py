"""The commands of a world's author: `elsewhere world list`, `check` and `new`."""

import argparse
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from app.engine.world.figures import Figures
from app.engine.world.inspection import inspect
from app.engine.world.loader import MAIN_FILE
from app.engine.world.pack import Pack
from app.engine.world.report import markdown, page
from app.engine.world.starting import plant
from app.engine.world.trials import try_out_folder

FOUND: Final = 1
"""The exit status when there is something to mend."""
MISUSED: Final = 2
_ID: Final = re.compile(r"^[a-z][a-z0-9_]{0,47}$")
_RUNS: Final = 300


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """`elsewhere world ...`"""
    world = commands.add_parser("world", help="write worlds: list, check, new")
    verbs = world.add_subparsers(dest="verb", required=True)
    verbs.add_parser("list", help="the worlds of this server")
    check = verbs.add_parser(
        "check",
        help="what the linter finds, and how bots fare",
        description="Says what is wrong with a world, by file, line and field, then lets bots "
        "play it and prints every figure beside its bar. The exit status is 1 if the linter "
        "finds anything.",
    )
    check.add_argument("world", nargs="?", help="an id, or a folder; all worlds unless given")
    check.add_argument(
        "--runs", type=_count, default=_RUNS, help="games of each bot (300; 0: none)"
    )
    check.add_argument("--markdown", action="store_true", help="end with a table for a document")
    new = verbs.add_parser("new", help="a small world to start from, with comments that teach")
    new.add_argument("folder", type=Path, help="FOLDER/ID: where it is written, and its id")
    new.add_argument(
        "--bare", action="store_true", help="a bare premise instead: style, facts and one place"
    )


def _count(text: str) -> int:
    count = int(text)
    if count < 0:
        raise ValueError(text)
    return count


def run(asked: argparse.Namespace, worlds: Path) -> int:
    """Do what was asked; returns the exit status. `worlds` is the folder of this server's."""
    if asked.verb == "list":
        return _list(worlds)
    if asked.verb == "new":
        return _new(asked.folder, bare=asked.bare)
    folders = _folders(asked.world, worlds)
    if not folders:
        return _refuse(f"there is no world {asked.world or worlds}")
    tables: list[tuple[Pack, Mapping[str, Figures]]] = []
    status = max([_check(folder, asked.runs, tables) for folder in folders])
    if asked.markdown and tables:
        _say(markdown(tables))
    return status


def _list(worlds: Path) -> int:
    status = 0
    for folder in _folders(None, worlds):
        seen = inspect(folder)
        if seen.pack is None:
            status = FOUND
            _say(f"{folder.name}: cannot be played: {seen.spots[0]}")
        else:
            pack = seen.pack
            _say(
                f"{pack.id}: {pack.title} ({pack.year}; {len(pack.places)} places): {pack.tagline}"
            )
    return status


def _check(folder: Path, runs: int, tables: list[tuple[Pack, Mapping[str, Figures]]]) -> int:
    """What the linter finds in one world, and how the bots fare, added to `tables`."""
    seen = inspect(folder)
    for spot in seen.spots:
        _say(f"{folder.name}/{spot}")
    if seen.pack is None:
        return FOUND
    _say(f"{folder.name}: the linter finds {len(seen.spots) or 'nothing'}")
    if runs:
        played = try_out_folder(folder, runs, processes=os.cpu_count() or 1)
        tables.append((seen.pack, played))
        _say("\n" + page(seen.pack, played))
    return FOUND if seen.spots else 0


def _new(folder: Path, *, bare: bool) -> int:
    if not _ID.match(folder.name):
        return _refuse(f"{folder.name!r} is no id: small letters, digits and _, a letter first")
    if folder.exists():
        return _refuse(f"{folder} is there already")
    plant(folder, bare=bare)
    _say(f"{folder}: written. Next: elsewhere world check {folder}")
    return 0


def _folders(asked: str | None, worlds: Path) -> list[Path]:
    if asked is None:
        return sorted(path.parent for path in worlds.glob(f"*/{MAIN_FILE}"))
    found = (Path(asked).resolve(), worlds / asked)
    return [path for path in found if (path / MAIN_FILE).is_file()][:1]


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def _refuse(why: str) -> int:
    sys.stderr.write(f"elsewhere: {why}\n")
    return MISUSED
