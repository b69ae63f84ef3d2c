"""A whole run: from the intro to a death, and another one."""

from clients.discord_bot.ui import ids
from tests.discord_bot.sim.conftest import StageMaker
from tests.discord_bot.sim.stage import buttons_of, galleries, is_turn, presses, text_of


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
