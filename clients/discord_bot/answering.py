"""The edge of the bot: nobody who asked is left without an answer."""

import logging
import secrets
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

import aiohttp
import discord
from discord import app_commands

from clients.discord_bot.messenger import ChannelGone
from clients.discord_bot.refusals import Refusal, sentence
from clients.discord_bot.ui.page import Page
from clients.discord_bot.ui.panels import notice_page
from clients.discord_bot.words import Words
from clients.game_client import ServiceError

if TYPE_CHECKING:
    from clients.discord_bot.bot import GameBot

    Interaction = discord.Interaction[GameBot]

logger = logging.getLogger(__name__)

HEARD: Final = 40060
"""Discord's code: this interaction has been acknowledged already."""


async def acknowledge(interaction: "Interaction", *, privately: bool = False) -> None:
    """Tell Discord that it was heard, before anything else: after three seconds it gives up.
    `privately`: only who asked sees that there is something to wait for, and what comes of it."""
    await insist(lambda: interaction.response.defer(ephemeral=privately, thinking=privately))


async def insist(respond: Callable[[], Awaitable[object]]) -> None:
    """Respond, and once more where the connection broke: the player would only read that the
    interaction failed."""
    try:
        await respond()
    except aiohttp.ClientConnectionError:
        try:
            await respond()
        except discord.HTTPException as error:
            if error.code != HEARD:
                raise


async def answer(interaction: "Interaction", page: Page) -> None:
    """Tell who asked, and nobody else. The first answer to a command that waits is its answer."""
    if not interaction.response.is_done():
        try:
            await interaction.response.send_message(
                view=page.view, files=page.files(), ephemeral=True
            )
        except discord.HTTPException as error:
            if error.code != HEARD:
                raise
        else:
            return
    await interaction.followup.send(view=page.view, files=page.files(), ephemeral=True, wait=True)


async def say(interaction: "Interaction", text: str) -> None:
    """A sentence for who asked."""
    await answer(interaction, notice_page(text))


async def apologize(
    interaction: "Interaction", error: BaseException, words: Words, *, link: str = ""
) -> None:
    """Tell who asked why it did not work. Never raises: there is nobody behind it."""
    try:
        await say(interaction, _text(error, words, link))
    except (discord.HTTPException, aiohttp.ClientError, TimeoutError) as problem:
        # They were not quick enough, or we were not, or there is no connection.
        logger.info("an answer did not arrive", extra={"reason": str(problem)})


def _text(error: BaseException, words: Words, link: str) -> str:
    if isinstance(error, app_commands.CommandInvokeError):
        error = error.original
    if isinstance(error, Refusal | ServiceError):
        return sentence(error, words, link=link)
    if isinstance(error, ChannelGone | discord.Forbidden):
        return words("error.cannot_write")
    if isinstance(error, app_commands.CommandOnCooldown):
        return words("error.cooldown", count=max(1, round(error.retry_after)))
    if isinstance(error, app_commands.NoPrivateMessage):
        return words("error.not_here")
    if isinstance(error, app_commands.CheckFailure):
        return words("error.not_manager")
    incident = secrets.token_hex(3)
    logger.error("an interaction broke", extra={"incident": incident}, exc_info=error)
    return words("error.unexpected", incident=incident)
