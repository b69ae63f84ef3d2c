"""So much disk and so many sessions and no more; what nobody plays becomes an archive."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.engine.world.world import World
from app.errors import StorageFull
from app.main import create_app
from app.models.narration import Picture, PictureRequest
from app.settings import ServiceSettings
from app.storage.quota import EVERY, TURN_BYTES, Allowance, Quota
from app.storage.usage import measure
from tests.doubles import HeldNarrator, QuickIllustrator
from tests.http.conftest import Client, ClientMaker, Clock, assert_failed
from tests.http.streams import in_process


def quota_of(client: Client) -> Quota:
    quota: Quota = client.app.state.service.quota
    return quota


def assert_full(response: httpx.Response, setting: str) -> None:
    failed = assert_failed(response, 507, "storage_full")
    assert setting in failed["error"]
    assert response.headers["retry-after"]


async def test_there_are_so_many_sessions(a_client: ClientMaker) -> None:
    async with a_client(max_sessions=3) as client:
        await quota_of(client).measured.wait()
        await client.intro("one")
        await client.data("POST", "/api/sessions", json={"session_id": "two"})
        for path, body in (
            ("/api/sessions", {}),
            ("/api/game/intro", {"session_id": "three"}),
            ("/api/state/reset", {"session_id": "three"}),
            ("/api/sessions/one/fork", {"turn": 0}),
        ):
            assert_full(await client.post(path, json=body), "ELSEWHERE_MAX_SESSIONS")
        export = (await client.get("/api/sessions/one/export")).content
        zipped = {"content-type": "application/zip"}
        response = await client.post("/api/sessions/import", content=export, headers=zipped)
        assert_full(response, "ELSEWHERE_MAX_SESSIONS")
        response = await client.post("/api/sessions", json={"session_id": "one"})
        assert_failed(response, 409, "session_exists")
        await client.act("one")
        archive = (await client.data("DELETE", "/api/sessions/one"))["archive"]
        await client.data("POST", f"/api/archives/{archive}/restore", json={})
        response = await client.post(f"/api/archives/{archive}/restore", json={})
        assert_full(response, "ELSEWHERE_MAX_SESSIONS")
        text = (await client.get("/metrics")).text
        assert 'elsewhere_refused_total{limit="sessions"} 6.0' in text


async def test_a_full_service_starts_again_and_counts_what_is_there(a_client: ClientMaker) -> None:
    async with a_client() as client:
        await client.intro("one")
    async with a_client(max_sessions=2) as client:
        await quota_of(client).measured.wait()
        response = await client.post("/api/game/intro", json={"session_id": "two"})
        assert_full(response, "ELSEWHERE_MAX_SESSIONS")
        await client.act("one")


async def test_a_session_has_so_much_of_the_disk(a_client: ClientMaker) -> None:
    async with a_client(illustrator=LargePictures(), max_session_bytes=1_200_000) as client:
        await client.intro("mine")
        await client.act("mine")
        state = await client.data("GET", "/api/state", params={"session_id": "mine"})
        choice = {"session_id": "mine", "choice_id": state["choices"][0]["id"]}
        response = await client.post("/api/game/action", json=choice)
        assert_full(response, "ELSEWHERE_MAX_SESSION_BYTES")
        assert await client.data("GET", "/api/state", params={"session_id": "mine"}) == state
        for path in ("/api/sessions/mine/history", "/api/sessions/mine/export"):
            assert (await client.get(path)).status_code == 200
        picture = await client.get(state["image"]["url"])
        assert len(picture.content) > 500_000
        await client.intro("other")
        await client.data("POST", "/api/sessions/mine/rewind", json={"turn": 0})
        await client.act("mine")


async def test_a_full_session_costs_no_model_and_a_retry_is_answered(a_client: ClientMaker) -> None:
    narrator = HeldNarrator()
    narrator.release.set()
    key = {"Idempotency-Key": "once"}
    async with a_client(narrator=narrator) as client:
        await client.intro()
        body = {"choice": "Wait"}
        told = await client.data("POST", "/api/game/action", json=body, headers=key)
        await quota_of(client).measure_all()
        used = quota_of(client).usage.of("default")
    async with a_client(narrator=narrator, max_session_bytes=used) as client:
        await quota_of(client).measured.wait()
        calls = narrator.calls
        response = await client.post("/api/game/action", json={"choice": "Run"})
        assert_full(response, "ELSEWHERE_MAX_SESSION_BYTES")
        assert narrator.calls == calls
        again = await client.data("POST", "/api/game/action", json=body, headers=key)
        assert again == told


async def test_a_late_picture_without_room_is_a_failed_one(a_client: ClientMaker) -> None:
    pictures = LargePictures()
    pictures.go_on.clear()
    settings = {"image_deadline_seconds": 0.01, "max_session_bytes": 400_000}
    async with a_client(illustrator=pictures, **settings) as client:
        turn = await client.intro()
        assert turn["image"]["status"] == "pending"
        async with in_process(client.app, after="0") as stream:
            pictures.go_on.set()
            failed = await stream.until("image.failed")
        assert failed.data["code"] == "storage_full"
        state = await client.data("GET", "/api/state")
        assert state["image"]["status"] == "failed"


async def test_all_together_have_so_much_of_the_disk(a_client: ClientMaker) -> None:
    settings = {"illustrator": LargePictures(), "max_disk_bytes": 1_500_000}
    async with a_client(**settings) as client:
        await client.intro("one")
        await client.intro("two")
        name = "ELSEWHERE_MAX_DISK_BYTES"
        response = await client.post("/api/game/intro", json={"session_id": "three"})
        assert_full(response, name)
        response = await client.post("/api/game/action", json={"session_id": "one", "choice": "A"})
        assert_full(response, name)
        archive = (await client.data("DELETE", "/api/sessions/one"))["archive"]
        response = await client.post("/api/game/action", json={"session_id": "two", "choice": "A"})
        assert_full(response, name)
        await client.data("DELETE", f"/api/archives/{archive}")
        await client.act("two")
        await client.data("DELETE", "/api/sessions/two?archive=false")
        await client.intro("three")


async def test_what_is_counted_is_what_is_there(a_client: ClientMaker, tmp_path: Path) -> None:
    async with a_client() as client:
        quota = quota_of(client)
        await quota.measured.wait()
        for session in ("one", "two"):
            await client.intro(session)
            for _ in range(3):
                await client.act(session)
        await client.data("POST", "/api/sessions/one/fork", json={"turn": 2, "session_id": "three"})
        await client.data("POST", "/api/sessions/two/rewind", json={"turn": 1})
        await client.data("POST", "/api/state/reset", json={"session_id": "one"})
        await client.data("DELETE", "/api/sessions/two")
        counted = quota.usage.total
        await quota.measure_all()
        exact = quota.usage.total
        assert exact == _on_disk(tmp_path / "sessions") + _on_disk(tmp_path / "archives")
        assert abs(counted - exact) < 0.5 * exact, "near enough between two looks"
        assert set(quota.usage.sessions) == {"default", "one", "three"}
        assert len(quota.usage.archives) == 3


async def test_what_somebody_else_removes_is_noticed(
    tmp_path: Path, worlds: Mapping[str, World]
) -> None:
    async with paused(tmp_path, worlds, max_sessions=2) as (client, pause):
        assert await pause.next() == EVERY
        await client.intro("one")
        response = await client.post("/api/game/intro", json={"session_id": "two"})
        assert_full(response, "ELSEWHERE_MAX_SESSIONS")
        folder = tmp_path / "sessions" / "one"
        folder.rename(tmp_path / "elsewhere")
        pause.over()
        await pause.next()
        await client.intro("two")


# -- idle sessions -----------------------------------------------------------------------

DAY = 86_400.0


async def test_sessions_that_nobody_plays_become_archives(
    tmp_path: Path, worlds: Mapping[str, World], clock: Clock
) -> None:
    async with paused(tmp_path, worlds, clock=clock, archive_idle_days=7) as (client, pause):
        await pause.next()
        for name in ("left", "played", "watched"):
            await client.intro(name)
        await client.intro()
        clock.passes(6 * DAY)
        await _look(pause)
        assert set(await _names(client)) == {"default", "left", "played", "watched"}
        await client.act("played")
        clock.passes(2 * DAY)
        async with in_process(client.app, "watched") as stream:
            await stream.until("hello")
            await _look(pause)
            assert set(await _names(client)) == {"default", "played", "watched"}
        assert_failed(await client.get("/api/sessions/left"), 404, "session_not_found")
        [archive] = (await client.data("GET", "/api/archives"))["items"]
        assert archive["session_id"] == "left"
        await _look(pause)
        assert set(await _names(client)) == {"default", "played"}
        path = f"/api/archives/{archive['name']}/restore"
        await client.data("POST", path, json={"session_id": "left"})
        await client.act("left")


async def test_a_session_in_which_a_turn_is_made_is_not_idle(
    a_client: ClientMaker, clock: Clock
) -> None:
    narrator = HeldNarrator()
    narrator.release.set()
    async with a_client(narrator=narrator, archive_idle_days=1) as client:
        await client.intro("slow")
        await client.intro("left")
        narrator.release.clear()
        while not narrator.entered.locked():
            await narrator.entered.acquire()
        acting = asyncio.create_task(client.act("slow"))
        await narrator.entered.acquire()
        clock.passes(2 * DAY)
        assert await client.app.state.service.idling.look() == ("left",)
        narrator.release.set()
        assert (await acting)["turn"] == 1


async def test_by_default_nothing_is_archived_by_itself(
    tmp_path: Path, worlds: Mapping[str, World], clock: Clock
) -> None:
    async with paused(tmp_path, worlds, clock=clock) as (client, pause):
        await client.intro("left")
        clock.passes(10_000 * DAY)
        await _look(pause)
        assert set(await _names(client)) == {"default", "left"}


class LargePictures(QuickIllustrator):
    """Pictures of half a megabyte, as soon as they may come."""

    def __init__(self) -> None:
        super().__init__()
        self.go_on = asyncio.Event()
        self.go_on.set()

    async def paint(self, request: PictureRequest, **more: Any) -> Picture:
        await self.go_on.wait()
        picture = await super().paint(request, **more)
        return picture.model_copy(update={"data": picture.data.ljust(520_000, b"\0")})


class Pauses:
    """The rests of the tasks that look now and then: they end when the test says so."""

    def __init__(self) -> None:
        self._begun: asyncio.Queue[float] = asyncio.Queue()
        self._ends: list[asyncio.Event] = []

    async def __call__(self, seconds: float) -> None:
        end = asyncio.Event()
        self._ends.append(end)
        self._begun.put_nowait(seconds)
        await end.wait()

    async def next(self) -> float:
        """Wait until a task rests."""
        return await self._begun.get()

    def over(self) -> int:
        """End all of them; how many."""
        ends, self._ends = self._ends, []
        for end in ends:
            end.set()
        return len(ends)


async def _look(pause: Pauses) -> None:
    """Have all of them look, and wait until they rest again."""
    while not pause._begun.empty():
        pause._begun.get_nowait()
    for _ in range(pause.over()):
        await pause.next()


@asynccontextmanager
async def paused(
    folder: Path, worlds: Mapping[str, World], clock: Clock | None = None, **settings: Any
) -> AsyncIterator[tuple[Client, Pauses]]:
    pause = Pauses()
    given = {"sessions_dir": folder / "sessions", "durability": "process", **settings}
    app = create_app(
        ServiceSettings(**given),
        illustrator=QuickIllustrator(),
        worlds=worlds,
        clock=clock,
        pause=pause,
    )
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        Client(transport=transport, base_url="http://elsewhere.test") as client,
    ):
        client.app = app
        yield client, pause


async def _names(client: Client) -> list[str]:
    listed = await client.data("GET", "/api/sessions")
    return [item["session_id"] for item in listed["items"]]


def _on_disk(folder: Path) -> int:
    """Every file once, however many names it has."""
    sizes = [measure(path) for path in folder.iterdir() if not path.name.startswith(".")]
    return sum(size.share for size in sizes if size is not None)


def test_what_is_nowhere_has_no_size(tmp_path: Path) -> None:
    assert measure(tmp_path / "nothing") is None
    (tmp_path / "file").write_bytes(b"x")
    assert measure(tmp_path / "file") is None


@pytest.mark.parametrize("limit", ["session_bytes", "disk_bytes", "sessions"])
def test_no_limit_is_none(tmp_path: Path, limit: str) -> None:

    allowance = {"session_bytes": 0, "disk_bytes": 0, "sessions": 0}
    refused: list[str] = []
    quota = Quota(tmp_path, tmp_path, Allowance(**allowance), refused.append)
    quota.changed("one", 10**15)
    quota.check("one", TURN_BYTES)
    quota.check_new()
    quota = Quota(tmp_path, tmp_path, Allowance(**{**allowance, limit: 1}), refused.append)
    quota.changed("one", 10**15)
    check = quota.check_new if limit == "sessions" else lambda: quota.check("one", TURN_BYTES)
    with pytest.raises(StorageFull):
        check()
    assert refused == [limit]
