"""Plays a game over HTTP and keeps what was asked and answered as the examples of the docs.

    python -m tests.http.record_examples

Times are those of a set clock, so that a second recording differs only where the service does.
"""

import asyncio
import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import httpx
from fastapi import FastAPI

from app.edge import docs
from app.edge.access.keys import new_key
from app.edge.routes import Route
from app.edge.secret import SECRET_FILE
from app.engine.ports import Purse
from app.main import create_app
from app.models.narration import Clip, ClipRequest
from app.settings import ServiceSettings
from tests.doubles import QuickFilmmaker, QuickIllustrator
from tests.http.routes import SHOWN
from tests.http.streams import in_process
from tests.tapes.decks import HeldDeck, idle

TARGET: Final = Path(docs.__file__).with_name(docs.EXAMPLES)


class LateFilmmaker(QuickFilmmaker):
    """Films when it is told to, so that every recording finds clips where the last one did."""

    def __init__(self) -> None:
        super().__init__()
        self.release = asyncio.Event()

    async def film(self, request: ClipRequest, *, purse: Purse) -> Clip:
        await self.release.wait()
        return await super().film(request, purse=purse)


class Recorder:
    """Asks, and remembers the first good answer of every operation."""

    def __init__(
        self, app: FastAPI, http: httpx.AsyncClient, films: LateFilmmaker, deck: HeldDeck
    ) -> None:
        self._app = app
        self._deck = deck
        self._films = films
        self._http = http
        self.examples: dict[str, Any] = {}

    async def ask(
        self,
        operation: str,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
        content: bytes | None = None,
        parts: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        route = next(one for one in SHOWN if one.operation_id == operation)
        response = await self._http.request(
            route.method,
            route.path.format(**(parts or {})),
            json=body,
            params=query,
            content=content,
            headers={"content-type": "application/zip"} if content else None,
        )
        response.raise_for_status()
        self._keep(route, response, body, {**(parts or {}), **(query or {})})
        return response

    async def let_clips_come(self, session_id: str) -> None:
        """From here on clips are made; those of the turns so far are there."""
        self._films.release.set()
        pending = True
        while pending:
            answer = await self._http.get(f"/api/sessions/{session_id}/history")
            items = answer.raise_for_status().json()["data"]["items"]
            pending = any(entry["video"]["status"] == "pending" for entry in items)

    async def let_tapes_come(self) -> None:
        """From here on tapes are made; those that were asked for are there."""
        self._deck.let_go()
        await idle(self._app.state.service.game)

    async def watch(self, session_id: str, *, after: str) -> None:
        """Keep what a stream tells that resumes after the event `after`."""
        async with in_process(self._app, session_id, after=after) as stream:
            await stream.more()
        self.examples["watch_session"] = {
            "status": stream.status,
            "parameters": {"session_id": session_id, "after": after},
            "answers": {"text/event-stream": stream.text},
        }

    def _keep(
        self,
        route: Route,
        response: httpx.Response,
        body: Mapping[str, Any] | None,
        parameters: Mapping[str, Any],
    ) -> None:
        media_type = response.headers["content-type"].partition(";")[0]
        example = self.examples.setdefault(
            route.operation_id,
            {"status": response.status_code, "parameters": dict(parameters), "answers": {}},
        )
        if body is not None:
            example.setdefault("body", dict(body))
        if media_type == "application/json":
            example["answers"].setdefault(media_type, response.json())
        elif media_type.startswith("text/"):
            example["answers"].setdefault(media_type, _opening(response.text))


async def record(recorder: Recorder) -> None:
    """One game that meets every route."""
    ask = recorder.ask
    name = {"session_id": "friday"}
    made = {**name, "name": "Friday night", "world": "cinder_flat", "seed": 7}
    made["settings"] = {"videos": True}
    await ask("create_session", made)
    began = (await ask("play_intro", name)).json()["data"]
    choice = {"choice_id": began["choices"][0]["id"], "expected_turn": 0}
    await ask("play_action", {**name, **choice})
    await ask("begin_tick", name)
    await ask("regenerate_choices", name)
    await ask("play_action_image", {**name, "choice": "Listen at the fence", "fate": "LUCKY"})
    await ask("play_action_choices", name)
    await ask("play_timeout_penalty", name)
    await recorder.let_clips_come("friday")
    await ask("read_state", query=name)
    await recorder.watch("friday", after="4")
    await ask("reload_state", name)
    await ask("read_session", parts=name)
    await ask("read_status", parts=name)
    await ask("list_sessions", query={"limit": 2})
    await ask("read_history", query={"limit": 1}, parts=name)
    await ask("read_entry", parts={**name, "turn": "1"})
    await ask("change_session", {"settings": {"deadline_seconds": 120}}, parts=name)
    await ask("change_deadline", {"action": "hold", "name": "Ada"}, parts=name)
    await ask("read_cost", parts=name)
    for style in ("md", "txt"):
        await ask("read_transcript", query={"format": style}, parts=name)
    file = began["image"]["url"].rpartition("/")[2]
    await ask("read_image", parts={**name, "file": file})
    clip = file.replace(".webp", ".mp4")
    await ask("read_video", parts={**name, "file": clip})
    tape = (await ask("make_tape", {"turn": 3}, parts=name)).json()["data"]
    await recorder.let_tapes_come()
    await ask("list_tapes", parts=name)
    captions = tape["captions_url"].rpartition("/")[2]
    await ask("read_tape", parts={**name, "file": captions})
    await ask("fork_session", {"turn": 1, "session_id": "friday-again"}, parts=name)
    await ask("rewind_session", {"turn": 1}, parts={"session_id": "friday-again"})
    exported = await ask("export_session", parts=name)
    await ask("import_session", query={"session_id": "saturday"}, content=exported.content)
    await ask("delete_session", parts={"session_id": "saturday"})
    archives = (await ask("list_archives")).json()["data"]["items"]
    archive = next(one["name"] for one in archives if one["session_id"] == "saturday")
    await ask("read_archive", query={"limit": 1}, parts={"name": archive})
    await ask("read_archived_image", parts={"name": archive, "file": file})
    await ask("read_archived_video", parts={"name": archive, "file": clip})
    await ask("list_archived_tapes", parts={"name": archive})
    await ask("read_archived_tape", parts={"name": archive, "file": captions})
    await ask("restore_archive", {"session_id": "sunday"}, parts={"name": archive})
    await ask("delete_archive", parts={"name": archive})
    await ask("play_intro_image", {"session_id": "user_12345", "seed": 12})
    await ask("play_intro_choices", {"session_id": "user_12345"})
    await ask("reset_state", {"session_id": "user_12345", "seed": 12})
    await ask("list_worlds")
    await ask("read_world", parts={"world_id": "cinder_flat"})
    for operation in ("read_health", "read_ready", "read_info", "read_metrics"):
        await ask(operation)
    await _record_old_calls(recorder)


async def _record_old_calls(recorder: Recorder) -> None:
    ask = recorder.ask
    await ask("play_intro", {"session_id": "default", "seed": 7})
    await ask("read_old_history", query={"session_id": "default"})
    await ask("read_old_movement")
    await ask("read_old_config")
    await ask("change_old_config", {"IMAGE_ENABLED": True})
    await ask("read_old_prompt", parts={"key": "image_prompt_prefix"})
    await ask("read_state_path")
    await ask("save_old_state", {"session_id": "default", "state": {"settings": {"images": True}}})


async def recorded() -> dict[str, Any]:
    """The examples, by operation id, in the order of the routes."""
    now = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)

    def clock() -> datetime:
        nonlocal now
        now += timedelta(seconds=7)
        return now

    with tempfile.TemporaryDirectory() as folder:
        settings = ServiceSettings(sessions_dir=Path(folder) / "sessions", durability="process")
        films = LateFilmmaker()
        app = create_app(
            settings,
            illustrator=QuickIllustrator(),
            filmmaker=films,
            clock=clock,
        )
        deck = HeldDeck(share=0.0)
        app.state.service.game.tapes._deck = deck
        app.state.service = _as_shipped(app)
        transport = httpx.ASGITransport(app)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://elsewhere.test") as http,
        ):
            recorder = Recorder(app, http, films, deck)
            await record(recorder)
        recorder.examples |= await _tokens(Path(folder) / "closed", clock)
    order = [route.operation_id for route in SHOWN]
    return dict(sorted(recorder.examples.items(), key=lambda one: order.index(one[0])))


