"""The services that are measured, each in a process of its own: ours and the references.

python -m bench.servers ours FOLDER PORT null|telling|rendering|offline
python -m bench.servers ours FOLDER PORT models PORT_OF_THE_DOUBLE
python -m bench.servers empty FOLDER PORT
python -m bench.servers previous FOLDER PORT
python -m bench.servers fanout FOLDER PORT
"""

import asyncio
import json
import logging
import os
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import uvicorn
import uvloop
from fastapi import FastAPI

from app.edge.limits.sockets import Config, Patience
from app.engine.ports import Hear, Purse
from app.engine.providers.offline.narrator import OfflineNarrator
from app.main import create_app
from app.models.base import Model, SessionId
from app.models.narration import Brief, Telling
from app.models.session import State, Turn
from app.models.vocabulary import Fate
from app.settings import ServiceSettings
from app.tuning import tune_process
from bench.samples import a_state, a_turn
from bench.treadmill import treadmill

WORDS = ("eight", "strands", "and", "the", "mesh", "folds", "back", "like", "a", "page")


class NullNarrator(OfflineNarrator):
    """Answers at once with the wording that the rules made."""

    async def tell(self, brief: Brief, *, hear: Hear, purse: Purse) -> Telling:
        return Telling(
            dispatch=brief.wording.dispatch,
            vision_dispatch=brief.wording.vision_dispatch,
            situation=brief.wording.situation,
            summary=brief.wording.summary,
            choices=brief.choices,
            source="offline",
        )


class TellingNarrator(NullNarrator):
    """Says its turns word by word for half a second, each word with the time it is said at."""

    async def tell(self, brief: Brief, *, hear: Hear, purse: Purse) -> Telling:
        said = []
        for word in WORDS:
            said.append(f"{word} @{time.time():.6f} ")
            hear(said[-1])
            await asyncio.sleep(0.05)
        said.append(f"@{time.time():.6f}")
        hear(said[-1])
        telling = await super().tell(brief, hear=hear, purse=purse)
        return telling.model_copy(update={"dispatch": "".join(said)})


class LagMeter:
    """How late the event loop wakes from a short sleep: the longest since last asked."""

    def __init__(self) -> None:
        self.longest = 0.0
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._measure())

    def take(self) -> float:
        longest, self.longest = self.longest, 0.0
        return longest

    async def _measure(self) -> None:
        while True:
            begun = time.perf_counter()
            await asyncio.sleep(0.005)
            self.longest = max(self.longest, time.perf_counter() - begun - 0.005)


def ours(folder: Path, narrator: str, *double: str) -> FastAPI:
    """The service itself, with a route that tells its loop's lag and its memory."""
    settings = ServiceSettings(sessions_dir=folder, log_level="error", **_models(*double))
    tellers = {"null": NullNarrator, "telling": TellingNarrator, "rendering": OfflineNarrator}
    if narrator in tellers:
        app = create_app(settings, narrator=tellers[narrator](), worlds=treadmill())
    else:
        app = create_app(settings)
    meter = LagMeter()

    _tells_its_cpu(app)

    @app.get("/bench/lag", include_in_schema=False)
    async def lag() -> dict[str, float]:
        if meter._task is None:  # noqa: SLF001 (our own meter)
            meter.start()
        return {"lag": meter.take(), "rss": _rss()}

    @app.get("/bench/process", include_in_schema=False)
    async def process() -> dict[str, int]:
        return {"pid": os.getpid(), "locks": app.state.service.game.store.locks_held}

    return app


def _tells_its_cpu(app: FastAPI) -> None:
    @app.get("/bench/cpu", include_in_schema=False)
    async def cpu() -> float:
        """Seconds of all its threads: steadier than the clock where others compute too."""
        return time.process_time()


def _models(port: str = "") -> dict[str, Any]:
    """Settings by which the model double on this port words and paints."""
    if not port:
        return {}
    url = f"http://127.0.0.1:{port}/v1"
    return {
        "text_base_url": url,
        "text_model": "gpt-6-luna",
        "image_base_url": url,
        "image_model": "gpt-image-2.5-flare",
    }


class EmptyRequest(Model):
    """The fields that a turn may carry."""

    session_id: SessionId = "default"
    choice: str | None = None
    choice_id: str | None = None
    fate: Fate | None = None
    expected_turn: int | None = None


def empty() -> FastAPI:
    """Routes with the same models that do nothing: the reference of S1, S2 and S9."""
    app = FastAPI()
    _tells_its_cpu(app)
    turn, state = a_turn(), a_state()

    @app.post("/api/game/action")
    async def act(body: EmptyRequest) -> Turn:
        return turn.model_copy(update={"session_id": body.session_id})

    @app.get("/api/state")
    async def read(session_id: SessionId = "default") -> State:
        return state.model_copy(update={"session_id": session_id})

    return app


def previous(folder: Path) -> Any:  # noqa: ANN401 (Flask has no types here)
    """The design that this service replaces: one lock for all, both files rewritten every turn."""
    from flask import Flask, request

    app = Flask("previous")
    lock = threading.Lock()
    turn = json.loads(a_turn().model_dump_json())
    state = json.loads(a_state().model_dump_json())

    @app.post("/api/game/action")
    def act() -> dict[str, object]:
        session = folder / request.get_json()["session_id"]
        with lock:
            session.mkdir(parents=True, exist_ok=True)
            path = session / "history.json"
            history = json.loads(path.read_text()) if path.exists() else []
            history.append(turn)
            path.write_text(json.dumps(history))
            temporary = session / "state.json.tmp"
            temporary.write_text(json.dumps(state))
            temporary.replace(session / "state.json")
        return {"success": True, "message": "", "data": turn}

    return app


async def fanout(port: int) -> None:
    """The reference of R12: nothing but the writing of events of ordinary size to many."""
    writers: set[asyncio.StreamWriter] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = b"event: hello\nid: 1\n\n"
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: "
        writer.write(head + str(len(body)).encode() + b"\r\n\r\n" + body)
        writers.add(writer)
        with suppress(ConnectionError):
            await reader.read()
        writers.discard(writer)

    server = await asyncio.start_server(connected, "127.0.0.1", port, backlog=2048)
    turn = a_turn().model_dump_json()
    async with server:
        for number in range(2, 1 << 30):
            await asyncio.sleep(0.6)
            event = f"event: turn.committed\ndata: {turn} @{time.time():.6f}\nid: {number}\n\n"
            for writer in writers:
                if writer.transport.get_write_buffer_size() < 1 << 16:
                    writer.write(event.encode())


def _rss() -> float:
    """MiB of memory that this process holds."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def main() -> None:
    kind, folder, port = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    if kind == "previous":
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        previous(folder).run(port=port, threaded=True)
        return
    if kind == "fanout":
        uvloop.run(fanout(port))
        return
    app = empty() if kind == "empty" else ours(folder, *sys.argv[4:])
    tune_process()
    # Streams end only with the service, and uvicorn would wait for them first.
    more: dict[str, Any] = {"port": port, "access_log": False, "timeout_graceful_shutdown": 1}
    if kind == "empty":
        uvicorn.run(app, log_level="critical", **more)
        return
    config = Config(
        app,
        # Of S4's crowd nobody asks before everybody has come.
        patience=Patience.of(ServiceSettings(max_connections=0, head_seconds=300)),
        refused=app.state.service.metrics.refused,
        log_level="critical",
        **more,
    )
    uvicorn.Server(config).run()


if __name__ == "__main__":
    main()
