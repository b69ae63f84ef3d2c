"""What `/metrics` says is what happened, and its labels do not grow with those who play."""

import asyncio
import math
import threading

import pytest
from prometheus_client.parser import text_string_to_metric_families

from app.edge.lag import lag_measured
from app.engine.ports import Hear, Purse
from app.engine.providers.offline.narrator import OfflineNarrator
from app.engine.providers.openai_compatible.breaker import Breaker
from app.engine.providers.openai_compatible.failures import CallFailed, CallTimedOut, Trouble
from app.errors import ProviderError, ProviderTimeout
from app.models.narration import Brief, Telling
from tests.doubles import FailingIllustrator, HeldIllustrator, HeldNarrator, PricedNarrator
from tests.http.conftest import Client, ClientMaker

Labels = frozenset[tuple[str, str]]
Samples = dict[tuple[str, Labels], float]
SESSIONS = 200


async def samples(client: Client) -> Samples:
    response = await client.get("/metrics")
    assert response.status_code == 200
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }


def value(found: Samples, name: str, **labels: str) -> float:
    return found.get((name, frozenset(labels.items())), 0.0)


def told(found: Samples, name: str, **labels: str) -> float:
    """The same, of a sample that must be there."""
    return found[(name, frozenset(labels.items()))]


class TroubledNarrator(OfflineNarrator):
    """Fails of what it is given, one after another."""

    def __init__(self, *errors: ProviderError) -> None:
        self._errors = list(errors)

    async def tell(self, brief: Brief, *, hear: Hear, purse: Purse) -> Telling:
        if self._errors:
            raise self._errors.pop(0)
        return await super().tell(brief, hear=hear, purse=purse)


async def test_every_part_of_a_turn_is_timed_once(client: Client) -> None:
    await client.intro("ours")
    for _ in range(3):
        await client.act("ours")
    await client.data("POST", "/api/game/timeout_penalty", json={"session_id": "ours"})
    found = await samples(client)
    for stage in ("resolve", "tell", "paint", "commit"):
        assert told(found, "elsewhere_stage_seconds_count", stage=stage) == 5, stage
        assert 0 < told(found, "elsewhere_stage_seconds_sum", stage=stage) < 60
        buckets = [
            found[key]
            for key in found
            if key[0] == "elsewhere_stage_seconds_bucket" and ("stage", stage) in key[1]
        ]
        assert max(buckets) == 5
    assert told(found, "elsewhere_turns_total", source="offline", outcome="told") == 5
    assert told(found, "elsewhere_turn_seconds_count") == 5


async def test_a_change_that_is_no_turn_is_not_timed_as_one(client: Client) -> None:
    await client.intro("ours")
    await client.data("POST", "/api/game/choices/regenerate", json={"session_id": "ours"})
    found = await samples(client)
    assert told(found, "elsewhere_stage_seconds_count", stage="commit") == 1


async def test_what_a_turn_fails_of_is_told_by_kind(a_client: ClientMaker) -> None:
    async def resting() -> ProviderError:
        breaker = Breaker("text", failures=1)
        with pytest.raises(ProviderError), breaker.watched():
            raise CallFailed("down", Trouble(status=500, servers=True))
        with pytest.raises(ProviderError) as raised, breaker.watched():
            pass
        return raised.value

    narrator = TroubledNarrator(
        CallFailed("busy", Trouble(status=429, servers=True)),
        CallFailed("broken", Trouble(status=503, servers=True)),
        CallFailed("broken", Trouble(status=500, servers=True)),
        CallFailed("no such model", Trouble(status=404, final=True)),
        CallFailed("gone", Trouble(servers=True)),
        CallFailed("gibberish", Trouble()),
        ProviderError("no words in it"),
        CallTimedOut("slow", Trouble(servers=True)),
        ProviderTimeout(),
        await resting(),
    )
    async with a_client(narrator=narrator, illustrator=FailingIllustrator()) as client:
        for _ in range(10):
            response = await client.post("/api/game/intro", json={"session_id": "ours"})
            assert response.status_code in (502, 504)
        await client.intro("ours")
        found = await samples(client)
    kinds = {
        "rate_limited": 1,
        "server_error": 2,
        "refused": 1,
        "unreachable": 1,
        "answer": 2,
        "timeout": 2,
        "resting": 1,
    }
    for kind, count in kinds.items():
        name = "elsewhere_provider_errors_total"
        assert told(found, name, capability="text", kind=kind) == count, kind
    assert told(found, "elsewhere_provider_errors_total", capability="image", kind="answer") >= 1
    assert told(found, "elsewhere_turns_total", source="none", outcome="provider_timeout") == 2
    assert told(found, "elsewhere_turns_total", source="none", outcome="provider_failed") == 8
    assert value(found, "elsewhere_stage_seconds_count", stage="commit") == 1


async def test_money_is_counted(a_client: ClientMaker) -> None:
    async with a_client(narrator=PricedNarrator()) as client:
        await client.intro("ours")
        await client.act("ours")
        found = await samples(client)
    assert told(found, "elsewhere_cost_usd_total", capability="text") == 2
    assert told(found, "elsewhere_spent_today_usd") == 2
    assert told(found, "elsewhere_turns_total", source="ai", outcome="told") == 2


