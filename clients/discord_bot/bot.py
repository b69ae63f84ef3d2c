"""The bot: put together here, and closed here."""

import logging
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Any, Final

import discord
from discord import app_commands
from discord.ext import commands

from clients.discord_bot.answering import apologize
from clients.discord_bot.asking import place_of
from clients.discord_bot.hall import Hall
from clients.discord_bot.house import House
from clients.discord_bot.messenger import DiscordMessenger
from clients.discord_bot.pacing import EditBudget
from clients.discord_bot.places import session_of
from clients.discord_bot.pressing import handle, play_words
from clients.discord_bot.records import Records
from clients.discord_bot.settings import BotSettings
from clients.discord_bot.syncing import sync
from clients.discord_bot.ui import ids
from clients.discord_bot.ui.modals import typed_words
from clients.discord_bot.ui.press import PressButton, has_button
from clients.discord_bot.words import Catalogue, CommandWords, Words
from clients.game_client import GameClient

logger = logging.getLogger(__name__)

COGS: Final = (
    "clients.discord_bot.cogs.play",
    "clients.discord_bot.cogs.looking",
    "clients.discord_bot.cogs.setting",
)


class Tree(app_commands.CommandTree["GameBot"]):
    """Whatever goes wrong in a command is said to who gave it."""

    async def on_error(
        self,
        interaction: "discord.Interaction[GameBot]",
        error: app_commands.AppCommandError,
        /,
    ) -> None:
        await interaction.client.apologize(interaction, error)


class GameBot(commands.AutoShardedBot):
    """Needs the intent `guilds` and nothing else: it reads no messages and lists no members."""

    hall: Hall
    records: Records

    def __init__(
        self,
        settings: BotSettings,
        client: AbstractAsyncContextManager[GameClient],
        *,
        shard_count: int | None = None,
    ) -> None:
        super().__init__(
            command_prefix=(),
            help_command=None,
            tree_cls=Tree,
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            shard_count=shard_count,
            # Turns are posted by the bot itself, so that it has to be where they are played.
            allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True),
        )
        self.settings = settings
        self.catalogue = Catalogue.read()
        self._opening = client
        self._opened = AsyncExitStack()
        self._is_awake = False

    async def setup_hook(self) -> None:
        """Open everything. Raises `UnreadableRecords`, or `ServiceError` in direct mode."""
        self.records = Records(self.settings.file, scope=self.settings.scope)
        await self.records.open()
        self._opened.push_async_callback(self.records.aclose)
        client = await self._opened.enter_async_context(self._opening)
        budget = EditBudget()
        self._opened.push_async_callback(budget.aclose)
        house = House(
            client=client,
            records=self.records,
            budget=budget,
            messenger=DiscordMessenger(self),
            catalogue=self.catalogue,
            guild_language=self._guild_language,
            vote_seconds=self.settings.vote_seconds,
        )
        self.hall = Hall(house)
        self._opened.push_async_callback(self.hall.aclose)
        self.add_dynamic_items(PressButton)
        for cog in COGS:
            await self.load_extension(cog)
        await self.tree.set_translator(CommandWords(self.catalogue))
        await sync(self.tree, self.records, self.settings.sync, self.settings.guild)

    async def on_ready(self) -> None:
        """Go on with the games. It comes again after a lost connection."""
        if not self._is_awake:
            self._is_awake = True
            self.hall.wake()
            logger.info("ready", extra={"guilds": len(self.guilds)})

    async def close(self) -> None:
        """Leave Discord, then the service. Games go on where they are."""
        await super().close()
        await self._opened.aclose()

    async def on_message(self, message: discord.Message, /) -> None:
        """There are no commands in messages."""

    async def on_interaction(self, interaction: "discord.Interaction[GameBot]") -> None:
        """What discord.py drops: windows for own words (see `ui.modals`), and clicks on a button
        that the message has no more, because it was edited at that moment."""
        data: Any = interaction.data or {}
        custom_id = str(data.get("custom_id", ""))
        if interaction.type is discord.InteractionType.component:
            press = ids.read_press(custom_id)
            if press is not None and not has_button(interaction.message, custom_id):
                await self.pressed(interaction, press)
        if interaction.type is not discord.InteractionType.modal_submit:
            return
        asked = ids.read_words(custom_id)
        if asked is None:
            return
        try:
            await play_words(interaction, *asked, typed_words(data))
        except Exception as error:  # noqa: BLE001 (a process edge: who asked is told)
            await self.apologize(interaction, error, asked[0])

    async def pressed(self, interaction: "discord.Interaction[GameBot]", press: ids.Press) -> None:
        """Somebody pressed a button. Never raises."""
        try:
            await handle(interaction, press)
        except Exception as error:  # noqa: BLE001 (a process edge: who asked is told)
            await self.apologize(interaction, error, press.session_id)

    async def apologize(
        self,
        interaction: "discord.Interaction[GameBot]",
        error: Exception,
        session_id: str | None = None,
    ) -> None:
        """Tell who asked why it did not work, and where the game is. Never raises."""
        if self.is_closed():
            return  # What was under way breaks off, and there is nothing to say it with.
        link = ""
        session_id = session_id or self.session_here(interaction)
        table = self.hall.open_table(session_id) if session_id else None
        if table is not None and self.records.game(table.session_id) is not None:
            link = table.link
        await apologize(interaction, error, self.words_of(interaction), link=link)

    def session_here(self, interaction: "discord.Interaction[GameBot]") -> str | None:
        """The session of the place an interaction comes from; None: there is none yet."""
        if interaction.channel_id is None:
            return None
        place = place_of(interaction)
        return session_of(place, self.records.policy(place.key).scope)

    def words_of(self, interaction: "discord.Interaction[GameBot]") -> Words:
        """The language of who asks."""
        return self.catalogue.words(interaction.locale)

    def _guild_language(self, guild_id: int) -> str | None:
        guild = self.get_guild(guild_id)
        return guild.preferred_locale.value if guild is not None else None
