"""/play, /continue, /act, /reset."""

import logging
from typing import TYPE_CHECKING, Final

import discord
from discord import app_commands
from discord.ext import commands

from clients.discord_bot.answering import acknowledge, answer, say
from clients.discord_bot.asking import (
    check_host,
    check_permissions,
    check_player,
    check_server,
    is_host,
    key_of,
    place_of,
    session_asked,
    who_of,
)
from clients.discord_bot.opening import play_here, take_up
from clients.discord_bot.places import Place, session_of, thread_session
from clients.discord_bot.refusals import Refusal
from clients.discord_bot.ui import ids
from clients.discord_bot.ui.modals import MOST
from clients.discord_bot.ui.panels import notice_page
from clients.discord_bot.ui.press import button
from clients.discord_bot.ui.text import cut, one_line
from clients.game_client import ServiceError, WorldSummary

if TYPE_CHECKING:
    from clients.discord_bot.bot import GameBot

    Interaction = discord.Interaction[GameBot]

logger = logging.getLogger(__name__)

OFFERED: Final = 25
"""Discord shows so many worlds at most."""


class Playing(commands.Cog):
    """Beginning, going on, and ending."""

    def __init__(self, bot: "GameBot") -> None:
        self._bot = bot
        self._worlds: tuple[WorldSummary, ...] = ()

    @app_commands.command(name="play", description="Begin a story here, or go on with it")
    @app_commands.describe(
        world="Where the story takes place", private="Play alone, in direct messages"
    )
    async def play(
        self,
        interaction: "Interaction",
        world: str | None = None,
        private: bool = False,  # noqa: FBT001, FBT002 (an option of a command)
    ) -> None:
        await acknowledge(interaction, privately=True)
        place = place_of(interaction)
        words = self._bot.words_of(interaction)
        if private and place.guild_id is not None:
            place = await self._direct(interaction)
        else:
            check_permissions(interaction, words)
        session_id = session_of(place, self._bot.records.policy(place.key).scope)
        if session_id is None:
            place = await self._thread(interaction, place)
            session_id = thread_session(place.channel_id)
        check_server(interaction, session_id)
        table = await play_here(self._bot.hall, interaction, place, session_id, world)
        await say(interaction, f"{words('notice.playing')} {table.link}")

    @play.autocomplete("world")
    async def offer_worlds(
        self,
        interaction: "Interaction",  # noqa: ARG002 (discord.py's signature)
        typed: str,
    ) -> list[app_commands.Choice[str]]:
        """The worlds of the service whose name has what was typed; those of the last time while
        it does not answer."""
        try:
            self._worlds = (await self._bot.hall.house.client.worlds()).items
        except ServiceError as error:
            logger.info("worlds cannot be offered", extra={"code": error.code})
        wanted = typed.casefold()
        found = [w for w in self._worlds if wanted in f"{w.id} {w.title}".casefold()]
        return [
            app_commands.Choice(name=cut(one_line(world.title or world.id), 100), value=world.id)
            for world in found[:OFFERED]
            if len(world.id) <= 100
        ]

    @app_commands.command(name="continue", description="Show the present turn again, down here")
    async def go_on(self, interaction: "Interaction") -> None:
        await acknowledge(interaction, privately=True)
        words = self._bot.words_of(interaction)
        check_permissions(interaction, words)
        table = await take_up(
            self._bot.hall, interaction, place_of(interaction), session_asked(interaction)
        )
        await say(interaction, f"{words('notice.playing')} {table.link}")

    @app_commands.command(name="act", description="Do something in your own words")
    @app_commands.describe(text="What you do")
    async def act(self, interaction: "Interaction", text: app_commands.Range[str, 1, MOST]) -> None:
        await acknowledge(interaction, privately=True)
        words = self._bot.words_of(interaction)
        table = await self._bot.hall.table(session_asked(interaction))
        game = table.game
        policy = table.house.policy(game)
        check_player(interaction, game, policy)
        if policy.mode == "vote" and not is_host(interaction, game):
            raise Refusal("vote.own_words")
        if table.state is None or not text.strip():
            raise Refusal("error.empty_words")
        turn = table.state.turn
        await table.act(who_of(interaction), text=text.strip(), turn=turn, key=key_of(interaction))
        await say(interaction, f"{words('notice.done')} {table.link}")

    @app_commands.command(name="reset", description="End this story and begin anew")
    async def reset(self, interaction: "Interaction") -> None:
        await acknowledge(interaction, privately=True)
        words = self._bot.words_of(interaction)
        table = await self._bot.hall.table(session_asked(interaction))
        check_host(interaction, table.game)
        turn = table.state.turn if table.state is not None else -1
        confirm = button(
            ids.Press(table.session_id, turn, ids.CONFIRM_RESET),
            words("button.reset"),
            style=discord.ButtonStyle.danger,
        )
        await answer(interaction, notice_page(words("notice.confirm_reset"), confirm))

    async def _direct(self, interaction: "Interaction") -> Place:
        try:
            channel = await interaction.user.create_dm()
            await channel.send(self._bot.words_of(interaction)("notice.private"))
        except discord.Forbidden as error:
            raise Refusal("error.no_direct_messages") from error
        return Place(channel_id=channel.id, user_id=interaction.user.id)

    async def _thread(self, interaction: "Interaction", place: Place) -> Place:
        """A thread for this run."""
        words = self._bot.words_of(interaction)
        check_permissions(interaction, words, "create_public_threads", "send_messages_in_threads")
        if not isinstance(interaction.channel, discord.TextChannel):
            raise Refusal("error.not_here")
        name = cut(words("notice.thread", name=one_line(interaction.user.display_name)), 100)
        thread = await interaction.channel.create_thread(
            name=name, type=discord.ChannelType.public_thread
        )
        return Place(thread.id, interaction.user.id, place.guild_id, is_thread=True)


async def setup(bot: "GameBot") -> None:
    """Called by discord.py."""
    await bot.add_cog(Playing(bot))
