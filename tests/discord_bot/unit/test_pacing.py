"""The budget of edits: never too many, always the newest, and the last state in any case."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clients.discord_bot.pacing import EditBudget, LoopClock, Weight

FINAL, UPDATE, DECORATION = Weight.FINAL, Weight.UPDATE, Weight.DECORATION
CHANNEL, MESSAGE, OTHER = 1, 10, 11


class HandClock:
    """Time that a test moves."""

    def __init__(self) -> None:
        self._now = 0.0
        self._moved = asyncio.Event()

    def now(self) -> float:
        return self._now

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        until = self._now + seconds
        while self._now < until and not event.is_set():
            waits = [asyncio.ensure_future(e.wait()) for e in (event, self._moved)]
            try:
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for wait in waits:
                    wait.cancel()

    async def advance(self, seconds: float) -> None:
        await settle()
        self._now += seconds
        self._moved.set()
        self._moved = asyncio.Event()
        await settle()


async def settle() -> None:
    """Let every task run until it waits for something outside itself."""
    for _ in range(30):
        await asyncio.sleep(0)


class Discord:
    """What was sent, and when."""

    def __init__(self, clock: HandClock) -> None:
        self.clock = clock
        self.sent: list[str] = []
        self.times: list[float] = []

    def edit(self, text: str) -> Callable[[], Coroutine[Any, Any, None]]:
        async def send() -> None:
            self.sent.append(text)
            self.times.append(self.clock.now())

        return send


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def discord(clock: HandClock) -> Discord:
    return Discord(clock)


@pytest.fixture
def budget(clock: HandClock) -> EditBudget:
    return EditBudget(clock=clock)


async def test_an_edit_within_the_budget_is_sent_at_once(
    budget: EditBudget, discord: Discord
) -> None:
    assert await budget.submit(CHANNEL, MESSAGE, discord.edit("one")) is True
    assert discord.times == [0.0]
    await budget.aclose()


async def test_only_the_newest_pending_edit_of_a_message_is_sent(
    budget: EditBudget, discord: Discord, clock: HandClock
) -> None:
    outcomes = [budget.submit(CHANNEL, MESSAGE, discord.edit(str(n))) for n in range(30)]
    await clock.advance(0)
    assert discord.sent == ["29"]
    assert [await outcome for outcome in outcomes] == [False] * 29 + [True]
    await budget.aclose()


async def test_updates_leave_room_for_the_final_edit(
    budget: EditBudget, discord: Discord, clock: HandClock
) -> None:
    for n in range(6):
        budget.submit(CHANNEL, 100 + n, discord.edit(str(n)))
    await settle()
    assert discord.sent == ["0", "1", "2"]
    assert await budget.submit(CHANNEL, MESSAGE, discord.edit("final"), FINAL)
    assert discord.times[-1] == 0.0
    await clock.advance(5)
    assert discord.sent == ["0", "1", "2", "final", "3", "4", "5"]
    await budget.aclose()


async def test_a_final_edit_overtakes_what_waits(
    budget: EditBudget, discord: Discord, clock: HandClock
) -> None:
    for n in range(4):
        await budget.submit(CHANNEL, n, discord.edit(f"final {n}"), FINAL)
    budget.submit(CHANNEL, OTHER, discord.edit("update"))
    await settle()
    budget.submit(CHANNEL, MESSAGE, discord.edit("end"), FINAL)
    await clock.advance(4.5)
    assert len(discord.sent) == 4
    await clock.advance(0.5)
    assert discord.sent[4:] == ["end", "update"]
    await budget.aclose()


async def test_nothing_less_follows_a_final_edit(budget: EditBudget, discord: Discord) -> None:
    final = budget.submit(CHANNEL, MESSAGE, discord.edit("final"), FINAL)
    late = budget.submit(CHANNEL, MESSAGE, discord.edit("late"))
    assert await final is True
    assert await late is False
    assert await budget.submit(CHANNEL, MESSAGE, discord.edit("later")) is False
    assert await budget.submit(CHANNEL, MESSAGE, discord.edit("frame"), DECORATION) is False
    assert await budget.submit(CHANNEL, MESSAGE, discord.edit("anew"), FINAL) is True
    assert discord.sent == ["final", "anew"]
    await budget.aclose()


async def test_decoration_is_dropped_when_the_budget_is_low(
    budget: EditBudget, discord: Discord
) -> None:
    frames = [
        await budget.submit(CHANNEL, MESSAGE, discord.edit(str(n)), DECORATION) for n in range(4)
    ]
    assert frames == [True, True, False, False]
    assert not budget.room(CHANNEL)
    assert budget.room(CHANNEL, FINAL)
    await budget.aclose()


async def test_decoration_is_dropped_when_something_waits(
    budget: EditBudget, discord: Discord
) -> None:
    budget.submit(CHANNEL, OTHER, discord.edit("update"))
    assert await budget.submit(CHANNEL, MESSAGE, discord.edit("frame"), DECORATION) is False
    await budget.aclose()


async def test_a_final_edit_does_not_wait_for_decoration_that_hangs(
    budget: EditBudget, discord: Discord
) -> None:
    hung, never = asyncio.Event(), asyncio.Event()

    async def frame() -> None:
        hung.set()
        await never.wait()

    decoration = budget.submit(CHANNEL, MESSAGE, frame, DECORATION)
    await hung.wait()
    assert await budget.submit(CHANNEL, MESSAGE, discord.edit("final"), FINAL) is True
    assert await decoration is False
    assert discord.sent == ["final"]
    await budget.aclose()


async def test_an_edit_that_fails_holds_up_no_other(budget: EditBudget, discord: Discord) -> None:
    async def refuse() -> None:
        raise ConnectionResetError("gone")

    failed = budget.submit(CHANNEL, MESSAGE, refuse)
    assert await budget.submit(CHANNEL, OTHER, discord.edit("other")) is True
    with pytest.raises(ConnectionResetError):
        await failed
    await budget.aclose()


async def test_channels_have_budgets_of_their_own(budget: EditBudget, discord: Discord) -> None:
    for n in range(4):
        await budget.submit(CHANNEL, n, discord.edit("x"), FINAL)
    assert await budget.submit(2, MESSAGE, discord.edit("elsewhere"), DECORATION) is True
    await budget.aclose()


async def test_closing_ends_everything_and_leaves_no_task(
    budget: EditBudget, discord: Discord, clock: HandClock
) -> None:
    never = asyncio.Event()
    before = asyncio.all_tasks()
    hanging = budget.submit(CHANNEL, MESSAGE, never.wait, DECORATION)
    started = budget.submit(2, MESSAGE, never.wait, FINAL)
    waiting = budget.submit(2, OTHER, discord.edit("waiting"), FINAL)
    await settle()
    await budget.aclose()
    assert [hanging.result(), started.result(), waiting.result()] == [False] * 3
    assert await budget.submit(CHANNEL, MESSAGE, discord.edit("after"), FINAL) is False
    assert asyncio.all_tasks() == before
    assert discord.sent == []


async def test_closing_before_anything_ran_settles_what_was_asked(
    budget: EditBudget, discord: Discord
) -> None:
    asked = [
        budget.submit(1, MESSAGE, discord.edit("frame"), DECORATION),
        budget.submit(2, MESSAGE, discord.edit("final"), FINAL),
    ]
    await budget.aclose()
    await settle()
    assert [outcome.result() for outcome in asked] == [False, False]


async def test_drain_waits_for_what_is_pending(
    budget: EditBudget, discord: Discord, clock: HandClock
) -> None:
    for n in range(8):
        budget.submit(CHANNEL, n, discord.edit(str(n)), FINAL)
    drained = asyncio.ensure_future(budget.drain())
    await clock.advance(0)
    assert not drained.done()
    await clock.advance(5)
    await drained
    assert len(discord.sent) == 8
    await budget.aclose()


async def test_a_budget_forgets_channels_in_which_nothing_happens(
    budget: EditBudget, discord: Discord, clock: HandClock
) -> None:
    for channel in range(100):
        await budget.submit(channel, MESSAGE, discord.edit("x"), FINAL)
        await settle()
        await clock.advance(5)
    assert len(budget._channels) <= 2
    await budget.aclose()


async def test_the_clock_of_the_machine_wakes_for_time_and_for_events() -> None:
    clock, event = LoopClock(), asyncio.Event()
    before = clock.now()
    await clock.wait(event, 0.01)
    assert clock.now() > before
    event.set()
    await clock.wait(event, 3600)


def test_a_budget_too_small_for_every_weight_is_refused() -> None:
    with pytest.raises(ValueError, match="room"):
        EditBudget(edits=2)


edits = st.tuples(
    st.integers(0, 3),  # seconds before it
    st.integers(0, 2),  # message
    st.sampled_from(tuple(Weight)),
)


@settings(deadline=None)  # of a machine that does other things as well
@given(st.lists(edits, max_size=40))
def test_whatever_is_asked_for_the_budget_holds(asked: list[tuple[int, int, Weight]]) -> None:
    async def play() -> None:
        clock = HandClock()
        discord = Discord(clock)
        budget = EditBudget(clock=clock)
        for number, (pause, message, weight) in enumerate(asked):
            await clock.advance(pause)
            text = f"{message} {number} {weight.value}"
            budget.submit(CHANNEL, message, discord.edit(text), weight)
        for _ in range(20):
            await clock.advance(5)
        await budget.aclose()
        _within_budget(discord.times)
        for message in range(3):
            _ends_well(message, asked, [t for t in discord.sent if t.startswith(f"{message} ")])

    asyncio.run(play())


def _within_budget(times: list[float]) -> None:
    window: deque[float] = deque()
    for time in times:
        window.append(time)
        while window[0] <= time - 5:
            window.popleft()
        assert len(window) <= 4


def _ends_well(message: int, asked: list[tuple[int, int, Weight]], sent: list[str]) -> None:
    mine = [(number, weight) for number, (_, m, weight) in enumerate(asked) if m == message]
    finals = [number for number, weight in mine if weight is FINAL]
    updates = [number for number, weight in mine if weight is UPDATE]
    numbers = [int(text.split()[1]) for text in sent]
    assert numbers == sorted(numbers)
    if finals:
        assert numbers[-1] == finals[-1]
    elif updates:
        assert max(updates) in numbers