async def _tokens(folder: Path, clock: Callable[[], datetime]) -> dict[str, Any]:
    """What is only there where keys are asked for; made with a secret that is none."""
    folder.mkdir()
    (folder / SECRET_FILE).write_bytes(bytes(32))
    key, kept = new_key("docs")
    app = create_app(
        ServiceSettings(
            sessions_dir=folder, durability="process", access="keys", service_keys=(kept,)
        ),
        illustrator=QuickIllustrator(),
        clock=clock,
    )
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app),
            base_url="http://elsewhere.test",
            headers={"Authorization": f"Bearer {key}"},
        ) as http,
    ):
        recorder = Recorder(app, http, LateFilmmaker(), HeldDeck(share=0.0))
        await recorder.ask("create_session", {"session_id": "friday"})
        await recorder.ask("make_token", {"role": "watch"}, parts={"session_id": "friday"})
    return {"make_token": recorder.examples["make_token"]}


def _as_shipped(app: FastAPI) -> Any:
    """The docs show the service as it starts, not the test's double for its painters."""
    return replace(app.state.service, illustrator="offline")


def _opening(text: str, lines: int = 24) -> str:
    return "\n".join(text.split("\n")[:lines])


def main() -> None:
    """Write the examples beside the module that shows them."""
    text = json.dumps(asyncio.run(recorded()), ensure_ascii=False, indent=1)
    TARGET.write_text(f"{text}\n", "utf-8")


if __name__ == "__main__":
    main()
