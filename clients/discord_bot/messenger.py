"""Sending and editing messages, by ids alone: what the game needs of Discord."""

import logging
from typing import Protocol

import discord

from clients.discord_bot.ui.page import Page

logger = logging.getLogger(__name__)


class ChannelGone(Exception):
    """The channel is not there any more, or the bot may not write in it."""

    def __init__(self, reason: str, *, for_good: bool) -> None:
        super().__init__(reason)
        self.for_good = for_good


class PictureRefused(Exception):
    """Discord does not take the files of this message: the words can still be read."""


class Messenger(Protocol):
    """Posts pages."""

    async def post(self, channel_id: int, page: Page) -> int:
        """Send a message; its id. Raises `ChannelGone` or `PictureRefused`."""
        ...

    def can_attach(self, channel_id: int) -> bool:
        """Whether pictures may be sent there."""
        ...

    async def edit(self, channel_id: int, message_id: int, page: Page) -> bool:
        """Replace what a message shows. Its files stay unless the page has new ones. False if the
        message is gone. Raises `PictureRefused`."""
        ...

    async def delete(self, channel_id: int, message_id: int) -> None:
        """Take a message back, if it is there."""
        ...


class DiscordMessenger:
    """The real one. Never with an interaction's token: those end after a quarter of an hour."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client

    async def post(self, channel_id: int, page: Page) -> int:
        channel = self._client.get_partial_messageable(channel_id)
        try:
            message = await channel.send(view=page.view, files=page.files())
        except discord.HTTPException as error:
            gone = isinstance(error, discord.NotFound)
            if gone or isinstance(error, discord.Forbidden):
                raise ChannelGone(error.text, for_good=gone) from error
            _check_refused(page, error)
            raise
        return message.id

    def can_attach(self, channel_id: int) -> bool:
        channel = self._client.get_channel(channel_id)
        if not isinstance(channel, discord.abc.GuildChannel | discord.Thread):
            return True
        return channel.permissions_for(channel.guild.me).attach_files

    async def edit(self, channel_id: int, message_id: int, page: Page) -> bool:
        message = self._message(channel_id, message_id)
        try:
            if page.attached:
                await message.edit(view=page.view, attachments=page.files())
            else:
                await message.edit(view=page.view)
        except (discord.NotFound, discord.Forbidden) as error:
            logger.info("a message cannot be edited", extra={"status": error.status})
            return False
        except discord.HTTPException as error:
            _check_refused(page, error)
            raise
        return True

    async def delete(self, channel_id: int, message_id: int) -> None:
        try:
            await self._message(channel_id, message_id).delete()
        except discord.HTTPException as error:
            logger.info("a message cannot be taken back", extra={"status": error.status})

    def _message(self, channel_id: int, message_id: int) -> discord.PartialMessage:
        return self._client.get_partial_messageable(channel_id).get_partial_message(message_id)


def _check_refused(page: Page, error: discord.HTTPException) -> None:
    if page.attached and error.status in (400, 413):
        logger.warning("a picture was refused", extra={"status": error.status})
        raise PictureRefused(error.text) from error


def jump_link(guild_id: int | None, channel_id: int, message_id: int | None) -> str:
    """The address of a message, or of its channel."""
    where = f"https://discord.com/channels/{guild_id or '@me'}/{channel_id}"
    return where if message_id is None else f"{where}/{message_id}"
