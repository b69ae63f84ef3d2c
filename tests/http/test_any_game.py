"""Any game at all: random sequences of everything that can be asked for, with models that fail
and services that are restarted, over HTTP and real files. After every step all of DESIGN.md's
promises hold."""

import asyncio
import hashlib
import shutil
import tempfile
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final, TypeVar

import httpx
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from app.engine.ports import Hear, Purse
from app.engine.providers.offline.narrator import OfflineNarrator
from app.engine.world.loader import load_worlds
from app.errors import ProviderError, ProviderTimeout
from app.main import SHIPPED_WORLDS, create_app
from app.models.ledger import Units
from app.models.narration import Brief, Picture, PictureRequest, Telling
from app.settings import ServiceSettings
from tests.doubles import QuickIllustrator
from tests.http.conftest import Clock

T = TypeVar("T")

IDS: Final = ("default", "ada", "bob")
MORE_IDS: Final = (*IDS, "cyd", "dee", "eve")
PRICE: Final = 1000
"""Millionths of a dollar that a telling costs."""
REFUSALS: Final = frozenset(
    ("not_started", "session_over", "deadline_not_reached", "no_deadline", "stale_turn",
     "turn_in_progress", "choice_not_offered", "turn_not_found", "session_exists",
     "session_protected", "session_not_found", "archive_not_found")
)  # fmt: skip
WORLDS: Final = load_worlds(SHIPPED_WORLDS)

ids = st.sampled_from(IDS)
new_ids = st.sampled_from(MORE_IDS)
seeds = st.integers(0, 5)
whiches = st.integers(0, 100)
words = st.sampled_from(("wait", "shout", "look for water", "go back", "lie down and hope"))


class FickleNarrator(OfflineNarrator):
    """Costs money, and now and then fails in one of the ways in which models do."""

    priced = True

    def __init__(self) -> None:
        self.mood = "well"
        self.billed: dict[str, int] = {}

    async def tell(self, brief: Brief, *, hear: Hear, purse: Purse) -> Telling:
        mood, self.mood = self.mood, "well"
        hold = await purse.reserve("text", provider="double", model="fickle", at_most=2 * PRICE)
        await asyncio.sleep(0)
        if mood == "away":
            hold.release()
            raise ProviderError("The server cannot be reached.")
        hold.settle(Units(output_tokens=10), PRICE)
        self.billed[brief.session_id] = self.billed.get(brief.session_id, 0) + PRICE
        if mood == "rambling":
            raise ProviderError("The answer made no sense.")
        if mood == "slow":
            raise ProviderTimeout
        telling = await super().tell(brief, hear=hear, purse=purse)
        return telling.model_copy(update={"source": "ai"})


