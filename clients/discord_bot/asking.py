"""Who asks, from where, and whether they may. Everything that reads an interaction."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import discord

from clients.discord_bot.places import Place
from clients.discord_bot.records import Game, Policy
from clients.discord_bot.refusals import Refusal
from clients.discord_bot.table import Who
from clients.discord_bot.ui.text import one_line
from clients.discord_bot.words import Words

if TYPE_CHECKING:
    from clients.discord_bot.bot import GameBot

    Interaction = discord.Interaction[GameBot]


def place_of(interaction: "Interaction") -> Place:
    """Where it comes from. Raises `Refusal` for a place without a channel."""
    if interaction.channel_id is None:
        raise Refusal("error.not_here")
    return Place(
        channel_id=interaction.channel_id,
        user_id=interaction.user.id,
        guild_id=interaction.guild_id,
        is_thread=isinstance(interaction.channel, discord.Thread),
    )


def who_of(interaction: "Interaction") -> Who:
    """Who it is."""
    return Who(interaction.user.id, one_line(interaction.user.display_name))


def key_of(interaction: "Interaction") -> str:
    """The idempotency key of what is asked: however often it is sent, one turn is played."""
    return f"discord:{interaction.id}"


def may_manage(interaction: "Interaction") -> bool:
    """Whether somebody runs the server; in their own messages everybody does."""
    return interaction.guild_id is None or interaction.permissions.manage_guild


def check_player(interaction: "Interaction", game: Game, policy: Policy) -> None:
    """Raises `Refusal` for who may not play this game."""
    if policy.mode == "owner" and not is_host(interaction, game):
        raise Refusal("error.not_yours", name=f"<@{game.owner_id}>")


def check_may_steer(interaction: "Interaction", game: Game, policy: Policy) -> None:
    """Raises `Refusal` for who may not do what no vote is about."""
    check_player(interaction, game, policy)
    if policy.mode == "vote":
        check_host(interaction, game)


def check_host(interaction: "Interaction", game: Game | None) -> None:
    """Raises `Refusal` unless somebody began the game or runs the server."""
    if game is not None and not is_host(interaction, game):
        raise Refusal("error.not_manager")


def is_host(interaction: "Interaction", game: Game) -> bool:
    """Whether somebody began the game, or runs the server where it is played."""
    is_there = interaction.guild_id == game.guild_id
    return interaction.user.id == game.owner_id or (is_there and may_manage(interaction))


def session_asked(interaction: "Interaction") -> str:
    """The session that is played where it comes from. Raises `Refusal` where there is none."""
    session_id = interaction.client.session_here(interaction)
    if session_id is None:
        raise Refusal("error.not_started")
    check_server(interaction, session_id)
    return session_id


def check_server(interaction: "Interaction", session_id: str) -> None:
    """Raises `Refusal` for a session that is played on another server: the one story for all is
    for all of one server. A server that the bot has left holds nothing."""
    bot = interaction.client
    game = bot.records.game(session_id)
    if game is None or game.guild_id in (None, interaction.guild_id):
        return
    if interaction.user.id != game.owner_id and bot.get_guild(game.guild_id) is not None:
        raise Refusal("error.other_server")


def check_manager(interaction: "Interaction") -> None:
    """Raises `Refusal` unless somebody runs the server."""
    if not may_manage(interaction):
        raise Refusal("error.not_manager")


def check_permissions(interaction: "Interaction", words: Words, *more: str) -> None:
    """Raises `Refusal`, naming them, if the bot lacks permissions where it was asked."""
    if interaction.guild_id is None:
        return
    needed: list[str] = ["view_channel", *more]
    in_thread = isinstance(interaction.channel, discord.Thread)
    needed.append("send_messages_in_threads" if in_thread else "send_messages")
    missing = [name for name in needed if not getattr(interaction.app_permissions, name)]
    if missing:
        raise Refusal("error.missing_permission", permissions=_named(missing, words))


def _named(permissions: Iterable[str], words: Words) -> str:
    return ", ".join(words(f"permission.{name}") for name in permissions)
