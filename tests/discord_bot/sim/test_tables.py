"""Tables come and go: sessions that are deleted, more games than streams, a file that is lost."""

import pytest

from clients.discord_bot import hall
from clients.discord_bot.ui import ids
from tests.discord_bot.sim.conftest import StageMaker
from tests.discord_bot.sim.stage import Party, presses, said_to, text_of


async def test_a_session_that_was_deleted_can_begin_again(a_stage: StageMaker) -> None:
    async with a_stage() as stage:
        party = Party(stage)
        await party.host.slash(party.channel, "settings scope", value="channel")
        message = await party.begin()
        session_id = f"dc-{party.channel.id}"
        press = presses(message, ids.CHOOSE)[0]
        await stage.outside(stage.service_client.delete_session(session_id))
        await stage.settled()
        late = stage.press_raw(party.alice, message, press)
        await stage.env.settle()
        assert "/play" in stage.told(late)
        await party.alice.slash(party.channel, "play")
        fresh = party.present()
        assert fresh.id != message.id
        await stage.outside(stage.service_client.act(session_id, "Wait", player="carol"))
        await stage.eventually(lambda: any("Turn 1" in text_of(m) for m in party.turns()))


async def test_more_games_than_streams(
    a_stage: StageMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hall, "AWAKE", 2)
    async with a_stage() as stage:
        party = Party(stage)
        await party.host.slash(party.channel, "settings scope", value="channel")
        channels = [party.guild.create_text_channel(f"c{number}") for number in range(4)]
        for channel in channels:
            await party.alice.slash(channel, "play")
            await stage.env.advance_time(1)
        awake = [c for c in channels if stage.bot.hall.open_table(f"dc-{c.id}") is not None]
        assert len(awake) == 2
        first = party.present(channels[0])
        await party.bob.click(first, custom_id=presses(first, ids.CHOOSE)[0])
        assert "Turn 1" in text_of(party.present(channels[0]))


async def test_without_its_file_the_bot_takes_the_story_up_again(a_stage: StageMaker) -> None:
    async with a_stage() as stage:
        party = Party(stage)
        message = await party.begin()
        await stage.bot.hall.house.records.written()
        stage.file = stage.file.with_name("another.json")
        await stage.restart()
        refused = await party.alice.click(message, custom_id=presses(message, ids.CHOOSE)[0])
        assert "/play" in said_to(refused)
        await party.alice.slash(party.channel, "play")
        fresh = party.turns()[-1]
        assert fresh.id != message.id
        await party.alice.click(fresh, custom_id=presses(fresh, ids.CHOOSE)[0])
        assert any("Turn 1" in text_of(m) for m in party.turns())
