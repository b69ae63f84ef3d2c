"""The turnstile: so many at once, whoever came last goes first, and no place is ever lost."""

import asyncio
import random

import pytest

from app.engine.latest_first import Crowded, LatestFirst


async def test_the_newest_goes_first_and_no_more_than_allowed_are_inside() -> None:
    stile, order, inside, most = LatestFirst(at_once=2, room=9), list[int](), 0, 0
    gate = asyncio.Event()

    async def visit(number: int) -> None:
        nonlocal inside, most
        async with stile.turn(number):
            inside += 1
            most = max(most, inside)
            order.append(number)
            await gate.wait()
            inside -= 1

    visits = [asyncio.create_task(visit(number)) for number in range(6)]
    while len(order) < 2:
        await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(*visits)
    assert order == [0, 1, 5, 4, 3, 2]
    assert most == 2


async def test_one_too_many_sends_the_oldest_away() -> None:
    stile, gate = LatestFirst(at_once=1, room=1), asyncio.Event()

    async def visit(number: int) -> int:
        async with stile.turn(number):
            await gate.wait()
        return number

    visits = [asyncio.create_task(visit(number)) for number in range(3)]
    with pytest.raises(Crowded):
        await visits[1]
    gate.set()
    assert [await visits[0], await visits[2]] == [0, 2]


@pytest.mark.parametrize("seed", range(20))
async def test_whoever_gives_up_and_whenever_no_place_is_lost(seed: int) -> None:
    draw, stile = random.Random(seed), LatestFirst(at_once=3, room=4)

    async def visit(number: int) -> None:
        async with stile.turn(number):
            for _ in range(draw.randrange(3)):
                await asyncio.sleep(0)

    visits = []
    for number in range(40):
        visits.append(asyncio.create_task(visit(number)))
        if draw.random() < 0.5:
            await asyncio.sleep(0)
        if draw.random() < 0.4:
            draw.choice(visits).cancel()
    ends = await asyncio.gather(*visits, return_exceptions=True)
    assert {type(end) for end in ends} <= {type(None), Crowded, asyncio.CancelledError}
    assert stile._free == 3
    assert stile._waiting == {}
