"""API3:2023, Broken Object Property Level Authorization: fields that are not the caller's to see
or to set.

OWASP's scenarios: an answer that shows another's properties; `total_stay_price` sent along with an
approval; `blocked: false` sent along with a caption. `tests/http/test_bad_input.py` sends an
unknown field to every route.
"""

import json
from typing import Any, Final

from tests.http.conftest import Client
from tests.http.house import OURS, THEIRS, House, bearer
from tests.owasp.exports import ZIPPED, rewritten

PROPERTIES: Final[tuple[dict[str, Any], ...]] = (
    {"health": 100},
    {"alive": True},
    {"player": {"alive": True, "health": 100}},
    {"inventory": [{"id": "gun", "name": "the gun"}]},
    {"last_event_id": 0},
    {"phase": "choosing"},
    {"spent_usd": 0},
    {"cost": {"spent_usd": 0}},
    {"edition": 7},
    {"run": 7},
    {"auto_turns": 0},
    {"created_at": "2020-01-01T00:00:00Z"},
    {"parent": {"session_id": THEIRS, "turn": 0}},
    {"owner": "discord"},
    {"role": "play"},
    {"access": "open"},
    {"source": "ai"},
    {"choices": []},
    {"__proto__": {"alive": True}},
    {"seed; DROP TABLE sessions": 1},
)


async def test_properties_that_come_along_are_refused_and_set_nothing(house: House) -> None:
    """With a request that is right but for them; on every way in which a session is written."""
    shown = bearer(house.ours)
    before = house.digest()
    for method, path, body in (
        ("PATCH", f"/api/sessions/{OURS}", {"name": "Mine"}),
        ("PATCH", f"/api/sessions/{OURS}", {"settings": {"images": True}}),
        ("POST", "/api/game/action", {"session_id": OURS, "choice": "Wait"}),
        ("POST", "/api/game/timeout_penalty", {"session_id": OURS}),
        ("POST", "/api/game/choices/regenerate", {"session_id": OURS}),
        ("POST", "/api/state/reset", {"session_id": OURS}),
        ("POST", f"/api/sessions/{OURS}/fork", {}),
        ("POST", f"/api/sessions/{OURS}/rewind", {}),
        ("POST", "/api/sessions", {"session_id": "new"}),
    ):
        for more in PROPERTIES:
            sent = {**body, **more}
            if isinstance(settings := body.get("settings"), dict):
                sent = {"settings": {**settings, **more}}
            response = await house.client.request(method, path, json=sent, headers=shown)
            assert (response.status_code, response.json().get("code")) == (
                422,
                "validation_error",
            ), (path, more)
    assert house.digest() == before


async def test_a_state_that_is_sent_back_sets_nothing_but_settings(house: House) -> None:
    """The old call that takes a whole state: the one place where mass assignment would be easy."""
    client, shown = house.client, bearer(house.ours)
    state = await client.data("GET", f"/api/state?session_id={OURS}", headers=shown)
    before = house.digest()
    for change in (
        {"player": {**state["player"], "health": 1000}},
        {"player": {**state["player"], "inventory": []}},
        {"turn": 40},
        {"seed": state["seed"] + 1},
        {"choices": state["choices"][:1]},
        {"session_id": THEIRS},
        {"spent_usd": -5},
        {"created_at": "2020-01-01T00:00:00Z"},
        {"settings": {**state["settings"], "edition": 1}},
    ):
        body = {"session_id": OURS, "state": {**state, **change}}
        response = await client.post("/api/state/save", json=body, headers=shown)
        assert response.status_code in (409, 422), change
    assert house.digest() == before


async def test_an_import_brings_no_property_that_is_the_servers_to_say(house: House) -> None:
    """A file whose every checksum is right: who made the session, when, and what it has cost."""
    client, shown = house.client, bearer(house.ours)
    export = (await client.get(f"/api/sessions/{OURS}/export", headers=shown)).content
    original = await client.data("GET", f"/api/sessions/{OURS}", headers=shown)
    settings = original["meta"]["settings"]
    bait = rewritten(export, name="<script>alert(1)</script>", auto_turns=0, edition=2**40)
    answer = await client.post(
        "/api/sessions/import?session_id=brought", content=bait, headers=ZIPPED
    )
    token = bearer(answer.headers["elsewhere-token"])
    client.cookies.clear()
    brought = await client.data("GET", "/api/sessions/brought", headers=token)
    assert brought["meta"]["settings"] == settings | {"auto_play": False}
    assert brought["state"]["cost"]["spent_usd"] == 0
    page = (await client.get("/p/brought", headers=token)).text
    assert "<script>alert" not in page
    assert (await client.get(f"/api/sessions/{OURS}", headers=token)).status_code == 404


async def test_no_answer_shows_what_no_client_needs(house: House) -> None:
    """To a spectator, who is shown most and trusted least: no key, token, code, digest or path;
    nothing of the world that has not been told; no answer that was not given yet."""
    client, shown = house.client, bearer(house.ours)
    codes = (await client.get(f"/share/{OURS}", headers=shown)).json()
    given = await client.data(
        "POST", f"/api/sessions/{OURS}/tokens", json={"role": "watch"}, headers=shown
    )
    watch = bearer(given["token"])
    texts = [
        (await client.get(path, headers=watch)).text
        for path in (
            f"/api/state?session_id={OURS}",
            f"/api/sessions/{OURS}",
            f"/api/sessions/{OURS}/history",
            f"/api/sessions/{OURS}/history/0",
            f"/api/sessions/{OURS}/cost",
            f"/api/sessions/{OURS}/status",
            f"/api/sessions/{OURS}/transcript",
            f"/api/archives/{house.archive}",
            "/api/sessions",
            "/api/archives",
            "/api/info",
            "/api/worlds",
            "/api/worlds/cinder_flat",
        )
    ]
    secret = (house.folder / "sessions" / ".share-key").read_bytes()
    for text in texts:
        assert '"success":true' in text or text.startswith("# ")
        for hidden in (
            codes["play"],
            house.ours,
            house.theirs,
            THEIRS,
            secret.hex(),
            str(house.folder),
            '"crc"',
            '"sha256"',
            '"offers"',
            '"grown"',
            '"fingerprint"',
            '"storylets"',
        ):
            assert hidden not in text


async def test_fields_of_a_state_are_those_of_the_document(client: Client) -> None:
    """Nothing is passed through: what an answer has is what the document says that it has."""
    await client.intro()
    document = (await client.get("/openapi.json")).json()
    schemas = document["components"]["schemas"]
    state = await client.data("GET", "/api/state")
    overview = await client.data("GET", "/api/sessions/default")
    for name, shown in (
        ("State", state),
        ("Settings", state["settings"]),
        ("Player", state["player"]),
        ("Meta", overview["meta"]),
        ("HistoryEntry", overview["history"][0]),
        ("Snapshot", overview["history"][0]["state"]),
    ):
        assert set(shown) == set(schemas[name]["properties"]), name
    assert "owner" not in json.dumps(overview)
