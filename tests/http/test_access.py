"""Who may do what where keys are asked for: every route with every credential."""

from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Final

import httpx
import pytest
from pydantic import ValidationError

from app.edge.access.gate import COOKIE, MOST_COOKIES, TOKEN_HEADER
from app.edge.access.keys import ServiceKeys, new_key
from app.edge.routes import Route
from app.models.access import ServiceKey
from app.settings import ServiceSettings
from tests.http.conftest import Client, ClientMaker, Clock, assert_failed
from tests.http.house import KEPT, KEY, OURS, THEIRS, House, a_house, made
from tests.http.routes import ROUTES, name_of

REFUSED: Final = (401, 403)
DAYS: Final = 90 * 86400
Wanted = tuple[int, str] | None
"""The status and code of a refusal; None where the caller is let in."""


@pytest.fixture
async def house(a_client: ClientMaker, tmp_path: Path) -> AsyncIterator[House]:
    async with a_house(a_client, tmp_path) as opened:
        yield opened


async def wrong(
    house: House, token: str | None, wanted: Callable[[Route], Wanted], about: str = OURS
) -> list[str]:
    """Routes that answer otherwise than they should to whoever shows `token`."""
    found = []
    for route in ROUTES:
        response = await house.ask(route, token, about)
        want = wanted(route)
        if want is None:
            missed = response.status_code in REFUSED or _hidden(response)
        else:
            body = {} if route.method == "HEAD" else response.json()
            missed = (response.status_code, body.get("code", want[1])) != want
        if missed:
            found.append(f"{name_of(route)}: {response.status_code} {response.text[:90]}")
    return found


def _hidden(response: httpx.Response) -> bool:
    return response.status_code == 404 and '"session_not_found"' in response.text


def test_every_route_says_what_it_asks_for() -> None:
    public = {route.path for route in ROUTES if route.access == "public"}
    assert public == {
        "/api/health",
        "/api/ready",
        "/api/info",
        "/api/worlds",
        "/api/worlds/{world_id}",
    }
    visitors = {route.operation_id for route in ROUTES if route.access == "visitor"}
    assert visitors == {"create_session", "import_session", "list_sessions", "list_archives"}
    archives = {route.path for route in ROUTES if "{name}" in route.path}
    assert archives == {route.path for route in ROUTES if route.access == "archive"}


async def test_nothing_shown(house: House) -> None:
    def wanted(route: Route) -> Wanted:
        return None if route.access in ("public", "visitor") else (401, "unauthorized")

    before = house.digest()
    assert await wrong(house, None, wanted) == []
    made = {path.name for path in (house.folder / "sessions").iterdir()}
    assert {OURS, THEIRS, "default"} < made, "a visitor may begin a game of their own"
    assert before != house.digest()


@pytest.mark.parametrize("token", ["nonsense", "ek_" + "a" * 43, "", "a.b.c", "Ä"])
async def test_something_wrong_shown(house: House, token: str) -> None:
    before = house.digest()
    missed = await wrong(
        house, token, lambda route: None if route.access == "public" else (401, "unauthorized")
    )
    assert missed == []
    assert house.digest() == before


async def test_a_token_of_another_session(house: House) -> None:
    """404, whether it is there or not: nobody learns which sessions there are."""

    def wanted(route: Route) -> Wanted:
        match route.access:
            case "public" | "visitor":
                return None
            case "archive":
                return (404, "archive_not_found")
            case "service":
                return (403, "forbidden")
            case "session":
                return (404, "session_not_found")

    for about in (OURS, "nobody"):
        missed = await wrong(house, house.theirs, wanted, about)
        assert missed == []
    kept = {path.name for path in (house.folder / "sessions").iterdir()}
    assert "nobody" not in kept


async def test_what_others_have_is_not_changed_by_any_route(house: House) -> None:
    before = house.kept()
    for token in (None, "nonsense", house.theirs):
        for route in ROUTES:
            await house.ask(route, token)
    assert house.kept() == before


async def test_a_spectator_reads_and_never_plays(house: House) -> None:
    shown = {"Authorization": f"Bearer {house.ours}"}
    given = await house.client.data(
        "POST", f"/api/sessions/{OURS}/tokens", json={"role": "watch"}, headers=shown
    )
    assert (given["role"], given["session_id"]) == ("watch", OURS)
    stream = next(route for route in ROUTES if route.path.endswith("/events"))
    assert '"role":"spectator"' in (await house.ask(stream, given["token"])).text
    assert '"role":"player"' in (await house.ask(stream, house.ours)).text

    def wanted(route: Route) -> Wanted:
        if route.access == "service":
            return (403, "forbidden")
        reads = route.method in ("GET", "HEAD") or route.access in ("public", "visitor")
        return None if reads else (403, "forbidden")

    before = house.kept()
    assert await wrong(house, given["token"], wanted) == []
    assert house.kept() == before


