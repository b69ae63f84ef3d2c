"""Sessions over HTTP: made, found, set, branched, ended."""

from tests.http.conftest import Client, assert_failed


async def test_a_session_is_made_as_it_is_asked_for(client: Client) -> None:
    body = {
        "session_id": "mine",
        "name": "Friday",
        "description": "with Ada",
        "seed": 3,
        "settings": {"images": False, "budget_usd": 2},
    }
    response = await client.post("/api/sessions", json=body)
    assert response.status_code == 201
    meta = response.json()["data"]
    assert (meta["name"], meta["description"]) == ("Friday", "with Ada")
    assert (meta["settings"]["images"], meta["settings"]["budget_usd"]) == (False, 2)
    state = await client.data("GET", "/api/state", params={"session_id": "mine"})
    assert (state["seed"], state["phase"]) == (3, "new")


async def test_an_id_that_is_not_brought_is_made_and_long(client: Client) -> None:
    one = await client.data("POST", "/api/sessions")
    two = await client.data("POST", "/api/sessions")
    assert one["session_id"] != two["session_id"]
    assert len(one["session_id"]) >= 20


async def test_the_list_pages_through_every_session_once(client: Client) -> None:
    for n in range(7):
        await client.data("POST", "/api/sessions", json={"session_id": f"s{n}"})
    for sort in ("accessed", "created"):
        seen, cursor = [], None
        while True:
            query = {"sort": sort, "limit": 3, **({"cursor": cursor} if cursor else {})}
            page = await client.data("GET", "/api/sessions", params=query)
            seen += [meta["session_id"] for meta in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert sorted(seen) == ["default", *(f"s{n}" for n in range(7))]


async def test_a_cursor_that_is_none_of_ours_is_no_server_error(client: Client) -> None:
    for cursor in ("nonsense", "%00", "x" * 200):
        response = await client.get("/api/sessions", params={"cursor": cursor})
        assert response.status_code in (200, 422)


async def test_the_overview_and_the_status_agree_with_the_state(client: Client) -> None:
    await client.intro()
    for _ in range(11):
        await client.act(choice="Wait")
    state = await client.data("GET", "/api/state")
    overview = await client.data("GET", "/api/sessions/default")
    assert overview["state"] == state
    numbers = [entry["turn"] for entry in overview["history"]]
    assert numbers == sorted(numbers, reverse=True)
    assert len(numbers) == 10
    status = await client.data("GET", "/api/sessions/default/status")
    assert status["turn"] == state["turn"]
    assert status["location"] == state["location"]


async def test_history_pages_backwards_without_gap_or_double(client: Client) -> None:
    await client.intro()
    for _ in range(6):
        await client.act(choice="Wait")
    numbers, before = [], None
    while True:
        query = {"limit": 3, **({"before": before} if before is not None else {})}
        page = await client.data("GET", "/api/sessions/default/history", params=query)
        assert page["total"] == 7
        numbers += [entry["turn"] for entry in page["items"]]
        before = page["next_before"]
        if before is None:
            break
    assert numbers == list(range(6, -1, -1))


async def test_only_what_is_given_changes(client: Client) -> None:
    path = "/api/sessions/default"
    await client.data("PATCH", path, json={"name": "One", "settings": {"videos": True}})
    meta = await client.data("PATCH", path, json={"description": "two"})
    assert (meta["name"], meta["description"]) == ("One", "two")
    assert meta["settings"]["videos"] is True
    assert meta["settings"]["images"] is True


async def test_settings_survive_a_reset(client: Client) -> None:
    await client.data("PATCH", "/api/sessions/default", json={"settings": {"images": False}})
    await client.intro()
    state = await client.data("POST", "/api/state/reset", json={"seed": 4})
    assert (state["settings"]["images"], state["seed"]) == (False, 4)


async def test_a_fork_goes_its_own_way(client: Client) -> None:
    await client.intro(seed=2)
    for _ in range(3):
        await client.act(choice="Wait")
    response = await client.post(
        "/api/sessions/default/fork", json={"turn": 1, "session_id": "branch", "name": "Other"}
    )
    assert response.status_code == 201
    meta = response.json()["data"]
    assert meta["parent"] == {"session_id": "default", "turn": 1}
    turn = await client.act("branch", choice="Shout")
    assert turn["turn"] == 2
    page = await client.data("GET", "/api/sessions/branch/history")
    for entry in page["items"]:
        assert "/branch/" in entry["image"]["url"]
        assert (await client.get(entry["image"]["url"])).status_code == 200
    assert (await client.data("GET", "/api/state"))["turn"] == 3


async def test_rewinding_undoes_a_death_and_loses_nothing(client: Client) -> None:
    last = await client.die()
    state = await client.data("POST", "/api/sessions/default/rewind", json={"turn": 1})
    assert (state["turn"], state["player"]["alive"], state["phase"]) == (1, True, "choosing")
    archives = await client.data("GET", "/api/archives")
    assert archives["items"][0]["turns"] == last["turn"] + 1
    assert (await client.act(choice="Wait"))["turn"] == 2


async def test_a_deleted_session_is_kept_unless_it_is_asked_not_to_be(client: Client) -> None:
    for keep in (True, False):
        await client.intro("gone")
        query = {"archive": str(keep).lower()}
        deleted = await client.data("DELETE", "/api/sessions/gone", params=query)
        assert bool(deleted["archive"]) is keep
        response = await client.get("/api/sessions/gone")
        assert_failed(response, 404, "session_not_found")


async def test_an_archive_can_be_read_and_deleted(client: Client) -> None:
    await client.intro("gone")
    await client.act("gone", choice="Wait")
    name = (await client.data("DELETE", "/api/sessions/gone"))["archive"]
    archive = await client.data("GET", f"/api/archives/{name}", params={"limit": 1})
    assert archive["history"]["total"] == 2
    assert [entry["turn"] for entry in archive["history"]["items"]] == [1]
    await client.data("DELETE", f"/api/archives/{name}")
    assert_failed(await client.get(f"/api/archives/{name}"), 404, "archive_not_found")


async def test_the_transcript_tells_the_whole_story(client: Client) -> None:
    began = await client.intro()
    turn = await client.act(choice="Whistle")
    path = "/api/sessions/default/transcript"
    for style, kind in (("md", "text/markdown"), ("txt", "text/plain")):
        response = await client.get(path, params={"format": style})
        assert response.headers["content-type"] == f"{kind}; charset=utf-8"
        assert began["dispatch"] in response.text
        assert turn["dispatch"] in response.text
        assert "Whistle" in response.text
    entries = await client.data("GET", path, params={"format": "json"})
    assert [entry["turn"] for entry in entries] == [0, 1]


async def test_a_long_transcript_comes_whole_and_in_order(client: Client) -> None:
    await client.data("PATCH", "/api/sessions/default", json={"settings": {"images": False}})
    await client.intro()
    played = 0
    while played < 60:
        turn = await client.act(choice="Wait")
        played = turn["turn"]
        if turn["phase"] == "over":
            break
    path = "/api/sessions/default/transcript"
    entries = await client.data("GET", path, params={"format": "json"})
    assert [entry["turn"] for entry in entries] == list(range(played + 1))


async def test_the_cost_of_the_built_in_providers_is_nothing(client: Client) -> None:
    await client.intro()
    report = await client.data("GET", "/api/sessions/default/cost")
    assert report["spent_usd"] == 0
    assert [turn["source"] for turn in report["turns"]] == ["offline"]
