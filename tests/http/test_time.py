"""The clock over HTTP: held, let go on, extended; a click racing it; auto-play; the way back."""

import asyncio
import json
from typing import Any

from tests.http.conftest import Client, ClientMaker, Clock, assert_failed

DEADLINE = "/api/sessions/default/deadline"


async def _with_deadline(client: Client, seconds: int = 30) -> None:
    change = {"settings": {"deadline_seconds": seconds, "images": False}}
    await client.data("PATCH", "/api/sessions/default", json=change)


async def test_a_deadline_is_held_let_go_on_and_extended(client: Client, clock: Clock) -> None:
    await _with_deadline(client)
    await client.intro()
    clock.passes(10)
    state = await client.data("POST", DEADLINE, json={"action": "hold", "name": "Ada"})
    assert (state["deadline_at"], state["held_by"], state["held_seconds"]) == (None, "Ada", 20)
    clock.passes(1000)
    failed = assert_failed(
        await client.post("/api/game/timeout_penalty"), 409, "deadline_not_reached"
    )
    assert "Ada" in failed["details"]
    assert await client.data("GET", "/api/state") == state
    state = await client.data("POST", DEADLINE, json={"action": "resume"})
    assert (state["held_by"], state["deadline_at"]) == (None, "2026-11-22T20:17:10Z")
    state = await client.data("POST", DEADLINE, json={"action": "extend", "seconds": 5})
    assert state["deadline_at"] == "2026-11-22T20:17:15Z"
    clock.passes(25)
    assert (await client.data("POST", "/api/game/timeout_penalty"))["is_timeout"]


async def test_who_holds_it_is_named_by_body_or_header(client: Client) -> None:
    await _with_deadline(client)
    await client.intro()
    header = {"Elsewhere-Player": "%C3%84nne"}
    for body, headers, told in (
        ({"action": "hold"}, {}, "a player"),
        ({"action": "hold"}, header, "\u00c4nne"),
        ({"action": "hold", "name": "Ada"}, header, "Ada"),
    ):
        state = await client.data("POST", DEADLINE, json=body, headers=headers)
        assert state["held_by"] == told
        await client.data("POST", DEADLINE, json={"action": "resume"})


async def test_what_cannot_be_done_to_a_deadline_is_named(client: Client) -> None:
    body = {"action": "hold"}
    assert_failed(await client.post(DEADLINE, json=body), 409, "not_started")
    await client.intro()
    assert_failed(await client.post(DEADLINE, json=body), 409, "no_deadline")
    path = "/api/sessions/nobody/deadline"
    assert_failed(await client.post(path, json=body), 404, "session_not_found")
    for wrong in (
        {},
        {"action": "stop"},
        {"action": "extend", "seconds": 0},
        {"action": "extend", "seconds": 6001},
        {"action": "hold", "name": ""},
        {"action": "hold", "name": "x" * 41},
        {"action": "hold", "name": "a\nb"},
    ):
        assert_failed(await client.post(DEADLINE, json=wrong), 422, "validation_error")


async def test_a_hold_outlives_the_service(a_client: ClientMaker, clock: Clock) -> None:
    async with a_client() as client:
        await _with_deadline(client)
        await client.intro()
        held = await client.data("POST", DEADLINE, json={"action": "hold"})
    clock.passes(7200)
    async with a_client() as client:
        assert await client.data("GET", "/api/state") == held
        state = await client.data("POST", DEADLINE, json={"action": "resume"})
        assert state["deadline_at"] == "2026-11-22T22:00:30Z"


async def test_fifty_penalties_and_clicks_at_once_are_fifty_turns(
    client: Client, clock: Clock
) -> None:
    await _with_deadline(client)
    await client.intro(seed=5)
    winners = set()
    for round_ in range(50):
        state = await client.data("GET", "/api/state")
        if state["phase"] == "over":
            back = {"turn": max(0, state["turn"] - 20)}
            state = await client.data("POST", "/api/sessions/default/rewind", json=back)
        clock.passes(31)
        expected: dict[str, Any] = {"expected_turn": state["turn"]}
        click = {**expected, "choice_id": state["choices"][0]["id"]}
        asked = [
            client.post("/api/game/timeout_penalty", json=expected),
            client.post("/api/game/action", json=click),
            client.post("/api/game/timeout_penalty", json=expected),
        ]
        answers = await asyncio.gather(*(asked[round_ % 3 :] + asked[: round_ % 3]))
        good = [answer.json()["data"] for answer in answers if answer.is_success]
        assert [turn["turn"] for turn in good] == [state["turn"] + 1]
        for answer in answers:
            if not answer.is_success:
                codes = {"turn_in_progress", "stale_turn", "deadline_not_reached"}
                assert (answer.status_code, answer.json()["code"] in codes) == (409, True)
        after = await client.data("GET", "/api/state")
        assert after["turn"] == state["turn"] + 1
        winners.add(good[0]["is_timeout"])
    assert winners == {True, False}


async def test_auto_play_is_a_setting_that_a_click_switches_off(client: Client) -> None:
    await client.intro()
    change = {"settings": {"auto_play": True, "auto_play_seconds": 600}}
    meta = await client.data("PATCH", "/api/sessions/default", json=change)
    assert (meta["settings"]["auto_play"], meta["auto_turns"]) == (True, 0)
    await client.act()
    async with asyncio.timeout(5):
        while (await client.data("GET", "/api/state"))["settings"]["auto_play"]:
            await asyncio.sleep(0.001)


