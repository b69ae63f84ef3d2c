"""Branches of a long game: each is whole, each is its own, and none of them costs pictures."""

import hashlib
import random
import tracemalloc
from collections.abc import Mapping
from pathlib import Path

import pytest

from app.engine.game import Game, Pace, compose
from app.engine.making import Crew
from app.engine.ports import Purse
from app.engine.providers.offline.narrator import OfflineNarrator
from app.engine.requests import NOBODY_ASKED
from app.engine.world.world import World
from app.errors import WorldNotFound
from app.models.narration import Picture, PictureRequest
from app.models.record import MediaFile
from app.models.session import HistoryEntry
from app.storage.files import FileSessionStore
from app.storage.io import RealIO
from app.storage.store import SessionStore
from tests.doubles import QuickIllustrator
from tests.engine.conftest import GameMaker
from tests.engine.play import begin, choose, turn_of
from tests.engine.replaying import endless_worlds, play_on
from tests.factories import a_meta, a_record, a_snapshot, an_entry, an_image
from tests.storage.test_exchange import exported

TURNS = 40


@pytest.fixture(scope="module")
def worlds() -> Mapping[str, World]:
    return endless_worlds()


async def _entries(game: Game, session_id: str) -> list[HistoryEntry]:
    page = await game.sessions.history(session_id, limit=200, before=None)
    return list(page.items[::-1])


async def _whole(game: Game, session_id: str, turn: int) -> None:
    """The session is at this turn, with all of its history and every picture."""
    assert await turn_of(game, session_id) == turn
    entries = await _entries(game, session_id)
    assert [entry.turn for entry in entries] == list(range(turn + 1))
    for entry in entries:
        assert entry.session_id == entry.state.session_id == session_id
        assert entry.image is not None
        assert entry.image.status == "ready"
        assert entry.image.url is not None
        assert f"/{session_id}/" in entry.image.url
        file = entry.image.url.rpartition("/")[2]
        path = await game.sessions.media(session_id, "images", file)
        # A picture of the very turn: the double writes session and turn into it.
        assert f"|{entry.turn}".encode() in path.read_bytes()


