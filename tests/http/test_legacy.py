"""A program of the previous generation, unchanged: it posts JSON and reads only `data`."""

import pytest

from tests.http.conftest import Client, assert_failed


async def test_an_old_client_plays_a_game(client: Client) -> None:
    post = client.data
    began = await post("POST", "/api/game/intro/image", json={"session_id": "old"})
    second = await post(
        "POST",
        "/api/game/intro/choices",
        json={
            "session_id": "old",
            "image_url": began["image"]["url"],
            "prologue": began["dispatch"],
            "vision_dispatch": began["vision_dispatch"],
            "dispatch": began["dispatch"],
        },
    )
    told = await post(
        "POST",
        "/api/game/action/image",
        json={
            "session_id": "old",
            "choice": second["choices"][0]["text"],
            "fate": "NORMAL",
            "is_timeout_penalty": False,
        },
    )
    offered = await post(
        "POST",
        "/api/game/action/choices",
        json={
            "session_id": "old",
            "consequence_img_url": told["image"]["url"],
            "dispatch": told["dispatch"],
            "vision_dispatch": told["vision_dispatch"],
            "choice": told["action"],
            "consequence_img_prompt": "a fence at dusk",
            "hard_transition": told["hard_transition"],
        },
    )
    assert (told["turn"], offered["turn"]) == (1, 1)
    assert told["is_custom_action"] is False
    penalty = {"session_id": "old", "choice": "", "is_timeout_penalty": True}
    punished = await post("POST", "/api/game/action/image", json=penalty)
    assert (punished["turn"], punished["is_timeout"]) == (2, True)
    history = await client.data("GET", "/api/history", params={"session_id": "old"})
    assert history["length"] == len(history["history"]) == 3
    assert [entry["turn"] for entry in history["history"]] == [0, 1, 2]
    movement = await client.data("GET", "/api/movement", params={"session_id": "old"})
    assert movement["movement_type"] == punished["movement"]


async def test_an_old_action_still_needs_words(client: Client) -> None:
    await client.intro()
    response = await client.post("/api/game/action/image", json={"fate": "LUCKY"})
    assert_failed(response, 422, "validation_error")
    response = await client.post("/api/game/action/image", json={"choice": "  "})
    assert "body.choice" in assert_failed(response, 422, "validation_error")["details"]


async def test_an_old_client_may_send_what_it_likes_in_the_query(client: Client) -> None:
    assert (await client.data("GET", "/api/history?t=12345"))["length"] == 0


@pytest.mark.parametrize(
    ("sent", "images", "videos", "quality"),
    [
        ({"IMAGE_ENABLED": False}, False, False, "fast"),
        ({"WORLD_IMAGE_ENABLED": False}, False, False, "fast"),
        ({"IMAGE_ENABLED": True, "WORLD_IMAGE_ENABLED": True}, True, False, "fast"),
        ({"VEO_MODE_ENABLED": True, "QUALITY_MODE": True}, True, True, "high"),
        ({}, True, False, "fast"),
    ],
)
async def test_old_switches_set_the_default_session(
    client: Client, sent: dict[str, bool], images: bool, videos: bool, quality: str
) -> None:
    config = await client.data("POST", "/api/config", json=sent)
    assert config == await client.data("GET", "/api/config")
    settings = (await client.data("GET", "/api/state"))["settings"]
    assert (settings["images"], settings["videos"]) == (images, videos)
    assert settings["quality"] == quality


async def test_no_other_switch_can_be_set(client: Client) -> None:
    for body in ({"OPENAI_API_KEY": "x"}, {"IMAGE_ENABLED": "yes"}, {"IMAGE_ENABLED": None}):
        response = await client.post("/api/config", json=body)
        assert_failed(response, 422, "validation_error")


async def test_a_prompt_is_there_or_it_is_not(client: Client) -> None:
    prompt = await client.data("GET", "/api/prompts/image_prompt_prefix")
    assert prompt["key"] == "image_prompt_prefix"
    assert prompt["value"]
    response = await client.get("/api/prompts/palette")
    assert_failed(response, 404, "route_not_found")


async def test_a_state_that_is_sent_back_changes_settings_only(client: Client) -> None:
    await client.intro()
    state = await client.data("GET", "/api/state")
    state["settings"]["videos"] = True
    saved = await client.data(
        "POST", "/api/state/save", json={"session_id": "default", "state": state}
    )
    assert saved == {"saved": True}
    now = await client.data("GET", "/api/state")
    assert now["settings"]["videos"] is True
    assert now["turn"] == 0


@pytest.mark.parametrize(
    "change",
    [
        {"turn": 9},
        {"dispatch": "I won."},
        {"player": {"alive": True, "health": 100, "injuries": [], "inventory": []}},
        {"surprise": 1},
    ],
)
async def test_a_state_that_differs_is_refused_whole(
    client: Client, change: dict[str, object]
) -> None:
    await client.intro()
    await client.act(choice="Run at the fence", fate="UNLUCKY")
    state = await client.data("GET", "/api/state")
    before = dict(state)
    state.update(change)
    if state == before:
        state["chaos"] = 11
    state["settings"] = {**state["settings"], "videos": True}
    body = {"session_id": "default", "state": state}
    response = await client.post("/api/state/save", json=body)
    assert_failed(response, 409, "stale_turn")
    assert await client.data("GET", "/api/state") == before


async def test_the_path_of_a_state_is_relative(client: Client) -> None:
    assert await client.data("GET", "/api/state/path") == {"path": "sessions/default/state.json"}
    response = await client.get("/api/state/path", params={"session_id": "nobody"})
    assert_failed(response, 404, "session_not_found")
