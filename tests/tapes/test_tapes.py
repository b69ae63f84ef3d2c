"""When tapes are made, what they are named after, and what becomes of those under way."""

import asyncio
import errno
import re
from pathlib import Path

import pytest

from app.engine.game import Game
from app.engine.pictures import Pictures
from app.engine.providers.offline.tape.deck import OfflineTapeDeck
from app.engine.requests import Asked
from app.engine.views import SettingsChange
from app.errors import (
    GameError,
    MediaNotFound,
    NotStarted,
    ProviderError,
    SessionDamaged,
    StaleTurn,
    StorageFull,
)
from app.models.events import TapeReady
from app.models.session import Image
from app.models.tape import Closing, Opening, Scene
from app.models.vocabulary import Quality
from tests.engine.hearing import listening
from tests.engine.play import begin, choose
from tests.tapes.conftest import GameMaker
from tests.tapes.decks import LIKE_MP4, FailingDeck, HeldDeck, QuickDeck, idle, only
from tests.tapes.runs import cues, dispatches, frames, is_served


async def play(game: Game, turns: int, session_id: str = "default") -> None:
    await begin(game, session_id)
    for _ in range(turns):
        await choose(game, session_id)


async def end(game: Game, session_id: str = "default") -> None:
    """Hesitate until it is over."""
    await begin(game, session_id)
    for _ in range(300):
        turn = await game.turns.penalty(session_id, asked=Asked())
        if turn.phase == "over":
            return
    raise AssertionError("it never ended")


def served(tmp_path: Path, session_id: str = "default") -> set[str]:
    return {path.name for path in (tmp_path / "sessions" / session_id / "tapes").iterdir()}


async def script_of(game: Game, session_id: str = "default") -> list[str]:
    tape = await only(game, session_id)
    path = await game.store.media(session_id, "tapes", f"{tape.name}.mp4")
    return filmed(path)


def filmed(film: Path) -> list[str]:
    """What a deck that films nothing was given to film."""
    return film.read_bytes().removeprefix(LIKE_MP4).decode().splitlines()


async def test_a_run_becomes_a_film_with_its_captions(a_game: GameMaker, tmp_path: Path) -> None:
    """The real deck: a process, PyAV, three files."""
    heard: list[float] = []
    async with a_game(OfflineTapeDeck()) as game:
        await play(game, 2)
        tape = await game.tapes.finished("default", heard.append)
        history = (await game.sessions.history("default", limit=10, before=None)).items
        film = await game.store.media("default", "tapes", f"{tape.name}.mp4")
        vtt = (await game.store.media("default", "tapes", f"{tape.name}.vtt")).read_text()
        assert (tape.status, tape.turns, tape.turn, tape.progress) == ("ready", 3, 2, 1.0)
        assert tape.bytes == film.stat().st_size
        assert len(frames(film)) == round(tape.duration_s * 4)
        assert dispatches(cues(vtt)) == {e.turn: " ".join(e.dispatch.split()) for e in history}
        assert heard == sorted(heard)
        assert tape.preview_url == f"/api/sessions/default/tapes/{tape.name}.webp"
    assert not list((tmp_path / "sessions" / ".incoming").iterdir())


async def test_an_end_makes_a_tape_and_tells_of_it(a_game: GameMaker) -> None:
    async with a_game(deck := HeldDeck()) as game:
        await end(game)
        await deck.entered.acquire()
        async with listening(game) as listener:
            deck.let_go()
            ready = await listener.until("tape.ready")
            told = listener.heard[-1]
        assert isinstance(ready, TapeReady)
        assert told.id is not None, "it can be resumed after"
        tape = await only(game)
        assert (tape.status, ready.turn, ready.tape) == ("ready", tape.turn, tape)
        last = Closing.model_validate_json((await script_of(game))[-1], strict=False)
        assert last.headline == "Tape ends"
        assert last.verdict.endswith(f", turn {tape.turn}")


@pytest.mark.parametrize(("quality", "size"), [("fast", (960, 720)), ("high", (1280, 960))])
async def test_the_session_s_quality_chooses_the_size(
    a_game: GameMaker, quality: Quality, size: tuple[int, int]
) -> None:
    async with a_game(QuickDeck()) as game:
        game.tapes._form = None
        await play(game, 1)
        await game.sessions.change(
            "default", name=None, description=None, settings=SettingsChange(quality=quality)
        )
        await game.tapes.finished("default", lambda _: None)
        first = Opening.model_validate_json((await script_of(game))[0], strict=False)
    assert (first.width, first.height) == size


async def test_nothing_is_made_unasked_where_that_is_switched_off(a_game: GameMaker) -> None:
    async with a_game(QuickDeck(), tapes_unasked=False) as game:
        await end(game)
        await idle(game)
        assert (await game.tapes.list("default")).items == ()
        await game.tapes.make("default")
        await idle(game)
        assert (await only(game)).status == "ready"


