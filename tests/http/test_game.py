"""Playing over HTTP: what the contract promises of a turn, as a client sees it."""

import asyncio
from pathlib import Path

from tests.doubles import FailingIllustrator, FailingNarrator, HeldNarrator
from tests.http.conftest import Client, ClientMaker, Clock, assert_failed


async def test_a_game_of_ten_turns_leaves_ten_pictures_and_a_whole_history(client: Client) -> None:
    turn = await client.intro(seed=11)
    urls = {turn["image"]["url"]}
    for number in range(1, 11):
        turn = await client.act()
        assert turn["turn"] == number
        urls.add(turn["image"]["url"])
        if turn["phase"] == "over":
            break
        assert len({choice["text"] for choice in turn["choices"]}) == 4
    state = await client.data("GET", "/api/state")
    history = await client.data("GET", "/api/sessions/default/history")
    assert history["total"] == state["turn"] + 1 == len(urls)
    assert all([(await client.get(url)).status_code == 200 for url in urls])


async def test_an_empty_post_means_the_default_session(client: Client) -> None:
    for headers in ({}, {"content-type": "application/x-www-form-urlencoded"}):
        response = await client.post("/api/game/intro", headers=headers)
        assert response.json()["data"]["session_id"] == "default"


async def test_json_may_come_with_a_charset_or_as_a_kind_of_json(client: Client) -> None:
    for kind in ("application/json; charset=utf-8", "APPLICATION/JSON", "application/vnd.x+json"):
        response = await client.post(
            "/api/game/intro", content=b'{"session_id": "mine"}', headers={"content-type": kind}
        )
        assert response.json()["data"]["session_id"] == "mine"


async def test_the_players_own_words_are_kept_and_told_as_one_line(client: Client) -> None:
    await client.intro()
    turn = await client.act(choice="  Whistle\n\ta tune \u2013 caf\u00e9 ")
    assert (turn["action"], turn["is_custom_action"]) == ("Whistle a tune \u2013 caf\u00e9", True)


async def test_the_same_key_plays_one_turn(client: Client) -> None:
    await client.intro()
    headers = {"Idempotency-Key": "a click"}
    body = {"choice": "Wait", "expected_turn": 0}
    answers = [
        await client.data("POST", "/api/game/action", json=body, headers=headers) for _ in range(3)
    ]
    assert [answer["turn"] for answer in answers] == [1, 1, 1]
    assert (await client.data("GET", "/api/state"))["turn"] == 1


async def test_both_phases_of_a_turn_tell_of_the_same_turn(client: Client) -> None:
    name = {"session_id": "two"}
    first = await client.data("POST", "/api/game/intro/image", json=name)
    second = await client.data("POST", "/api/game/intro/choices", json=name)
    assert (first["turn"], second["turn"]) == (0, 0)
    assert len(second["choices"]) == 4
    body = {**name, "choice_id": second["choices"][1]["id"], "fate": "LUCKY"}
    first = await client.data("POST", "/api/game/action/image", json=body)
    second = await client.data("POST", "/api/game/action/choices", json=name)
    assert (first["turn"], second["turn"]) == (1, 1)
    assert first["dispatch"] == second["dispatch"]


async def test_phase_two_waits_for_the_turn_that_is_being_made(a_client: ClientMaker) -> None:
    narrator = HeldNarrator()
    narrator.release.set()
    async with a_client(narrator=narrator) as client:
        await client.intro()
        await narrator.entered.acquire()
        narrator.release.clear()
        one = asyncio.create_task(client.act(choice="Wait"))
        await narrator.entered.acquire()
        two = asyncio.create_task(client.data("POST", "/api/game/action/choices"))
        state = await client.data("GET", "/api/state")
        assert (state["phase"], state["turn"]) == ("resolving", 0)
        narrator.release.set()
        assert (await one)["turn"] == (await two)["turn"] == 1


async def test_phase_two_of_another_turn_is_stale(client: Client) -> None:
    await client.intro()
    response = await client.post("/api/game/action/choices", json={"expected_turn": 3})
    assert_failed(response, 409, "stale_turn")