def _files(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


async def test_a_fork_of_every_turn_is_whole_and_hurts_nobody(
    a_game: GameMaker, tmp_path: Path
) -> None:
    chance = random.Random("forks")
    async with a_game() as game:
        await begin(game, seed=8)
        await play_on(game, "default", TURNS, chance)
        origin = tmp_path / "sessions" / "default"
        before = _files(origin)
        for turn in range(TURNS + 1):
            meta = await game.sessions.fork("default", turn=turn, new_id=f"f{turn}", name=None)
            assert meta.parent is not None
            assert meta.parent.turn == turn
        assert _files(origin) == before
        for turn in range(TURNS + 1):
            await _whole(game, f"f{turn}", turn)
        forks = list(range(TURNS + 1))
        chance.shuffle(forks)
        gone, kept = forks[:20], forks[20:]
        for turn in gone:
            await game.sessions.delete(f"f{turn}", archive=turn % 2 == 0)
        for turn in kept:
            state = await game.sessions.state(f"f{turn}")
            if state.phase == "choosing":
                await choose(game, f"f{turn}", words=f"go the way of {turn}")
        assert _files(origin) == before
    async with a_game() as game:
        for turn in kept:
            await _whole(game, f"f{turn}", await turn_of(game, f"f{turn}"))
        await game.sessions.reset("default", world=None, seed=1)
        for turn in kept:
            await _whole(game, f"f{turn}", await turn_of(game, f"f{turn}"))


async def test_ten_rewinds_lose_nothing(a_game: GameMaker, tmp_path: Path) -> None:
    chance = random.Random("rewinds")
    runs: dict[str, dict[str, str]] = {}
    folder = tmp_path / "archives"
    async with a_game() as game:
        await begin(game, seed=8)
        await play_on(game, "default", 12, chance)
        for name in [one.name for one in (await game.sessions.archives()).items]:
            await game.sessions.delete_archive(name)  # of runs that ended on the way
        for _ in range(10):
            last = await turn_of(game)
            there = _files(tmp_path / "sessions" / "default")
            media = {name: digest for name, digest in there.items() if "/" in name}
            back = chance.randrange(last + 1)
            state = await game.sessions.rewind("default", turn=back)
            assert state.turn == back
            newest = (await game.sessions.archives()).items[0]
            assert newest.turns == last + 1
            assert newest.name not in runs
            runs[newest.name] = media
            await _whole(game, "default", back)
            for _ in range(3):
                if (await game.sessions.state("default")).phase == "choosing":
                    await choose(game, words=chance.choice(("wait", "listen", "shout")))
            await _whole(game, "default", await turn_of(game))
        assert len(runs) == 10
        for name, media in runs.items():
            kept = _files(folder / name)
            assert {one: kept[one] for one in media} == media
        last = await turn_of(game)
        for name in list(runs)[::2]:
            await game.sessions.delete_archive(name)
        for name in list(runs)[1::2]:
            kept = _files(folder / name)
            assert {one: kept[one] for one in runs[name]} == runs[name]
            meta = await game.sessions.restore(name, session_id=None)
            archived = await game.sessions.archive(name, limit=1, before=None)
            await _whole(game, meta.session_id, archived.state.turn)
        await _whole(game, "default", last)


class _HeavyIllustrator(QuickIllustrator):
    """Pictures of any weight."""

    def __init__(self, weight: int) -> None:
        super().__init__()
        self.weight = weight

    async def paint(self, request: PictureRequest, *, purse: Purse) -> Picture:
        picture = await super().paint(request, purse=purse)
        return Picture(data=picture.data + bytes(self.weight))


class _CountingIO(RealIO):
    """The disk, and how many bytes were written to it."""

    def __init__(self) -> None:
        self.written = 0

    def write_at(self, fd: int, data: memoryview, offset: int) -> int:
        done = super().write_at(fd, data, offset)
        self.written += done
        return done


@pytest.mark.parametrize("how", ["fork", "rewind", "restore"])
async def test_a_branch_costs_text_and_no_pictures(
    tmp_path: Path, worlds: Mapping[str, World], how: str
) -> None:
    cost = {}
    for weight in (0, 400_000):
        io = _CountingIO()
        folder = tmp_path / str(weight)
        store = FileSessionStore(
            folder / "sessions", folder / "archives", durability="process", io=io
        )
        narrator, illustrator = OfflineNarrator(), _HeavyIllustrator(weight)
        crew = Crew(narrator, illustrator, narrator, illustrator)
        game = compose(store, worlds, crew, default_world="cinder_flat", pace=Pace())
        await game.open()
        await begin(game, "one", seed=2)
        for _ in range(8):
            await choose(game, "one", words="wait")
        archive = await _an_archive(game) if how == "restore" else ""
        before = io.written
        if how == "fork":
            await game.sessions.fork("one", turn=8, new_id="two", name=None)
        elif how == "rewind":
            await game.sessions.rewind("one", turn=8)
        else:
            await game.sessions.restore(archive, session_id="two")
        cost[weight] = io.written - before
        history = (folder / "sessions" / "one" / "history.json").stat().st_size
        assert cost[weight] < history + 60_000
        await game.close()
    assert abs(cost[400_000] - cost[0]) < 2_000


async def _an_archive(game: Game) -> str:
    """The run of `one`, ended; `one` itself goes on as a branch of it."""
    await game.sessions.fork("one", turn=8, new_id="ended", name=None)
    name = await game.sessions.delete("ended", archive=True)
    assert name is not None
    return name


async def test_an_export_comes_back_as_the_same_game(a_game: GameMaker, tmp_path: Path) -> None:
    upload = tmp_path / "game.zip"
    async with a_game() as game:
        await begin(game, seed=8)
        await play_on(game, "default", 20, random.Random("export"))
        await game.turns.regenerate("default", asked=NOBODY_ASKED)
        upload.write_bytes(b"".join([piece async for piece in game.sessions.export("default")]))
        here = await game.sessions.state("default")
        meta = await game.sessions.import_(upload, session_id="copy")
        assert (meta.session_id, meta.world) == ("copy", here.world)
        await _whole(game, "copy", here.turn)
        there = await game.sessions.state("copy")
        told = {"session_id", "image", "created_at"}
        assert there.model_dump(exclude=told) == here.model_dump(exclude=told)
        assert _digests(await _entries(game, "copy")) == _digests(await _entries(game, "default"))
        pictures = [_files(tmp_path / "sessions" / one / "images") for one in ("default", "copy")]
        assert pictures[0] == pictures[1]
        # And it goes on alike.
        one, two = [await choose(game, name, words="wait") for name in ("default", "copy")]
        assert (one.dispatch, one.choices) == (two.dispatch, two.choices)


def _digests(entries: list[HistoryEntry]) -> list[str]:
    """Of each entry, but for what names its session."""
    texts = [
        entry.model_dump_json(exclude={"session_id": True, "image": {"url"}, "state": True})
        + entry.state.model_dump_json(exclude={"session_id", "image"})
        for entry in entries
    ]
    return [hashlib.sha256(text.encode()).hexdigest() for text in texts]


async def test_a_game_of_a_world_that_is_not_here_is_refused(
    a_game: GameMaker, tmp_path: Path
) -> None:
    upload = tmp_path / "game.zip"
    async with a_game() as game:
        await game.store.create(a_meta("far", world="atlantis"), a_record("far"))
        upload.write_bytes(b"".join([piece async for piece in game.sessions.export("far")]))
        with pytest.raises(WorldNotFound):
            await game.sessions.import_(upload, session_id="near")
        with pytest.raises(Exception, match="no such session"):
            await game.sessions.state("near")


async def test_five_hundred_turns_come_and_go_within_a_few_megabytes(tmp_path: Path) -> None:
    store = FileSessionStore(tmp_path / "sessions", tmp_path / "archives", durability="process")
    await store.open()
    await _long_game(store, 500)
    size = sum(path.stat().st_size for path in (tmp_path / "sessions" / "long").rglob("*.*"))
    assert size > 50 << 20
    upload = tmp_path / "long.zip"
    tracemalloc.start()
    try:
        with upload.open("wb") as file:
            async for piece in store.export("long"):
                file.write(piece)
        _, leaving = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        await store.import_(upload, lambda meta: meta.model_copy(update={"session_id": "again"}))
        _, coming = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert leaving < 12 << 20
    assert coming < 24 << 20
    assert (await store.load("again")).snapshot.turn == 499
    folders = [_files(tmp_path / "sessions" / one / "images") for one in ("long", "again")]
    assert folders[0] == folders[1]
    assert len(folders[0]) == 500
    assert len(await exported(store, "again")) == pytest.approx(upload.stat().st_size, rel=0.01)
    await store.close()


async def _long_game(store: SessionStore, turns: int) -> None:
    """Pictures of 100 KB, and entries of the size that real ones have."""
    chance = random.Random("a long game")
    await store.create(a_meta("long"), a_record("long"))
    for turn in range(turns):
        image = an_image("long", turn)
        snapshot = a_snapshot("long", turn, image=image, situation=chance.randbytes(3000).hex())
        entry = an_entry("long", turn, state=snapshot)
        record = a_record("long", turn, snapshot=snapshot)
        picture = MediaFile(name=f"{image.id}.webp", data=chance.randbytes(100_000))
        async with store.claim("long") as claim:
            await claim.commit(record, entry, (picture,))
