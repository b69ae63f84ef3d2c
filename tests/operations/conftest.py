"""A folder that a real service has played in, and the console command."""

import asyncio
import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from app import cli
from app.engine.world.world import World
from app.main import create_app
from app.settings import ServiceSettings
from tests.doubles import QuickIllustrator
from tests.http.conftest import Client, Clock, a_client, client, clock
from tests.operations.films import a_film

__all__ = ["a_client", "client", "clock"]


@dataclass(frozen=True, slots=True)
class Told:
    """What a command said."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    def line(self, name: str) -> str:
        """The one line about a session or an archive."""
        [line] = [line for line in self.out.splitlines() if line.startswith(f"{name}: ")]
        return line


Command = Callable[..., Told]


@pytest.fixture
def elsewhere(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """`elsewhere("check", "--json")`, over the sessions of the test."""

    def run(command: str, *arguments: str) -> Told:
        folder = str(tmp_path / "sessions")
        status = cli.main([command, *arguments, "--sessions-dir", folder])
        said = capsys.readouterr()
        return Told(status, said.out, said.err)

    return run


async def _play(root: Path, worlds: Mapping[str, World]) -> None:
    app = create_app(
        ServiceSettings(sessions_dir=root / "sessions", durability="process"),
        illustrator=QuickIllustrator(),
        worlds=worlds,
        clock=Clock(),
    )
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        Client(transport=transport, base_url="http://elsewhere.test") as client,
    ):
        for session_id in ("ours", "theirs"):
            await client.intro(session_id, seed=7)
            for _ in range(5):
                await client.act(session_id, choice="Wait")
        await client.data("POST", "/api/sessions/theirs/rewind", json={"turn": 3})
    ours = root / "sessions" / "ours"
    (ours / "videos" / "a-clip.mp4").write_bytes(a_film())
    words = "WEBVTT\n\n00:00.000 --> 00:01.000\nHush\n"
    (ours / "tapes" / "a-tape.vtt").write_text(words)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory, worlds: Mapping[str, World]) -> Path:
    """Played once, for all tests."""
    root = tmp_path_factory.mktemp("played")
    asyncio.run(_play(root, worlds))
    return root


@pytest.fixture
def played(template: Path, tmp_path: Path) -> Path:
    """The sessions folder after two games, an archive of one of them, a film and its words."""
    for name in ("sessions", "archives"):
        shutil.copytree(template / name, tmp_path / name)
    return tmp_path / "sessions"