async def test_the_deadline_is_armed_told_and_played(client: Client, clock: Clock) -> None:
    change = {"settings": {"deadline_seconds": 30}}
    await client.data("PATCH", "/api/sessions/default", json=change)
    await client.intro()
    tick = await client.data("POST", "/api/game/begin_tick")
    assert tick["deadline_at"] == "2026-11-22T20:00:30Z"
    assert len(tick["choices"]) == 4
    clock.passes(30)
    turn = await client.data("POST", "/api/game/timeout_penalty")
    assert (turn["turn"], turn["is_timeout"], turn["action"]) == (1, True, None)


async def test_regenerated_choices_are_other_ones(client: Client) -> None:
    before = await client.intro()
    after = await client.data("POST", "/api/game/choices/regenerate")
    assert after["turn"] == 0
    old = {choice["id"] for choice in before["choices"]}
    assert not old & {choice["id"] for choice in after["choices"]}


async def test_the_dead_do_not_act_until_they_begin_again(client: Client) -> None:
    last = await client.die()
    for path in ("action", "action/image", "timeout_penalty", "choices/regenerate"):
        body = {"choice": "Wait"} if path.startswith("action") else {}
        response = await client.post(f"/api/game/{path}", json=body)
        assert_failed(response, 409, "session_over")
    state = await client.data("POST", "/api/state/reset")
    assert (state["phase"], state["turn"]) == ("new", -1)
    archives = await client.data("GET", "/api/archives")
    assert archives["items"][0]["turns"] == last["turn"] + 1
    assert (await client.intro())["turn"] == 0


async def test_a_failed_narrator_changes_nothing_and_the_same_request_works_later(
    a_client: ClientMaker,
) -> None:
    narrator = FailingNarrator()
    narrator.broken = False
    async with a_client(narrator=narrator) as client:
        await client.intro()
        before = await client.data("GET", "/api/state")
        narrator.broken = True
        headers = {"Idempotency-Key": "again"}
        response = await client.post("/api/game/action", json={"choice": "Wait"}, headers=headers)
        assert_failed(response, 502, "provider_failed")
        assert await client.data("GET", "/api/state") == before
        narrator.broken = False
        response = await client.post("/api/game/action", json={"choice": "Wait"}, headers=headers)
        assert response.json()["data"]["turn"] == 1


async def test_a_failed_picture_fails_no_turn(a_client: ClientMaker) -> None:
    async with a_client(illustrator=FailingIllustrator()) as client:
        turn = await client.intro()
        assert (turn["image"]["status"], turn["image"]["url"]) == ("failed", None)
        assert turn["dispatch"]


async def test_what_was_acknowledged_is_there_after_a_restart(a_client: ClientMaker) -> None:
    async with a_client() as client:
        await client.intro()
        await client.act()
        before = await client.data("GET", "/api/state")
    async with a_client() as client:
        assert await client.data("GET", "/api/state") == before
        assert (await client.act())["turn"] == 2


async def test_a_get_creates_nothing(client: Client, tmp_path: Path) -> None:
    before = sorted(path.name for path in (tmp_path / "sessions").iterdir())
    for path in ("/api/state?session_id=ghost", "/api/sessions/ghost", "/api/sessions/ghost/cost"):
        assert_failed(await client.get(path), 404, "session_not_found")
    assert sorted(path.name for path in (tmp_path / "sessions").iterdir()) == before


async def test_sessions_see_nothing_of_each_other(client: Client) -> None:
    await asyncio.gather(*(client.intro(f"s{n}", seed=n) for n in range(12)))
    turns = await asyncio.gather(*(client.act(f"s{n}", choice=f"Say word{n}") for n in range(12)))
    for n, turn in enumerate(turns):
        assert (turn["session_id"], turn["action"]) == (f"s{n}", f"Say word{n}")
        assert f"/s{n}/" in turn["image"]["url"]
