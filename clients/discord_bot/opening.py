"""How a game begins: a new one, the same again, or one that is taken up somewhere else."""

from contextlib import suppress
from typing import TYPE_CHECKING

import discord

from clients.discord_bot.asking import key_of, who_of
from clients.discord_bot.hall import Hall
from clients.discord_bot.places import Place
from clients.discord_bot.records import Game, Policy
from clients.discord_bot.refusals import Refusal
from clients.discord_bot.table import Table, used_at
from clients.game_client import SessionExists, SessionNotFound, State

if TYPE_CHECKING:
    from clients.discord_bot.bot import GameBot

    Interaction = discord.Interaction[GameBot]


async def play_here(
    hall: Hall, interaction: "Interaction", place: Place, session_id: str, world: str | None
) -> Table:
    """Begin the session's story here, or take up the one that is under way. Raises `Refusal` if
    somebody else begins it, and as `Hall.table` does."""
    with hall.beginning(session_id):
        return await _play_here(hall, interaction, place, session_id, world)


async def _play_here(
    hall: Hall, interaction: "Interaction", place: Place, session_id: str, world: str | None
) -> Table:
    client = hall.house.client
    try:
        state: State | None = await client.state(session_id)
    except SessionNotFound:
        state = None
    if state is not None and not state.over and state.phase != "new":
        return await take_up(hall, interaction, place, session_id)
    game = Game(
        session_id=session_id,
        channel_id=place.channel_id,
        guild_id=place.guild_id,
        owner_id=interaction.user.id,
        language=interaction.locale.value,
        used_at=used_at(),
    )
    # Before anything happens: whoever watches the session shows it here.
    hall.house.records.set_game(game)
    if state is None:
        # Somebody else may have asked at the same moment.
        with suppress(SessionExists):
            await client.create_session(session_id, world=world)
    elif state.over:
        await client.reset(session_id, world=world)
    await _set_up(hall, session_id, state, hall.house.records.policy(place.key))
    await client.intro(
        session_id, world=world, key=key_of(interaction), player=who_of(interaction).name
    )
    table = await hall.table(session_id)
    await table.catch_up()
    return table


async def take_up(hall: Hall, interaction: "Interaction", place: Place, session_id: str) -> Table:
    """Show a session here from now on, at the bottom of the channel.

    Raises `Refusal` if its story has not begun, and as `Hall.table` does.
    """
    if (await hall.house.client.status(session_id)).turn < 0:
        raise Refusal("error.not_started")
    moved = {
        "channel_id": place.channel_id,
        "guild_id": place.guild_id,
        "used_at": used_at(),
    }
    game = hall.house.records.game(session_id)
    if (table := hall.open_table(session_id)) is not None and game is not None:
        await table.move(**moved)
        return table
    if game is None:
        game = Game(
            session_id=session_id,
            channel_id=place.channel_id,
            owner_id=interaction.user.id,
            language=interaction.locale.value,
        )
    update = {**moved, "message_id": None, "picture": None}
    return await hall.seat(game.model_copy(update=update))


async def begin_again(table: Table, interaction: "Interaction") -> None:
    """Reset the session and begin its story anew, where it is played. Raises `Refusal` if
    somebody else does, and `ServiceError`."""
    client, player = table.house.client, who_of(interaction).name
    world = table.state.world if table.state is not None else None
    with interaction.client.hall.beginning(table.session_id):
        await client.reset(table.session_id, world=world or None)
        await client.intro(table.session_id, key=key_of(interaction), player=player)
        await table.catch_up()


async def _set_up(hall: Hall, session_id: str, state: State | None, policy: Policy) -> None:
    """Set a session as its server wants it."""
    seconds = state.settings.deadline_seconds if state is not None else 0
    if policy.timer is not None and policy.timer != seconds:
        await hall.house.client.change_session(
            session_id, settings={"deadline_seconds": policy.timer}
        )
