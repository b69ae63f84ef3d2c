"""A clip never holds a turn: it comes when its picture is there, or says that it will not."""

import asyncio
from pathlib import Path

import pytest

from app.engine.clips import Studio
from app.engine.game import Pace
from app.engine.views import SettingsChange
from app.errors import MediaNotFound
from app.models.events import TurnCommitted, VideoFailed, VideoReady
from app.models.session import Video
from tests.doubles import (
    DIME,
    FailingIllustrator,
    HeldIllustrator,
    QuickFilmmaker,
    flat_mp4,
    flat_webp,
)
from tests.engine.conftest import GameMaker
from tests.engine.filming import (
    FailingFilmmaker,
    HeldFilmmaker,
    PricedFilmmaker,
    alone,
    clip_of,
    files,
    moving,
    settled,
)
from tests.engine.hearing import listening, replayed
from tests.engine.play import begin, choose


async def test_a_clip_is_announced_pending_and_comes_as_an_event(a_game: GameMaker) -> None:
    films = HeldFilmmaker()
    async with a_game(studio=alone(films)) as game, listening(game) as listener:
        await moving(game)
        turn = await begin(game)
        video = clip_of(turn.video)
        assert (video.status, video.url, video.poster) == ("pending", None, None)
        assert (video.width, video.height, video.duration_s) == (640, 480, 3.0)
        assert (video.alt, video.mime) == (turn.vision_dispatch, "video/mp4")
        committed = await listener.until("turn.committed")
        assert isinstance(committed, TurnCommitted)
        assert clip_of(committed.video).status == "pending"
        films.release.release()
        ready = await listener.until("video.ready", turn=0)
        assert isinstance(ready, VideoReady)
        assert ready.video.url == f"/api/sessions/default/videos/{video.id}.mp4"
        assert ready.video.poster == f"/api/sessions/default/videos/{video.id}.webp"
        told = next(one for one in listener.heard if one.event is ready)
        # After the turn's own commit and before the next one, as late pictures are.
        assert told.id is not None
        assert told.id.commit == (await game.sessions.state("default")).last_event_id
        assert told.id.number > 0
        assert clip_of((await game.sessions.state("default")).video) == ready.video
        assert clip_of((await game.sessions.entry("default", 0)).video) == ready.video
        path = await game.sessions.media("default", "videos", f"{video.id}.mp4")
        assert path.read_bytes() == flat_mp4("default|0")


async def test_what_is_filmed_is_what_the_turn_told(a_game: GameMaker) -> None:
    films = QuickFilmmaker()
    async with a_game(studio=alone(films)) as game:
        await moving(game)
        first = await begin(game)
        await settled(game)
        turn = await choose(game)
        await settled(game)
        order = films.requests[1]
        assert (order.session_id, order.turn, order.seed) == ("default", 1, 7)
        assert (order.width, order.height, order.seconds) == (640, 480, 3)
        assert order.movement == turn.movement
        assert order.hard_transition == turn.hard_transition
        assert turn.vision_dispatch in order.prompt
        assert order.picture == flat_webp("default|1")
        assert order.previous == (flat_webp("default|0") if turn.hard_transition else None)
        assert films.requests[0].previous is None
        assert first.turn == 0


async def test_quality_chooses_size_and_length(a_game: GameMaker) -> None:
    async with a_game(studio=alone(QuickFilmmaker())) as game:
        change = SettingsChange(videos=True, quality="high")
        await game.sessions.change("default", name=None, description=None, settings=change)
        video = clip_of((await begin(game)).video)
        assert (video.width, video.height, video.duration_s) == (1024, 768, 5.0)


async def test_no_clip_is_made_of_who_did_not_ask(a_game: GameMaker, tmp_path: Path) -> None:
    films = QuickFilmmaker()
    async with a_game(studio=alone(films)) as game:
        assert (await begin(game)).video is None
        change = SettingsChange(videos=True, images=False)
        await game.sessions.change("default", name=None, description=None, settings=change)
        assert clip_of((await choose(game)).video).status == "off"
    assert films.requests == []
    assert files(tmp_path) == []


async def test_the_next_turns_are_played_while_a_clip_is_made(a_game: GameMaker) -> None:
    films = HeldFilmmaker()
    async with a_game(studio=alone(films)) as game, listening(game) as listener:
        await moving(game)
        await begin(game)
        await films.entered.acquire()
        for _ in range(3):
            await choose(game)
        for _ in range(4):
            films.release.release()
        for turn in range(4):
            await listener.until("video.ready", turn=turn)
        # One at a time, and of those that waited the newest first.
        assert [order.turn for order in films.requests] == [0, 3, 2, 1]
        page = await game.sessions.history("default", limit=10, before=None)
        assert {clip_of(entry.video).status for entry in page.items} == {"ready"}
        assert len({clip_of(entry.video).url for entry in page.items}) == 4


