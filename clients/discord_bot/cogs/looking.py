"""/status, /history, /replay, /help: what changes nothing."""

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from clients.discord_bot.answering import acknowledge, answer, say
from clients.discord_bot.asking import check_permissions, session_asked
from clients.discord_bot.refusals import Refusal
from clients.discord_bot.ui.panels import ENTRIES, history_page, status_page

if TYPE_CHECKING:
    from clients.discord_bot.bot import GameBot

    Interaction = discord.Interaction[GameBot]


class Looking(commands.Cog):
    """What there is to see."""

    def __init__(self, bot: "GameBot") -> None:
        self._bot = bot

    @app_commands.command(name="status", description="How you stand, and where the game is")
    async def status(self, interaction: "Interaction") -> None:
        await acknowledge(interaction, privately=True)
        session_id = session_asked(interaction)
        state = await self._bot.hall.house.client.state(session_id)
        if state.turn < 0:
            raise Refusal("error.not_started")
        table = self._bot.hall.open_table(session_id)
        link = table.link if table is not None else ""
        await answer(interaction, status_page(state, self._bot.words_of(interaction), link=link))

    @app_commands.command(name="history", description="What has happened so far")
    @app_commands.describe(page="Which page, 1 being the newest turns")
    async def history(
        self, interaction: "Interaction", page: app_commands.Range[int, 1, 100_000] = 1
    ) -> None:
        await acknowledge(interaction, privately=True)
        session_id = session_asked(interaction)
        client = self._bot.hall.house.client
        newest = await client.history(session_id, limit=ENTRIES)
        found = newest
        if page > 1 and newest.items:
            before = max(1, newest.items[0].turn - (page - 1) * ENTRIES + 1)
            found = await client.history(session_id, limit=ENTRIES, before=before)
        words = self._bot.words_of(interaction)
        await answer(interaction, history_page(session_id, found, words))

    @app_commands.command(name="replay", description="Post the pictures and the film of this story")
    @app_commands.checks.cooldown(1, 60.0, key=lambda interaction: interaction.channel_id)
    async def replay(self, interaction: "Interaction") -> None:
        await acknowledge(interaction, privately=True)
        words = self._bot.words_of(interaction)
        check_permissions(interaction, words, "attach_files")
        table = await self._bot.hall.table(session_asked(interaction))
        count = await table.keepsakes.post()
        said = words("replay.posted" if count else "replay.none", count=count)
        if not await table.films.ask():
            said = f"{said} {words('replay.film_coming')}"
        await say(interaction, said)

    @app_commands.command(name="help", description="How this is played")
    async def help(self, interaction: "Interaction") -> None:
        words = self._bot.words_of(interaction)
        await say(interaction, words("help.text"))


async def setup(bot: "GameBot") -> None:
    """Called by discord.py."""
    await bot.add_cog(Looking(bot))