async def test_an_expired_token(house: House, clock: Clock) -> None:
    clock.passes(DAYS - 1)
    assert await _state(house, house.ours) == 200
    clock.passes(1)
    missed = await wrong(
        house, house.ours, lambda route: None if route.access == "public" else (401, "unauthorized")
    )
    assert missed == []


async def test_replaced_tokens(house: House) -> None:
    shown = {"Authorization": f"Bearer {house.ours}"}
    body = {"role": "watch", "replace": True}
    answer = await house.client.post(f"/api/sessions/{OURS}/tokens", json=body, headers=shown)
    fresh = answer.headers[TOKEN_HEADER]

    def wanted(route: Route) -> Wanted:
        if route.access in ("public", "visitor"):
            return None
        if route.access == "service":
            return (403, "forbidden")
        if route.access == "archive":
            return None  # It ended while the token was good, and stays readable with it.
        return (401, "unauthorized")

    assert await _state(house, answer.json()["data"]["token"]) == 200
    assert await _state(house, fresh) == 200
    body = {"session_id": OURS}
    response = await house.client.get("/api/sessions", headers=shown)
    assert response.json()["data"]["items"] == []
    missed = [
        line
        for line in await wrong(house, house.ours, wanted)
        if "/api/archives/{name}" not in line
    ]
    assert missed == []


async def test_a_session_made_anew_does_not_know_the_old_token(house: House, clock: Clock) -> None:
    shown = {"Authorization": f"Bearer {house.ours}"}
    await house.client.data("DELETE", f"/api/sessions/{OURS}", headers=shown)
    clock.passes(1)
    await made(house.client, OURS)
    assert await _state(house, house.ours) == 401


async def test_a_player_may_do_everything_with_their_session(house: House) -> None:
    def wanted(route: Route) -> Wanted:
        return (403, "forbidden") if route.access == "service" else None

    ends = ("delete_session", "delete_archive", "reset_state", "import_session")
    for route in sorted(ROUTES, key=lambda route: route.operation_id in ends):
        response = await house.ask(route, house.ours)
        if wanted(route) is None:
            assert response.status_code not in REFUSED, (name_of(route), response.text)
        else:
            assert_failed(response, 403, "forbidden")


async def test_a_service_may_do_everything(house: House) -> None:
    ends = ("delete_session", "delete_archive")
    for route in sorted(ROUTES, key=lambda route: route.operation_id in ends):
        response = await house.ask(route, KEY)
        assert response.status_code not in REFUSED, (name_of(route), response.text)
    listed = await house.client.data(
        "GET", "/api/sessions", headers={"Authorization": f"Bearer {KEY}"}
    )
    assert {THEIRS, "default"} <= {meta["session_id"] for meta in listed["items"]}


async def test_lists_show_each_their_own(house: House) -> None:
    shown = {"Authorization": f"Bearer {house.theirs}"}
    sessions = await house.client.data("GET", "/api/sessions", headers=shown)
    assert [meta["session_id"] for meta in sessions["items"]] == [THEIRS]
    assert (await house.client.data("GET", "/api/archives", headers=shown))["items"] == []
    assert (await house.client.data("GET", "/api/sessions"))["items"] == []


async def test_a_browser_keeps_its_token_in_a_cookie_that_no_script_reads(house: House) -> None:
    browser = house.client
    answer = await browser.post("/api/sessions", json={"session_id": "mine"})
    (cookie,) = answer.headers.get_list("set-cookie")
    assert cookie.startswith(f"{COOKIE}mine=")
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))
    await browser.intro("mine")
    turn = await browser.act("mine")
    assert turn["turn"] == 1
    picture = await browser.get(turn["image"]["url"])
    assert picture.headers["cache-control"].startswith("private,"), "no proxy keeps it for others"
    assert (await browser.get("/p/mine")).status_code == 200
    assert (await browser.get(f"/p/{OURS}")).status_code == 404
    assert_failed(await browser.get(f"/share/{OURS}"), 404, "session_not_found")
    assert_failed(await browser.get(f"/small/{OURS}/x.webp"), 404, "session_not_found")
    listed = await browser.data("GET", "/api/sessions")
    assert [meta["session_id"] for meta in listed["items"]] == ["mine"]


async def test_a_browser_keeps_so_many_tokens_and_no_more(house: House, clock: Clock) -> None:
    for number in range(MOST_COOKIES + 3):
        clock.passes(1)
        await house.client.data("POST", "/api/sessions", json={"session_id": f"s{number}"})
    kept = {name for name in house.client.cookies if name.startswith(COOKIE)}
    assert len(kept) == MOST_COOKIES
    assert f"{COOKIE}s0" not in kept
    assert f"{COOKIE}s{MOST_COOKIES + 2}" in kept