async def test_captions_are_there_while_the_film_is_made(a_game: GameMaker, tmp_path: Path) -> None:
    deck = HeldDeck()
    async with a_game(deck) as game:
        await play(game, 1)
        tape = await game.tapes.make("default")
        assert (tape.status, tape.url, tape.bytes) == ("making", None, None)
        await deck.entered.acquire()
        assert served(tmp_path) == {f"{tape.name}.vtt"}
        assert (await only(game)).progress == 0.5
        with pytest.raises(MediaNotFound):
            await game.store.media("default", "tapes", f"{tape.name}.mp4")
        again = await game.tapes.make("default")
        assert again.name == tape.name
        deck.let_go()
        await idle(game)
        assert served(tmp_path) == {f"{tape.name}.{kind}" for kind in ("mp4", "vtt", "webp")}
        assert all(map(is_served, served(tmp_path)))


async def test_a_tape_is_made_once(a_game: GameMaker) -> None:
    deck = HeldDeck()
    async with a_game(deck) as game:
        await play(game, 1)
        tapes = await asyncio.gather(*(game.tapes.make("default") for _ in range(5)))
        deck.let_go()
        await idle(game)
        ready = await game.tapes.make("default")
        assert {tape.name for tape in tapes} == {ready.name}
        assert ready.status == "ready"
        assert deck.entered._value == 1


async def test_further_play_makes_another_tape_of_another_name(a_game: GameMaker) -> None:
    deck = HeldDeck()
    async with a_game(deck) as game:
        await play(game, 1)
        first = await game.tapes.make("default")
        await deck.entered.acquire()
        await choose(game)
        second = await game.tapes.make("default")
        deck.let_go()
        await idle(game)
        newest, oldest = (await game.tapes.list("default")).items
        assert (newest.name, oldest.name) == (second.name, first.name)
        assert (newest.turn, oldest.turn) == (2, 1)
        path = await game.store.media("default", "tapes", f"{first.name}.mp4")
        turns = [found[1] for line in filmed(path) if (found := re.match(r'{"turn":(\d+)', line))]
        assert turns == ["0", "1"]


async def test_a_rewind_gives_up_the_film_here_and_finishes_it_in_the_archive(
    a_game: GameMaker, tmp_path: Path
) -> None:
    deck = HeldDeck()
    async with a_game(deck) as game:
        await play(game, 2)
        asked = await game.tapes.make("default")
        await deck.entered.acquire()
        await game.sessions.rewind("default", turn=1)
        assert deck.cancelled == 1
        assert served(tmp_path) == set()
        deck.let_go()
        await idle(game)
        (archive,) = (await game.sessions.archives()).items
        (kept,) = (await game.tapes.archived(archive.name)).items
        assert (kept.name, kept.status) == (asked.name, "ready")
        assert kept.url == f"/api/archives/{archive.name}/tapes/{kept.name}.mp4"
        await choose(game, words="Something else entirely")
        after = await game.tapes.make("default")
        await idle(game)
        assert after.name != asked.name


async def test_a_reset_gives_its_run_a_tape_in_the_archive(a_game: GameMaker) -> None:
    async with a_game(QuickDeck()) as game:
        await play(game, 2)
        await game.sessions.reset("default", world=None, seed=None)
        await idle(game)
        (archive,) = (await game.sessions.archives()).items
        (tape,) = (await game.tapes.archived(archive.name)).items
        assert (tape.status, tape.turns, tape.session_id) == ("ready", 3, "default")
        path = await game.store.archive_media(archive.name, "tapes", f"{tape.name}.mp4")
        scene = Scene.model_validate_json(filmed(path)[1], strict=False)
        assert scene.picture is not None
        assert Path(scene.picture).is_file()
        assert (await game.tapes.list("default")).items == ()


async def test_a_reset_while_its_film_is_made(a_game: GameMaker, tmp_path: Path) -> None:
    deck = HeldDeck()
    async with a_game(deck) as game:
        await end(game)
        await deck.entered.acquire()
        await game.sessions.reset("default", world=None, seed=None)
        assert deck.cancelled == 1
        assert served(tmp_path) == set()
        deck.let_go()
        await idle(game)
        (archive,) = (await game.sessions.archives()).items
        (tape,) = (await game.tapes.archived(archive.name)).items
        assert tape.status == "ready"


@pytest.mark.parametrize("archive", [True, False])
async def test_a_session_deleted_while_its_film_is_made(
    archive: bool, a_game: GameMaker, tmp_path: Path
) -> None:
    deck = HeldDeck()
    async with a_game(deck) as game:
        await play(game, 1, "gone")
        await game.tapes.make("gone")
        await deck.entered.acquire()
        await game.sessions.delete("gone", archive=archive)
        assert deck.cancelled == 1
        deck.let_go()
        await idle(game)
        archives = (await game.sessions.archives()).items
        tapes = [(await game.tapes.archived(one.name)).items[0].status for one in archives]
        assert tapes == (["ready"] if archive else [])
    assert not list((tmp_path / "sessions" / ".incoming").iterdir())


