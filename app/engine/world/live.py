"""Worlds that follow their files while an author works on them. For development only."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from app.engine.world.inspection import inspect
from app.engine.world.loader import MAIN_FILE
from app.engine.world.pack import Pack
from app.engine.world.pack_error import PackError
from app.engine.world.world import World

logger = logging.getLogger(__name__)

EVERY: Final = 1.0
"""Seconds between two looks at the files."""
Stamp = tuple[tuple[str, int, int], ...]
"""Name, time of change and size of each file of a pack."""


class LiveWorlds(Mapping[str, World]):
    """The worlds of a folder as they are now.

    A turn takes its world once, so worlds are replaced between turns and never within one. What
    cannot be played is not taken: the world that was there stays, and the log says where it fails.
    A world whose folder goes away stays too, since somebody may be in it.
    """

    def __init__(self, folder: Path, worlds: Mapping[str, World]) -> None:
        self._folder = folder
        self._worlds = worlds
        self._stamps: Mapping[str, Stamp] = _stamps(folder)

    def __getitem__(self, world_id: str) -> World:
        return self._worlds[world_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._worlds)

    def __len__(self) -> int:
        return len(self._worlds)

    async def watch(self, pause: Callable[[], Awaitable[None]] | None = None) -> None:
        """Refresh after every pause, until cancelled."""
        while True:
            await (asyncio.sleep(EVERY) if pause is None else pause())
            try:
                await self.refresh()
            except OSError as error:
                logger.warning("worlds cannot be read", extra={"reason": type(error).__name__})

    async def refresh(self) -> None:
        """Take over what has changed. Files are read off the loop, then all is replaced at once."""
        self._worlds, self._stamps = await asyncio.to_thread(self._read)

    def _read(self) -> tuple[Mapping[str, World], Mapping[str, Stamp]]:
        # Stamped before it is read: what changes meanwhile is read again the next time.
        stamps = _stamps(self._folder)
        changed = [name for name, stamp in stamps.items() if self._stamps.get(name) != stamp]
        if not changed:
            return self._worlds, stamps
        fresh = {name: world for name in changed if (world := self._reload(name)) is not None}
        return MappingProxyType({**self._worlds, **fresh}), stamps

    def _reload(self, name: str) -> World | None:
        seen = inspect(self._folder / name)
        world = _playable(seen.pack)
        if world is None or world.pack.id != name:
            extra = {"world": name, "reason": str(seen.spots[0])}
            logger.error("world not reloaded", extra=extra)
            return None
        logger.info("world reloaded", extra={"world": name, "findings": len(seen.spots)})
        return world


def _playable(pack: Pack | None) -> World | None:
    try:
        return None if pack is None else World(pack)
    except PackError:
        return None


def _stamps(folder: Path) -> Mapping[str, Stamp]:
    return {path.parent.name: _stamp(path.parent) for path in folder.glob(f"*/{MAIN_FILE}")}


def _stamp(folder: Path) -> Stamp:
    found = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            now = path.stat()
        except FileNotFoundError:
            continue  # An editor replaces a file by taking it away first.
        found.append((path.name, now.st_mtime_ns, now.st_size))
    return tuple(found)
