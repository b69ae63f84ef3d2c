"""`elsewhere replay`: play an exported game again, and see whether it agrees with its record."""

import argparse
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

from app.engine.replay import Difference, Replay
from app.engine.world.loader import MAIN_FILE, load_world
from app.engine.world.pack_error import PackError
from app.engine.world.world import World
from app.errors import GameError
from app.models.record import StoredEntry
from app.storage.importing import Import

DIFFERS: Final = 1
MISUSED: Final = 2
_LARGEST: Final = 16 << 30
"""Bytes of an export once it is unpacked. It is one's own machine: only bombs are refused."""


def add_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """`elsewhere replay FILE`"""
    command = commands.add_parser(
        "replay",
        help="play an exported game again and compare",
        description="Plays an export again without any model, from its recorded actions, fates "
        "and accepted proposals, and compares every turn. Prints the first difference; the exit "
        "status is 1 if there is one, and 2 if the file or its world cannot be read.",
    )
    command.add_argument("file", type=Path, help="a session's export (.zip)")


def run(file: Path, worlds: Path) -> int:
    """Play `file` again; returns the exit status. `worlds` is the folder of this server's."""
    try:
        with closing(Import(file, _LARGEST)) as parcel:
            meta = parcel.meta
            folder = worlds / meta.world
            if meta.world != folder.name or not (folder / MAIN_FILE).is_file():
                return _refuse(f"there is no world {meta.world!r} here to play it in")
            world = load_world(folder)
            return _report(world, _Editions(world), parcel.entries())
    except GameError as error:
        return _refuse(f"{error} {error.details or ''}".strip())
    except PackError as error:
        return _refuse(str(error))
    except OSError as error:
        return _refuse(f"{file.name} cannot be read: {error.strerror or type(error).__name__}")


class _Editions:
    """Which turns were played with another edition of the pack than the one that is here."""

    def __init__(self, world: World) -> None:
        self._here = world.edition
        self._turns: dict[str | None, tuple[int, int]] = {}

    def seen(self, entries: Iterable[StoredEntry]) -> Iterator[StoredEntry]:
        for stored in entries:
            turn = stored.entry.turn
            first, _ = self._turns.get(stored.pack, (turn, turn))
            self._turns[stored.pack] = (first, turn)
            yield stored

    def told(self, world_id: str) -> Iterator[str]:
        for edition, (first, last) in self._turns.items():
            which = f"turn {first}" if first == last else f"turns {first} to {last}"
            if edition is None:
                yield f"{which}: it is not recorded with which edition of {world_id} it was played"
            elif edition != self._here:
                yield (
                    f"{which}: played with another edition of {world_id} "
                    f"({edition} recorded, {self._here} here)"
                )


def _report(world: World, editions: _Editions, entries: Iterator[StoredEntry]) -> int:
    replay, played = Replay(world), 0
    difference: Difference | None = None
    for stored in editions.seen(entries):
        difference = replay.turn(stored)
        if difference is not None:
            break
        played += 1
    for line in editions.told(world.pack.id):
        _say(line)
    if difference is None:
        _say(f"{played} turn{'' if played == 1 else 's'} of {world.pack.id}: all agree")
        return 0
    _say(
        f"turn {difference.turn}, {difference.field}: "
        f"recorded {difference.recorded}, got {difference.got}"
    )
    return DIFFERS


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def _refuse(why: str) -> int:
    sys.stderr.write(f"elsewhere: {why}\n")
    return MISUSED
