"""The clock: the world acts when nobody does, and neither a restart nor a slow turn confuses it."""

from datetime import timedelta

from clients.discord_bot.ui import ids
from tests.discord_bot.sim.conftest import StageMaker
from tests.discord_bot.sim.stage import Party, Stage, presses, said_to, text_of
from tests.doubles import HeldNarrator


async def a_timed_game(stage: Stage, seconds: int = 30) -> Party:
    party = Party(stage)
    await party.begin()
    await party.host.slash(party.channel, "settings timer", seconds=seconds)
    await stage.settled()
    return party


async def test_the_world_acts_when_nobody_does(a_stage: StageMaker) -> None:
    async with a_stage() as stage:
        party = await a_timed_game(stage)
        ends = int(stage.env.now().timestamp()) + 30
        assert f"<t:{ends}:R>" in text_of(party.present())
        first = party.present().id
        await stage.env.advance_time(29)
        await stage.settled()
        assert party.present().id == first, "there is a second left"
        await stage.env.advance_time(2)
        await stage.settled()
        assert "Turn 1" in text_of(party.present())
        assert "Nobody decided in time" in text_of(party.channel.history()[0])


async def test_who_chooses_in_time_has_a_new_countdown(a_stage: StageMaker) -> None:
    async with a_stage() as stage:
        party = await a_timed_game(stage)
        await stage.env.advance_time(25)
        message = party.present()
        await party.alice.click(message, custom_id=presses(message, ids.CHOOSE)[0])
        await stage.env.advance_time(10)
        await stage.settled()
        assert "Turn 1" in text_of(party.present()), "the old deadline is nobody's any more"
        await stage.env.advance_time(21)
        await stage.settled()
        assert "Turn 2" in text_of(party.present())


async def test_more_time(a_stage: StageMaker) -> None:
    async with a_stage() as stage:
        party = await a_timed_game(stage)
        message = party.present()
        more = await party.bob.click(message, custom_id=presses(message, ids.MORE)[0])
        assert more.response is not None
        panel = more.response.message
        await party.bob.click(panel, custom_id=presses(panel, ids.MORE_TIME)[0])
        await stage.env.advance_time(40)
        await stage.settled()
        assert party.present().id == message.id
        await stage.env.advance_time(21)
        await stage.settled()
        assert "Turn 1" in text_of(party.present())


async def test_a_restart_in_mid_countdown_keeps_it(a_stage: StageMaker) -> None:
    async with a_stage() as stage:
        party = await a_timed_game(stage)
        await stage.env.advance_time(10)
        await stage.restart()
        await stage.settled()
        await stage.env.advance_time(19)
        await stage.settled()
        assert "beginning" in text_of(party.present())
        await stage.env.advance_time(3)
        await stage.settled()
        assert "Turn 1" in text_of(party.present())


async def test_a_deadline_that_passed_while_nobody_kept_it_begins_anew(a_stage: StageMaker) -> None:
    async with a_stage() as stage:
        party = await a_timed_game(stage)
        await stage.sleep_through(120)
        await stage.settled()
        assert "beginning" in text_of(party.present()), "nobody is punished for the bot's absence"
        await stage.env.advance_time(31)
        await stage.settled()
        assert "Turn 1" in text_of(party.present())


async def test_a_vote_wins_against_the_deadline(a_stage: StageMaker) -> None:
    async with a_stage() as stage:
        party = await a_timed_game(stage)
        await party.host.slash(party.channel, "settings mode", value="vote")
        message = party.present()
        await party.alice.click(message, custom_id=presses(message, ids.VOTE)[0])
        await stage.env.advance_time(31)
        await stage.settled()
        assert "Turn 1" in text_of(party.present())
        assert "You voted" in text_of(party.channel.history()[0])
        await stage.env.advance_time(31)
        await stage.settled()
        assert "Turn 2" in text_of(party.present()), "nobody voted: the world acts"


async def test_a_turn_of_ten_seconds(a_stage: StageMaker) -> None:
    narrator = HeldNarrator("default")
    narrator.release.set()
    async with a_stage(narrator=narrator) as stage:
        party = Party(stage)
        message = await party.begin()
        narrator.release.clear()
        stage.is_slow = True
        slow = await party.alice.click(message, custom_id=presses(message, ids.CHOOSE)[0])
        assert slow.acknowledged
        assert "alice" in text_of(party.channel.history()[0]), "at once"
        second = stage.press_raw(party.bob, message, presses(message, ids.CHOOSE)[1])
        await stage.env.settle()
        assert "still moving" in stage.told(second)
        await stage.env.advance_time(10)
        assert "🎲" in text_of(party.channel.history()[0])
        assert party.turns() == []
        stage.is_slow = False
        narrator.release.set()
        await stage.eventually(lambda: bool(party.turns()))
        assert "Turn 1" in text_of(party.present())


async def test_reduced_motion_rolls_nothing(a_stage: StageMaker) -> None:
    narrator = HeldNarrator("default")
    narrator.release.set()
    async with a_stage(narrator=narrator) as stage:
        party = Party(stage)
        await party.host.slash(party.channel, "settings motion", value="reduced")
        message = await party.begin()
        narrator.release.clear()
        stage.is_slow = True
        await party.alice.click(message, custom_id=presses(message, ids.CHOOSE)[0])
        await stage.env.advance_time(10)
        assert "🎲" not in text_of(party.channel.history()[0])
        stage.is_slow = False
        narrator.release.set()
        await stage.eventually(lambda: bool(party.turns()))
        assert said_to(await party.alice.slash(party.channel, "status"))


async def test_a_bot_whose_clock_is_early_asks_again(a_stage: StageMaker) -> None:
    async with a_stage() as stage:
        stage.service_is_behind = timedelta(seconds=4)
        party = await a_timed_game(stage)
        message = party.present()
        ends = stage.env.now() - stage.service_is_behind + timedelta(seconds=30)
        await stage.env.advance_time((ends - stage.env.now()).total_seconds() + 1)
        await stage.settled()
        assert party.present().id == message.id, "the service says that there is time"
        await stage.env.advance_time(8)
        await stage.settled()
        assert "Turn 1" in text_of(party.present())
