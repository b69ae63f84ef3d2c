"""API1:2023, Broken Object Level Authorization: another's id in a request that is one's own.

OWASP's scenarios: names of shops in an address, one after the other; a car's number that the
driver's app sends along; the id of a document that is deleted. `tests/http/test_access.py` walks
every route of the document with every credential, `tests/http/test_headers.py` every other address.
Here: ids where they are not expected, two of them at once, and ids that have changed hands.
"""

from typing import Any, Final

import httpx
import pytest

from app.edge.access.gate import COOKIE, TOKEN_HEADER
from tests.http.conftest import Clock
from tests.http.house import OURS, THEIRS, House, bearer, made
from tests.owasp.exports import ZIPPED, rewritten

TWO_IDS: Final[tuple[tuple[str, str, Any], ...]] = (
    ("GET", f"/api/sessions/{OURS}?session_id={THEIRS}", None),
    ("GET", f"/api/state?session_id={THEIRS}&session_id={OURS}", None),
    ("GET", f"/api/state?session_id={OURS}&session_id={THEIRS}", None),
    ("GET", f"/api/sessions/{THEIRS}%2f..%2f{OURS}", None),
    ("PATCH", f"/api/sessions/{THEIRS}", {"session_id": OURS}),
    ("PATCH", f"/api/sessions/{OURS}", {"session_id": THEIRS, "name": "Mine now"}),
    ("POST", f"/api/sessions/{OURS}/rewind", {"turn": 0, "session_id": THEIRS}),
    ("POST", f"/api/state/reset?session_id={OURS}", {"session_id": THEIRS}),
    ("POST", f"/api/game/action?session_id={OURS}", {"session_id": THEIRS, "choice": "Run"}),
    ("DELETE", f"/api/sessions/{THEIRS}?session_id={OURS}&archive=false", None),
)


async def test_two_ids_in_one_request_are_never_one_for_the_gate_and_one_for_the_game(
    house: House,
) -> None:
    before = house.kept(THEIRS)
    token = {**bearer(house.ours), "Cookie": f"{COOKIE}{THEIRS}={house.ours}"}
    for method, path, body in TWO_IDS:
        response = await house.client.request(method, path, json=body, headers=token)
        assert response.status_code in (404, 422), (method, path)
    assert house.kept(THEIRS) == before


async def test_doubled_fields_name_one_session(house: House) -> None:
    """Parsers that take the first and parsers that take the last are how gates are passed."""
    before = house.kept(THEIRS)
    for first, last in ((OURS, THEIRS), (THEIRS, OURS)):
        body = f'{{"session_id": "{first}", "choice": "Run", "session_id": "{last}"}}'
        response = await house.client.post(
            "/api/game/action",
            content=body,
            headers={**bearer(house.ours), "content-type": "application/json"},
        )
        if response.is_success:
            assert response.json()["data"]["session_id"] == OURS
    assert house.kept(THEIRS) == before


async def test_a_cookie_that_is_called_after_anothers_session_is_still_ones_own(
    house: House,
) -> None:
    before = house.kept(THEIRS)
    stolen_name = {"Cookie": f"{COOKIE}{THEIRS}={house.ours}"}
    state = await house.client.get(f"/api/state?session_id={THEIRS}", headers=stolen_name)
    assert (state.status_code, state.json()["code"]) == (404, "session_not_found")
    listed = await house.client.data("GET", "/api/sessions", headers=stolen_name)
    assert [meta["session_id"] for meta in listed["items"]] == [OURS]
    assert house.kept(THEIRS) == before