async def test_beyond_the_room_the_oldest_is_given_up(a_game: GameMaker) -> None:
    films = HeldFilmmaker()
    async with a_game(studio=alone(films)) as game, listening(game) as listener:
        game.clips._turnstile._room = 2
        await moving(game)
        await begin(game)
        await films.entered.acquire()
        for _ in range(3):
            await choose(game)
        failed = await listener.until("video.failed")
        assert isinstance(failed, VideoFailed)
        assert (failed.turn, failed.video.status) == (1, "failed")
        for _ in range(4):
            films.release.release()
        await listener.until("video.ready", turn=2)
        assert [order.turn for order in films.requests] == [0, 3, 2]


async def test_a_late_picture_moves_when_it_comes(a_game: GameMaker) -> None:
    painter, films = HeldIllustrator(), QuickFilmmaker()
    made = a_game(studio=alone(films), illustrator=painter, pace=Pace(image=0.0))
    async with made as game, listening(game) as listener:
        await moving(game)
        assert clip_of((await begin(game)).video).status == "pending"
        assert films.requests == []
        painter.release.set()
        await listener.until("video.ready")
        assert "image.ready" in listener.kinds[: listener.kinds.index("video.ready")]
        assert films.requests[0].picture == flat_webp("default|0")


@pytest.mark.parametrize("deadline", [0.0, 20.0])
async def test_without_a_picture_the_clip_fails_and_the_turn_does_not(
    a_game: GameMaker, deadline: float
) -> None:
    films = QuickFilmmaker()
    made = a_game(studio=alone(films), illustrator=FailingIllustrator(), pace=Pace(image=deadline))
    async with made as game:
        await moving(game)
        assert (await begin(game)).dispatch
        assert (await settled(game)).status == "failed"
        assert films.requests == []


@pytest.mark.parametrize("error", [None, ZeroDivisionError("a bug")])
async def test_a_failing_filmmaker_does_not_fail_the_turn(
    a_game: GameMaker, error: Exception | None
) -> None:
    films = FailingFilmmaker(error)
    async with a_game(studio=alone(films)) as game, listening(game) as listener:
        await moving(game)
        await begin(game)
        failed = await listener.until("video.failed", turn=0)
        assert isinstance(failed, VideoFailed)
        assert failed.code == ("provider_failed" if error is None else "internal_error")
        video = await settled(game)
        assert (video.status, video.url) == ("failed", None)
        assert (await choose(game)).turn == 1


async def test_what_a_configured_one_does_not_deliver_the_built_in_one_films(
    a_game: GameMaker,
) -> None:
    hired, own = PricedFilmmaker(broken=True), QuickFilmmaker()
    async with a_game(studio=Studio(hired, own)) as game:
        await moving(game)
        await begin(game)
        assert (await settled(game)).status == "ready"
        assert len(own.requests) == 1
        report = await game.sessions.cost("default", limit=10, before=None)
        assert (report.video.calls, report.video.spent_usd) == (1, 0.1)


async def test_over_the_budget_the_built_in_one_films(a_game: GameMaker) -> None:
    hired, own = PricedFilmmaker(), QuickFilmmaker()
    async with a_game(studio=Studio(hired, own)) as game:
        change = SettingsChange(videos=True, budget_usd=2 * DIME / 1_000_000)
        await game.sessions.change("default", name=None, description=None, settings=change)
        await begin(game)
        await settled(game)
        for _ in range(3):
            await choose(game)
            assert (await settled(game)).status == "ready"
        assert [len(hired.requests), len(own.requests)] == [2, 2]
        state = await game.sessions.state("default")
        assert state.cost.spent_usd == pytest.approx(0.2)


async def test_a_reset_gives_clips_up_and_leaves_no_file(a_game: GameMaker, tmp_path: Path) -> None:
    films = HeldFilmmaker()
    async with a_game(studio=alone(films)) as game:
        await moving(game)
        first = clip_of((await begin(game)).video)
        await films.entered.acquire()
        await game.sessions.reset("default", world=None, seed=2)
        assert films.at_work == 0
        films.release.release()
        second = clip_of((await begin(game, seed=2)).video)
        assert (await settled(game)).status == "ready"
        assert files(tmp_path) == [f"{second.id}.mp4", f"{second.id}.webp"]
        with pytest.raises(MediaNotFound):
            await game.sessions.media("default", "videos", f"{first.id}.mp4")
        archive = (await game.sessions.archives()).items[0].name
        ended = await game.sessions.archive(archive, limit=5, before=None)
        assert clip_of(ended.history.items[0].video).status == "failed"


async def test_a_deleted_session_leaves_nothing(a_game: GameMaker, tmp_path: Path) -> None:
    films = HeldFilmmaker()
    async with a_game(studio=alone(films)) as game:
        await begin(game, "gone")
        await moving(game, "gone")
        await choose(game, "gone")
        await films.entered.acquire()
        await game.sessions.delete("gone", archive=False)
        assert films.at_work == 0
        assert game.clips._coming == {}
        assert not (tmp_path / "sessions" / "gone").exists()


