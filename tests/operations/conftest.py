"""A folder that a real service has played in, and the console command."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from app import cli
from tests.http.conftest import ClientMaker, a_client, client, clock, worlds
from tests.operations.films import a_film

__all__ = ["a_client", "client", "clock", "worlds"]


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


@pytest.fixture
async def played(a_client: ClientMaker, tmp_path: Path) -> Path:
    """The sessions folder after two games, an archive of one of them, a film and a ledger."""
    async with a_client() as client:
        for session_id in ("ours", "theirs"):
            await client.intro(session_id, seed=7)
            for _ in range(5):
                await client.act(session_id, choice="Wait")
        await client.data("POST", "/api/sessions/theirs/rewind", json={"turn": 3})
    folder = tmp_path / "sessions"
    (folder / "ours" / "videos" / "a-clip.mp4").write_bytes(a_film())
    (folder / "ours" / "tapes" / "a-tape.vtt").write_text(
        "WEBVTT\n\n00:00.000 --> 00:01.000\nHush\n"
    )
    return folder


@pytest.fixture
def kept_outside(tmp_path: Path) -> Iterator[Path]:
    """A place for copies."""
    folder = tmp_path / "outside"
    folder.mkdir()
    yield folder
    shutil.rmtree(folder)