async def test_sessions_streams_and_late_pictures_are_gauged(a_client: ClientMaker) -> None:
    painter = HeldIllustrator()
    async with a_client(illustrator=painter, image_deadline_seconds=0.001) as client:
        before = await samples(client)
        await client.intro("ours")
        await client.intro("theirs")
        watching = client.app.state.service.game.watching
        watches = [await watching.watch(name) for name in ("ours", "ours", "theirs")]
        found = await samples(client)
        assert told(found, "elsewhere_pictures_late") == 2
        assert told(found, "elsewhere_event_streams") == 3
        assert told(found, "elsewhere_sessions", state="watched") == 2
        loaded = told(before, "elsewhere_sessions", state="loaded")
        assert told(found, "elsewhere_sessions", state="loaded") == loaded + 2
        for watch in watches:
            watch.close()
        painter.release.set()
        for _ in range(2):
            await painter.entered.acquire()
        late = client.app.state.service.game.pictures
        while late.late:
            await asyncio.sleep(0)
        found = await samples(client)
        assert told(found, "elsewhere_pictures_late") == 0
        assert told(found, "elsewhere_event_streams") == 0
        assert told(found, "elsewhere_sessions", state="watched") == 0


async def test_turns_under_way_and_damaged_sessions_are_gauged(
    a_client: ClientMaker, tmp_path: object
) -> None:
    narrator = HeldNarrator("ours")
    async with a_client(narrator=narrator) as client:
        playing = asyncio.create_task(client.intro("ours"))
        await narrator.entered.acquire()
        assert told(await samples(client), "elsewhere_sessions_playing") == 1
        narrator.release.set()
        await playing
        assert told(await samples(client), "elsewhere_sessions_playing") == 0
        assert told(await samples(client), "elsewhere_sessions", state="damaged") == 0
        await client.intro("broken")
        folder = client.app.state.service.settings.sessions_dir
        (folder / "broken" / "state.json").write_bytes(b"")
        body = {"session_id": "broken"}
        assert (await client.post("/api/state/reload", json=body)).status_code == 500
        assert told(await samples(client), "elsewhere_sessions", state="damaged") == 1


async def test_queues_are_gauged(client: Client) -> None:
    threads = client.app.state.service.game.store._threads
    async with asyncio.timeout(30):
        while threads.working:  # What a start still has to do, in the background.
            await asyncio.sleep(0.01)
    found = await samples(client)
    for queue in ("store", "paint"):
        for state in ("waiting", "working"):
            assert told(found, "elsewhere_jobs", queue=queue, state=state) == 0
    release, entered = threading.Event(), asyncio.Semaphore(0)
    loop = asyncio.get_running_loop()

    def held() -> None:
        loop.call_soon_threadsafe(entered.release)
        assert release.wait(30)

    jobs = [asyncio.create_task(threads.run(held)) for _ in range(20)]
    for _ in range(16):
        await entered.acquire()
    found = await samples(client)
    assert told(found, "elsewhere_jobs", queue="store", state="working") == 16
    assert told(found, "elsewhere_jobs", queue="store", state="waiting") == 4
    release.set()
    await asyncio.gather(*jobs)
    found = await samples(client)
    assert told(found, "elsewhere_jobs", queue="store", state="working") == 0


async def test_the_lag_of_the_loop_is_told_and_its_task_ends() -> None:
    late: list[float] = []
    first = asyncio.Event()

    def observe(seconds: float) -> None:
        late.append(seconds)
        first.set()

    async with lag_measured(observe, every=0.0):
        await first.wait()
        loop = asyncio.get_running_loop()
        until = loop.time() + 0.05
        while loop.time() < until:
            pass  # What nobody may do.
        late.clear()
        first.clear()
        await first.wait()
    assert late[0] >= 0.03
    assert not [task for task in asyncio.all_tasks() if task.get_name() == "loop lag"]


async def test_the_service_measures_its_lag(client: Client) -> None:
    def count() -> float:
        registry = client.app.state.service.metrics.registry
        return registry.get_sample_value("elsewhere_event_loop_lag_seconds_count") or 0.0

    async with asyncio.timeout(30):
        while count() < 2:
            await asyncio.sleep(0.05)  # It looks four times a second.


async def test_the_labels_do_not_grow_with_those_who_play(client: Client) -> None:
    async def visit(number: int) -> None:
        session_id, name = f"guest-{number}-of-many", f"Player-{number}"
        headers = {"Elsewhere-Player": name, "Elsewhere-Client": f"client-{number}"}
        body = {"session_id": session_id, "choice": f"say {number} aloud"}
        await client.intro(session_id)
        await client.post("/api/game/action", json=body, headers=headers)
        await client.get(f"/api/sessions/{session_id}/status")
        await client.get(f"/api/sessions/{session_id}/images/{number}.webp")
        await client.get(f"/wp-content/{number}")
        await client.request(f"VERB{number}", "/api/state")
        await client.get("/api/state", params={"session_id": f"nobody-{number}"})

    for number in range(5):
        await visit(number)
    await samples(client)  # Asking is a request, too.
    early = await samples(client)
    for start in range(5, SESSIONS, 20):
        await asyncio.gather(*(visit(number) for number in range(start, min(start + 20, SESSIONS))))
    found = await samples(client)
    assert set(found) == set(early)
    assert told(found, "elsewhere_turns_total", source="offline", outcome="told") == 2 * SESSIONS
    values = {text for _, labels in found for _, text in labels}
    assert not [text for text in values if "guest" in text or "Player" in text or "nobody" in text]
    assert all(math.isfinite(number) for number in found.values())
    assert len(found) < 1000
