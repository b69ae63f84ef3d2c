"""Whatever a session or a file is called, nothing outside the two folders is touched (R9)."""

import os
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.errors import (
    ArchiveNotFound,
    GameError,
    InvalidSessionId,
    MediaNotFound,
    SessionDamaged,
    SessionExists,
    StorageError,
)
from app.models.record import MediaFile
from app.models.session import Meta
from app.storage.files import FileSessionStore
from tests.conftest import Measured
from tests.factories import a_meta, a_picture, a_record, a_snapshot, an_entry, an_image
from tests.storage.games import begin, play

BAD_IDS = (
    "../x",
    "..%2f",
    "a/b",
    "a\\b",
    "C:\\x",
    "%00",
    "a\0b",
    ".",
    "..",
    ".staged",
    ".lock",
    "",
    " ",
    "a ",
    "a\n",
    "x" * 65,
    "\u0430",  # looks like an a
    "\uff41",
    "a\u202e",
    "/etc",
    "~",
)


WATCHED = frozenset(
    ("open", "os.listdir", "os.mkdir", "os.rename", "os.remove", "os.link", "os.rmdir")
)


class Watch:
    """Paths that the store's threads handed to the system while it was on."""

    def __init__(self) -> None:
        self.on = False
        self.paths: list[str] = []

    def hook(self, event: str, args: tuple[Any, ...]) -> None:
        if not self.on or event not in WATCHED:
            return
        if threading.current_thread().name.startswith("store"):
            self.paths += [os.fspath(arg) for arg in args[:2] if isinstance(arg, str | Path)]


@pytest.fixture(scope="module")
def the_watch() -> Watch:
    watch = Watch()
    sys.addaudithook(watch.hook)  # there is no way to take one away: it is switched off instead
    return watch


@pytest.fixture
def watch(the_watch: Watch, root: Path, archives: Path) -> Iterator[Watch]:
    the_watch.paths.clear()
    the_watch.on = True
    yield the_watch
    the_watch.on = False
    assert the_watch.paths
    # "r" and the like are modes; names without a slash were opened within an opened folder.
    outside = [
        path
        for path in the_watch.paths
        if "/" in path and not path.startswith((str(root), str(archives)))
    ]
    assert outside == []


@pytest.fixture
async def store(root: Path, archives: Path, watch: Watch) -> AsyncIterator[FileSessionStore]:
    root.mkdir()
    archives.mkdir()
    assert watch.on
    store = FileSessionStore(root, archives, durability="process")
    await store.open()
    yield store
    await store.close()


@pytest.mark.parametrize("session_id", BAD_IDS)
async def test_no_call_takes_an_id_that_is_none(
    store: FileSessionStore, session_id: str, measured: Measured
) -> None:
    forged = a_meta().model_copy(update={"session_id": session_id})
    snapshot = a_record().snapshot.model_copy(update={"session_id": session_id})
    record = a_record().model_copy(update={"snapshot": snapshot})
    await begin(store, "a", turns=1)
    forked = record.model_copy(update={"snapshot": snapshot.model_copy(update={"turn": 0})})

    def same(meta: Meta) -> Meta:
        return meta

    calls = (
        store.load(session_id),
        store.reload(session_id),
        store.meta(session_id),
        store.change_meta(session_id, same),
        store.entry(session_id, 0),
        store.page(session_id, before=None, limit=1),
        store.delete(session_id, archive=True),
        store.put_media(session_id, "images", a_picture()),
        store.media(session_id, "images", "x.webp"),
        store.create(forged, record),
        store.fork("a", 0, forged, forked),
        store.fork(session_id, 0, a_meta("c"), a_record("c", 0)),
        anext(store.export(session_id)),
    )
    for call in calls:
        with pytest.raises(InvalidSessionId):
            await call
    with pytest.raises(InvalidSessionId):
        async with store.claim(session_id):
            pass
    measured("calls refused", len(calls) + 1)


@pytest.mark.parametrize("session_id", ["CON", "nul", "-", "_", "-rf", "x" * 64, "default"])
async def test_odd_names_are_just_names(store: FileSessionStore, session_id: str) -> None:
    await begin(store, session_id)
    await play(store, session_id)
    assert (await store.reload(session_id)).snapshot.turn == 0
    assert await store.delete(session_id, archive=True) is not None