async def test_one_turn_of_the_history(client: Client) -> None:
    told = [await client.intro(), await client.act(), await client.act(choice="Whistle")]
    for turn in told:
        path = f"/api/sessions/default/history/{turn['turn']}"
        entry = await client.data("GET", path)
        assert {name: entry[name] for name in turn} == turn
        assert entry["state"]["turn"] == turn["turn"]
    assert entry["offered"] == told[1]["choices"]
    response = await client.get("/api/sessions/default/history/3")
    assert_failed(response, 404, "turn_not_found")
    for odd in ("-1", "x", str(2**53)):
        response = await client.get(f"/api/sessions/default/history/{odd}")
        assert_failed(response, 422, "validation_error")


async def _found(client: Client, words: str, **more: Any) -> list[int]:
    path, query = "/api/sessions/default/history", {"q": words, **more}
    page = await client.data("GET", path, params=query)
    return [entry["turn"] for entry in page["items"]]


async def test_words_in_the_history_whatever_their_case(client: Client) -> None:
    await client.intro(seed=1)
    for words in ("Whistle a tune", "Shout “Äpfel & Öl” aloud", "Wait", "WHISTLE again"):
        await client.act(choice=words)
    assert await _found(client, "whistle") == [4, 1]
    assert await _found(client, "whistle", limit=1) == [4]
    assert await _found(client, "wHISTLE", before=4) == [1]
    assert await _found(client, "äPFEL & ö") == [2]
    assert await _found(client, "“äpfel") == [2]
    told = (await client.data("GET", "/api/sessions/default/history/2"))["situation"]
    assert 2 in await _found(client, told[:100].upper())
    # What is only in the record and was never told is not found.
    for hidden in ("lineage", '"turn":1', "skerry", "NORMAL"):
        assert await _found(client, hidden) == []
    response = await client.get("/api/sessions/default/history", params={"q": ""})
    assert_failed(response, 422, "validation_error")


async def test_a_search_goes_on_where_the_last_page_ended(client: Client) -> None:
    await client.intro()
    for number in range(7):
        await client.act(choice="Count" if number % 2 else "Wait")
    path, found, before = "/api/sessions/default/history", [], None
    while True:
        query: dict[str, Any] = {"q": "count", "limit": 1}
        if before is not None:
            query["before"] = before
        page = await client.data("GET", path, params=query)
        found += [entry["turn"] for entry in page["items"]]
        before = page["next_before"]
        if before is None:
            break
    assert [turn for turn in found if turn in (2, 4, 6)] == [6, 4, 2]
    assert len(set(found)) == len(found)


async def test_an_ended_run_goes_on_where_it_ended(client: Client) -> None:
    await client.intro(seed=5)
    for words in ("Wait", "Whistle"):
        await client.act(choice=words)
    await client.data("POST", "/api/game/choices/regenerate")
    before = await client.data("GET", "/api/state")
    history = await client.data("GET", "/api/sessions/default/history")
    await client.data("POST", "/api/state/reset")
    name = (await client.data("GET", "/api/archives"))["items"][0]["name"]
    path = f"/api/archives/{name}/restore"

    response = await client.post(path, json={"session_id": "again"})
    assert response.status_code == 201
    meta = response.json()["data"]
    assert (meta["session_id"], meta["world"]) == ("again", before["world"])
    state = await client.data("GET", "/api/state", params={"session_id": "again"})
    for field in ("turn", "choices", "player", "dispatch", "situation", "seed", "phase"):
        assert state[field] == before[field]
    there = await client.data("GET", "/api/sessions/again/history")
    assert [e["dispatch"] for e in there["items"]] == [e["dispatch"] for e in history["items"]]
    assert "/default/" not in json.dumps(there)
    await client.data("DELETE", f"/api/archives/{name}")
    for entry in there["items"]:
        assert (await client.get(entry["image"]["url"])).status_code == 200
    assert (await client.act("again"))["turn"] == 3

    assert_failed(await client.post(path, json={}), 404, "archive_not_found")


async def test_a_run_is_restored_over_no_session_and_under_a_new_id_if_none_is_named(
    client: Client,
) -> None:
    await client.intro()
    await client.data("POST", "/api/state/reset")
    name = (await client.data("GET", "/api/archives"))["items"][0]["name"]
    path = f"/api/archives/{name}/restore"
    response = await client.post(path, json={"session_id": "default"})
    assert_failed(response, 409, "session_exists")
    one, two = [await client.data("POST", path) for _ in range(2)]
    assert len({one["session_id"], two["session_id"], "default"}) == 3
    assert (await client.data("GET", "/api/state"))["turn"] == -1


async def test_nobodys_words_become_markdown_of_a_transcript(client: Client) -> None:
    change = {"name": "# *Mine* <b>", "description": "[x](http://evil.test)"}
    await client.data("PATCH", "/api/sessions/default", json=change)
    turn = await client.intro()
    await client.act(choice="<script>alert(1)</script> _and_ [a](b) `c` # d")
    path = "/api/sessions/default/transcript"
    text = (await client.get(path, params={"format": "md"})).text
    assert "<script>" not in text
    assert "\\[a\\](b)" in text
    assert "\\# \\*Mine\\* \\<b\\>" in text
    assert turn["image"]["alt"] in text
    plain = (await client.get(path, params={"format": "txt"})).text
    assert "<script>alert(1)</script> _and_ [a](b) `c` # d" in plain
    entries = await client.data("GET", path, params={"format": "json"})
    assert entries[0]["image"]["alt"] == turn["image"]["alt"]
