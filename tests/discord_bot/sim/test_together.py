"""Many people, many channels: who plays what, and that one click is one turn."""

import discord
import pytest

from clients.discord_bot.ui import ids
from tests.discord_bot.sim.conftest import StageMaker
from tests.discord_bot.sim.stage import Party, answer_to, buttons_of, presses, said_to, text_of
from tests.doubles import HeldNarrator


async def test_two_channels_have_a_story_each(a_stage: StageMaker) -> None:
    async with a_stage() as stage:
        party = Party(stage)
        other = party.guild.create_text_channel("ice")
        await party.host.slash(party.channel, "settings scope", value="channel")
        fire = await party.begin()
        await party.bob.slash(other, "play")
        ice = party.present(other)
        assert presses(fire, ids.CHOOSE)[0].split(":")[1] == f"dc-{party.channel.id}"
        assert presses(ice, ids.CHOOSE)[0].split(":")[1] == f"dc-{other.id}"
        await party.bob.click(ice, custom_id=presses(ice, ids.CHOOSE)[0])
        assert "Turn 1" in text_of(party.present(other))
        assert party.present().id == fire.id, "nothing has happened by the fire"
        await party.alice.click(fire, custom_id=presses(fire, ids.CHOOSE)[1])
        assert "alice" in text_of(party.channel.history()[0])
        assert "alice" not in "".join(text_of(m) for m in other.history())


async def test_one_story_for_all_goes_where_it_is_played(a_stage: StageMaker) -> None:
    async with a_stage() as stage:
        party = Party(stage)
        other = party.guild.create_text_channel("ice")
        first = await party.begin()
        told = await party.bob.slash(other, "play")
        assert str(party.present(other).id) in said_to(told)
        assert party.turns() == []
        assert "further down" in text_of(party.channel.history()[0])
        assert first.id == party.channel.history()[0].id


async def test_each_run_in_its_thread(a_stage: StageMaker) -> None:
    async with a_stage() as stage:
        party = Party(stage)
        await party.host.slash(party.channel, "settings scope", value="thread")
        await party.alice.slash(party.channel, "play")
        await party.bob.slash(party.channel, "play")
        threads = party.channel.threads
        assert len(threads) == 2
        for thread in threads:
            message = party.present(thread)
            assert presses(message, ids.CHOOSE)[0].split(":")[1] == f"dt-{thread.id}"
        nothing = await party.alice.slash(party.channel, "status")
        assert "/play" in said_to(nothing)


async def test_alone_in_direct_messages(a_stage: StageMaker) -> None:
    async with a_stage() as stage:
        party = Party(stage)
        told = await party.alice.slash(party.channel, "play", private=True)
        assert "discord.com/channels/@me/" in said_to(told)
        direct = party.alice.user.dm_channel
        message = party.present(direct)
        assert presses(message, ids.CHOOSE)[0].split(":")[1] == f"du-{party.alice.id}"
        await party.alice.user.click(message, custom_id=presses(message, ids.CHOOSE)[0])
        assert "Turn 1" in text_of(party.present(direct))
        assert party.turns() == []


async def test_only_who_began_it_plays_where_that_is_set(a_stage: StageMaker) -> None:
    async with a_stage() as stage:
        party = Party(stage)
        await party.host.slash(party.channel, "settings mode", value="owner")
        message = await party.begin()
        press = presses(message, ids.CHOOSE)[0]
        refused = await party.bob.click(message, custom_id=press)
        assert f"<@{party.alice.id}>" in said_to(refused)
        assert party.present().id == message.id
        await party.alice.click(message, custom_id=press)
        await party.host.click(party.present(), custom_id=presses(party.present(), ids.CHOOSE)[0])
        assert "Turn 2" in text_of(party.present()), "who runs the server may as well"


async def test_a_vote_of_two_ends_when_both_have_voted(a_stage: StageMaker) -> None:
    async with a_stage() as stage:
        party = Party(stage)
        await party.host.slash(party.channel, "settings mode", value="vote")
        message = await party.begin()
        one, two = presses(message, ids.VOTE)[:2]
        cast = await party.alice.click(message, custom_id=one)
        assert "You are for" in said_to(cast)
        await party.bob.click(message, custom_id=two)
        changed = await party.bob.click(message, custom_id=one)
        assert "You are now for" in said_to(changed)
        assert party.present().id == message.id, "whoever else wants to may still vote"
        await stage.env.advance_time(2.5)
        assert str(buttons_of(party.present())[0].label).endswith("· 2")
        await stage.env.advance_time(20)
        second = party.present()
        assert "Turn 1" in text_of(second)
        assert "You voted" in text_of(party.channel.history()[0])
        # Now both are known to play: the second vote ends the turn.
        await party.alice.click(second, custom_id=presses(second, ids.VOTE)[0])
        await party.bob.click(second, custom_id=presses(second, ids.VOTE)[1])
        assert "Turn 2" in text_of(party.present())


async def test_a_vote_survives_a_restart(a_stage: StageMaker) -> None:
    async with a_stage() as stage:
        party = Party(stage)
        await party.host.slash(party.channel, "settings mode", value="vote")
        message = await party.begin()
        await party.alice.click(message, custom_id=presses(message, ids.VOTE)[2])
        await stage.restart()
        chosen = presses(message, ids.VOTE)[2]
        label = next(b.label for b in buttons_of(message) if b.custom_id == chosen)
        await party.bob.click(party.present(), custom_id=presses(message, ids.VOTE)[2])
        await stage.env.advance_time(21)
        await stage.settled()
        assert "Turn 1" in text_of(party.present())
        assert label is not None
        assert label[:20] in text_of(party.channel.history()[0])


