"""`elsewhere bot`, `python -m clients.discord_bot`: one clear line where something is missing."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


async def run(*arguments: str, folder: Path, **environment: str) -> tuple[int | None, str]:
    env = {"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"], **environment}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        cwd=folder,
        env=env,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(60):
        said, _ = await process.communicate()
    return process.returncode, said.decode()


@pytest.mark.parametrize("how", [("-m", "clients.discord_bot"), ("-m", "app", "bot")])
async def test_without_a_token(how: tuple[str, ...], tmp_path: Path) -> None:
    status, said = await run(*how, folder=tmp_path)
    assert status == 2
    assert said.startswith("elsewhere bot: set DISCORD_TOKEN to the bot's token: docs/discord.md")
    assert len(said.splitlines()) == 1
    assert list(tmp_path.iterdir()) == [], "nothing was started"


async def test_a_setting_that_is_wrong(tmp_path: Path) -> None:
    told = {"DISCORD_TOKEN": "x", "ELSEWHERE_BOT_VOTE_SECONDS": "soon"}
    status, said = await run("-m", "clients.discord_bot", folder=tmp_path, **told)
    assert status == 2
    assert said.startswith("elsewhere bot: ELSEWHERE_BOT_VOTE_SECONDS: ")
    assert len(said.splitlines()) == 1
