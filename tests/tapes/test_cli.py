"""`elsewhere tape`: a film out of a stopped service's folder."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from app import cli, taping
from app.engine.game import Game, compose
from app.storage.files import FileSessionStore
from tests.engine.play import begin, choose
from tests.tapes.conftest import GameMaker
from tests.tapes.runs import SMALL


@pytest.fixture
async def folder(a_game: GameMaker, tmp_path: Path) -> Path:
    """A session of two turns, and an archive."""
    async with a_game(None) as game:
        for name in ("old", "tale"):
            await begin(game, name)
            await choose(game, name)
        await game.sessions.reset("old", world=None, seed=None)
    return tmp_path


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    def composed(*given: Any, **named: Any) -> Game:
        game = compose(*given, **named)
        game.tapes._form = SMALL
        return game

    monkeypatch.setattr(taping, "compose", composed)


async def _run(folder: Path, *arguments: str) -> int:
    where = ["--sessions-dir", str(folder / "sessions")]
    return await asyncio.to_thread(cli.main, ["tape", *arguments, *where])


@pytest.mark.usefixtures("small")
async def test_a_film_and_its_captions(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = folder / "film.mp4"
    assert await _run(folder, "tale", "-o", str(out)) == 0
    said = capsys.readouterr()
    assert said.out.startswith(f"{out}: 2 scenes, 0:")
    assert [line for line in said.err.splitlines() if line.endswith(" %")][-1] == "100 %"
    assert out.read_bytes()[4:8] == b"ftyp"
    assert (folder / "film.vtt").read_text().startswith("WEBVTT")
    assert {one.name for one in folder.glob("film.*")} == {"film.mp4", "film.vtt"}
    again = folder / "again.webp"
    assert await _run(folder, "tale", "-o", str(again)) == 0
    assert again.read_bytes()[8:12] == b"WEBP"
    assert capsys.readouterr().err == "", "it was there already"


@pytest.mark.usefixtures("small")
async def test_an_archive_has_one_too(folder: Path) -> None:
    (archive,) = (folder / "archives").iterdir()
    assert await _run(folder, archive.name, "-o", str(folder / "old.mp4")) == 0
    assert (folder / "old.mp4").is_file()


async def test_what_cannot_be_is_said_in_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def refused(status: int, *arguments: str) -> str:
        assert await _run(folder, *arguments) == status
        said = capsys.readouterr().err
        assert said.startswith("elsewhere: ")
        assert said.count("\n") == 1
        return said

    assert "no session or archive 'nobody'" in await refused(2, "nobody")
    assert "no session or archive" in await refused(2, "../x")
    assert ".mp4, .webp or .vtt" in await refused(2, "tale", "-o", "film.avi")
    assert "not begun" in await refused(1, "default")
    store = FileSessionStore(folder / "sessions", folder / "archives", durability="process")
    await store.open()
    assert "service is running" in await refused(2, "tale")
    await store.close()
    (folder / "sessions").rename(folder / "elsewhere")
    assert "there is no folder" in await refused(2, "tale")
    assert not (folder / "sessions").exists()


def test_a_terminal_sees_a_bar(capsys: pytest.CaptureFixture[str]) -> None:
    class Terminal:
        said = ""

        def isatty(self) -> bool:
            return True

        def write(self, text: str) -> None:
            self.said += text

        def flush(self) -> None:
            """Nothing waits."""

    terminal = Terminal()
    told = taping._told(terminal)  # type: ignore[arg-type]
    for share in (0.0, 0.5, 1.0):
        told(share)
    assert "[===============               ]  50%" in terminal.said
    assert terminal.said.endswith("100%\n")
