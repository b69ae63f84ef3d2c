"""Telling Discord the commands: only when they have changed, since it is limited."""

import hashlib
import json
import logging
from typing import Any, Literal

import discord
from discord import app_commands

from clients.discord_bot.records import Records

logger = logging.getLogger(__name__)


async def sync(
    tree: app_commands.CommandTree[Any],
    records: Records,
    when: Literal["changed", "always", "never"],
    guild_id: int | None,
) -> None:
    """Register the commands, for all servers or for one. A Discord that refuses is no reason not
    to play: the commands that it knows go on working."""
    if when == "never":
        return
    guild = discord.Object(guild_id) if guild_id is not None else None
    if guild is not None:
        tree.copy_global_to(guild=guild)
    digest = await digest_of(tree, guild)
    if when == "changed" and digest == records.commands:
        return
    try:
        await tree.sync(guild=guild)
    except (discord.HTTPException, app_commands.AppCommandError) as error:
        logger.warning("commands cannot be registered", extra={"reason": str(error)})
        return
    records.set_commands(digest)
    logger.info("commands are registered")


async def digest_of(tree: app_commands.CommandTree[Any], guild: discord.Object | None) -> str:
    """What Discord would be told, as one short text."""
    commands = tree.get_commands(guild=guild)
    if tree.translator is None:
        told = [command.to_dict(tree) for command in commands]
    else:
        told = [await c.get_translated_payload(tree, tree.translator) for c in commands]
    told.sort(key=lambda command: str(command["name"]))
    text = json.dumps([guild.id if guild else None, told], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
