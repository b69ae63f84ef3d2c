"""Nobody is left without an answer: no service, no permission, no budget, no game."""

import discord

from clients.discord_bot.ui import ids
from tests.discord_bot.sim.conftest import StageMaker
from tests.discord_bot.sim.stage import Party, galleries, presses, said_to, text_of
from tests.doubles import FailingNarrator, PricedNarrator


async def test_the_service_is_down_and_comes_back(a_stage: StageMaker) -> None:
    async with a_stage() as stage:
        party = Party(stage)
        message = await party.begin()
        stage.is_down = True
        press = presses(message, ids.CHOOSE)[0]
        refused = await party.alice.click(message, custom_id=press)
        assert "cannot be reached" in said_to(refused)
        assert "cannot be reached" in said_to(await party.bob.slash(party.channel, "status"))
        assert presses(party.present(), ids.CHOOSE)[0] == press, "the buttons are there again"
        stage.is_down = False
        await party.alice.click(party.present(), custom_id=press)
        assert "Turn 1" in text_of(party.present())


async def test_a_restart_while_the_service_is_down(a_stage: StageMaker) -> None:
    async with a_stage() as stage:
        party = Party(stage)
        message = await party.begin()
        stage.is_down = True
        await stage.restart()
        press = presses(message, ids.CHOOSE)[0]
        assert "cannot be reached" in said_to(await party.alice.click(message, custom_id=press))
        stage.is_down = False
        await stage.env.advance_time(10)
        await party.alice.click(message, custom_id=press)
        assert "Turn 1" in text_of(party.present())


async def test_what_happened_while_the_bot_was_away_is_shown(a_stage: StageMaker) -> None:
    async with a_stage() as stage:
        party = Party(stage)
        await party.begin()
        client = stage.bot.hall.house.client
        await stage.sleep_through(5, doing=lambda: client.act(choice="Wait", player="carol"))
        await stage.settled()
        assert "Turn 1" in text_of(party.channel.last_message or party.present())


async def test_a_narrator_that_fails_changes_nothing(a_stage: StageMaker) -> None:
    narrator = FailingNarrator()
    narrator.broken = False
    async with a_stage(narrator=narrator) as stage:
        party = Party(stage)
        message = await party.begin()
        narrator.broken = True
        press = presses(message, ids.CHOOSE)[0]
        refused = await party.alice.click(message, custom_id=press)
        assert "narrator did not answer" in said_to(refused)
        narrator.broken = False
        await party.alice.click(party.present(), custom_id=press)
        assert "Turn 1" in text_of(party.present())


async def test_over_budget(a_stage: StageMaker) -> None:
    async with a_stage(narrator=PricedNarrator()) as stage:
        party = Party(stage)
        message = await party.begin()
        await stage.outside(
            stage.service_client.change_session("default", settings={"budget_usd": 0.5})
        )
        refused = await party.alice.click(message, custom_id=presses(message, ids.CHOOSE)[0])
        assert "budget" in said_to(refused)
        assert presses(party.present(), ids.CHOOSE)


async def test_missing_permissions_are_named(a_stage: StageMaker) -> None:
    async with a_stage() as stage:
        party = Party(stage)
        muted = party.guild.create_text_channel(
            "muted",
            overwrites={party.guild.default_role: discord.PermissionOverwrite(send_messages=False)},
        )
        refused = await party.alice.slash(muted, "play")
        assert "Send Messages" in said_to(refused)


async def test_without_the_permission_for_pictures_the_words_are_there(
    a_stage: StageMaker,
) -> None:
    async with a_stage() as stage:
        party = Party(stage)
        plain = party.guild.create_text_channel(
            "plain",
            overwrites={party.guild.default_role: discord.PermissionOverwrite(attach_files=False)},
        )
        await party.alice.slash(plain, "play")
        message = party.present(plain)
        assert galleries(message) == []
        await party.alice.click(message, custom_id=presses(message, ids.CHOOSE)[0])
        assert "Turn 1" in text_of(party.present(plain))
        replay = await party.alice.slash(plain, "replay")
        assert "Attach Files" in said_to(replay)


async def test_a_channel_that_was_deleted_ends_nothing_but_itself(a_stage: StageMaker) -> None:
    async with a_stage() as stage:
        party = Party(stage)
        doomed = party.guild.create_text_channel("doomed")
        await party.alice.slash(doomed, "play")
        stage.env.backend.delete_channel(doomed.id)
        await stage.outside(stage.service_client.act(choice="Wait"))
        await stage.settled()
        await party.alice.slash(party.channel, "continue")
        assert "Turn 1" in text_of(party.present())


async def test_before_a_story_every_command_says_how_to_begin(a_stage: StageMaker) -> None:
    async with a_stage() as stage:
        party = Party(stage)
        for command in ("status", "continue", "reset", "replay"):
            assert "/play" in said_to(await party.alice.slash(party.channel, command)), command
        assert "/play" in said_to(await party.alice.slash(party.channel, "act", text="Run"))
        assert "/play" in said_to(await party.alice.slash(party.channel, "autoplay", switch="on"))
        assert said_to(await party.alice.slash(party.channel, "history"))
        assert "/play" in said_to(await party.alice.slash(party.channel, "help"))