@pytest.mark.parametrize("clickers", [("alice", "alice"), ("alice", "bob")])
async def test_two_clicks_at_once_are_one_turn(
    a_stage: StageMaker, clickers: tuple[str, str]
) -> None:
    async with a_stage() as stage:
        party = Party(stage)
        message = await party.begin()
        one, two = presses(message, ids.CHOOSE)[:2]
        first, second = (getattr(party, name) for name in clickers)
        stage.press_raw(first, message, one)
        late = stage.press_raw(second, message, two)
        await stage.env.settle()
        assert "Turn 1" in text_of(party.present())
        assert "world is still moving" in stage.told(late)


async def test_a_click_on_a_turn_that_is_over_says_where_the_game_is(a_stage: StageMaker) -> None:
    async with a_stage() as stage:
        party = Party(stage)
        message = await party.begin()
        press = presses(message, ids.CHOOSE)[0]
        await party.alice.click(message, custom_id=press)
        late = stage.press_raw(party.bob, message, press)
        await stage.env.settle()
        assert str(party.present().id) in stage.told(late)
        assert "Turn 1" in text_of(party.present())


async def test_own_words_and_their_window_after_a_restart(a_stage: StageMaker) -> None:
    async with a_stage() as stage:
        party = Party(stage)
        message = await party.begin()
        shown = await party.alice.click(message, custom_id=presses(message, ids.OWN_WORDS)[0])
        assert shown.modal is not None
        await party.alice.submit_modal(shown, {"words": "I *wave* at @everyone"})
        second = party.present()
        assert "Turn 1" in text_of(second)
        closed = party.channel.history()[0]
        assert "I \\*wave\\* at @\u200beveryone" in text_of(closed)
        shown = await party.bob.click(second, custom_id=presses(second, ids.OWN_WORDS)[0])
        assert shown.modal is not None
        await stage.restart()
        sent = stage.submit_raw(party.bob, second, shown.modal["custom_id"], "I sit down")
        await stage.env.settle()
        assert sent.responded
        assert "Turn 2" in text_of(party.present())
        late = stage.submit_raw(party.bob, second, shown.modal["custom_id"], "I sit down")
        await stage.env.settle()
        assert "That turn is over" in stage.told(late)


async def test_every_button_works_after_a_restart(a_stage: StageMaker) -> None:
    async with a_stage() as stage:
        party = Party(stage)
        message = await party.begin()
        await stage.restart()
        more = await party.alice.click(message, custom_id=presses(message, ids.MORE)[0])
        panel = answer_to(more)
        assert "Health" in text_of(panel)
        await party.alice.click(panel, custom_id=presses(panel, ids.OTHER_CHOICES)[0])
        other = party.present()
        assert other.id == message.id
        assert presses(other, ids.CHOOSE) != presses(message, ids.CHOOSE)
        history = await party.alice.click(panel, custom_id=presses(panel, ids.HISTORY)[0])
        assert history.acknowledged
        await party.alice.click(other, custom_id=presses(other, ids.CHOOSE)[0])
        assert "Turn 1" in text_of(party.present())
        assert isinstance(party.present(), discord.Message)


async def test_the_one_story_for_all_is_for_all_of_one_server(a_stage: StageMaker) -> None:
    async with a_stage() as stage:
        party = Party(stage)
        message = await party.begin()
        other = Party(stage, "others")
        for command in ("play", "continue", "status", "history", "reset"):
            refused = await other.host.slash(other.channel, command)
            assert "another server" in said_to(refused), command
        await other.host.slash(other.channel, "settings timer", seconds=30)
        assert "<t:" not in text_of(party.present()), "nothing is set for others"
        await other.host.slash(other.channel, "settings scope", value="channel")
        await other.host.slash(other.channel, "play")
        assert other.turns()
        assert party.present().id == message.id


async def test_a_story_that_begins_is_who_began_its(a_stage: StageMaker) -> None:
    narrator = HeldNarrator("default")
    async with a_stage(narrator=narrator) as stage:
        party = Party(stage)
        stage.is_slow = True
        await party.alice.slash(party.channel, "play")
        stage.is_slow = False
        refused = await party.bob.slash(party.channel, "play")
        assert "still moving" in said_to(refused)
        narrator.release.set()
        await stage.eventually(lambda: bool(party.turns()))
        assert stage.bot.records.games()[0].owner_id == party.alice.id


async def test_two_who_want_to_play_again_begin_one_story(a_stage: StageMaker) -> None:
    async with a_stage() as stage:
        party = Party(stage)
        await party.begin()
        while not (await stage.outside(stage.service_client.state())).over:
            await stage.outside(stage.service_client.penalize())
        await stage.eventually(lambda: any(presses(m, ids.AGAIN) for m in party.channel.history()))
        await stage.env.advance_time(60)
        last = next(m for m in party.channel.history() if presses(m, ids.AGAIN))
        again = presses(last, ids.AGAIN)[0]
        stage.press_raw(party.alice, last, again)
        late = stage.press_raw(party.bob, last, again)
        await stage.env.settle()
        await stage.settled()
        assert stage.told(late)
        assert "beginning" in text_of(party.present())
        archives = await stage.outside(stage.service_client.archives())
        assert len(archives.items) == 1