async def test_a_link_lets_in_as_far_as_it_says(house: House) -> None:
    shown = {"Authorization": f"Bearer {house.ours}"}
    codes = (await house.client.get(f"/share/{OURS}", headers=shown)).json()
    browser = house.client
    assert (await browser.get(f"/s/{codes['watch']}")).status_code == 200
    state = await browser.data("GET", "/api/state", params={"session_id": OURS})
    body = {"session_id": OURS, "choice_id": state["choices"][0]["id"]}
    assert_failed(await browser.post("/api/game/action", json=body), 403, "forbidden")
    assert (await browser.get(f"/share/{OURS}")).json().keys() == {"watch"}
    assert (await browser.get(f"/s/{codes['play']}")).status_code == 200
    assert (await browser.post("/api/game/action", json=body)).status_code == 200
    browser.cookies.clear()
    replaced = await browser.post(f"/share/{OURS}", headers=shown, json={})
    assert replaced.status_code == 200
    for code in codes.values():
        assert (await browser.get(f"/s/{code}")).status_code == 404
    assert (await browser.get(f"/s/{replaced.json()['play']}")).status_code == 200


async def test_without_visitors_only_services_begin_games(a_client: ClientMaker) -> None:
    async with a_client(access="keys", service_keys=(KEPT,), visitors=False) as client:
        assert_failed(await client.post("/api/sessions", json={}), 401, "unauthorized")
        assert_failed(await client.get("/api/sessions"), 401, "unauthorized")
        made = await client.post("/api/sessions", headers={"Authorization": f"Bearer {KEY}"})
        assert made.status_code == 201
        assert made.headers[TOKEN_HEADER]
        assert "set-cookie" not in made.headers, "a service shows its key"


async def test_an_open_service_gives_no_tokens(client: Client) -> None:
    made = await client.post("/api/sessions", json={"session_id": OURS})
    assert TOKEN_HEADER not in made.headers
    assert "set-cookie" not in made.headers
    assert_failed(await client.post(f"/api/sessions/{OURS}/tokens", json={}), 403, "forbidden")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.7", "example.org"])  # noqa: S104
def test_open_to_others_is_refused_at_the_start(host: str) -> None:
    with pytest.raises(ValidationError, match="elsewhere key new"):
        ServiceSettings(host=host)
    assert ServiceSettings(host=host, access="keys").host == host


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.8.9.10"])
def test_open_to_this_machine_is_not(host: str) -> None:
    assert ServiceSettings(host=host).access == "open"


@pytest.mark.parametrize(
    ("server", "host", "status"),
    [
        ("127.0.0.1", "localhost:8000", 200),
        ("127.0.0.1", "127.0.0.1:8000", 200),
        ("::1", "[::1]:8000", 200),
        ("127.0.0.1", "evil.example:8000", 403),
        ("127.0.0.1", "", 403),
        ("192.168.0.7", "192.168.0.7:8000", 403),
        ("192.168.0.7", "localhost", 403),
        ("127.0.0.1", "games.example", 200),
    ],
)
async def test_open_answers_this_machine_only(
    a_client: ClientMaker, server: str, host: str, status: int
) -> None:
    async with a_client(open_hosts=("games.example",)) as client:
        url = f"http://[{server}]/api/health" if ":" in server else f"http://{server}/api/health"
        response = await client.get(url, headers={"Host": host})
    assert response.status_code == status
    if status == 403:
        assert_failed(response, 403, "forbidden")


async def test_pages_of_other_sites_are_let_in_by_name_only(a_client: ClientMaker) -> None:
    asks = {"Origin": "https://games.example", "Access-Control-Request-Method": "POST"}
    async with a_client() as client:
        refused = await client.options("/api/game/intro", headers=asks)
        assert "access-control-allow-origin" not in refused.headers
    async with a_client(cors_origins="https://games.example") as client:
        allowed = await client.options("/api/game/intro", headers=asks)
        assert allowed.headers["access-control-allow-origin"] == "https://games.example"
        assert "access-control-allow-credentials" not in allowed.headers
        asks["Origin"] = "https://evil.example"
        refused = await client.options("/api/game/intro", headers=asks)
        assert "access-control-allow-origin" not in refused.headers


def test_settings_read_keys_as_they_are_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    other = new_key("ops")[1]
    monkeypatch.setenv("ELSEWHERE_SERVICE_KEYS", f"discord:{KEPT.sha256}, ops:{other.sha256}")
    assert ServiceSettings().service_keys == (KEPT, other)


def test_every_key_is_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted: whichever key is right, each is compared, and by `compare_digest`."""
    compared: list[Mapping[str, str]] = []

    def compare(one: str, other: str) -> bool:
        compared.append({one: other})
        return one == other

    monkeypatch.setattr("app.edge.access.keys.hmac.compare_digest", compare)
    kept = [KEPT, *(ServiceKey(name=f"k{n}", sha256=f"{n:064x}") for n in range(3))]
    assert ServiceKeys(kept).name_of(KEY) == "discord"
    assert ServiceKeys(kept).name_of("ek_wrong") is None
    assert len(compared) == 8


async def _state(house: House, token: str) -> int:
    house.client.cookies.clear()
    response = await house.client.get(
        "/api/state",
        params={"session_id": OURS},
        headers={"Authorization": f"Bearer {token}"},
    )
    return response.status_code
