"""What a game has cost, over HTTP: the ledger, its sums, the caps and what is counted of them."""

from typing import Any

from app.engine.ports import Hear, Purse
from app.models.ledger import Units
from app.models.narration import Brief, Telling
from tests.doubles import PricedIllustrator, PricedNarrator
from tests.http.conftest import ClientMaker, assert_failed

COST = "/api/sessions/default/cost"


class UnpricedNarrator(PricedNarrator):
    """Nobody knows what it costs, and the server does not say what it counted."""

    async def tell(self, brief: Brief, *, hear: Hear, purse: Purse) -> Telling:
        hold = await purse.reserve("text", provider="local", model="gguf", at_most=None)
        hold.settle(Units(output_tokens=300), None, estimated=True, request_id="req-1")
        return await super().tell(brief, hear=hear, purse=purse)


async def _set(client: Any, **settings: Any) -> None:
    await client.data("PATCH", "/api/sessions/default", json={"settings": settings})


async def test_the_ledger_is_shown_newest_first_with_its_sums(a_client: ClientMaker) -> None:
    async with a_client(narrator=UnpricedNarrator(), illustrator=PricedIllustrator()) as client:
        turn = await client.intro()
        assert turn["cost_usd"] == 1.1
        await client.act()
        state = await client.data("GET", "/api/state")
        assert state["cost"] == {"spent_usd": 2.2, "budget_usd": None}
        report = await client.data("GET", COST)
        assert (report["spent_usd"], report["held_usd"], report["next_before"]) == (2.2, 0, None)
        assert report["text"]["calls"] == 4
        assert report["text"]["spent_usd"] == 2
        assert (report["text"]["unpriced_calls"], report["text"]["estimated_calls"]) == (2, 2)
        assert report["text"]["units"]["output_tokens"] == 800
        assert (report["image"]["calls"], report["image"]["spent_usd"]) == (2, 0.2)
        assert report["image"]["units"]["image_input_tokens"] == 3000
        assert report["video"]["calls"] == 0
        calls = report["calls"]
        assert [call["id"] for call in calls] == [5, 4, 3, 2, 1, 0]
        assert [call["turn"] for call in calls] == [1, 1, 1, 0, 0, 0]
        unpriced = [call for call in calls if call["model"] == "gguf"]
        assert {call["cost_usd"] for call in unpriced} == {None}
        assert {call["request_id"] for call in unpriced} == {"req-1"}
        assert [turn["cost_usd"] for turn in report["turns"]] == [1.1, 1.1]


async def test_the_ledger_comes_in_pages_and_outlives_the_service(a_client: ClientMaker) -> None:
    async with a_client(narrator=PricedNarrator()) as client:
        await client.intro()
        for _ in range(4):
            await client.act(choice="Wait")
    async with a_client() as client:
        seen, before = [], 10**6
        while before:
            page = await client.data("GET", COST, params={"limit": 2, "before": before})
            assert page["spent_usd"] == 5
            seen += [call["id"] for call in page["calls"]]
            before = page["next_before"]
        assert seen == [4, 3, 2, 1, 0]
        assert_failed(await client.get(COST, params={"limit": 201}), 422, "validation_error")
        assert_failed(await client.get(COST, params={"before": -1}), 422, "validation_error")
        missing = await client.get("/api/sessions/nobody/cost")
        assert_failed(missing, 404, "session_not_found")


async def test_over_budget_is_402_or_the_built_in_crew(a_client: ClientMaker) -> None:
    async with a_client(narrator=PricedNarrator(), illustrator=PricedIllustrator()) as client:
        await _set(client, budget_usd=1.5)
        await client.intro()
        before = await client.data("GET", "/api/state")
        told = await client.post("/api/game/action", json={"choice": "Wait"})
        body = assert_failed(told, 402, "budget_exhausted")
        assert body["details"] is None
        assert await client.data("GET", "/api/state") == before
        await _set(client, on_provider_failure="offline")
        turn = await client.act(choice="Wait")
        assert (turn["source"], turn["image"]["status"]) == ("offline", "ready")
        metrics = (await client.get("/metrics")).text
        for sample in (
            'elsewhere_provider_calls_total{capability="text",outcome="budget_exhausted"} 2.0',
            'elsewhere_model_calls_total{capability="text",status="settled"} 1.0',
            'elsewhere_cost_usd_total{capability="text"} 1.0',
            "elsewhere_spent_today_usd 1.",
        ):
            assert sample in metrics
        assert "double" not in metrics
