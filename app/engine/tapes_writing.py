"""A run read from its shelf and written down as a script, some turns at a time."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Final, Self, TextIO

from app.engine.tapes_captions import captions
from app.engine.tapes_script import Form, Told, closing, opening, scenes
from app.engine.tapes_shelves import Shelf
from app.engine.world.endings import ending_of
from app.engine.world.world import World
from app.errors import StaleTurn
from app.models.media_urls import image_file
from app.models.narration import Ending
from app.models.record import StoredEntry
from app.models.session import HistoryEntry
from app.models.tape import SCRIPT, Scene
from app.storage.threads import to_the_end

CAPTIONS: Final = "film.vtt"

_AT_ONCE: Final = 20
_A_YEAR: Final = 2000
"""Of a world that this server does not have any more."""

_Batch = list[tuple[HistoryEntry, str | None]]


async def write_script(
    shelf: Shelf, last: StoredEntry, folder: Path, worlds: Mapping[str, World], form: Form
) -> None:
    """Write the script of the run up to its turn `last`, and its captions, into `folder`.

    Raises `StaleTurn` when another run is there by now, and what the shelf raises.
    """
    await require_run(shelf, last)
    first, turn = await _one(shelf, 0), last.entry.turn
    told = _told(first, last, worlds)
    with _Writer(folder, told, form) as writer:
        async for batch in _batches(shelf, turn, folder):
            await to_the_end(asyncio.to_thread(writer.add, batch))
        await to_the_end(asyncio.to_thread(writer.end))


async def require_run(shelf: Shelf, last: StoredEntry) -> None:
    """Raises `StaleTurn` unless the run that goes to `last` is the one that is there."""
    if (await _one(shelf, last.entry.turn)).lineage != last.lineage:
        raise StaleTurn


async def _one(shelf: Shelf, turn: int) -> StoredEntry:
    page = await shelf.page(before=turn + 1, limit=1)
    if not page or page[0].entry.turn != turn:
        raise StaleTurn
    return page[0]


async def _batches(shelf: Shelf, turn: int, folder: Path) -> AsyncIterator[_Batch]:
    for start in range(0, turn + 1, _AT_ONCE):
        stop = min(start + _AT_ONCE, turn + 1)
        page = await shelf.page(before=stop, limit=stop - start)
        yield [(one.entry, await _picture(shelf, one.entry, folder)) for one in reversed(page)]


async def _picture(shelf: Shelf, entry: HistoryEntry, folder: Path) -> str | None:
    """The file, or one that is not there for a picture that never came."""
    image = entry.image
    if image is None or image.status == "off":
        return None
    return str(await shelf.picture(image_file(image)) or folder / image_file(image))


def _told(first: StoredEntry, last: StoredEntry, worlds: Mapping[str, World]) -> Told:
    world = worlds.get(last.entry.state.world)
    ending: Ending | None = None
    if world is not None and last.world.ending is not None:
        ending = ending_of(world.compiled, last.world.ending)
    return Told(
        title=world.pack.title if world else last.entry.state.world,
        tagline=world.pack.tagline if world else "",
        year=world.pack.year if world else _A_YEAR,
        first=first.entry,
        last=last.entry,
        ending=ending,
    )


class _Writer:
    """Blocking calls. The file is closed whatever happens."""

    def __init__(self, folder: Path, told: Told, form: Form) -> None:
        self._folder, self._told, self._form = folder, told, form
        self._opening = opening(told, form)
        self._scenes: list[Scene] = []
        self._at = self._opening.frames
        self._file: TextIO | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, batch: _Batch) -> None:
        # The worker is started elsewhere: relative addresses would be of other files there.
        whole = [(entry, str(Path(file).absolute()) if file else None) for entry, file in batch]
        for scene in scenes(whole, self._form, self._at):
            self._scenes.append(scene)
            self._at += scene.frames
            self._line(scene.model_dump_json())

    def end(self) -> None:
        last = closing(self._told, self._form, self._at)
        self._line(last.model_dump_json())
        with (self._folder / CAPTIONS).open("w", encoding="utf-8") as file:
            file.writelines(captions(self._opening, self._scenes, last))

    def _line(self, line: str) -> None:
        if self._file is None:
            self._file = (self._folder / SCRIPT).open("w", encoding="utf-8")
            self._file.write(f"{self._opening.model_dump_json()}\n")
        self._file.write(f"{line}\n")
