"""A real server on a real port, whose narrator and painter do what a test tells them to."""

import asyncio
import contextlib
import json
from collections import deque
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx
import uvicorn

from app.engine.ports import Hear, Illustrator, Purse
from app.engine.providers.offline.narrator import OfflineNarrator
from app.engine.world.world import World
from app.errors import ProviderError
from app.main import create_app
from app.models.narration import Brief, Picture, PictureRequest, Telling
from app.settings import ServiceSettings
from app.web.routes import WebClient
from tests.doubles import QuickIllustrator
from tests.web.films import PlayableDeck, PlayableFilmmaker

WORD_SECONDS: Final = 0.02


@dataclass
class Step:
    """One telling: what is heard before `go` is set, and what it comes to."""

    pieces: Sequence[str] = ()
    error: Exception | None = None
    text: str | None = None
    choices: Sequence[str] = ()
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    go: asyncio.Event = field(default_factory=asyncio.Event)
    words: Sequence[str] = ()
    """Said after that, one by one."""

    @classmethod
    def at_once(cls, text: str | None = None, **more: Any) -> "Step":
        step = cls(text=text, **more)
        step.go.set()
        return step


class ScriptedNarrator(OfflineNarrator):
    """The built-in one, except for the turns that a test has written."""

    def __init__(self) -> None:
        self.steps: deque[Step] = deque()

    def next(self, *steps: Step) -> Step:
        self.steps.extend(steps)
        return steps[-1]

    async def tell(self, brief: Brief, *, hear: Hear, purse: Purse) -> Telling:
        telling = await super().tell(brief, hear=hear, purse=purse)
        if not self.steps:
            hear(telling.dispatch)
            return telling
        step = self.steps.popleft()
        for piece in step.pieces:
            hear(piece)
        step.begun.set()
        await step.go.wait()
        if step.error is not None:
            raise step.error
        for word in step.words:
            hear(word)
            await asyncio.sleep(WORD_SECONDS)
        said = "".join((*step.pieces, *step.words))
        text = step.text or (said if step.words else telling.dispatch)
        hear(text.removeprefix(said))
        choices = tuple(
            choice.model_copy(update={"text": words})
            for choice, words in zip(telling.choices, step.choices, strict=False)
        )
        choices += telling.choices[len(choices) :]
        return telling.model_copy(update={"dispatch": text, "choices": choices})


class ScriptedIllustrator(QuickIllustrator):
    """Quick, unless pictures are to wait or to fail; or as good as another one."""

    def __init__(self, painter: Illustrator | None = None) -> None:
        super().__init__()
        self._painter = painter
        self.ready = asyncio.Event()
        self.ready.set()
        self.broken = False

    async def paint(self, request: PictureRequest, *, purse: Purse) -> Picture:
        await self.ready.wait()
        if self.broken:
            raise ProviderError("no paint")
        if self._painter is not None:
            return await self._painter.paint(request, purse=purse)
        return await super().paint(request, purse=purse)


def on_disk(folder: Path, session_id: str) -> list[dict[str, Any]]:
    """The turns that the history's file holds, oldest first."""
    file = folder / "sessions" / session_id / "history.json"
    return [line["entry"] for line in json.loads(file.read_bytes())]


class QuietServer(uvicorn.Server):
    """Leaves the signals to the test runner."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@dataclass
class Stage:
    """The running server, and who plays on it besides the browser."""

    url: str
    folder: Path
    narrator: ScriptedNarrator
    illustrator: ScriptedIllustrator
    deck: PlayableDeck
    http: httpx.AsyncClient
    web: WebClient
    _kept: list[asyncio.Task[Any]] = field(default_factory=list)

    def keep(self, acting: asyncio.Task[Any]) -> None:
        """Another client's request that is under way: it ends with the stage."""
        self._kept.append(acting)

    async def leave(self) -> None:
        for task in self._kept:
            task.cancel()
        await asyncio.gather(*self._kept, return_exceptions=True)

    async def call(self, method: str, path: str, **body: Any) -> Any:
        """Another client, such as Discord's."""
        headers = {"Elsewhere-Client": "discord", "Elsewhere-Player": "mara"}
        response = await self.http.request(method, path, json=body or None, headers=headers)
        assert response.is_success, response.text
        return response.json()["data"]

    async def begin(self, session_id: str, **more: Any) -> Any:
        return await self.call("POST", "/api/game/intro", session_id=session_id, seed=7, **more)

    async def act(self, session_id: str, **more: Any) -> Any:
        if not more:
            state = await self.state(session_id)
            more = {"choice_id": state["choices"][0]["id"]}
        return await self.call("POST", "/api/game/action", session_id=session_id, **more)

    async def state(self, session_id: str) -> Any:
        return await self.call("GET", f"/api/state?session_id={session_id}")

    async def turns(self, session_id: str) -> int:
        """How many there are on the disk, the intro among them."""
        return len(on_disk(self.folder, session_id))

    async def die(self, session_id: str) -> Any:
        """Hesitate until it is over."""
        for _ in range(300):
            turn = await self.call("POST", "/api/game/timeout_penalty", session_id=session_id)
            if turn["phase"] == "over":
                return turn
        raise AssertionError("hesitation never killed")


@asynccontextmanager
async def staged(
    folder: Path,
    *,
    painter: Illustrator | None = None,
    narrator: ScriptedNarrator | None = None,
    worlds: Mapping[str, World] | None = None,
    port: int = 0,
    **settings: Any,
) -> AsyncIterator[Stage]:
    """Serve until the end of the block. A run becomes a film only where it is asked for."""
    narrator = narrator or ScriptedNarrator()
    illustrator = ScriptedIllustrator(painter)
    given = {
        "sessions_dir": folder / "sessions",
        "durability": "process",
        "image_deadline_seconds": 0.2,
        "shutdown_seconds": 0,
        "tapes": False,
        **settings,
    }
    app = create_app(
        ServiceSettings(**given), narrator=narrator, illustrator=illustrator,
        filmmaker=PlayableFilmmaker(), worlds=worlds,
    )  # fmt: skip
    deck = app.state.service.game.tapes._deck = PlayableDeck()
    config = uvicorn.Config(
        app, host="127.0.0.1", port=port, log_config=None, access_log=False, lifespan="on",
        timeout_graceful_shutdown=1,
    )  # fmt: skip
    server = QuietServer(config)
    running = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
        assert not running.done(), running.exception()
    bound = server.servers[0].sockets[0].getsockname()[1]
    url = f"http://127.0.0.1:{bound}"
    try:
        async with httpx.AsyncClient(base_url=url, timeout=60) as http:
            stage = Stage(url, folder, narrator, illustrator, deck, http, app.state.web)
            yield stage
            await stage.leave()
    finally:
        server.should_exit = True
        await running
