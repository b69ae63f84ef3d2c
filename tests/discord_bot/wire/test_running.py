"""The bot as a process: what a host reads when it does not start."""

from pathlib import Path

import pytest
from discord.http import Route
from pydantic import SecretStr

from clients.discord_bot import __main__ as program
from clients.discord_bot.settings import BotSettings
from clients.game_client.direct import direct_client
from tests.clients.conftest import AppMaker
from tests.discord_bot.wire.minidiscord import TOKEN, MiniDiscord


def settings(folder: Path, token: str = TOKEN) -> BotSettings:
    return BotSettings(file=folder / "bot.json").model_copy(update={"token": SecretStr(token)})


async def test_a_token_that_discord_does_not_take(
    mini: MiniDiscord, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await program.play(settings(tmp_path, "another.one.altogether")) == program.NOT_SET_UP
    assert "does not take this DISCORD_TOKEN" in capsys.readouterr().err
    assert TOKEN not in capsys.readouterr().err


async def test_sessions_that_another_process_has(
    mini: MiniDiscord,
    tmp_path: Path,
    an_app: AppMaker,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("ELSEWHERE_SESSIONS_DIR", str(tmp_path / "sessions"))
    async with direct_client(app=an_app()):
        assert await program.play(settings(tmp_path)) == program.NOT_SET_UP
    said = capsys.readouterr().err
    assert said.startswith("elsewhere bot: ")
    assert "process" in said
    assert len(said.splitlines()) == 1


async def test_records_that_are_not_the_bots(
    mini: MiniDiscord, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "bot.json"
    file.write_text("{broken")
    assert await program.play(settings(tmp_path)) == program.NOT_SET_UP
    assert "damaged" in capsys.readouterr().err
    assert file.read_text() == "{broken"


async def test_a_discord_that_cannot_be_reached(
    mini: MiniDiscord,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(Route, "BASE", "http://127.0.0.1:9/api/v10")
    assert await program.play(settings(tmp_path)) == program.NOT_SET_UP
    assert "Discord cannot be reached" in capsys.readouterr().err
