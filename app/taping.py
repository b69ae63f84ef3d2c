"""`elsewhere tape`: the film of a run, from the folder of a service that is stopped."""

import argparse
import asyncio
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final, TextIO

from app.crew import cast
from app.engine.game import Game, Pace, compose
from app.engine.making import Crew
from app.engine.world.loader import load_worlds
from app.engine.world.pack_error import PackError
from app.errors import ArchiveNotFound, GameError, InvalidSessionId, SessionNotFound
from app.models.tape import Tape
from app.settings import ServiceSettings
from app.storage.files import FileSessionStore

MADE: Final = 0
NOT_MADE: Final = 1
MISUSED: Final = 2
STOPPED: Final = 130
_KINDS: Final = (".mp4", ".webp", ".vtt")
_BAR: Final = 30


def add_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """`elsewhere tape SESSION [-o FILE]`"""
    command = commands.add_parser(
        "tape",
        help="make the film of a run",
        description="Makes the film of a run, or takes the one that there is. The service must be "
        "stopped; a running one is asked with POST /api/sessions/SESSION/tapes. The exit status is "
        "1 if the film could not be made, and 2 if there is no such run or the service is running.",
    )
    command.add_argument("session", help="a session's id, or an archive's name")
    command.add_argument(
        "-o",
        "--output",
        type=Path,
        help="FILE.mp4 (with its captions as FILE.vtt beside it), FILE.webp or FILE.vtt; "
        "SESSION.mp4 unless given",
    )
    command.add_argument("--sessions-dir", type=Path, help="where sessions are kept (sessions)")


def run(asked: argparse.Namespace, settings: ServiceSettings, worlds: Path) -> int:
    """Make it and put it where it is wanted; returns the exit status."""
    out: Path = asked.output or Path(f"{asked.session}.mp4")
    if out.suffix not in _KINDS:
        return _refuse(f"{out.name}: a tape is .mp4, .webp or .vtt")
    if not settings.sessions_dir.is_dir():
        return _refuse(f"there is no folder {settings.sessions_dir}")
    try:
        return asyncio.run(_run(asked.session, out, settings, worlds))
    except (SessionNotFound, ArchiveNotFound):
        return _refuse(f"there is no session or archive {asked.session!r}")
    except (GameError, PackError) as error:
        return _refuse(str(error), NOT_MADE)
    except OSError as error:
        return _refuse(f"{out}: {error.strerror or type(error).__name__}", NOT_MADE)
    except KeyboardInterrupt:
        return _refuse("stopped", STOPPED)


async def _run(run_name: str, out: Path, settings: ServiceSettings, worlds: Path) -> int:
    store = FileSessionStore(
        settings.sessions_dir, settings.archives, durability=settings.durability
    )
    crew = cast(settings)
    acting = Crew(
        crew.narrator, crew.illustrator, crew.built_in_narrator, crew.built_in_illustrator
    )
    game = compose(
        store,
        load_worlds(worlds),
        acting,
        deck=crew.deck,
        default_world=settings.default_world,
        pace=Pace(),
    )
    try:
        await store.open()
    except GameError:
        return _refuse("the service is running: ask it for the tape, or stop it first")
    try:
        tape, folder = await _film(game, run_name, _told(sys.stderr))
        await asyncio.to_thread(_hand_over, folder, tape, out)
    finally:
        await game.tapes.close()
        await store.close()
    minutes, seconds = divmod(round(tape.duration_s), 60)
    sys.stdout.write(f"{out}: {tape.turns} scenes, {minutes}:{seconds:02}\n")
    return MADE


async def _film(game: Game, run_name: str, heard: Callable[[float], None]) -> tuple[Tape, Path]:
    """The tape, and the folder in which its files are."""
    try:
        tape = await game.tapes.finished(run_name, heard)
        film = await game.store.media(run_name, "tapes", f"{tape.name}.mp4")
    except (SessionNotFound, InvalidSessionId):
        tape = await game.tapes.finished_archive(run_name, heard)
        film = await game.store.archive_media(run_name, "tapes", f"{tape.name}.mp4")
    return tape, film.parent


def _hand_over(folder: Path, tape: Tape, out: Path) -> None:
    wanted = [out]
    if out.suffix == ".mp4":
        wanted.append(out.with_suffix(".vtt"))
    for target in wanted:
        part = target.with_name(f".{target.name}.part")
        try:
            shutil.copyfile(folder / f"{tape.name}{target.suffix}", part)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)


def _told(file: TextIO) -> Callable[[float], None]:
    """A bar on a terminal, a line for every tenth anywhere else."""
    if file.isatty():

        def bar(share: float) -> None:
            done = round(share * _BAR)
            end = "\n" if share >= 1 else ""
            file.write(f"\r[{'=' * done}{' ' * (_BAR - done)}] {share:4.0%}{end}")
            file.flush()

        return bar
    last = 0

    def lines(share: float) -> None:
        nonlocal last
        if (tenth := int(share * 10)) > last:
            last = tenth
            file.write(f"{tenth * 10} %\n")
            file.flush()

    return lines


def _refuse(why: str, status: int = MISUSED) -> int:
    sys.stderr.write(f"elsewhere: {why}\n")
    return status
