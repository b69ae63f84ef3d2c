"""What happens in a session is told to whoever watches: in order, once, and from anywhere on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from app.engine.channel import KEPT, KEPT_UNWATCHED, ROOM, EventId
from app.engine.events import MAX_UNWATCHED
from app.engine.game import Game, Pace
from app.engine.ports import Purse
from app.engine.requests import Asked
from app.engine.views import SettingsChange
from app.engine.watching import MOST_TURNS
from app.errors import (
    ChoiceNotOffered,
    ProviderError,
    SessionNotFound,
    StaleTurn,
)
from app.models.events import (
    Actor,
    ChoicesChanged,
    DispatchDelta,
    Hello,
    ImageFailed,
    ImageReady,
    Resync,
    SessionReset,
    TurnCommitted,
    TurnFailed,
    TurnStarted,
)
from app.models.events import (
    SessionOver as RunOver,
)
from app.models.narration import Picture, PictureRequest
from app.models.session import State
from tests.doubles import (
    FailingNarrator,
    HeldIllustrator,
    HeldNarrator,
    RecordingNarrator,
    TalkingNarrator,
)
from tests.engine.conftest import GameMaker
from tests.engine.hearing import Listener, durable, listening, replayed
from tests.engine.play import begin, choose

LATE = Pace(image=0.0)
DRAWN = (
    "turn", "phase", "dispatch", "vision_dispatch", "movement", "chaos", "situation", "image",
    "choices", "locked", "fate", "deadline_at",
)  # fmt: skip


def drawn(source: State | TurnCommitted) -> dict[str, object]:
    """What a client draws."""
    return {name: getattr(source, name) for name in DRAWN}


@pytest.fixture
def a_game(a_game: GameMaker) -> GameMaker:
    """A game whose default session has the seed that the tests play with from the start."""

    @asynccontextmanager
    async def make(**more: Any) -> AsyncIterator[Game]:
        async with a_game(**more) as game:
            state = await game.sessions.state("default")
            if state.turn < 0 and state.seed != 7:
                await game.sessions.reset("default", world=None, seed=7)
            yield game

    return make


# -- a turn ------------------------------------------------------------------------------------


async def test_a_turn_is_told_from_its_start_to_its_commit(game: Game) -> None:
    await begin(game)
    async with listening(game) as listener:
        turn = await choose(game, index=1)
        committed = await listener.until("turn.committed")
    assert listener.kinds == ["hello", "turn.started", "turn.committed"]
    started = listener.events[1]
    assert isinstance(started, TurnStarted)
    assert (started.turn, started.expected_turn, started.actor) == (1, 0, Actor(client="api"))
    assert started.choice is not None
    assert (started.choice.text, started.fate) == (turn.action, turn.fate)
    assert isinstance(committed, TurnCommitted)
    assert committed.model_dump(exclude={"type"}) == turn.model_dump()
    assert committed.image is not None
    assert committed.image.url
    state = await game.sessions.state("default")
    assert listener.last_id == str(state.last_event_id)


async def test_what_is_told_alone_draws_what_the_state_draws(game: Game) -> None:
    async with listening(game) as listener:
        await begin(game)
        for index in range(4):
            await choose(game, index=index)
            told = await listener.until("turn.committed", turn=index + 1)
            assert isinstance(told, TurnCommitted)
            assert drawn(told) == drawn(await game.sessions.state("default"))


async def test_words_are_told_as_they_come_and_who_comes_late_has_them_all(
    a_game: GameMaker,
) -> None:
    narrator = TalkingNarrator()
    async with a_game(narrator=narrator) as game, listening(game) as early:
        playing = asyncio.create_task(begin(game))
        await narrator.entered.acquire()
        narrator.say("The wire ", "hums. ")
        await early.until("dispatch.delta")
        narrator.say("Ça va: ", "\N{FIRE}\N{FIRE} it ")
        await early.watch.next()
        async with listening(game) as late:
            hello = await late.until("hello")
            assert isinstance(hello, Hello)
            assert hello.running_turn is not None
            assert (hello.running_turn.turn, hello.turn) == (0, -1)
            narrator.say("stops.")
            narrator.finish()
            turn = await playing
            for listener in (early, late):
                await listener.until("turn.committed")
    assert turn.dispatch == "The wire hums. Ça va: \N{FIRE}\N{FIRE} it stops."
    told = hello.running_turn.text
    for event in late.events:
        if isinstance(event, DispatchDelta):
            assert event.offset == len(told), "no gap and nothing twice"
            told += event.text
    assert told == turn.dispatch
    assert all(told.id is None for told in late.heard if told.event.type == "dispatch.delta")


async def test_a_burst_of_words_is_told_in_few_events(a_game: GameMaker) -> None:
    narrator = TalkingNarrator()
    async with a_game(narrator=narrator) as game, listening(game) as listener:
        narrator.say(*("word " for _ in range(2_000)))
        narrator.finish()
        turn = await begin(game)
        await listener.until("turn.committed")
    deltas = [event for event in listener.events if isinstance(event, DispatchDelta)]
    assert "".join(delta.text for delta in deltas) == turn.dispatch
    assert len(deltas) < 20


async def test_a_turn_that_fails_is_told_and_the_next_one_works(a_game: GameMaker) -> None:
    narrator = TalkingNarrator()
    async with a_game(narrator=narrator) as game, listening(game) as listener:
        narrator.say("The wi")
        narrator.fail(ProviderError("The model answered 500."))
        with pytest.raises(ProviderError):
            await begin(game)
        failed = await listener.until("turn.failed")
        assert isinstance(failed, TurnFailed)
        assert (failed.turn, failed.code, failed.unchanged) == (0, "provider_failed", True)
        assert (failed.error, failed.retry_after) == ("The model answered 500.", 5)
        async with listening(game) as later:
            hello = await later.until("hello")
            assert isinstance(hello, Hello)
            assert hello.running_turn is None
        narrator.finish()
        await begin(game)
        await listener.until("turn.committed")


async def test_what_is_refused_is_not_announced(game: Game) -> None:
    await begin(game)
    async with listening(game) as listener:
        with pytest.raises(ChoiceNotOffered):
            await game.turns.act(
                "default", choice=None, choice_id="nothing", fate=None, asked=Asked()
            )
        await choose(game)
        await listener.until("turn.committed")
    assert listener.kinds == ["hello", "turn.started", "turn.committed"]


async def test_who_asked_is_told(game: Game) -> None:
    ada = Actor(name="Ada", client="discord")
    async with listening(game) as listener:
        await game.turns.intro("default", world=None, seed=7, asked=Asked(actor=ada))
        await game.turns.penalty("default", asked=Asked(actor=ada))
        await listener.until("turn.committed", turn=1)
    actors = [event.actor for event in listener.events if isinstance(event, TurnStarted)]
    assert actors == [ada, Actor(name="Ada", client="timeout")]


# -- everything else that happens --------------------------------------------------------------


async def test_other_choices_and_deadlines_are_told(game: Game) -> None:
    await begin(game)
    async with listening(game) as listener:
        turn = await game.turns.regenerate("default", asked=Asked())
        changed = await listener.until("choices.changed")
        assert isinstance(changed, ChoicesChanged)
        assert changed.choices == turn.choices
        await _deadlines(game, 60)
        armed = await listener.until("deadline")
        await game.sessions.set_deadline("default", "hold", by="Ada", seconds=None)
        await choose(game)
        await listener.until("turn.committed")
    held = [event for event in listener.events if event.type == "deadline"][1]
    assert (armed.held_by, armed.deadline_at is None) == (None, False)  # type: ignore[union-attr]
    assert (held.held_by, held.deadline_at) == ("Ada", None)


async def test_a_late_picture_is_told_and_so_is_one_that_never_comes(a_game: GameMaker) -> None:
    illustrator = HeldIllustrator()
    async with a_game(illustrator=illustrator, pace=LATE) as game, listening(game) as listener:
        turn = await begin(game)
        assert turn.image is not None
        assert turn.image.status == "pending"
        illustrator.release.set()
        ready = await listener.until("image.ready")
        assert isinstance(ready, ImageReady)
        assert (ready.turn, ready.image.id) == (0, turn.image.id)
        assert ready.image.url is not None
        state = await game.sessions.state("default")
        assert ready.image == state.image
        assert listener.kinds == ["hello", "turn.started", "turn.committed", "image.ready"]
    illustrator = _LateFailure()
    async with a_game(illustrator=illustrator, pace=LATE) as game, listening(game) as listener:
        await choose(game)
        illustrator.release.set()
        failed = await listener.until("image.failed")
        assert isinstance(failed, ImageFailed)
        assert (failed.turn, failed.code, failed.image.status) == (1, "provider_failed", "failed")


async def test_a_picture_that_came_while_nobody_watched_is_told_to_who_saw_it_pending(
    a_game: GameMaker,
) -> None:
    illustrator = HeldIllustrator()
    async with a_game(illustrator=illustrator, pace=LATE) as game:
        await begin(game)
        seen = await game.sessions.state("default")
        illustrator.release.set()
        while (await game.sessions.state("default")).image.status == "pending":  # type: ignore[union-attr]
            await asyncio.sleep(0)
        [told] = await replayed(game, str(seen.last_event_id))
    assert isinstance(told.event, ImageReady)
    assert told.event.image.status == "ready"


async def test_the_end_of_a_run_is_told(game: Game) -> None:
    async with listening(game) as listener:
        await begin(game)
        while (await game.turns.penalty("default", asked=Asked())).phase != "over":
            pass
        over = await listener.until("session.over")
        committed = listener.events[-2]
        assert isinstance(committed, TurnCommitted)
        assert isinstance(over, RunOver)
        reason = "ending" if committed.alive else "death"
        assert (over.turn, over.reason) == (committed.turn, reason)
        state = await game.sessions.state("default")
        assert listener.last_id == str(state.last_event_id)


async def test_a_reset_is_told_and_the_turn_it_cut_off(a_game: GameMaker) -> None:
    narrator = HeldNarrator()
    async with a_game(narrator=narrator) as game, listening(game) as listener:
        playing = asyncio.create_task(begin(game))
        await narrator.entered.acquire()
        await game.sessions.reset("default", world=None, seed=7)
        with pytest.raises(StaleTurn, match="reset while"):
            await playing
        narrator.release.set()
        await begin(game)
        await listener.until("turn.committed")
    assert listener.kinds == [
        "hello", "turn.started", "turn.failed", "session.reset", "turn.started", "turn.committed",
    ]  # fmt: skip
    failed, reset = listener.events[2:4]
    assert isinstance(failed, TurnFailed)
    assert isinstance(reset, SessionReset)
    assert (failed.code, reset.reason, reset.turn) == ("stale_turn", "reset", -1)


async def test_a_rewind_is_told(game: Game) -> None:
    async with listening(game) as listener:
        await begin(game)
        await choose(game)
        await choose(game)
        await game.sessions.rewind("default", turn=0)
        reset = await listener.until("session.reset")
        turn = await choose(game, index=2)
        await listener.until("turn.committed", turn=1, since=len(listener.heard))
    assert isinstance(reset, SessionReset)
    assert (reset.turn, reset.reason) == (0, "rewind")
    last = listener.events[-1]
    assert isinstance(last, TurnCommitted)
    assert (last.turn, last.action) == (1, turn.action)


async def test_a_session_that_is_deleted_ends_its_streams(game: Game) -> None:
    await begin(game, "short")
    async with listening(game, "short") as listener:
        await game.sessions.delete("short", archive=False)
        await listener.to_the_end()
    last = listener.events[-1]
    assert isinstance(last, RunOver)
    assert last.reason == "deleted"
    with pytest.raises(SessionNotFound):
        await game.watching.watch("short")


async def test_the_service_ends_every_stream_when_it_closes(a_game: GameMaker) -> None:
    async with a_game() as game:
        watches = [await game.watching.watch("default") for _ in range(5)]
        listeners = [Listener(watch) for watch in watches]
    for listener in listeners:
        await listener.to_the_end()
        assert listener.kinds == ["hello"]


# -- many --------------------------------------------------------------------------------------


async def test_twenty_who_watch_hear_the_same(a_game: GameMaker) -> None:
    async with a_game(illustrator=HeldIllustrator(), pace=LATE) as game:
        listeners = [Listener(await game.watching.watch("default")) for _ in range(20)]
        await begin(game)
        for turn in range(1, 6):
            await choose(game, index=turn)
            if turn % 2:
                await game.turns.regenerate("default", asked=Asked())
        for listener in listeners:
            await listener.until("choices.changed", turn=5)
            listener.watch.close()
    heard = [durable(listener.heard) for listener in listeners]
    assert len(heard[0]) == 15
    assert all(one == heard[0] for one in heard)


async def test_sessions_never_hear_each_other(a_game: GameMaker) -> None:
    names = [f"s{n}" for n in range(32)]
    async with a_game(narrator=RecordingNarrator()) as game:
        for name in names:
            await game.founding.found(name, seed=7)
        listeners = {name: Listener(await game.watching.watch(name)) for name in names}

        async def play(name: str) -> None:
            await begin(game, name)
            for _ in range(3):
                await choose(game, name)

        await asyncio.gather(*map(play, names))
        for name, listener in listeners.items():
            await listener.until("turn.committed", turn=3)
            listener.watch.close()
            text = "".join(event.model_dump_json() for event in listener.events)
            assert text.count(f"[{name}]") == 4
            assert text.count("[s") == 4, "no other session's marker"
            assert {event.type for event in listener.events} == {
                "hello", "turn.started", "turn.committed",
            }  # fmt: skip


async def test_presence_counts_who_watches(game: Game) -> None:
    first = await game.watching.watch("default")
    seen: list[int] = []
    async with asyncio.timeout(5):
        second = await game.watching.watch("default")
        while 2 not in seen:
            seen += [
                e.event.watchers for e in await first.next() or () if e.event.type == "presence"
            ]
        second.close()
        while seen[-1] != 1:
            seen += [
                e.event.watchers for e in await first.next() or () if e.event.type == "presence"
            ]
    first.close()


# -- resuming ----------------------------------------------------------------------------------


async def _eventful(game: Game, illustrator: HeldIllustrator, narrator: FailingNarrator) -> None:
    """Ten turns in which everything happens that has an id."""
    narrator.broken = False
    illustrator.release.set()
    await _deadlines(game, 60)
    await begin(game)
    for turn in range(1, 10):
        if turn % 3 == 0:
            await game.turns.regenerate("default", asked=Asked())
        if turn == 4:
            await game.sessions.set_deadline("default", "hold", by="Ada", seconds=None)
        if turn == 5:
            narrator.broken = True
            with pytest.raises(ProviderError):
                await choose(game)
            narrator.broken = False
        await choose(game, index=turn)
        if turn == 7:
            illustrator.release.clear()
    await game.turns.regenerate("default", asked=Asked())


async def test_a_stream_is_resumed_from_any_id_without_a_gap_or_anything_twice(
    a_game: GameMaker,
) -> None:
    illustrator, narrator = HeldIllustrator(), FailingNarrator()
    async with a_game(narrator=narrator, illustrator=illustrator, pace=LATE) as game:
        async with listening(game) as listener:
            await listener.until("hello")
            start = listener.last_id
            await _eventful(game, illustrator, narrator)
            illustrator.release.set()
            await listener.until("image.ready", turn=9)
            whole = durable(listener.heard)
        assert len(whole) > 25
        ids = [start, *(id_ for id_, _ in whole)]
        parsed = [EventId.parse(id_) for id_ in ids]
        assert parsed == sorted(parsed, key=lambda one: one or EventId(0)), "ids grow"
        assert len(set(ids)) == len(ids)
        for at, id_ in enumerate(ids):
            again = await replayed(game, id_)
            assert durable(again) == whole[at:], id_


async def test_after_a_restart_the_history_tells_what_was_missed(a_game: GameMaker) -> None:
    illustrator, narrator = HeldIllustrator(), FailingNarrator()
    crew = {"narrator": narrator, "illustrator": illustrator}
    async with a_game(**crew, pace=LATE) as game, listening(game) as listener:
        await listener.until("hello")
        start = listener.last_id
        await _eventful(game, illustrator, narrator)
        await listener.until("turn.committed", turn=9)
        whole = durable(listener.heard)
    turns = [event.turn for _, event in whole if isinstance(event, TurnCommitted)]
    assert turns == list(range(10))
    async with a_game() as game:
        state = await game.sessions.state("default")
        for at, id_ in enumerate([start, *(id_ for id_, _ in whole)]):
            again = await replayed(game, id_)
            missed = [event.turn for _, event in whole[at:] if isinstance(event, TurnCommitted)]
            told = [one.event.turn for one in again if isinstance(one.event, TurnCommitted)]
            assert told == missed, id_
            ids = [one.id for one in again if one.id is not None]
            assert ids == sorted(ids)
            assert not any(isinstance(one.event, Resync) for one in again)
            if missed:
                choices = [o.event for o in again if isinstance(o.event, ChoicesChanged)]
                assert choices[-1].choices == state.choices, "the last word on what is offered"
        present = await replayed(game, str(state.last_event_id))
        assert {told.event.type for told in present} == {"image.failed"}, "they never came"


async def test_ids_are_not_used_again_by_the_next_process(a_game: GameMaker) -> None:
    narrator = FailingNarrator()
    seen: set[str] = set()
    for _ in range(3):
        async with a_game(narrator=narrator) as game, listening(game) as listener:
            with pytest.raises(ProviderError):
                await begin(game)
            await listener.until("turn.failed")
            ids = {id_ for id_, _ in durable(listener.heard)}
            assert len(ids) == 2
            assert not ids & seen
            seen |= ids


async def test_an_id_from_nowhere_is_answered_with_resync(game: Game) -> None:
    await begin(game)
    for odd in ("9", "1.2.3.4", "nonsense", "", "-1", "9" * 30, "\u0661"):
        [told] = await replayed(game, odd)
        assert isinstance(told.event, Resync), odd
        assert told.event.reason == "unknown_id"
        assert str(told.id).startswith("2.")


async def test_after_too_long_the_state_is_to_be_read(a_game: GameMaker) -> None:
    async with a_game() as game:
        await begin(game)
        await game.sessions.change(
            "default", name=None, description=None, settings=_change(images=False)
        )
        for turn in range(MOST_TURNS + 2):
            state = await game.sessions.state("default")
            if state.phase == "over":
                await game.sessions.rewind("default", turn=0)
            await game.turns.act(
                "default", choice="wait", choice_id=None, fate="LUCKY", asked=Asked()
            )
            assert turn < MOST_TURNS or state.phase != "over"
        state = await game.sessions.state("default")
    if state.last_event_id == state.turn + 2:  # It was one run.
        async with a_game() as game:
            [told] = await replayed(game, "2")
            assert isinstance(told.event, Resync)
            assert (told.event.reason, str(told.id)[:3]) == ("too_old", f"{state.last_event_id}.")
            assert len(await replayed(game, "4")) == MOST_TURNS


@pytest.mark.parametrize("way", ["reset", "rewind"])
async def test_who_was_away_when_a_run_ended_reads_the_state(a_game: GameMaker, way: str) -> None:
    async with a_game() as game:
        await begin(game)
        before = [str((await choose(game)).turn + 2) for _ in range(3)]
        if way == "reset":
            await game.sessions.reset("default", world=None, seed=7)
            await begin(game)
        else:
            await game.sessions.rewind("default", turn=1)
        await choose(game, index=2)
        after = (await game.sessions.state("default")).last_event_id
    async with a_game() as game:
        for id_ in before:
            [told] = await replayed(game, id_)
            assert isinstance(told.event, Resync), id_
            assert told.event.reason == "reset"
        [told] = await replayed(game, str(after - 1))
        assert isinstance(told.event, TurnCommitted), "nothing was missed but the last turn"
        assert await replayed(game, str(after)) == []


async def test_who_was_away_for_a_reset_hears_of_it_while_the_service_remembers(
    game: Game,
) -> None:
    async with listening(game) as listener:
        await begin(game)
        await listener.until("turn.committed")
        away = listener.last_id
    await choose(game)
    await game.sessions.reset("default", world=None, seed=7)
    await begin(game)
    kinds = [told.event.type for told in await replayed(game, away)]
    assert kinds == [
        "turn.started", "turn.committed", "session.reset", "turn.started", "turn.committed",
    ]  # fmt: skip


async def test_a_fork_goes_on_from_its_own_number(a_game: GameMaker) -> None:
    async with a_game() as game:
        await begin(game)
        for _ in range(4):
            await game.turns.regenerate("default", asked=Asked())
        await choose(game)
        await game.sessions.fork("default", turn=1, new_id="other", name=None)
        forked = (await game.sessions.state("other")).last_event_id
        for _ in range(6):
            await choose(game, "other")
    async with a_game() as game:
        told = [one.event.turn for one in await replayed(game, str(forked), "other")]
        assert told == [2, 3, 4, 5, 6, 7], "nothing of what it was forked from"


# -- bounds ------------------------------------------------------------------------------------


async def test_who_reads_too_slowly_is_let_go_and_resumes_whole(game: Game) -> None:
    await begin(game)
    slow, quick = await game.watching.watch("default"), await game.watching.watch("default")
    behind, ahead = Listener(slow), Listener(quick)
    await behind.until("hello")
    for _ in range(ROOM + 2):
        await game.turns.regenerate("default", asked=Asked())
        await ahead._more()
    await behind.to_the_end()
    slow.close()
    assert behind.kinds == ["hello"], "nothing is kept for who does not read"
    again = await replayed(game, behind.last_id)
    assert durable(again) == durable(ahead.heard)
    assert len(again) == ROOM + 2
    quick.close()


async def test_what_was_let_go_of_is_resumed_from_the_history(game: Game) -> None:
    await begin(game)
    async with listening(game) as listener:
        await listener.until("hello")
        away = listener.last_id
    for _ in range(KEPT + 2):
        await game.turns.regenerate("default", asked=Asked())
    turn = await choose(game)
    again = await replayed(game, away)
    committed = [one.event for one in again if isinstance(one.event, TurnCommitted)]
    assert [one.action for one in committed] == [turn.action]


async def test_nothing_is_kept_of_a_session_that_nobody_watches(game: Game) -> None:
    await begin(game)
    await choose(game)
    assert not game.events.watched("default")
    assert not game.events._running
    async with listening(game):
        assert game.events.watched("default")
    assert game.events.watched("default"), "for a while, for who comes back"


async def test_channels_that_nobody_watches_are_few_and_small_and_end(game: Game) -> None:
    await begin(game)
    game.events.expect("default", (await game.store.load("default")).snapshot)
    channel = game.events._channels["default"]
    for _ in range(KEPT_UNWATCHED + 5):
        await game.turns.regenerate("default", asked=Asked())
    assert len(channel._kept) == KEPT_UNWATCHED
    snapshot = (await game.store.load("default")).snapshot
    async with listening(game, "default"):
        for n in range(MAX_UNWATCHED + 20):
            named = snapshot.model_copy(update={"session_id": f"s{n}"})
            game.events.expect(f"s{n}", named)
        assert len(game.events._channels) == MAX_UNWATCHED + 1
        assert game.events.watched("default")
        assert not game.events.watched("s0")
    channel.rest(0.0)
    async with asyncio.timeout(5):
        while game.events.watched("default"):
            await asyncio.sleep(0)


async def test_a_turn_that_nobody_waits_for_is_kept_for_who_comes_to_hear_of_it(
    a_game: GameMaker,
) -> None:
    narrator = FailingNarrator()
    async with a_game(narrator=narrator) as game:
        deed = await game.turns.begin("default", world=None, seed=7, asked=Asked(early=True))
        assert await deed.accepted() == 0
        with pytest.raises(ProviderError):
            await deed.result()
        told = await replayed(game, "1")
    assert [one.event.type for one in told] == ["turn.started", "turn.failed"]


async def test_a_commit_that_was_cut_off_is_in_doubt_until_the_state_is_read(
    a_game: GameMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with a_game() as game:
        await begin(game)
        async with listening(game) as listener:
            await listener.until("hello")
            away = listener.last_id
            async with game.store.claim("default") as claim:
                inner: Any = claim
                while hasattr(inner, "_claim"):  # what listens to commits is around it
                    inner = inner._claim
                commit = inner.commit

                async def cut_off(*args: object) -> None:
                    await commit(*args)
                    raise asyncio.CancelledError

                monkeypatch.setattr(inner, "commit", cut_off)
                record = claim.record
                snapshot = record.snapshot.model_copy(
                    update={"last_event_id": record.snapshot.last_event_id + 1, "choices": ()}
                )
                with pytest.raises(asyncio.CancelledError):
                    await claim.commit(record.model_copy(update={"snapshot": snapshot}))
            resync = await listener.until("resync")
        assert isinstance(resync, Resync)
        assert resync.reason == "in_doubt"
        told = [one.event for one in await replayed(game, away)]
        assert any(isinstance(event, ChoicesChanged) and not event.choices for event in told)


async def _deadlines(game: Game, seconds: int) -> None:
    await game.sessions.change(
        "default", name=None, description=None, settings=_change(deadline_seconds=seconds)
    )


def _change(**settings: Any) -> SettingsChange:
    return SettingsChange(**settings)


class _LateFailure(HeldIllustrator):
    """Fails once `release` is set."""

    async def paint(self, request: PictureRequest, *, purse: Purse) -> Picture:
        await super().paint(request, purse=purse)
        raise ProviderError(f"no picture of turn {request.turn}")