async def test_an_archive_deleted_while_its_film_is_made(a_game: GameMaker) -> None:
    deck = HeldDeck()
    async with a_game(deck) as game:
        await play(game, 1)
        await game.sessions.reset("default", world=None, seed=None)
        await deck.entered.acquire()
        (archive,) = (await game.sessions.archives()).items
        await game.sessions.delete_archive(archive.name)
        assert deck.cancelled == 1
        assert (await game.sessions.archives()).items == ()


async def test_one_film_at_a_time(a_game: GameMaker) -> None:
    deck = HeldDeck()
    async with a_game(deck) as game:
        for name in ("a", "b", "c"):
            await play(game, 1, name)
            await game.tapes.make(name)
        await deck.entered.acquire()
        deck.let_go()
        await idle(game)
        assert deck.most_at_work == 1
        assert [(await only(game, name)).status for name in "abc"] == ["ready"] * 3


async def test_a_restart_goes_on_with_what_was_being_made(
    a_game: GameMaker, tmp_path: Path
) -> None:
    async with a_game(HeldDeck()) as game:
        await play(game, 2)
        asked = await game.tapes.make("default")
        await play(game, 1, "other")
        await game.sessions.reset("other", world=None, seed=None)
        while not (await game.tapes.archived(await _archive(game))).items:
            await asyncio.sleep(0)
    assert not list((tmp_path / "sessions" / ".incoming").iterdir())
    assert served(tmp_path) == {f"{asked.name}.vtt"}
    async with a_game(QuickDeck()) as game:
        await idle(game)
        assert (await only(game)).status == "ready"
        (kept,) = (await game.tapes.archived(await _archive(game))).items
        assert kept.status == "ready"
    async with a_game(deck := QuickDeck()) as game:
        await idle(game)
        assert deck.entered.locked(), "what is there is not made again"


async def _archive(game: Game) -> str:
    (archive,) = (await game.sessions.archives()).items
    return archive.name


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (OSError(errno.ENOSPC, "full"), "storage_full"),
        (StorageFull(), "storage_full"),
        (ProviderError(), "provider_failed"),
    ],
)
async def test_a_film_that_fails_leaves_no_half_and_may_be_asked_for_again(
    error: GameError | OSError, code: str, a_game: GameMaker, tmp_path: Path
) -> None:
    deck = FailingDeck(error)
    async with a_game(deck) as game:
        await play(game, 1)
        with pytest.raises(GameError) as raised:
            await game.tapes.finished("default", lambda _: None)
        assert raised.value.code == code
        tape = await only(game)
        assert (tape.status, tape.url) == ("failed", None)
        assert served(tmp_path) == {f"{tape.name}.vtt"}
        assert not list((tmp_path / "sessions" / ".incoming").iterdir())
        await game.tapes.make("default")
        await idle(game)
        assert deck.calls == 2
        await choose(game)


async def test_a_run_that_has_not_begun_has_no_tape(a_game: GameMaker) -> None:
    async with a_game(QuickDeck()) as game:
        with pytest.raises(NotStarted):
            await game.tapes.make("default")


async def test_a_damaged_session_is_said_to_be_damaged(a_game: GameMaker, tmp_path: Path) -> None:
    async with a_game(QuickDeck()) as game:
        await play(game, 1)
    history = tmp_path / "sessions" / "default" / "history.json"
    history.write_bytes(history.read_bytes().replace(b"dispatch", b"dispathc", 1))
    async with a_game(QuickDeck()) as game:
        with pytest.raises(SessionDamaged):
            await game.tapes.make("default")
        await idle(game)
    assert served(tmp_path) == set()


async def test_a_session_swapped_under_a_film_does_not_get_it(
    a_game: GameMaker, tmp_path: Path
) -> None:
    """As if the run had been moved without the tapes being told."""
    deck = HeldDeck()
    async with a_game(deck) as game:
        await play(game, 1)
        await game.tapes.make("default")
        await deck.entered.acquire()
        async with game.tapes._store.claim("default") as claim:
            meta = await game.store.meta("default")
            await claim.restart(meta, game.founding.new_record(meta, 1))
        (job,) = game.tapes._jobs.values()
        assert job.task is not None
        deck.let_go()
        with pytest.raises(StaleTurn):
            await job.task
        assert served(tmp_path) == set()


async def test_a_world_that_is_no_more_is_filmed_under_its_id(a_game: GameMaker) -> None:
    async with a_game(QuickDeck()) as game:
        await play(game, 1)
        game.tapes._worlds = {}
        await game.tapes.make("default")
        await idle(game)
        assert '"title":"cinder_flat"' in (await script_of(game))[0]


async def test_a_late_picture_is_waited_for(a_game: GameMaker) -> None:
    deck = HeldDeck()
    async with a_game(deck) as game:
        await play(game, 1)
        there = asyncio.Event()

        class Late(Pictures):
            async def arrival(self, session_id: str, image: Image | None) -> None:
                await there.wait()

        game.tapes._pictures = Late(game.store, game.events, deadline=1, late=1)
        tape = await game.tapes.make("default")
        assert tape.status == "making"
        assert deck.entered.locked()
        there.set()
        await deck.entered.acquire()
        deck.let_go()
        await idle(game)
        assert (await only(game)).status == "ready"