async def test_clips_go_with_archives_forks_and_imports(a_game: GameMaker, tmp_path: Path) -> None:
    async with a_game(studio=alone(QuickFilmmaker())) as game:
        await moving(game)
        await begin(game)
        await settled(game)
        await choose(game)
        last = await settled(game)
        upload = tmp_path / "game.zip"
        upload.write_bytes(b"".join([piece async for piece in game.sessions.export("default")]))
        await game.sessions.import_(upload, session_id="brought")
        await game.sessions.fork("default", turn=1, new_id="forked", name=None)
        for session_id in ("brought", "forked"):
            video = clip_of((await game.sessions.state(session_id)).video)
            assert video == last.model_copy(
                update={
                    "url": f"/api/sessions/{session_id}/videos/{last.id}.mp4",
                    "poster": f"/api/sessions/{session_id}/videos/{last.id}.webp",
                }
            )
            assert len(files(tmp_path, session_id)) == 4
        await game.sessions.rewind("default", turn=0)
        assert len(files(tmp_path)) == 2
        archive = (await game.sessions.archives()).items[0].name
        ended = await game.sessions.archive(archive, limit=5, before=None)
        video = clip_of(ended.state.video)
        assert video.url == f"/api/archives/{archive}/videos/{last.id}.mp4"
        assert (await game.sessions.archive_media(archive, "videos", f"{last.id}.webp")).exists()
        assert [clip_of(entry.video).status for entry in ended.history.items] == ["ready"] * 2
        await game.sessions.restore(archive, session_id="again")
        assert clip_of((await game.sessions.state("again")).video).status == "ready"


async def test_a_restart_makes_the_last_clip_after_all(a_game: GameMaker) -> None:
    held = HeldFilmmaker()
    async with a_game(studio=alone(held)) as game:
        await moving(game)
        await begin(game)
        await choose(game)
        await held.entered.acquire()
    assert held.at_work == 0
    films = QuickFilmmaker()
    async with a_game(studio=alone(films)) as game, listening(game) as listener:
        await listener.until("video.ready", turn=1)
        assert (await settled(game)).status == "ready"
        assert [order.turn for order in films.requests] == [1]
        # An earlier turn's will not come any more, and says so.
        assert clip_of((await game.sessions.entry("default", 0)).video).status == "failed"


async def test_what_is_made_after_all_costs_nothing_again(a_game: GameMaker) -> None:
    held = HeldFilmmaker()
    async with a_game(studio=alone(held)) as game:
        await moving(game)
        await begin(game)
        await held.entered.acquire()
    hired, own = PricedFilmmaker(), QuickFilmmaker()
    async with a_game(studio=Studio(hired, own)) as game:
        assert game.clips._catching_up is not None
        await game.clips._catching_up
        assert (await settled(game)).status == "ready"
        assert (len(hired.requests), len(own.requests)) == (0, 1)


async def test_a_restart_makes_no_clip_again(a_game: GameMaker) -> None:
    async with a_game(studio=alone(QuickFilmmaker())) as game:
        await moving(game)
        await begin(game)
        await settled(game)
    films = QuickFilmmaker()
    async with a_game(studio=alone(films)) as game:
        assert game.clips._catching_up is not None
        await game.clips._catching_up
        await asyncio.gather(*game.clips._coming.values())
        assert films.requests == []
        assert (await settled(game)).status == "ready"


async def test_who_was_away_is_told_of_a_clip_that_came(a_game: GameMaker) -> None:
    films = HeldFilmmaker()
    async with a_game(studio=alone(films)) as game:
        await moving(game)
        await begin(game)
        # Nobody watched: there is no channel, and the history has to tell it.
        films.release.release()
        await settled(game)
        commit = (await game.sessions.state("default")).last_event_id
        told = [one.event for one in await replayed(game, str(commit))]
        ready = [event for event in told if isinstance(event, VideoReady)]
        assert [event.turn for event in ready] == [0]
        assert ready[0].video.status == "ready"


async def test_a_session_never_gets_another_one_s_clip(a_game: GameMaker, tmp_path: Path) -> None:
    films = QuickFilmmaker()
    names = [f"s{number}" for number in range(8)]
    async with a_game(studio=Studio(films, films, at_once=3)) as game:
        await asyncio.gather(*(begin(game, name, seed=5) for name in names))
        await asyncio.gather(*(moving(game, name) for name in names))
        await asyncio.gather(*(choose(game, name) for name in names))
        clips: list[Video] = [await settled(game, name) for name in names]
        for name, video in zip(names, clips, strict=True):
            assert video.status == "ready"
            path = await game.sessions.media(name, "videos", f"{video.id}.mp4")
            assert path.read_bytes() == flat_mp4(f"{name}|1")
    assert all(len(files(tmp_path, name)) == 2 for name in names)


async def test_closing_gives_up_a_whole_crowd(
    a_game: GameMaker, caplog: pytest.LogCaptureFixture
) -> None:
    films = HeldFilmmaker()
    names = [f"s{number}" for number in range(6)]
    async with a_game(studio=alone(films)) as game:
        for name in names:
            await begin(game, name)
            await moving(game, name)
        await asyncio.gather(*(choose(game, name) for name in names))
        await films.entered.acquire()
    assert films.at_work == 0
    assert game.clips._coming == {}
    assert game.clips._turnstile._free == 1
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []
