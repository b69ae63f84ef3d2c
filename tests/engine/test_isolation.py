"""Sessions never see each other: not a word, a picture, a timer or a lock (FIGURES.md R8)."""

import asyncio
from pathlib import Path

from tests.doubles import HeldNarrator, QuickIllustrator, RecordingNarrator
from tests.engine.conftest import GameMaker
from tests.engine.play import begin, choose

SESSIONS = 32
TURNS = 20


def _marker(session: str) -> str:
    return f"Zq{session.removeprefix('s-')}marker"


async def test_no_marker_of_one_session_is_found_in_another(
    a_game: GameMaker, tmp_path: Path
) -> None:
    """32 sessions at once, 20 turns each, each speaking only its own name."""
    narrator, illustrator = RecordingNarrator(), QuickIllustrator()
    names = [f"s-{n:02d}x{n * 7919 % 97:02d}" for n in range(SESSIONS)]
    answers: dict[str, list[str]] = {name: [] for name in names}

    async with a_game(narrator=narrator, illustrator=illustrator) as game:

        async def play(name: str, seed: int) -> None:
            answers[name].append((await begin(game, name, seed=seed)).model_dump_json())
            for n in range(TURNS):
                state = await game.sessions.state(name)
                if state.phase == "over":
                    await game.sessions.reset(name, world=None, seed=seed + 1000 + n)
                    await begin(game, name, seed=seed + 1000 + n)
                words = f"call out {_marker(name)} to the dark" if n % 2 else None
                turn = await choose(game, name, words=words, index=n % 4)
                answers[name].append(turn.model_dump_json())
            answers[name].append((await game.sessions.state(name)).model_dump_json())
            page = await game.sessions.history(name, limit=100, before=None)
            answers[name].append(page.model_dump_json())

        await asyncio.gather(*(play(name, seed) for seed, name in enumerate(names)))

    def foreign(text: str, own: str) -> list[str]:
        return [n for n in names if n != own and (n in text or _marker(n) in text)]

    assert any(_marker(names[0]) in answer for answer in answers[names[0]])
    for name in names:
        for answer in answers[name]:
            assert foreign(answer, name) == []
    for brief in narrator.briefs:
        assert foreign(brief.model_dump_json(), brief.session_id) == []
    for request in illustrator.requests:
        assert foreign(request.model_dump_json(), request.session_id) == []
    files = [path for path in tmp_path.rglob("*") if path.is_file() and path.stat().st_size]
    assert len(files) > SESSIONS * TURNS
    for path in files:
        owner = next((n for n in names if n in path.as_posix()), None)
        if owner:
            assert foreign(path.read_bytes().decode("latin-1"), owner) == [], path


async def test_a_wedged_session_does_not_slow_another(a_game: GameMaker) -> None:
    narrator = HeldNarrator("wedged")
    async with a_game(narrator=narrator) as game, asyncio.timeout(20):
        wedged = asyncio.create_task(begin(game, "wedged"))
        await narrator.entered.acquire()
        await begin(game, "free")
        for _ in range(5):
            await choose(game, "free")
        assert (await game.sessions.state("free")).turn == 5
        assert (await game.sessions.state("wedged")).phase == "resolving"
        assert not wedged.done()
        narrator.release.set()
        assert (await wedged).turn == 0


async def test_thirty_two_sessions_are_inside_their_turns_at_once(a_game: GameMaker) -> None:
    narrator = HeldNarrator()
    async with a_game(narrator=narrator) as game, asyncio.timeout(20):
        turns = [asyncio.create_task(begin(game, f"s{n}")) for n in range(SESSIONS)]
        for _ in range(SESSIONS):
            await narrator.entered.acquire()
        assert not any(turn.done() for turn in turns)
        narrator.release.set()
        assert {(await turn).session_id for turn in turns} == {f"s{n}" for n in range(SESSIONS)}
