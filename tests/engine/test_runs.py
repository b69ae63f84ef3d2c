"""Runs: death is final, a reset archives, a rewind goes back, a fork begins from any turn."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from app.engine import sessions
from app.engine.fate import draw
from app.engine.game import Game
from app.engine.requests import Asked
from app.engine.transcript import Format
from app.engine.views import SettingsChange
from app.errors import (
    ChoiceNotOffered,
    InvalidRequest,
    NotStarted,
    SessionDamaged,
    SessionExists,
    SessionNotFound,
    SessionOver,
    SessionProtected,
    StaleTurn,
    TurnNotFound,
    WorldNotFound,
)
from app.models.session import State
from tests.engine.conftest import GameMaker
from tests.engine.play import begin, choose, turn_of


async def _to_the_end(game: Game, session_id: str = "default") -> State:
    """Hesitate until the run is over; the world is not patient for ever."""
    for _ in range(200):
        state = await game.sessions.state(session_id)
        if state.phase == "over":
            return state
        await game.turns.penalty(session_id, asked=Asked())
    raise AssertionError("the world lets a player hesitate for ever")


async def test_death_is_final_on_every_path(a_game: GameMaker) -> None:
    async with a_game() as game:
        await begin(game)
        state = await _to_the_end(game)
        assert state.choices == ()
        assert state.deadline_at is None
        for path in (
            choose(game, words="get up again"),
            game.turns.penalty("default", asked=Asked()),
            game.turns.regenerate("default", asked=Asked()),
        ):
            with pytest.raises(SessionOver):
                await path
    async with a_game() as game:
        with pytest.raises(SessionOver):
            await choose(game, words="get up again")
        assert (await game.turns.begin_tick("default")).phase == "over"
        assert await game.sessions.state("default") == state


async def test_a_reset_archives_the_run_and_keeps_the_settings(a_game: GameMaker) -> None:
    async with a_game() as game:
        change = SettingsChange(deadline_seconds=90, quality="high")
        await game.sessions.change("default", name="ours", description=None, settings=change)
        told = [await begin(game), await choose(game), await choose(game)]
        state = await game.sessions.reset("default", world=None, seed=11)
        assert (state.turn, state.phase, state.seed) == (-1, "new", 11)
        assert (state.settings.deadline_seconds, state.settings.quality) == (90, "high")
        archive = (await game.sessions.archives()).items[0]
        assert archive.turns == 3
        kept = await game.sessions.archive(archive.name, limit=10, before=None)
        assert [entry.dispatch for entry in kept.history.items[::-1]] == [
            turn.dispatch for turn in told
        ]
        for entry in kept.history.items:
            assert entry.image is not None
            assert entry.image.url is not None
            assert entry.image.url.startswith(f"/api/archives/{archive.name}/images/")
            name = entry.image.url.rsplit("/", 1)[1]
            assert (await game.sessions.archive_media(archive.name, "images", name)).is_file()
        await game.sessions.reset("default", world=None, seed=12)
        assert len((await game.sessions.archives()).items) == 1
        assert (await game.sessions.overview("default")).meta.name == "ours"


async def test_a_rewind_goes_on_from_an_earlier_turn(a_game: GameMaker) -> None:
    async with a_game() as game:
        await begin(game)
        third = [await choose(game, index=n % 3) for n in range(6)][2]
        state = await game.sessions.rewind("default", turn=3)
        assert (state.turn, state.phase) == (3, "choosing")
        assert state.choices == third.choices
        page = await game.sessions.history("default", limit=50, before=None)
        assert (page.total, len(page.items)) == (4, 4)
        for entry in page.items:
            assert entry.image is not None
            assert entry.image.status == "ready"
        assert (await choose(game)).turn == 4
        assert (await game.sessions.archives()).items[0].turns == 7
        with pytest.raises(TurnNotFound):
            await game.sessions.rewind("default", turn=99)


async def test_a_fork_begins_from_any_turn_and_leaves_its_origin_alone(
    a_game: GameMaker, tmp_path: Path
) -> None:
    async with a_game() as game:
        await begin(game)
        for n in range(5):
            await choose(game, index=n % 3)
        origin = tmp_path / "sessions" / "default"
        files = {path: path.read_bytes() for path in origin.rglob("*") if path.is_file()}
        for turn in range(6):
            meta = await game.sessions.fork("default", turn=turn, new_id=f"f{turn}", name=None)
            assert meta.parent is not None
            assert (meta.parent.session_id, meta.parent.turn) == ("default", turn)
            state = await game.sessions.state(f"f{turn}")
            page = await game.sessions.history(f"f{turn}", limit=50, before=None)
            assert (state.turn, page.total) == (turn, turn + 1)
            assert {entry.session_id for entry in page.items} == {f"f{turn}"}
            for entry in page.items:
                assert entry.image is not None
                assert entry.image.url is not None
                assert f"/f{turn}/" in entry.image.url
            assert (await choose(game, f"f{turn}")).turn == turn + 1
        await game.sessions.delete("f5", archive=False)
        assert {path: path.read_bytes() for path in files} == files
        with pytest.raises(SessionExists):
            await game.sessions.fork("default", turn=1, new_id="f1", name=None)
        with pytest.raises(TurnNotFound):
            await game.sessions.fork("default", turn=77, new_id="f77", name=None)


async def test_the_same_seed_and_choices_are_the_same_game(
    a_game: GameMaker, tmp_path: Path
) -> None:
    """Byte for byte, times aside."""

    async def play(seed: int) -> list[bytes]:
        async with a_game() as game:
            told = [await begin(game, seed=seed)]
            for n in range(12):
                if (await game.sessions.state("default")).phase == "over":
                    break
                words = "listen for the generator" if n == 5 else None
                told.append(await choose(game, index=n % 4, words=words))
            pictures = [
                (await game.sessions.media("default", "images", f"{turn.image.id}.webp"))
                for turn in told
                if turn.image
            ]
            lines = [turn.model_dump_json().encode() for turn in told]
            files = [path.read_bytes() for path in pictures]
            history = (tmp_path / "sessions" / "default" / "history.json").read_bytes()
            assert len(json.loads(history)) == len(told)
        shutil.rmtree(tmp_path / "sessions")
        return lines + files

    assert await play(41) == await play(41)
    assert await play(41) != await play(42)


async def test_what_cannot_be_done_is_said(a_game: GameMaker) -> None:
    async with a_game() as game:
        with pytest.raises(NotStarted):
            await choose(game, words="go")
        with pytest.raises(NotStarted):
            await game.turns.current("default")
        with pytest.raises(NotStarted):
            await game.turns.begin_tick("default")
        with pytest.raises(SessionNotFound):
            await choose(game, "nowhere", words="go")
        with pytest.raises(WorldNotFound):
            await begin(game, "elsewhere", world="atlantis")
        with pytest.raises(SessionNotFound):
            await game.sessions.state("elsewhere")
        turn = await begin(game)
        with pytest.raises(ChoiceNotOffered):
            await game.turns.act("default", choice=None, choice_id="99z", fate=None, asked=Asked())
        with pytest.raises(StaleTurn):
            await choose(game, expected_turn=4)
        for words in ("", "   ", "x" * 301):
            with pytest.raises(InvalidRequest):
                await choose(game, words=words)
        with pytest.raises(InvalidRequest):
            await game.turns.act("default", choice=None, choice_id=None, fate=None, asked=Asked())
        with pytest.raises(SessionProtected):
            await game.sessions.delete("default", archive=True)
        assert await turn_of(game) == turn.turn


async def test_an_intro_is_played_once(a_game: GameMaker) -> None:
    async with a_game() as game:
        first = await begin(game, seed=5)
        again = await begin(game, seed=6)
        assert again == first
        await choose(game)
        assert (await game.turns.first("default")).dispatch == first.dispatch
        assert (await begin(game)).turn == 0
        assert await turn_of(game) == 1
        assert (await game.turns.current("default")).turn == 1


async def test_an_offered_text_is_its_choice_and_other_words_are_the_players_own(
    a_game: GameMaker,
) -> None:
    async with a_game() as game:
        turn = await begin(game)
        meant = await choose(game, words=turn.choices[1].text.upper())
        assert not meant.is_custom_action
        assert meant.action == turn.choices[1].text
        own = await choose(game, words="  whistle   softly ")
        assert own.is_custom_action
        assert own.action == "whistle softly"


async def test_fate_is_the_servers_where_the_session_says_so(a_game: GameMaker) -> None:
    async with a_game() as game:
        await begin(game, seed=3)
        assert (await choose(game, fate="LUCKY")).fate == "LUCKY"
        change = SettingsChange(fate_by="server")
        await game.sessions.change("default", name=None, description=None, settings=change)
        drawn = [(await choose(game, fate="LUCKY")).fate for _ in range(3)]
        assert drawn == [draw(3, turn) for turn in (2, 3, 4)]
        await game.sessions.rewind("default", turn=1)
        assert [(await choose(game, fate="UNLUCKY")).fate for _ in range(3)] == drawn


async def test_a_transcript_tells_every_turn(a_game: GameMaker) -> None:
    async with a_game() as game:
        turns = [await begin(game), await choose(game), await choose(game, words="whistle")]
        styles: tuple[Format, ...] = ("md", "txt")
        for style in styles:
            told = game.sessions.transcript("default", style=style)
            text = "".join([piece async for piece in told])
            for turn in turns:
                assert turn.dispatch in text
            assert "whistle" in text
            assert text.index(turns[0].dispatch) < text.index(turns[2].dispatch)


@pytest.mark.parametrize("change", ["reset", "rewind", "delete"])
async def test_a_story_is_of_one_run_or_is_broken_off(
    a_game: GameMaker, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    """Whatever page it is reset after, no two runs are in one story."""
    monkeypatch.setattr(sessions, "STORY_PAGE", 2)
    async with a_game() as game:
        for after in range(3):
            name = f"{change}-{after}"
            old = [await begin(game, name, seed=5)]
            old += [await choose(game, name, words=f"call {n}") for n in range(5)]
            story = game.sessions.story(name)
            pages = [await anext(story) for _ in range(after)]
            if change == "reset":
                await game.sessions.reset(name, world=None, seed=6)
                await begin(game, name)
            elif change == "rewind":
                await game.sessions.rewind(name, turn=2)
            else:
                await game.sessions.delete(name, archive=False)
            for n in range(5 if change == "reset" else 0):
                await choose(game, name, words=f"again {n}")
            if after:
                with pytest.raises(SessionNotFound if change == "delete" else StaleTurn):
                    await anext(story)
            elif change != "delete":
                pages += [page async for page in story]
                told = [entry.dispatch for page in pages for entry in page]
                now = await game.sessions.history(name, limit=100, before=None)
                assert told == [entry.dispatch for entry in reversed(now.items)]
                continue
            read = [entry.dispatch for page in pages for entry in page]
            assert read == [turn.dispatch for turn in old][: 2 * after]


async def test_a_transcript_that_a_reset_overtakes_says_so_before_its_first_word(
    a_game: GameMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between its heading and its first page."""
    async with a_game() as game:
        await begin(game, seed=5)
        page = game.store.page

        async def overtaken(*args: Any, **more: Any) -> Any:
            read = await page(*args, **more)
            monkeypatch.undo()
            await game.sessions.reset("default", world=None, seed=6)
            await begin(game)
            return read

        monkeypatch.setattr(game.store, "page", overtaken)
        with pytest.raises(StaleTurn):
            await anext(game.sessions.transcript("default", style="md"))
        told = [piece async for piece in game.sessions.transcript("default", style="md")]
        assert (await game.turns.first("default")).dispatch in "".join(told)


async def test_a_damaged_session_is_told_and_can_be_taken_away(
    a_game: GameMaker, tmp_path: Path
) -> None:
    async with a_game() as game:
        await begin(game, "broken")
        await begin(game, "whole")
    state = tmp_path / "sessions" / "broken" / "state.json"
    state.write_bytes(state.read_bytes().replace(b'"turn":0', b'"turn":1', 1))
    damaged = state.read_bytes()
    async with a_game() as game:
        for path in (
            game.sessions.state("broken"),
            choose(game, "broken", words="go"),
            begin(game, "broken"),
            game.sessions.reset("broken", world=None, seed=None),
        ):
            with pytest.raises(SessionDamaged):
                await path
        assert (await choose(game, "whole")).turn == 1
        assert state.read_bytes() == damaged
        name = await game.sessions.delete("broken", archive=True)
        assert name is not None
        assert (tmp_path / "archives" / name / "state.json").read_bytes() == damaged
