"""API4:2023, Unrestricted Resource Consumption: somebody else's money, memory and disk.

OWASP's scenarios: a text message of 0.05 USD, sent ten thousand times by a script; a batch of
uploads in one request that a limit on requests does not see; a file that grew and was downloaded
by everybody. The limits themselves: `tests/http/test_rates.py`, `test_room.py`, `test_owners.py`,
`test_body_limit.py`, `test_slow_clients.py`; bombs in files: `tests/storage/test_import*.py`.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from app.engine.ports import Hear, Purse
from app.models.narration import Brief, Telling
from tests.doubles import PricedNarrator
from tests.http.conftest import Client, ClientMaker, assert_failed
from tests.http.house import KEPT, KEY, OURS, House, bearer, made
from tests.http.test_rates import STRANGER, from_address

KEYS: Mapping[str, Any] = {"access": "keys", "service_keys": (KEPT,)}


class Dear(PricedNarrator):
    """A dollar a turn, and how often it was asked."""

    def __init__(self) -> None:
        self.calls = 0

    async def tell(self, brief: Brief, *, hear: Hear, purse: Purse) -> Telling:
        telling = await super().tell(brief, hear=hear, purse=purse)
        self.calls += 1
        return telling


async def _spent(client: Client) -> float:
    text = (await client.get("/metrics", headers=bearer(KEY))).text
    (line,) = [line for line in text.splitlines() if line.startswith("elsewhere_spent_today_usd ")]
    return float(line.split()[1])


@pytest.mark.parametrize("then", ["error", "offline"])
async def test_a_script_spends_no_more_than_the_host_allows_a_day(
    a_client: ClientMaker, then: str
) -> None:
    """Many sessions, each with the budget lifted by its own player, and all at once."""
    narrator = Dear()
    async with (
        a_client(narrator=narrator, day_budget_usd=3, **KEYS) as client,
        from_address(client, STRANGER) as script,
    ):
        settings = {"budget_usd": None, "on_provider_failure": then}
        tokens = {}
        for number in range(4):
            body = {"session_id": f"s{number}", "settings": settings}
            answer = await script.post("/api/sessions", json=body)
            tokens[f"s{number}"] = bearer(answer.headers["elsewhere-token"])
            script.cookies.clear()

        async def play(session_id: str) -> list[int]:
            shown = tokens[session_id]
            codes = []
            for path in ("intro", "action", "action"):
                body = {"session_id": session_id}
                more = {"choice": "Wait"} if path == "action" else {}
                answer = await script.post(
                    f"/api/game/{path}", json={**body, **more}, headers=shown
                )
                codes.append(answer.status_code)
            return codes

        codes = [code for some in await asyncio.gather(*map(play, tokens)) for code in some]
        assert await _spent(client) == 3
    assert narrator.calls == 3
    if then == "offline":
        assert codes == [200] * 12, "the game goes on without"
    else:
        assert codes.count(200) == 3
        assert set(codes) <= {200, 402, 409}


async def test_many_things_in_one_request_are_none(house: House) -> None:
    """As uploads were sent in a batch: a list, a stream of bodies, a doubled key."""
    shown = {**bearer(house.ours), "content-type": "application/json"}
    before = house.digest()
    one = f'{{"session_id": "{OURS}", "choice": "Wait"}}'
    for body in (f"[{one}, {one}]", f"{one}\n{one}", f"{one},{one}", f'{{"batch": [{one}]}}'):
        answer = await house.client.post("/api/game/action", content=body, headers=shown)
        assert answer.status_code in (404, 422), answer.text
    assert house.digest() == before


async def test_nobody_asks_for_everything_at_once(house: House) -> None:
    for path in (
        f"/api/sessions/{OURS}/history?limit=100000",
        f"/api/sessions/{OURS}/history?limit=-1",
        f"/api/sessions/{OURS}/cost?limit=100000",
        "/api/sessions?limit=100000",
        f"/api/sessions/{OURS}/history?q=" + "a" * 101,
        f"/api/sessions/{OURS}/history?before=99999999999999999999",
    ):
        answer = await house.client.get(path, headers=bearer(house.ours))
        assert_failed(answer, 422, "validation_error")


async def test_a_file_is_not_asked_for_a_thousand_times_in_one_request(house: House) -> None:
    state = await house.client.data(
        "GET", f"/api/state?session_id={OURS}", headers=bearer(house.ours)
    )
    for ranges in (",".join(["0-1"] * 1000), ",".join(f"{n}-" for n in range(1000))):
        answer = await house.client.get(
            state["image"]["url"], headers={**bearer(house.ours), "Range": f"bytes={ranges}"}
        )
        assert_failed(answer, 416, "range_not_satisfiable")


async def test_who_leaves_at_once_has_made_no_more_turns_than_places(
    a_client: ClientMaker,
) -> None:
    """A script that does not wait for its answers: a turn counts until it is made."""
    async with (
        a_client(turns_per_address=2, **KEYS) as client,
        from_address(client, STRANGER) as script,
    ):
        tokens = [bearer(await made(script, f"s{number}")) for number in range(6)]
        at_once = [
            script.post(
                "/api/game/action",
                json={"session_id": f"s{number}", "choice": "Wait"},
                headers={**token, "Prefer": "respond-async"},
            )
            for number, token in enumerate(tokens)
        ]
        codes = [answer.status_code for answer in await asyncio.gather(*at_once)]
        turns = [
            (await script.data("GET", f"/api/state?session_id=s{number}", headers=token))["turn"]
            for number, token in enumerate(tokens)
        ]
    assert codes.count(429) == 4
    assert sum(turns) <= 2
