"""Many requests at once: each is answered, in its order, and others get their turn in between."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from app.edge.limits import sockets
from app.edge.limits.arrivals import Arrivals
from tests.http.conftest import Client
from tests.http.served import GET, line_to, post, served


async def test_what_arrives_together_is_taken_up_a_little_at_a_time_and_in_order() -> None:
    arrivals, taken, rounds = Arrivals(at_once=3), list[int](), list[int]()

    def arrive(number: int) -> None:
        if arrivals.take(lambda: taken.append(number)):
            taken.append(number)

    for number in range(8):
        arrive(number)
    assert taken == [0, 1, 2]
    while len(taken) < 9:
        rounds.append(len(taken))
        if len(taken) == 6:
            arrive(8)  # Behind those that wait, although there is room again.
        await asyncio.sleep(0)
    assert taken == [*range(9)]
    assert max(b - a for a, b in zip(rounds, [*rounds[1:], 9], strict=True)) == 3
    for _ in range(2):
        await asyncio.sleep(0)
    arrive(9)
    assert taken[-1] == 9


@pytest.fixture
def one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "Arrivals", lambda: Arrivals(at_once=1))


@pytest.mark.usefixtures("one_at_a_time")
async def test_a_crowd_that_arrives_at_once_is_answered_to_the_last(client: Client) -> None:
    body = {"session_id": "nobody"}
    async with AsyncExitStack() as open_, served(client.app) as port:
        lines = [await open_.enter_async_context(line_to(port)) for _ in range(60)]
        asked = [GET if number % 2 else post("/api/state/reload", body) for number in range(60)]
        for line, request in zip(lines, asked, strict=True):
            line.writer.write(request)
        answers = await asyncio.gather(*(line.answer() for line in lines))
        assert [answer.status_code for answer in answers] == [404, 200] * 30
        for line in lines:  # And the connections go on.
            line.writer.write(GET)
        again = await asyncio.gather(*(line.answer() for line in lines))
        assert {answer.status_code for answer in again} == {200}


@pytest.mark.usefixtures("one_at_a_time")
async def test_who_is_held_may_send_on_and_may_go(client: Client) -> None:
    request = post("/api/state/reload", {"session_id": "nobody"})
    async with AsyncExitStack() as open_, served(client.app) as port:
        lines = [await open_.enter_async_context(line_to(port)) for _ in range(30)]
        for line in lines:
            line.writer.write(request[:40])
        for line in lines[:10]:
            line.writer.transport.abort()
        for line in lines[10:20]:
            line.writer.write(request[40:])
        for line in lines[20:]:
            line.writer.write(request[40:])
            line.writer.write_eof()
        answers = await asyncio.gather(*(line.answer() for line in lines[10:20]))
        assert {answer.status_code for answer in answers} == {404}
        assert (await client.get("/api/health")).status_code == 200