class FickleIllustrator(QuickIllustrator):
    """Fails when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.fails = False

    async def paint(self, request: PictureRequest, *, purse: Purse) -> Picture:
        fails, self.fails = self.fails, False
        if fails:
            raise ProviderError("No picture today.")
        return await super().paint(request, purse=purse)


class Known:
    """What must be true of one session."""

    def __init__(self, story: tuple[str, ...] = (), events: int = 0) -> None:
        self.story = story
        self.events = events
        self.files = ""


class AnyGame(RuleBasedStateMachine):
    """A service, its clients, and a model of what it keeps."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="any-game-"))
        self.clock = Clock()
        self.runner = asyncio.Runner()
        self.narrator, self.illustrator = FickleNarrator(), FickleIllustrator()
        self.known: dict[str, Known] = {}
        self.archives: dict[str, str] = {}
        self.exported: tuple[bytes, tuple[str, ...]] | None = None
        self.touched: set[str] = set()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    @initialize()
    def start(self) -> None:
        self.run(self._open())
        self.known["default"] = Known()
        self.touched = {"default"}
        for session_id in ("default", "ada"):
            self.play_on(session_id, [1, 2, 0])

    def teardown(self) -> None:
        if hasattr(self, "_opened"):
            self.run(self._opened.aclose())
        self.runner.close()
        shutil.rmtree(self.folder)

    async def _open(self) -> None:
        app = create_app(
            ServiceSettings(sessions_dir=self.folder / "sessions", durability="process"),
            narrator=self.narrator,
            illustrator=self.illustrator,
            worlds=WORLDS,
            clock=self.clock,
        )
        self._opened = AsyncExitStack()
        await self._opened.enter_async_context(app.router.lifespan_context(app))
        transport = httpx.ASGITransport(app)
        self.http = await self._opened.enter_async_context(
            httpx.AsyncClient(transport=transport, base_url="http://elsewhere.test")
        )

    # -- asking --------------------------------------------------------------------------

    def ask(self, method: str, path: str, **more: Any) -> tuple[int, Any]:
        """Status and `data`, or the error's code. An error leaves everything as it was."""
        self.clock.passes(1)
        response = self.run(self.http.request(method, path, **more))
        body = response.json()
        if response.is_success:
            return response.status_code, body["data"]
        provider = response.status_code in (502, 504)
        assert provider or body["code"] in REFUSALS, body
        return response.status_code, body["code"]

    def play(self, session_id: str, path: str, **body: Any) -> None:
        """A request that plays a turn; the model learns of it if it was good."""
        status, data = self.ask(
            "POST", f"/api/game/{path}", json={"session_id": session_id, **body}
        )
        if status != 200:
            return
        self._told(session_id, data)

    def _told(self, session_id: str, turn: dict[str, Any]) -> None:
        known = self.known.setdefault(session_id, Known())
        assert turn["session_id"] == session_id
        if turn["turn"] == len(known.story):
            known.story = (*known.story, turn["dispatch"])
            self.touched.add(session_id)
        else:
            # The intro of a session that has begun, or the same turn with other choices.
            assert turn["turn"] < len(known.story)
            assert turn["dispatch"] == known.story[turn["turn"]]

    # -- what can be asked for -----------------------------------------------------------

    @rule(session_id=ids, seed=seeds)
    def intro(self, session_id: str, seed: int) -> None:
        self.play(session_id, "intro", seed=seed)
        # It was made, and is of this seed, even if the model failed then.
        self.known.setdefault(session_id, Known())
        self.narrator.billed.setdefault(session_id, 0)
        if not self.known[session_id].story:
            self.touched.add(session_id)

    @rule(session_id=ids, index=st.integers(0, 3))
    def choose(self, session_id: str, index: int) -> None:
        status, state = self.ask("GET", "/api/state", params={"session_id": session_id})
        choices = state["choices"] if status == 200 else []
        if choices:
            choice = choices[min(index, len(choices) - 1)]["id"]
            body = {"choice_id": choice, "expected_turn": state["turn"]}
            self.play(session_id, "action", **body)

    @rule(session_id=ids, indexes=st.lists(st.integers(0, 3), min_size=2, max_size=6))
    def play_on(self, session_id: str, indexes: list[int]) -> None:
        self.intro(session_id, indexes[0])
        for index in indexes:
            self.choose(session_id, index)

    @rule(session_id=ids, said=words)
    def say(self, session_id: str, said: str) -> None:
        over = self._is_over(session_id)
        before = self._turn(session_id)
        self.play(session_id, "action", choice=said)
        if over:
            assert self._turn(session_id) == before, "the dead acted"

    @rule(session_id=ids)
    def hesitate(self, session_id: str) -> None:
        over = self._is_over(session_id)
        before = self._turn(session_id)
        self.play(session_id, "timeout_penalty")
        if over:
            assert self._turn(session_id) == before, "the world played with the dead"

    @rule(session_id=ids)
    def to_the_end(self, session_id: str) -> None:
        """Hesitate until it kills, which takes some twenty turns."""
        change = {"settings": {"deadline_seconds": 0}}
        self.ask("PATCH", f"/api/sessions/{session_id}", json=change)
        if session_id in self.known:
            self.touched.add(session_id)
        for _ in range(40):
            if self._turn(session_id) < 0 or self._is_over(session_id):
                break
            self.play(session_id, "timeout_penalty")

    @rule(session_id=ids)
    def ask_for_other_choices(self, session_id: str) -> None:
        body = {"session_id": session_id}
        status, data = self.ask("POST", "/api/game/choices/regenerate", json=body)
        if status == 200:
            self._told(session_id, data)
            self.touched.add(session_id)

    @rule(session_id=ids, said=words)
    def double_click(self, session_id: str, said: str) -> None:
        """Twice at once with one key, and somebody else at the same time."""
        before = self._turn(session_id)
        body = {"session_id": session_id, "choice": said}
        key = {"Idempotency-Key": f"{session_id}|{before}|{self.clock.now.isoformat()}"}

        async def both() -> tuple[httpx.Response, ...]:
            post = self.http.post
            return await asyncio.gather(
                post("/api/game/action", json=body, headers=key),
                post("/api/game/action", json={**body, "choice": "run"}),
                post("/api/game/action", json=body, headers=key),
            )

        good = [one.json()["data"] for one in self.run(both()) if one.is_success]
        assert {turn["turn"] for turn in good} <= {before + 1}
        assert len({turn["dispatch"] for turn in good}) <= 1
        if good:
            self._told(session_id, good[0])

    @rule(session_id=ids, seed=seeds)
    def reset(self, session_id: str, seed: int) -> None:
        body = {"session_id": session_id, "seed": seed}
        status, _ = self.ask("POST", "/api/state/reset", json=body)
        assert status == 200
        known = self.known.setdefault(session_id, Known())
        self.narrator.billed.setdefault(session_id, 0)
        self._ended(known.story)
        known.story = ()
        self.touched.add(session_id)

    def _some_turn(self, session_id: str, which: int) -> int:
        """One that the session has, or the one after the last."""
        known = self.known.get(session_id)
        return which % (len(known.story) + 1) if known else which

    @rule(session_id=ids, which=whiches)
    def rewind(self, session_id: str, which: int) -> None:
        turn = self._some_turn(session_id, which)
        path = f"/api/sessions/{session_id}/rewind"
        status, state = self.ask("POST", path, json={"turn": turn})
        if status == 200:
            assert state["turn"] == turn
            known = self.known[session_id]
            self._ended(known.story)
            known.story = known.story[: turn + 1]
            self.touched.add(session_id)

    @rule(source=ids, new=new_ids, which=whiches)
    def fork(self, source: str, new: str, which: int) -> None:
        turn = self._some_turn(source, which)
        path = f"/api/sessions/{source}/fork"
        status, _ = self.ask("POST", path, json={"turn": turn, "session_id": new})
        if status == 201:
            self._added(new, self.known[source].story[: turn + 1])

    @rule(session_id=new_ids, keep=st.booleans())
    def delete(self, session_id: str, keep: bool) -> None:
        path = f"/api/sessions/{session_id}"
        status, _ = self.ask("DELETE", path, params={"archive": keep})
        if status == 200:
            gone = self.known.pop(session_id)
            self.narrator.billed.pop(session_id, None)
            if keep:
                self._ended(gone.story)

    @rule(session_id=ids)
    def export(self, session_id: str) -> None:
        if session_id in self.known:
            path = f"/api/sessions/{session_id}/export"
            response = self.run(self.http.get(path))
            assert response.status_code == 200
            self.exported = response.content, self.known[session_id].story

    @precondition(lambda self: self.exported is not None)
    @rule(session_id=new_ids)
    def import_(self, session_id: str) -> None:
        assert self.exported is not None
        content, story = self.exported
        path, query = "/api/sessions/import", {"session_id": session_id}
        headers = {"content-type": "application/zip"}
        status, _ = self.ask("POST", path, params=query, content=content, headers=headers)
        assert (status == 201) is (session_id not in self.known)
        if status == 201:
            self._added(session_id, story)

    @precondition(lambda self: self.archives)
    @rule(session_id=new_ids, which=whiches)
    def restore(self, session_id: str, which: int) -> None:
        name = sorted(self.archives)[which % len(self.archives)]
        path = f"/api/archives/{name}/restore"
        status, _ = self.ask("POST", path, json={"session_id": session_id})
        assert (status == 201) is (session_id not in self.known)
        if status == 201:
            archive = self.ask("GET", f"/api/archives/{name}", params={"limit": 200})[1]
            story = tuple(one["dispatch"] for one in archive["history"]["items"][::-1])
            assert _digest(story) == self.archives[name]
            self._added(session_id, story)

    @rule(session_id=ids, seconds=st.sampled_from((0, 1, 60)))
    def set_deadline(self, session_id: str, seconds: int) -> None:
        change = {"settings": {"deadline_seconds": seconds}}
        status, _ = self.ask("PATCH", f"/api/sessions/{session_id}", json=change)
        if status == 200:
            self.touched.add(session_id)

    @rule(session_id=ids, action=st.sampled_from(("hold", "resume", "extend")))
    def clock_is_touched(self, session_id: str, action: str) -> None:
        path = f"/api/sessions/{session_id}/deadline"
        status, state = self.ask("POST", path, json={"action": action})
        if status == 200:
            assert (state["held_by"] is not None) is (state["deadline_at"] is None)
            self.touched.add(session_id)

    @rule(mood=st.sampled_from(("away", "rambling", "slow")))
    def the_model_fails_next(self, mood: str) -> None:
        self.narrator.mood = mood

    @rule()
    def the_next_picture_fails(self) -> None:
        self.illustrator.fails = True

    @rule()
    def restart(self) -> None:
        self.run(self._opened.aclose())
        self.run(self._open())
        self.touched.update(self.known)

    # -- what must hold ------------------------------------------------------------------

    @invariant()
    def every_promise_is_kept(self) -> None:
        if not self.known:
            return
        for session_id, known in self.known.items():
            files = self._files(session_id)
            if session_id not in self.touched:
                assert files == known.files, f"{session_id} was not asked about"
                continue
            self._check(session_id, known)
            known.files = self._files(session_id)
        self.touched.clear()
        assert not self.run(self._busy())

    def _check(self, session_id: str, known: Known) -> None:
        query = {"session_id": session_id}
        state = self.run(self.http.get("/api/state", params=query)).json()["data"]
        path = f"/api/sessions/{session_id}/history"
        page = self.run(self.http.get(path, params={"limit": 200})).json()["data"]
        entries = page["items"][::-1]
        assert [entry["turn"] for entry in entries] == list(range(len(known.story)))
        assert tuple(entry["dispatch"] for entry in entries) == known.story
        assert state["turn"] == len(entries) - 1 == page["total"] - 1
        assert state["last_event_id"] >= known.events
        known.events = state["last_event_id"]
        _check_phase(state, entries)
        for entry in entries:
            assert entry["session_id"] == entry["state"]["session_id"] == session_id
            self._check_image(session_id, entry["image"])
        self._check_image(session_id, state["image"])
        self._check_ledger(session_id, state)

    def _check_image(self, session_id: str, image: dict[str, Any] | None) -> None:
        if image is None:
            return
        assert image["status"] in ("ready", "failed")
        assert (image["url"] is not None) is (image["status"] == "ready")
        if image["url"] is not None:
            assert f"/{session_id}/" in image["url"]
            assert self.run(self.http.head(image["url"])).status_code == 200

    def _check_ledger(self, session_id: str, state: dict[str, Any]) -> None:
        """Every call that was billed is in the sums, and nothing is held when nobody plays."""
        cost = self.run(self.http.get(f"/api/sessions/{session_id}/cost")).json()["data"]
        billed = self.narrator.billed.get(session_id, 0) / 1_000_000
        assert cost["spent_usd"] == pytest.approx(billed)
        assert cost["held_usd"] == 0
        assert state["cost"]["spent_usd"] == pytest.approx(billed)

    async def _busy(self) -> int:
        """Sessions at work; what was answered is over within a turn of the loop."""
        await asyncio.sleep(0)
        ready = await self.http.get("/api/ready")
        assert ready.status_code == 200
        text = (await self.http.get("/metrics")).text
        line = next(one for one in text.splitlines() if one.startswith("elsewhere_sessions_play"))
        return int(float(line.split()[-1]))

    # -- the model -----------------------------------------------------------------------

    def _added(self, session_id: str, story: tuple[str, ...]) -> None:
        self.known[session_id] = Known(story)
        self.narrator.billed[session_id] = 0
        self.touched.add(session_id)

    def _ended(self, story: tuple[str, ...]) -> None:
        """A run was archived, if it had turns; all older ones are as they were."""
        items = self.ask("GET", "/api/archives")[1]["items"]
        fresh = {one["name"]: one["turns"] for one in items} if items else {}
        assert self.archives.keys() <= fresh.keys()
        new = fresh.keys() - self.archives.keys()
        assert len(new) == (1 if story else 0)
        for name in new:
            assert fresh[name] == len(story)
            self.archives[name] = _digest(story)

    def _turn(self, session_id: str) -> int:
        known = self.known.get(session_id)
        return len(known.story) - 1 if known else -1

    def _is_over(self, session_id: str) -> bool:
        status, state = self.ask("GET", "/api/state", params={"session_id": session_id})
        return status == 200 and state["phase"] == "over"

    def _files(self, session_id: str) -> str:
        """A digest of what a session is made of, but for its ledger, which is of calls, and its
        films, which are made when there is time."""
        folder = self.folder / "sessions" / session_id
        digest = hashlib.sha256()
        for path in sorted(folder.rglob("*")):
            about_it = not path.name.startswith("ledger") and path.parent.name != "tapes"
            if path.is_file() and about_it:
                digest.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
        return digest.hexdigest()


