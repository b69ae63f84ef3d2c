"""Small things: languages, worlds to choose from, commands told once, looking back."""

import pytest

from clients.discord_bot.ui import ids
from tests.discord_bot.sim.conftest import StageMaker
from tests.discord_bot.sim.stage import (
    Party,
    answer_to,
    presses,
    said_to,
    text_of,
)


async def test_who_reads_german_is_told_in_german(a_stage: StageMaker) -> None:
    async with a_stage() as stage:
        party = Party(stage)
        message = await party.begin()
        await party.alice.click(message, custom_id=presses(message, ids.CHOOSE)[0])
        late = stage.press_raw(party.bob, message, presses(message, ids.CHOOSE)[0], locale="de")
        await stage.env.settle()
        assert "Dieser Zug ist vorbei" in stage.told(late)
        await party.host.slash(party.channel, "settings language", value="de")
        assert "Zug 1" in text_of(party.present())


async def test_commands_are_told_to_discord_once(a_stage: StageMaker) -> None:
    def told() -> int:
        return sum(
            request.method == "PUT" and request.path.endswith("/commands")
            for request in stage.env.http_requests
        )

    async with a_stage() as stage:
        assert told() == 1
        await stage.restart()
        assert told() == 1
        assert not any(request.path.endswith("/members") for request in stage.env.http_requests)


async def test_worlds_are_offered_and_played(a_stage: StageMaker) -> None:
    async with a_stage() as stage:
        party = Party(stage)
        offered = await party.alice.autocomplete(party.channel, "play", "world", "hut")
        assert [choice["value"] for choice in offered] == ["hut_six"]
        await party.alice.slash(party.channel, "play", world="hut_six")
        state = await stage.outside(stage.service_client.state())
        assert state.world == "hut_six"
        unknown = await party.host.slash(party.channel, "settings scope", value="channel")
        assert unknown.acknowledged
        refused = await party.alice.slash(party.channel, "play", world="atlantis")
        assert said_to(refused)
        assert len(party.turns()) == 1


async def test_looking_back(a_stage: StageMaker) -> None:
    async with a_stage() as stage:
        party = Party(stage)
        await party.begin()
        for _ in range(7):
            present = party.present()
            await party.alice.click(present, custom_id=presses(present, ids.CHOOSE)[-1])
            await stage.env.advance_time(5)
        newest = answer_to(await party.bob.slash(party.channel, "history"))
        assert "Turn 7" in text_of(newest)
        older = presses(newest, ids.HISTORY)[0]
        turned = await party.bob.click(newest, custom_id=older)
        page = answer_to(turned)
        assert page.id == newest.id, "the page turns, it does not stack"
        assert "The beginning" in text_of(page)
        assert "Turn 7" not in text_of(page)
        back = await party.bob.click(page, custom_id=presses(page, ids.HISTORY)[0])
        assert "Turn 7" in text_of(answer_to(back))
        second = await party.bob.slash(party.channel, "history", page=2)
        assert "Turn 2" in text_of(answer_to(second))
        status = await party.bob.slash(party.channel, "status")
        assert str(party.present().id) in said_to(status)
        await party.bob.slash(party.channel, "replay")
        again = await party.bob.slash(party.channel, "replay")
        assert "Once more in" in said_to(again)


@pytest.mark.parametrize("command", ["settings mode", "settings scope"])
async def test_only_who_runs_the_server_sets_it(a_stage: StageMaker, command: str) -> None:
    async with a_stage() as stage:
        party = Party(stage)
        known = await stage.bot.tree.fetch_commands()
        (settings,) = (one for one in known if one.name == "settings")
        # A server may hand the command to others than those who run it.
        party.guild.set_command_permissions(settings, {party.guild.default_role: True})
        refused = await party.alice.slash(
            party.channel, command, value="vote" if "mode" in command else "channel"
        )
        assert "Manage Server" in said_to(refused)