async def test_anothers_picture_is_not_a_file_of_ones_own_session(house: House) -> None:
    theirs = await house.client.data(
        "GET", f"/api/state?session_id={THEIRS}", headers=bearer(house.theirs)
    )
    file = theirs["image"]["url"].rpartition("/")[2]
    await _act(house, THEIRS, house.theirs)
    for path in (
        f"/api/sessions/{OURS}/images/..%2f..%2f{THEIRS}%2fimages%2f{file}",
        f"/api/sessions/{OURS}/images/../../{THEIRS}/images/{file}",
        f"/small/{OURS}/..%2f..%2f{THEIRS}%2fimages%2f{file}",
        f"/api/archives/{house.archive}/images/..%2f..%2f..%2fsessions%2f{THEIRS}%2fimages%2f{file}",
    ):
        response = await house.client.get(path, headers=bearer(house.ours))
        assert response.status_code in (404, 422), path


async def test_ids_in_a_row_tell_nothing(house: House) -> None:
    """As shops were enumerated: what is there and what is not answers alike, to the byte."""
    seen = set()
    for session_id in (THEIRS, "default", "nobody", "theirs2", "a" * 64):
        for path in ("", "/status", "/history", "/cost", "/export", "/events", "/tapes"):
            response = await house.client.get(
                f"/api/sessions/{session_id}{path}", headers=bearer(house.ours)
            )
            seen.add((response.status_code, response.content))
    assert len(seen) == 1
    assert next(iter(seen))[0] == 404


async def test_who_takes_an_id_that_has_become_free_does_not_take_its_past(
    house: House, clock: Clock
) -> None:
    shown = bearer(house.theirs)
    ended = await house.client.data("DELETE", f"/api/sessions/{THEIRS}", headers=shown)
    clock.passes(1)
    squatter = await made(house.client, THEIRS)
    archives = house.folder / "archives" / ended["archive"]
    before = {path: path.read_bytes() for path in archives.rglob("*") if path.is_file()}
    for method, path in (("GET", ""), ("POST", "/restore"), ("DELETE", "")):
        response = await house.client.request(
            method, f"/api/archives/{ended['archive']}{path}", headers=bearer(squatter)
        )
        assert response.status_code == 401, response.text
    listed = await house.client.data("GET", "/api/archives", headers=bearer(squatter))
    assert listed["items"] == []
    assert {path: path.read_bytes() for path in archives.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("edition", [0, 1])
async def test_who_imports_a_session_under_an_id_that_has_become_free_does_not_either(
    house: House, clock: Clock, edition: int
) -> None:
    """A token names the moment in which its session was made, and an export tells that moment: who
    could bring it back in a file of their own would hold a token of the ended run too."""
    client, shown = house.client, bearer(house.theirs)
    given = await client.data(
        "POST", f"/api/sessions/{THEIRS}/tokens", json={"role": "watch"}, headers=shown
    )
    watcher = bearer(given["token"])
    export = (await client.get(f"/api/sessions/{THEIRS}/export", headers=watcher)).content
    if edition:
        body = {"replace": True}
        answer = await client.post(f"/api/sessions/{THEIRS}/tokens", json=body, headers=shown)
        shown = bearer(answer.headers[TOKEN_HEADER])
    archive = (await client.data("DELETE", f"/api/sessions/{THEIRS}", headers=shown))["archive"]
    client.cookies.clear()
    clock.passes(60)
    bait = rewritten(export, edition=edition)
    url = f"/api/sessions/import?session_id={THEIRS}"
    answer = await client.post(url, content=bait, headers=ZIPPED)
    assert answer.status_code == 201, answer.text
    token = bearer(answer.headers[TOKEN_HEADER])
    client.cookies.clear()
    assert (await client.get(f"/api/sessions/{THEIRS}", headers=token)).status_code == 200
    for method, path in (("GET", ""), ("POST", "/restore"), ("DELETE", "")):
        response = await client.request(method, f"/api/archives/{archive}{path}", headers=token)
        assert response.status_code == 401, response.text
    assert (house.folder / "archives" / archive).is_dir()
    old = await client.get(f"/api/sessions/{THEIRS}", headers=shown)
    assert old.status_code == 401, "nor is the old player let in to what is somebody else's now"


async def _act(house: House, session_id: str, token: str) -> httpx.Response:
    body = {"session_id": session_id, "choice": "Wait"}
    return await house.client.post("/api/game/action", json=body, headers=bearer(token))
