"""Fork and rewind, on every store: part of the contract."""

import errno
from pathlib import Path

import pytest

from app.errors import SessionExists, SessionNotFound, TurnNotFound
from app.models.media_urls import media_url
from app.models.session import Parent
from app.storage.branching import under_id
from app.storage.files import FileSessionStore
from app.storage.store import SessionStore
from tests.factories import (
    a_meta,
    a_picture,
    a_record,
    a_snapshot,
    a_video,
    an_entry,
    an_illustrated_entry,
    an_image,
)
from tests.storage.crash_model import ARCHIVES, ROOT, seen
from tests.storage.games import begin, play
from tests.storage.memory_disk import MemoryDisk

THE_FORK = a_meta("b", parent=Parent(session_id="a", turn=1))


async def _illustrated_game(store: SessionStore) -> None:
    await begin(store, "a")
    for _ in range(3):
        await play(store, "a", picture=True)


async def test_a_fork_begins_with_the_turns_of_its_source(store: SessionStore) -> None:
    await _illustrated_game(store)
    await store.fork("a", 1, THE_FORK, a_record("b", 1))

    assert await store.meta("b") == THE_FORK
    assert await store.load("b") == a_record("b", 1)
    entries = await store.page("b", before=None, limit=10)
    assert entries == tuple(under_id(an_illustrated_entry("a", turn), "b") for turn in (1, 0))
    await play(store, "b")
    await play(store, "a")
    assert (await store.load("a")).snapshot.turn == 3
    assert (await store.entry("b", 2)).entry.action == "Cut the wire of turn 2"


async def test_the_pictures_of_a_fork_are_its_own_addresses(store: SessionStore) -> None:
    await _illustrated_game(store)
    await store.fork("a", 1, THE_FORK, a_record("b", 1))
    await store.delete("a", archive=False)

    for stored in await store.page("b", before=None, limit=10):
        image = stored.entry.image
        assert image is not None
        assert image.url == media_url("b", "images", f"{image.id}.webp")
        path = await store.media("b", "images", f"{image.id}.webp")
        assert path.read_bytes() == a_picture("a", stored.entry.turn).data
    with pytest.raises(Exception, match="no such file"):
        await store.media("b", "images", a_picture("a", 2).name)


async def test_a_fork_of_what_is_not_there_makes_nothing(store: SessionStore) -> None:
    await begin(store, "a", turns=2)
    with pytest.raises(TurnNotFound):
        await store.fork("a", 2, a_meta("b"), a_record("b", 2))
    with pytest.raises(SessionNotFound):
        await store.fork("nobody", 0, a_meta("b"), a_record("b", 0))
    with pytest.raises(SessionExists):
        await store.fork("a", 0, a_meta("a"), a_record("a", 0))
    with pytest.raises(SessionNotFound):
        await store.load("b")
    assert (await store.load("a")).snapshot.turn == 1


async def test_a_fork_while_the_source_is_claimed(store: SessionStore) -> None:
    await begin(store, "a", turns=2)
    async with store.claim("a") as claim:
        await store.fork("a", 1, a_meta("b"), a_record("b", 1))
        await claim.commit(a_record("a", 2), an_entry("a", 2))
    assert (await store.load("b")).snapshot.turn == 1


async def test_a_rewind_goes_on_from_an_earlier_turn(store: SessionStore) -> None:
    await _illustrated_game(store)
    async with store.claim("a") as claim:
        name = await claim.rewind(1, a_meta("a", run=1), a_record("a", 1))
        assert claim.record == a_record("a", 1)
        await claim.commit(a_record("a", 2), an_entry("a", 2))

    entries = await store.page("a", before=None, limit=10)
    assert entries == (an_entry("a", 2), *(an_illustrated_entry("a", turn) for turn in (1, 0)))
    picture = await store.media("a", "images", a_picture("a", 1).name)
    assert picture.read_bytes() == a_picture("a", 1).data
    # Nothing is lost: the archive has all three turns and their pictures.
    assert len(await store.archive_page(name, before=None, limit=10)) == 3
    for turn in range(3):
        path = await store.archive_media(name, "images", a_picture("a", turn).name)
        assert path.read_bytes() == a_picture("a", turn).data
    await store.delete_archive(name)
    assert picture.read_bytes() == a_picture("a", 1).data


@pytest.mark.parametrize("turn", [-1, 3])
async def test_a_rewind_to_no_turn_changes_nothing(store: SessionStore, turn: int) -> None:
    await begin(store, "a", turns=3)
    async with store.claim("a") as claim:
        with pytest.raises(TurnNotFound):
            await claim.rewind(turn, a_meta("a"), a_record("a", turn))
        await claim.commit(a_record("a", 3), an_entry("a", 3))
    assert await store.archives() == ()


async def test_a_fork_of_a_long_game_keeps_every_turn(store: SessionStore) -> None:
    await begin(store, "a", turns=120)
    await store.fork("a", 99, a_meta("b"), a_record("b", 99))
    turns = [stored.entry.turn for stored in await store.page("b", before=None, limit=200)]
    assert turns == list(range(99, -1, -1))


def test_an_entry_under_another_id_names_nothing_of_the_first() -> None:
    media = {"image": an_image("mine", 3), "video": a_video("mine", 3)}
    entry = an_entry("mine", 3, state=a_snapshot("mine", 3, **media), dispatch="mine, not yours")
    moved = under_id(entry, "yours")

    assert moved.entry.dispatch == "mine, not yours"
    text = moved.entry.model_dump_json(exclude={"dispatch"})
    assert '"session_id":"mine"' not in text
    assert "/sessions/mine/" not in text
    assert text.count("/api/sessions/yours/videos/") == 2
    back = under_id(moved, "mine")
    assert back == entry
    pending = an_image("mine", 3, url=None, status="pending")
    waiting = an_entry("mine", 3, state=a_snapshot("mine", 3, image=pending))
    assert under_id(waiting, "yours").entry.image == pending


class TwoDisks(MemoryDisk):
    """Sessions and archives are on different file systems, and neither can link."""

    def rename(self, source: Path, target: Path) -> None:
        if source.parts[1] != target.parts[1]:
            raise OSError(errno.EXDEV, "two disks")
        super().rename(source, target)

    def link(self, source: Path, target: Path) -> None:
        raise OSError(errno.EPERM, f"no links: {source} {target}")


async def test_archives_may_lie_on_another_disk() -> None:
    disk = TwoDisks()
    store = FileSessionStore(ROOT, ARCHIVES, durability="power", io=disk, threads=1)
    await store.open()
    await _illustrated_game(store)
    await store.fork("a", 1, THE_FORK, a_record("b", 1))
    async with store.claim("a") as claim:
        await claim.rewind(0, a_meta("a", run=1), a_record("a", 0))
        await claim.restart(a_meta("a", run=2), a_record("a"))
    await store.delete("b", archive=True)

    found = await seen(store, disk)
    assert sorted(world.record.snapshot.turn for world in found.values()) == [-1, 0, 1, 2]
    assert disk.names(ROOT / ".trash") == []
    assert [name for name in disk.names(ARCHIVES) if name.startswith(".")] == []
    await store.close()
