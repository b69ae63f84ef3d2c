"""Whatever a model server does, a turn ends by its deadline, whole or not at all (R5).

Every fault at every call: the telling, its repair, the painting, the painting over references.
Each case is a session with a server of its own, so that many can be played at once.
"""

import asyncio
import io
import threading
from collections.abc import AsyncIterator, Coroutine, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, Literal

import httpx
import pytest
from PIL import Image as Pixels

from app.engine.providers.offline.narrator import OfflineNarrator
from app.engine.providers.openai_compatible.endpoint import Endpoint
from app.engine.providers.openai_compatible.illustrator import OpenAIIllustrator
from app.engine.providers.openai_compatible.narrator import OpenAINarrator
from app.engine.providers.openai_compatible.prices import Prices
from app.engine.world.world import World
from tests.conftest import Measured
from tests.doubles import QuickIllustrator
from tests.http.conftest import Client
from tests.providers.conftest import ByCase, a_service, an_endpoint, told, watch
from tests.providers.fake_openai import FakeOpenAI
from tests.providers.fault_server import WELL, Door, FaultServer
from tests.providers.faults import (
    BODIES,
    CONNECTIONS,
    DOORS,
    OUTAGE,
    SAYINGS,
    STATUSES,
    STREAMS,
)
from tests.providers.profiles import ANY, Profile
from tests.providers.story import picture

TURN: Final = 1.2
"""Seconds that a turn may take."""
PAINTED: Final = 2.0
"""Seconds that a picture may take."""
LONGER: Final = 1.0
"""Seconds more that a turn waits for it, so that none comes late."""
ANSWERED: Final = frozenset({"statuses", "sayings"})
"""Families in which the server answers at once, and never keeps anybody waiting."""
UNHURRIED: Final = 20.0
"""Seconds that a picture may take there: good ones, eight at once, take their time on a
machine that has other things to do, and no fault is waited for."""
GRACE: Final = 1.5
"""More, for a machine with other things to do; far less than what the SDK would wait (600 s)."""
AT_ONCE: Final = 8

NO_EDIT: Final = replace(ANY, edit=False)

Mode = Literal["error", "offline"]
MODES: Final[tuple[Mode, ...]] = ("error", "offline")

FAMILIES: Final[Mapping[str, tuple[str, ...]]] = {
    "doors": DOORS,
    "connections": tuple(CONNECTIONS),
    "statuses": tuple(STATUSES),
    "bodies": tuple(BODIES),
    "sayings": tuple(SAYINGS),
    "streams": tuple(STREAMS),
}
HARMLESS: Final = frozenset({"noisy_stream", "undone_stream"})
"""Faults that a reader should not stumble over."""


class Stage:
    """The service, the server that is broken, and who talks to it."""

    def __init__(
        self,
        server: FaultServer,
        client: Client,
        crew: ByCase,
        folder: Path,
        *,
        told: float,
        painted: float,
    ) -> None:
        self.server, self.client, self.crew, self.folder = server, client, crew, folder
        self.told = told
        self.painted = painted
        self._hired: list[OpenAINarrator | OpenAIIllustrator] = []
        self._prices = Prices.load()

    async def narrator(self, base_url: str) -> OpenAINarrator:
        narrator = OpenAINarrator(_impatient(base_url, self.told), self._prices)
        self._hired.append(narrator)
        await narrator.open()  # Loading the SDK takes longer than a turn has here.
        return narrator

    async def illustrator(self, base_url: str) -> OpenAIIllustrator:
        endpoint, sketcher = _impatient(base_url, self.painted), QuickIllustrator()
        illustrator = OpenAIIllustrator(endpoint, self._prices, sketcher=sketcher, pause=0.05)
        self._hired.append(illustrator)
        await illustrator.open()
        return illustrator

    async def dismiss(self) -> None:
        for one in self._hired:
            await one.close()

    def kept(self, case: str) -> dict[str, bytes]:
        """The files of a session; its ledger apart, which also keeps what was spent in vain."""
        root = self.folder / "sessions" / case
        files = [path for path in root.rglob("*") if path.is_file()]
        return {path.name: path.read_bytes() for path in files if "ledger" not in path.name}


@asynccontextmanager
async def _stage(
    folder: Path,
    worlds: Mapping[str, World],
    profile: Profile = ANY,
    *,
    told: float = TURN,
    painted: float = PAINTED,
) -> AsyncIterator[Stage]:
    """Everything that is opened here is closed again, or the test fails."""
    tasks, threads, files = asyncio.all_tasks(), _threads(), _open_files()
    crew = ByCase()
    fake = FakeOpenAI(profile)
    fake.paint = lambda asked: picture(asked.prompt, "256x192")
    async with (
        FaultServer.open(fake) as server,
        a_service(
            folder,
            worlds,
            crew,
            crew,
            text_deadline_seconds=told,
            image_deadline_seconds=painted + LONGER,
        ) as client,
    ):
        stage = Stage(server, client, crew, folder, told=told, painted=painted)
        try:
            yield stage
        finally:
            await stage.dismiss()
        game = client.app.state.service.game
        assert game.jobs.count() == 0
    assert game.store.locks_held == 0
    assert asyncio.all_tasks() == tasks
    assert _threads() == threads
    assert _open_files() == files


def _impatient(base_url: str, seconds: float) -> Endpoint:
    return an_endpoint(base_url, deadline=seconds, connect=seconds / 4, idle=seconds / 2)


def _threads() -> set[str]:
    """Threads but those of the loop's own pools, which it keeps for later.

    asyncio waits for a painter's process in a thread, which ends just after the process has.
    """
    for one in threading.enumerate():
        if one.name.startswith("asyncio-waitpid"):
            one.join(timeout=5)
    pools = ("asyncio_", "AnyIO worker")
    return {one.name for one in threading.enumerate() if not one.name.startswith(pools)}


def _open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.parametrize(
    ("call", "family"),
    [
        *(("telling", family) for family in FAMILIES),
        *(("repair", family) for family in FAMILIES if family != "doors"),
    ],
)
async def test_a_broken_narrator_is_an_error_and_never_story(
    tmp_path: Path, worlds: Mapping[str, World], call: str, family: str, measured: Measured
) -> None:
    modes = MODES if call == "telling" else MODES[:1]  # Who takes over is the same either time.
    told = 4 * TURN if family == "sayings" else TURN
    async with _stage(tmp_path, worlds, told=told) as stage:
        await _all(
            _break_the_telling(stage, fault, call, mode)
            for fault in FAMILIES[family]
            for mode in modes
        )
    measured("faults met", len(FAMILIES[family]) * len(modes))


async def _all(cases: Iterable[Coroutine[Any, Any, Any]]) -> None:
    """Play every case, some at once, and tell of all that fail."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(case: Coroutine[Any, Any, Any]) -> None:
        async with gate:
            await case

    ends = await asyncio.gather(*map(one, cases), return_exceptions=True)
    if failed := [end for end in ends if isinstance(end, Exception)]:
        raise ExceptionGroup("cases that failed", failed)


async def _break_the_telling(stage: Stage, fault: str, call: str, mode: Mode) -> None:
    case = f"{call}-{fault}-{mode}"
    stage.crew.narrators[case] = OfflineNarrator()
    await _begin(stage, case, images=False, on_provider_failure=mode)
    door = stage.server.shut_door(silently=fault == "unaccepted") if fault in DOORS else None
    base_url = (door or stage.server).base_url(case)
    stage.crew.narrators[case] = await stage.narrator(base_url)
    if door is None:
        stage.server.plan(case, text=["wrong_schema", fault] if call == "repair" else [fault])
    files = stage.kept(case)
    state, watching = await _state(stage, case), await watch(stage.client, case)
    response = await _act(stage, case, within=stage.told)
    await _let_go(stage, case)
    body = response.json()
    made = response.is_success
    if made:
        _check_told(body["data"], fault, mode)
    else:
        assert mode == "error", (case, body)
        assert (response.status_code, body["code"]) in {
            (502, "provider_failed"),
            (504, "provider_timeout"),
        }, (case, body)
        assert stage.kept(case) == files, case
        assert await _state(stage, case) == state, case
    if call == "telling":
        assert made or fault not in HARMLESS, (case, body)
    await _recover(stage, case, door)
    again = await _act(stage, case, within=stage.told)
    assert again.is_success, (case, again.text)
    assert again.json()["data"]["turn"] == 1, case
    if not made:
        assert again.json()["data"]["source"] == "ai", case
    history = await stage.client.get(f"/api/sessions/{case}/history")
    assert len(history.json()["data"]["items"]) == 2, case
    events = await told(watching)
    watching.close()
    assert ("event: turn.failed" in events) == (not made), case
    assert "event: turn.committed" in events, case
    for text in (response.text, again.text, history.text, events):
        assert OUTAGE not in text, (case, text)


def _check_told(turn: dict[str, Any], fault: str, mode: Mode) -> None:
    """A turn that came about in spite of the fault is a good one."""
    assert turn["turn"] == 1
    assert turn["source"] == "ai" or mode == "offline", turn
    assert turn["dispatch"].strip()
    assert turn["phase"] == "over" or 3 <= len(turn["choices"]) <= 4
    assert len(turn["dispatch"]) < 2000, (fault, len(turn["dispatch"]))


async def _begin(stage: Stage, case: str, **settings: Any) -> None:
    session = {"session_id": case, "seed": 7, "settings": settings}
    await stage.client.data("POST", "/api/sessions", json=session)
    await stage.client.intro(case)


async def _state(stage: Stage, case: str) -> Any:
    """The state, but for what was spent: a failed call may have to be paid for."""
    state = await stage.client.data("GET", "/api/state", params={"session_id": case})
    return {**state, "cost": None, "spent_usd": None}


async def _act(stage: Stage, case: str, *, within: float = TURN) -> httpx.Response:
    """The same action each time, answered within the time of a turn."""
    async with asyncio.timeout(within + GRACE):
        return await stage.client.post(
            "/api/game/action",
            json={"session_id": case, "choice": "wait and listen", "fate": "LUCKY"},
            headers={"Idempotency-Key": case},
        )


async def _let_go(stage: Stage, case: str) -> None:
    """Nobody is left on a line that went wrong."""
    async with asyncio.timeout(GRACE):
        await stage.server.let_go(case)


async def _recover(stage: Stage, case: str, door: Door | None) -> None:
    stage.server.heal(case)
    if door is not None:
        await door.open()


@pytest.mark.parametrize(
    "fault", ["429_soon", "500", "502", "503", "hangs_up", "reset_at_once", "reset_mid_body"]
)
async def test_a_passing_fault_is_got_over_within_the_turn(
    tmp_path: Path, worlds: Mapping[str, World], fault: str
) -> None:
    async with _stage(tmp_path, worlds) as stage:
        stage.crew.illustrators["s"] = QuickIllustrator()
        stage.crew.narrators["s"] = await stage.narrator(stage.server.base_url("s"))
        await _begin(stage, "s", images=False)
        stage.server.plan("s", text=[fault, WELL])
        turn = (await _act(stage, "s")).json()["data"]
        assert turn["source"] == "ai"
        assert len(stage.server.calls("s", "text")) == 3


@pytest.mark.parametrize("family", [name for name in FAMILIES if name != "streams"])
@pytest.mark.parametrize("call", ["painting", "repainting"])
async def test_a_broken_illustrator_costs_a_picture_and_nothing_else(
    tmp_path: Path, worlds: Mapping[str, World], family: str, call: str, measured: Measured
) -> None:
    """`painting`: a server that takes no references. `repainting`: one that does."""
    profile, faults = (ANY if call == "repainting" else NO_EDIT), FAMILIES[family]
    painted = UNHURRIED if family in ANSWERED else PAINTED
    async with _stage(tmp_path, worlds, profile, painted=painted) as stage:
        await _all(_break_the_painting(stage, fault, call) for fault in faults)
    measured("faults met", len(faults))


async def test_the_built_in_painter_stands_in_where_the_session_says_so(
    tmp_path: Path, worlds: Mapping[str, World]
) -> None:
    async with _stage(tmp_path, worlds) as stage:
        for fault in ("500", "html", "content_filter"):
            turn = await _break_the_painting(stage, fault, "repainting", "offline")
            assert turn["image"]["status"] == "ready"


async def _break_the_painting(
    stage: Stage, fault: str, call: str, mode: Mode = "error"
) -> dict[str, Any]:
    """Gives the turn whose picture's server was broken."""
    case = f"{call}-{fault}-{mode}"
    stage.crew.narrators[case] = OfflineNarrator()
    stage.crew.illustrators[case] = QuickIllustrator()
    await _begin(stage, case, on_provider_failure=mode)
    door = stage.server.shut_door(silently=fault == "unaccepted") if fault in DOORS else None
    base_url = (door or stage.server).base_url(case)
    stage.crew.illustrators[case] = await stage.illustrator(base_url)
    if door is None:
        kind = "edit" if call == "repainting" else "image"
        stage.server.plan(case, **{kind: [fault]})
    watching = await watch(stage.client, case)
    response = await _act(stage, case, within=stage.painted + LONGER)
    await _let_go(stage, case)
    assert response.is_success, (case, response.text)
    turn = response.json()["data"]
    assert turn["turn"] == 1
    if mode == "offline":
        turn["image"] = await _painted(stage, case)
    assert turn["image"]["status"] in ("ready", "failed"), (case, turn["image"])
    await _check_picture(stage, case, turn)
    await _recover(stage, case, door)
    later = await stage.client.act(case)
    assert later["image"]["status"] == "ready", (case, later["image"])
    await _check_picture(stage, case, later)
    history = await stage.client.get(f"/api/sessions/{case}/history")
    for text in (response.text, history.text, await told(watching)):
        assert OUTAGE not in text, (case, text)
    watching.close()
    assert isinstance(turn, dict)
    return turn


async def _painted(stage: Stage, case: str) -> Any:
    """The last picture, late or not: the built-in painter works in a process of its own."""
    async with asyncio.timeout(30):
        while (image := (await _state(stage, case))["image"])["status"] == "pending":
            await asyncio.sleep(0.02)
        return image


async def _check_picture(stage: Stage, case: str, turn: dict[str, Any]) -> None:
    """A picture that is announced can be read, and is of the size that was promised."""
    image = turn["image"]
    if image["status"] == "failed":
        assert image["url"] is None, case
        return
    data = (await stage.client.get(image["url"])).content
    with Pixels.open(io.BytesIO(data)) as opened:
        assert opened.format == "WEBP"
        assert opened.size == (image["width"], image["height"]), case
