"""The circuit breaker: opens for servers that fail, and closes by itself."""

import asyncio
from contextlib import suppress

import pytest

from app.engine.providers.openai_compatible.breaker import Breaker
from app.engine.providers.openai_compatible.failures import CallFailed, Trouble
from app.errors import BudgetExhausted, ProviderError, ProviderTimeout
from tests.providers.narrating import TOLD, Clock, Server, Till, a_narrator, refuses, says, tell

OUTAGE = CallFailed("answered 500", Trouble(status=500, servers=True))
NONSENSE = CallFailed("answered nothing that can be used", Trouble())


def a_breaker(clock: Clock) -> Breaker:
    return Breaker("text", failures=3, window=60, rest=10, longest=40, now=clock)


def call(breaker: Breaker, failure: BaseException | None = None) -> None:
    with breaker.watched():
        if failure is not None:
            raise failure


def play(breaker: Breaker, *failures: BaseException | None) -> list[type[BaseException] | None]:
    """What each call ends with; None: well."""
    ends: list[type[BaseException] | None] = []
    for failure in failures:
        try:
            call(breaker, failure)
        except BaseException as error:  # noqa: BLE001 (the error is the result)
            ends.append(type(error))
        else:
            ends.append(None)
    return ends


def test_it_opens_after_failures_in_a_row_and_then_fails_at_once() -> None:
    breaker = a_breaker(Clock())
    play(breaker, OUTAGE, OUTAGE)
    assert breaker.state == "closed"
    play(breaker, OUTAGE)
    assert breaker.state == "open"
    with pytest.raises(ProviderError, match="given a rest") as refused, breaker.watched():
        raise AssertionError("it was let through")
    assert refused.value.retry_after == 10


def test_failures_far_apart_do_not_open_it() -> None:
    clock = Clock()
    breaker = a_breaker(clock)
    for _ in range(10):
        play(breaker, OUTAGE)
        clock.time += 31
    assert breaker.state == "closed"


@pytest.mark.parametrize(
    "failure", [NONSENSE, BudgetExhausted(), asyncio.CancelledError(), ProviderError("x"), None]
)
def test_what_is_not_the_servers_fault_does_not_open_it(failure: BaseException | None) -> None:
    breaker = a_breaker(Clock())
    play(breaker, *[failure] * 10)
    assert breaker.state == "closed"


def test_timeouts_open_it() -> None:
    breaker = a_breaker(Clock())
    play(breaker, *[ProviderTimeout()] * 3)
    assert breaker.state == "open"


def test_one_probe_closes_it_and_a_failed_one_opens_it_for_longer() -> None:
    clock = Clock()
    breaker = a_breaker(clock)
    play(breaker, OUTAGE, OUTAGE, OUTAGE)
    for rest in (10, 20, 40, 40):
        clock.time += rest - 1
        assert breaker.state == "open"
        clock.time += 1
        assert breaker.state == "half-open"
        play(breaker, OUTAGE)
        assert breaker.state == "open"
    clock.time += 40
    assert play(breaker, None) == [None]
    assert breaker.state == "closed"
    play(breaker, OUTAGE, OUTAGE, OUTAGE)
    clock.time += 10
    assert breaker.state == "half-open", "the rest is short again"


def test_an_answer_that_is_nonsense_closes_it_too() -> None:
    clock = Clock()
    breaker = a_breaker(clock)
    play(breaker, OUTAGE, OUTAGE, OUTAGE)
    clock.time += 10
    play(breaker, NONSENSE)
    assert breaker.state == "closed"


def test_only_one_probe_at_a_time_and_a_cancelled_one_makes_room() -> None:
    clock = Clock()
    breaker = a_breaker(clock)
    play(breaker, OUTAGE, OUTAGE, OUTAGE)
    clock.time += 10
    with suppress(asyncio.CancelledError), breaker.watched():
        assert play(breaker, None) == [ProviderError], "one probe is under way"
        raise asyncio.CancelledError
    assert play(breaker, None) == [None]
    assert breaker.state == "closed"


def test_calls_that_set_out_before_it_opened_change_nothing() -> None:
    clock = Clock()
    breaker = a_breaker(clock)
    with breaker.watched():
        play(breaker, OUTAGE, OUTAGE, OUTAGE)
    assert breaker.state == "open"


async def test_a_narrator_whose_server_is_down_stops_asking_and_recovers() -> None:
    clock, down = Clock(), Server(refuses(500))
    narrator = a_narrator(down, clock)
    for _ in range(5):
        with pytest.raises(ProviderError):
            await tell(narrator)
    asked, till = len(down.asked), Till()
    assert narrator.state == "open"
    with pytest.raises(ProviderError) as refused:
        await tell(narrator, till=till)
    assert len(down.asked) == asked
    assert till.lines == []
    assert (refused.value.retry_after or 0) > 0
    down._answers[:] = [says(TOLD)]
    clock.time += 10
    assert (await tell(narrator)).telling.source == "ai"
    assert narrator.state == "closed"
