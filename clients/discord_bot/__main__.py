"""`python -m clients.discord_bot`: play in Discord, with the token in DISCORD_TOKEN."""

import asyncio
import logging
import signal
import sys
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, Final

import aiohttp
import discord
from pydantic import ValidationError

from clients.discord_bot.bot import GameBot
from clients.discord_bot.records import UnreadableRecords
from clients.discord_bot.settings import BotSettings
from clients.game_client import ServiceError, open_client

NOT_SET_UP: Final = 2

logger = logging.getLogger(__name__)


def main() -> int:
    """Play until SIGINT or SIGTERM; returns the exit status."""
    try:
        settings = BotSettings()
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        name = "_".join(str(part) for part in problem["loc"]).upper()
        return _refuse(f"ELSEWHERE_BOT_{name}: {problem['msg']}")
    if not settings.token.get_secret_value():
        return _refuse(
            "set DISCORD_TOKEN to the bot's token: docs/discord.md says where it comes from"
        )
    discord.utils.setup_logging(level=logging.getLevelName(settings.log_level.upper()))
    logging.getLogger("httpx").setLevel(logging.WARNING)
    return asyncio.run(play(settings))


async def play(settings: BotSettings) -> int:
    """Connect and stay connected; returns the exit status."""
    bot = GameBot(settings, open_client(client_name="discord"))
    try:
        async with bot:
            await _until_stopped(bot.start(settings.token.get_secret_value()))
    except discord.LoginFailure:
        return _refuse("Discord does not take this DISCORD_TOKEN")
    except (UnreadableRecords, ServiceError, ValueError) as error:
        return _refuse(str(error))
    except aiohttp.ClientConnectionError as error:
        return _refuse(f"Discord cannot be reached: {error}")
    return 0


async def _until_stopped(playing: Coroutine[Any, Any, None]) -> None:
    """Play until it ends, or until somebody asks for the end."""
    task = asyncio.ensure_future(playing)
    for number in (signal.SIGINT, signal.SIGTERM):
        # Windows has none of these; there SIGINT is a KeyboardInterrupt.
        with suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    await asyncio.wait({task})
    if not task.cancelled():
        await task


def _refuse(why: str) -> int:
    sys.stderr.write(f"elsewhere bot: {why}\n")
    return NOT_SET_UP


if __name__ == "__main__":
    sys.exit(main())
