"""How many turns and streams there may be at the same time."""

import asyncio
from collections.abc import AsyncIterator

import httpx

from app.edge.limits.traffic import Places
from tests.doubles import HeldNarrator
from tests.http.conftest import Client, ClientMaker, assert_failed
from tests.http.streams import in_process
from tests.http.test_rates import ANOTHER, STRANGER, assert_limited, from_address


async def _held(
    client: Client, narrator: HeldNarrator, session_id: str, **headers: str
) -> asyncio.Task[httpx.Response]:
    """Ask for the intro of a session and return once it is being told."""
    body = {"session_id": session_id}
    asking = asyncio.create_task(client.post("/api/game/intro", json=body, headers=headers))
    await narrator.entered.acquire()
    return asking


async def test_an_address_has_so_many_turns_made_at_once(a_client: ClientMaker) -> None:
    narrator = HeldNarrator()
    async with (
        a_client(narrator=narrator, turns_per_address=2) as client,
        from_address(client, STRANGER) as stranger,
        from_address(client, ANOTHER) as another,
    ):
        asking = [
            await _held(stranger, narrator, "a"),
            await _held(stranger, narrator, "b", Prefer="respond-async"),
        ]
        refused = await stranger.post("/api/game/intro", json={"session_id": "c"})
        assert_limited(refused, "turns")
        assert (await stranger.get("/api/state?session_id=c")).status_code == 404
        asking.append(await _held(another, narrator, "c"))
        narrator.release.set()
        answers = await asyncio.gather(*asking)
        assert [answer.status_code for answer in answers] == [200, 202, 200]
        jobs = client.app.state.service.game.jobs
        while job := jobs.running("b"):
            await job.result()
        await stranger.intro("d")
        assert len(client.app.state.traffic.turns) == 0


async def test_a_turn_that_is_refused_or_fails_leaves_its_place(a_client: ClientMaker) -> None:
    async with (
        a_client(turns_per_address=1) as client,
        from_address(client, STRANGER) as stranger,
    ):
        for _ in range(3):
            body = {"session_id": "nobody", "choice": "Wait"}
            for headers in ({}, {"Idempotency-Key": "once"}):  # refused by the turn, and before it
                response = await stranger.post("/api/game/action", json=body, headers=headers)
                assert_failed(response, 404, "session_not_found")
            response = await stranger.post("/api/game/action", json={"choice": "Wait"})
            assert_failed(response, 409, "not_started")
        assert len(client.app.state.traffic.turns) == 0


async def test_a_client_that_leaves_keeps_its_place_while_its_turn_is_made(
    a_client: ClientMaker,
) -> None:
    narrator = HeldNarrator()
    async with (
        a_client(narrator=narrator, turns_per_address=1) as client,
        from_address(client, STRANGER) as stranger,
    ):
        asking = await _held(stranger, narrator, "a")
        asking.cancel()
        await asyncio.wait({asking})
        refused = await stranger.post("/api/game/intro", json={"session_id": "b"})
        assert_limited(refused, "turns")
        narrator.release.set()
        await stranger.data("POST", "/api/game/intro/choices", json={"session_id": "a"})
        await stranger.intro("b")


async def test_this_machine_makes_as_many_turns_as_it_likes(a_client: ClientMaker) -> None:
    async with a_client(turns_per_address=1) as client:
        await asyncio.gather(*(client.intro(f"s{number}") for number in range(8)))


async def test_an_address_has_so_many_streams(a_client: ClientMaker) -> None:
    async with (
        a_client(streams_per_address=1) as client,
        from_address(client, STRANGER) as stranger,
        from_address(client, ANOTHER) as another,
    ):
        async with in_process(client.app, host=STRANGER) as stream:
            await stream.until("hello")
            refused = await stranger.get("/api/sessions/default/events")
            assert_limited(refused, "streams_per_address")
            assert (await stranger.get("/api/state")).status_code == 200
            async with in_process(client.app, host=ANOTHER) as second:
                await second.until("hello")
                refused = await another.get("/api/sessions/default/events")
                assert_limited(refused, "streams_per_address")
        async with in_process(client.app, host=STRANGER) as again:
            await again.until("hello")


async def test_a_session_has_so_many_streams_and_the_service_too(a_client: ClientMaker) -> None:
    async with a_client(streams_per_session=1, max_streams=2) as client:
        await client.data("POST", "/api/sessions", json={"session_id": "other"})
        await client.data("POST", "/api/sessions", json={"session_id": "third"})
        async with in_process(client.app) as stream:
            await stream.until("hello")
            refused = await client.get("/api/sessions/default/events")
            assert_limited(refused, "streams_per_session")
            async with in_process(client.app, "other") as second:
                await second.until("hello")
                refused = await client.get("/api/sessions/third/events")
                assert_limited(refused, "(streams)")
        text = (await client.get("/metrics")).text
        assert 'elsewhere_refused_total{limit="streams_per_session"} 1.0' in text
        assert 'elsewhere_refused_total{limit="streams"} 1.0' in text


async def test_a_stream_that_cannot_begin_leaves_its_place(a_client: ClientMaker) -> None:
    async with a_client(max_streams=1) as client:
        for _ in range(3):
            response = await client.get("/api/sessions/nobody/events")
            assert_failed(response, 404, "session_not_found")
        async with in_process(client.app) as stream:
            await stream.until("hello")


async def test_sessions_are_taken_in_a_few_at_a_time(a_client: ClientMaker) -> None:
    async with a_client(imports_at_once=1) as client:
        sending, go_on = asyncio.Event(), asyncio.Event()

        async def slowly() -> AsyncIterator[bytes]:
            yield b"PK"
            sending.set()
            await go_on.wait()

        zipped = {"content-type": "application/zip"}
        path = "/api/sessions/import"
        first = asyncio.create_task(client.post(path, content=slowly(), headers=zipped))
        await sending.wait()
        assert_limited(await client.post(path, content=b"PK", headers=zipped), "imports")
        go_on.set()
        assert_failed(await first, 422, "validation_error")
        response = await client.post(path, content=b"PK", headers=zipped)
        assert_failed(response, 422, "validation_error")


async def test_one_address_takes_half_of_the_places_for_imports(a_client: ClientMaker) -> None:
    zipped = {"content-type": "application/zip"}
    async with (
        a_client(imports_at_once=2) as client,
        from_address(client, STRANGER) as stranger,
        from_address(client, ANOTHER) as another,
    ):
        with client.app.state.traffic.importing(STRANGER):
            path = "/api/sessions/import"
            assert_limited(await stranger.post(path, content=b"PK", headers=zipped), "imports")
            response = await another.post(path, content=b"PK", headers=zipped)
            assert_failed(response, 422, "validation_error")


def test_a_place_that_nobody_has_is_not_remembered() -> None:
    places = Places("turns", 2, lambda _: None)
    for number in range(10_000):
        places.take(str(number))
        places.leave(str(number))
    assert len(places) == 0
