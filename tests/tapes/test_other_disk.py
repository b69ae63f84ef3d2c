"""Archives may lie on another disk than the sessions, and disks may be full."""

import errno
from pathlib import Path

import pytest

from app.errors import StorageFull
from app.storage.files import FileSessionStore
from app.storage.io import RealIO
from tests.factories import a_meta, a_record
from tests.storage.games import begin


class TwoDisks(RealIO):
    """Nothing can be moved between the sessions and the archives."""

    full = False

    def rename(self, source: Path, target: Path) -> None:
        if ("archives" in source.parts) != ("archives" in target.parts):
            raise OSError(errno.EXDEV, "another disk")
        super().rename(source, target)

    def write_at(self, fd: int, data: memoryview, offset: int) -> int:
        if self.full:
            raise OSError(errno.ENOSPC, "full")
        return super().write_at(fd, data, offset)


async def test_a_film_is_copied_to_another_disk_whole_or_not_at_all(tmp_path: Path) -> None:
    io = TwoDisks()
    archives = tmp_path / "archives"
    store = FileSessionStore(tmp_path / "sessions", archives, durability="process", io=io)
    await store.open()
    try:
        await store.create(a_meta("b"), a_record("b"))
        await begin(store, "a", turns=1)
        name = await store.delete("a", archive=True)
        assert name is not None
        async with store.workshop() as shop:
            film = shop / "film.mp4"
            film.write_bytes(b"a film")
            io.full = True
            with pytest.raises(StorageFull):
                await store.keep_archive_media(name, "tapes", "x.mp4", film)
            assert [one.name for one in archives.iterdir()] == [name]
            assert await store.archive_files(name, "tapes") == ()
            io.full = False
            await store.keep_archive_media(name, "tapes", "x.mp4", film)
        path = await store.archive_media(name, "tapes", "x.mp4")
        assert path.read_bytes() == b"a film"
    finally:
        await store.close()
