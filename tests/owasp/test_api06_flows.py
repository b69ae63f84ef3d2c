"""API6:2023, Unrestricted Access to Sensitive Business Flows: what is fair once and harmful a
thousand times.

OWASP's scenarios: a script buys the whole stock; seats are reserved and given back at the last
moment; an account is made again and again for what is given to a new one. Here the flows are: to
begin a game (it costs disk, and a first turn), to ask for other choices until they suit, to have a
film made, and to undo a death. How each limit counts: `tests/http/test_owners.py`, `test_rates.py`.
"""

from collections.abc import Mapping
from typing import Any

from tests.http.conftest import Client, ClientMaker, assert_failed
from tests.http.house import KEPT, bearer, made
from tests.http.test_rates import ANOTHER, STRANGER, from_address

KEYS: Mapping[str, Any] = {"access": "keys", "service_keys": (KEPT,)}


async def _begin(client: Client) -> int:
    client.cookies.clear()  # a new visitor each time, as far as they say
    return (await client.post("/api/sessions", json={})).status_code


async def test_the_stock_is_not_bought_by_a_script(a_client: ClientMaker) -> None:
    """All places for sessions are not one stranger's, who drops every cookie between two games."""
    async with (
        a_client(max_sessions=20, max_sessions_per_owner=5, **KEYS) as client,
        from_address(client, STRANGER) as script,
        from_address(client, ANOTHER) as somebody,
    ):
        await client.app.state.service.quota.measured.wait()
        codes = [await _begin(script) for _ in range(30)]
        assert (codes.count(201), codes.count(429)) == (5, 25)
        assert await _begin(somebody) == 201


async def test_games_are_not_begun_and_thrown_away_without_end(a_client: ClientMaker) -> None:
    """As seats that are reserved and given back: what is ended makes a place, but no more haste."""
    async with (
        a_client(max_sessions_per_owner=1, rate_makes="6/10 minutes", **KEYS) as client,
        from_address(client, STRANGER) as script,
    ):
        codes = []
        for number in range(10):
            script.cookies.clear()
            answer = await script.post("/api/sessions", json={"session_id": f"s{number}"})
            codes.append(answer.status_code)
            if answer.status_code == 201:
                shown = bearer(answer.headers["elsewhere-token"])
                url = f"/api/sessions/s{number}?archive=false"
                await script.data("DELETE", url, headers=shown)
    assert codes == [201] * 6 + [429] * 4


async def test_choices_are_not_drawn_until_they_suit(a_client: ClientMaker) -> None:
    async with (
        a_client(rate_session="10/minute", **KEYS) as client,
        from_address(client, STRANGER) as script,
        from_address(client, ANOTHER) as friend,
    ):
        token = bearer(await made(script, "mine"))
        body = {"session_id": "mine"}
        drawn = [
            (await one.post("/api/game/choices/regenerate", json=body, headers=token)).status_code
            for _ in range(10)
            for one in (script, friend)
        ]
        state = await script.data("GET", "/api/state?session_id=mine", headers=token)
    assert drawn.count(200) == 8, "to make it and to begin it were two of ten; a friend's count too"
    assert set(drawn) == {200, 429}
    assert state["turn"] == 0


async def test_films_and_undone_deaths_are_counted_as_what_they_make(
    a_client: ClientMaker,
) -> None:
    """Each takes the machine longer than any turn, or leaves an archive behind."""
    async with (
        a_client(rate_makes="4/10 minutes", **KEYS) as client,
        from_address(client, STRANGER) as script,
    ):
        token = bearer(await made(script, "mine"))  # two of the four: the session and its intro
        undone = [
            await script.post("/api/sessions/mine/rewind", json={"turn": 0}, headers=token)
            for _ in range(5)
        ]
        assert [answer.status_code for answer in undone] == [200, 200, 429, 429, 429]
        film = await script.post("/api/sessions/mine/tapes", json={}, headers=token)
        assert_failed(film, 429, "rate_limited")
        archives = await script.data("GET", "/api/archives", headers=token)
    assert len(archives["items"]) == 2


async def test_a_host_may_keep_strangers_from_beginning_at_all(a_client: ClientMaker) -> None:
    async with a_client(visitors=False, **KEYS) as client:
        for path, body in (
            ("/api/sessions", {}),
            ("/api/sessions/import", {}),
            ("/api/game/intro", {"session_id": "new"}),
            ("/api/state/reset", {"session_id": "new"}),
        ):
            assert_failed(await client.post(path, json=body), 401, "unauthorized")