def _check_phase(state: dict[str, Any], entries: list[dict[str, Any]]) -> None:
    if not entries:
        assert (state["phase"], state["choices"]) == ("new", [])
        return
    last = entries[-1]
    assert state["phase"] == last["phase"]
    assert state["player"]["alive"] is (state["player"]["health"] > 0)
    if state["phase"] == "over":
        assert (state["choices"], state["deadline_at"], state["held_by"]) == ([], None, None)
    else:
        assert state["phase"] == "choosing"
        assert state["player"]["alive"]
        texts = {choice["text"] for choice in state["choices"]}
        assert 3 <= len(texts) == len(state["choices"])
        assert any(choice["risk"] == "low" for choice in state["choices"])
    for entry in entries[:-1]:
        assert entry["phase"] == "choosing", "somebody acted after the end"


def _digest(story: tuple[str, ...]) -> str:
    return hashlib.sha256("\n".join(story).encode()).hexdigest()


_QUIET: Final = (HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large)


class TestAnyGame(AnyGame.TestCase):  # type: ignore[misc,valid-type]  # made at run time
    settings = settings(
        max_examples=10,
        stateful_step_count=35,
        deadline=None,
        derandomize=True,
        suppress_health_check=_QUIET,
    )


@pytest.mark.soak
@pytest.mark.timeout(4 * 3600)
class TestAnyGameForLong(AnyGame.TestCase):  # type: ignore[misc,valid-type]
    settings = settings(
        max_examples=1500, stateful_step_count=80, deadline=None, suppress_health_check=_QUIET
    )