@pytest.mark.parametrize("name", [*BAD_IDS, "../state.json", "../../x.webp", "x.webp/.."])
async def test_no_file_outside_is_served(store: FileSessionStore, name: str) -> None:
    await begin(store, "a", turns=1)
    with pytest.raises(MediaNotFound):
        await store.media("a", "images", name)
    with pytest.raises(MediaNotFound):
        await store.media("a", "../a/images", "x.webp")  # type: ignore[arg-type]
    with pytest.raises(ArchiveNotFound):
        await store.archive(name)
    with pytest.raises(ArchiveNotFound):
        await store.delete_archive(name)
    with pytest.raises(ArchiveNotFound):
        await store.archive_media(name, "images", "x.webp")


async def test_media_cannot_be_put_anywhere_else(store: FileSessionStore) -> None:
    await begin(store, "a", turns=1)
    forged = MediaFile.model_construct(name="../../../evil", data=b"x")
    with pytest.raises(ValueError, match="media"):
        await store.put_media("a", "images", forged)
    with pytest.raises(ValueError, match="media"):
        await store.put_media("a", "../b", a_picture())  # type: ignore[arg-type]


async def test_a_link_in_place_of_a_session_is_not_followed(
    store: FileSessionStore, root: Path, tmp_path: Path
) -> None:
    await begin(store, "a", turns=1)
    (root / "a").rename(tmp_path / "elsewhere")
    (root / "b").symlink_to(tmp_path / "elsewhere")
    (root / "c").symlink_to(tmp_path / "nowhere")
    for session_id in ("b", "c"):
        with pytest.raises(SessionDamaged):
            await store.load(session_id)
        with pytest.raises(SessionExists):
            await store.create(a_meta(session_id), a_record(session_id))
        await store.delete(session_id, archive=False)
    assert (tmp_path / "elsewhere" / "state.json").exists()


@pytest.mark.parametrize("name", ["state.json", "history.json", "meta.json"])
async def test_a_link_in_place_of_a_file_is_not_followed(
    store: FileSessionStore, root: Path, tmp_path: Path, name: str
) -> None:
    await begin(store, "a", turns=1)
    (root / "a" / name).rename(tmp_path / name)
    (root / "a" / name).symlink_to(tmp_path / name)
    with pytest.raises(SessionDamaged):
        await store.reload("a")


async def test_a_pipe_in_place_of_a_file_holds_nobody_up(
    store: FileSessionStore, root: Path
) -> None:
    await begin(store, "a", turns=1)
    (root / "a" / "state.json").unlink()
    os.mkfifo(root / "a" / "state.json")
    with pytest.raises(SessionDamaged):
        await store.reload("a")


async def test_planted_media_links_are_neither_served_nor_written_through(
    store: FileSessionStore, root: Path, tmp_path: Path
) -> None:
    await begin(store, "a", turns=1)
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "x.webp").write_bytes(b"secret")
    (root / "a" / "images" / "link.webp").symlink_to(tmp_path / "secret" / "x.webp")
    with pytest.raises(MediaNotFound):
        await store.media("a", "images", "link.webp")

    (root / "a" / "videos").rmdir()
    (root / "a" / "videos").symlink_to(tmp_path / "secret")
    with pytest.raises(MediaNotFound):
        await store.media("a", "videos", "x.webp")
    with pytest.raises(GameError):
        await store.put_media("a", "videos", MediaFile(name="x.mp4", data=b"x"))
    assert [path.name for path in (tmp_path / "secret").iterdir()] == ["x.webp"]


async def test_a_forged_image_id_reaches_no_file(store: FileSessionStore, root: Path) -> None:
    """Entries name their pictures; an imported one may name anything."""
    await begin(store, "a")
    image = an_image("a", 0, id="../../a/state", url=None, status="failed")
    async with store.claim("a") as claim:
        snapshot = a_snapshot("a", 0, image=image)
        await claim.commit(a_record("a", 0, snapshot=snapshot), an_entry("a", 0, state=snapshot))
    await store.fork("a", 0, a_meta("b"), a_record("b", 0))
    assert list((root / "b" / "images").iterdir()) == []


async def test_a_folder_belongs_to_one_store(root: Path, archives: Path) -> None:
    first = FileSessionStore(root, archives, durability="process")
    await first.open()
    second = FileSessionStore(root, archives, durability="process")
    with pytest.raises(StorageError) as told:
        await second.open()
    assert "sessions folder" in str(told.value)
    assert str(root) not in f"{told.value}{told.value.details}"
    await second.close()

    await begin(first, "a", turns=1)
    await first.close()
    third = FileSessionStore(root, archives, durability="process")
    await third.open()
    assert (await third.load("a")).snapshot.turn == 0
    await third.close()
