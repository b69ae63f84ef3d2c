"""Many pictures at once, and an event loop that comes round in between."""

import asyncio

from app.engine.providers.openai_compatible.turnstile import Turnstile


async def test_each_goes_on_in_a_round_of_its_own_in_the_order_they_came() -> None:
    turnstile, gone_on = Turnstile(), []
    rounds = 0

    async def go(n: int) -> None:
        for _ in range(3):
            await turnstile.turn()
            gone_on.append((rounds, n))

    async def count() -> None:
        nonlocal rounds
        while True:
            rounds += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count())
    await asyncio.gather(*(go(n) for n in range(32)))
    counting.cancel()

    assert [n for _, n in gone_on] == list(range(32)) * 3
    assert len({number for number, _ in gone_on}) == 32 * 3


async def test_who_is_cancelled_at_the_door_holds_nobody_up() -> None:
    turnstile = Turnstile()
    tasks = [asyncio.create_task(turnstile.turn()) for _ in range(8)]
    await asyncio.sleep(0)
    for task in tasks[::2]:
        task.cancel()
    done = await asyncio.gather(*tasks, return_exceptions=True)

    assert [isinstance(one, asyncio.CancelledError) for one in done] == [True, False] * 4
    async with asyncio.timeout(5):
        await turnstile.turn()
