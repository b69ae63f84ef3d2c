"""A whole run: from the intro to a death, and another one."""

import discord

from clients.discord_bot.ui import ids
from tests.discord_bot.sim.conftest import StageMaker
from tests.discord_bot.sim.stage import (
    answer_to,
    buttons_of,
    galleries,
    is_turn,
    presses,
    said_to,
    text_of,
)


async def test_a_run_from_the_intro_to_a_death_and_to_another_intro(a_stage: StageMaker) -> None:
    async with a_stage() as stage:
        guild = stage.env.create_guild()
        channel = guild.create_text_channel("fire")
        alice = guild.add_member(stage.env.create_user("alice"))
        begun = await alice.slash(channel, "play")
        assert begun.ephemeral
        first = channel.history()[0]
        assert is_turn(first)
        assert "The beginning" in text_of(first)
        assert first.flags.components_v2
        picture = galleries(first)[0].items[0]
        assert picture.description
        assert first.attachments[0].filename == "turn-0.webp"

        result = await alice.click(first, custom_id=presses(first, ids.CHOOSE)[0])
        assert result.acknowledged
        turns = [m for m in channel.history() if is_turn(m)]
        assert len(turns) == 1
        assert "Turn 1" in text_of(turns[0])
        closed = channel.history()[0]
        assert "alice" in text_of(closed)
        assert all(button.disabled for button in buttons_of(closed))
        assert galleries(closed)[0].items[0].description == picture.description

        manager = guild.create_role("hosts", permissions=discord.Permissions(manage_guild=True))
        host = guild.add_member(stage.env.create_user("host"), roles=[manager])
        await host.slash(channel, "settings timer", seconds=30)
        await stage.settled()
        while not any(presses(message, ids.AGAIN) for message in channel.history()):
            await stage.env.advance_time(31)
            await stage.settled()
        last = next(m for m in channel.history() if presses(m, ids.AGAIN))
        assert "You did not make it" in text_of(last)
        kept = [m for m in channel.history() if m.id > last.id]
        shown = sum(len(gallery.items) for m in kept for gallery in galleries(m))
        turns = [m for m in channel.history() if "Turn" in text_of(m) and m.id <= last.id]
        assert shown == len(turns) + 1, "every picture of the run, the intro's among them"
        assert all(item.description for m in kept for g in galleries(m) for item in g.items)

        again = await alice.click(last, custom_id=presses(last, ids.AGAIN)[0])
        assert again.acknowledged
        fresh = channel.last_message
        assert fresh is not None
        assert is_turn(fresh)
        assert "The beginning" in text_of(fresh)
        assert buttons_of(channel.history()[0])[0].disabled, "the first run cannot be played on"


async def test_a_reset_is_asked_about_and_begins_anew(a_stage: StageMaker) -> None:
    async with a_stage() as stage:
        guild = stage.env.create_guild()
        channel = guild.create_text_channel("fire")
        alice = guild.add_member(stage.env.create_user("alice"))
        bob = guild.add_member(stage.env.create_user("bob"))
        await alice.slash(channel, "play")
        first = channel.history()[0]
        old = presses(first, ids.CHOOSE)[0]
        refused = await bob.slash(channel, "reset")
        assert refused.ephemeral
        assert "Manage Server" in said_to(refused)
        asked = await alice.slash(channel, "reset")
        question = answer_to(asked)
        await alice.click(question, custom_id=presses(question, ids.CONFIRM_RESET)[0])
        await stage.settled()
        turns = [m for m in channel.history() if is_turn(m)]
        assert len(turns) == 1
        assert turns[0].id != first.id
        # The same turn number, of another run: nothing of the old message is played.
        record = stage.press_raw(alice, first, old)
        await stage.env.settle()
        assert record.responded
        assert next(m for m in channel.history() if is_turn(m)).id == turns[0].id
