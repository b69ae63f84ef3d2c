"""Auto-play is the server's: the bot shows it turn by turn, and it ends by itself."""

from functools import partial

import pytest

from app.engine import autoplay
from clients.discord_bot.ui import ids
from clients.discord_bot.watching import SETTLED
from tests.discord_bot.sim.conftest import StageMaker
from tests.discord_bot.sim.stage import Party, presses, said_to, text_of

CAP = 12


async def test_auto_play_to_its_cap(a_stage: StageMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(autoplay, "MOST_TURNS", CAP)
    async with a_stage() as stage:
        steps = stage.step_auto_play()
        party = Party(stage)
        await stage.outside(stage.service_client.intro(seed=2))
        await party.begin()
        on = await party.alice.slash(party.channel, "autoplay", switch="on", seconds=5)
        assert "forty turns" in said_to(on)
        for turn in range(1, CAP + 1):
            await stage.env.advance_time(5)
            steps.release()
            title = f"### Turn {turn} "
            await stage.eventually(partial(_is_last, party, title))
        await stage.eventually(lambda: not stage.auto_plays("default"))
        closed = [m for m in party.channel.history() if "Auto-play chose" in text_of(m)]
        assert len(closed) == CAP
        assert f"### Turn {CAP} " in text_of(party.present()), "from here on it is theirs again"
        assert "Auto-play has stopped" not in text_of(party.present())
        await stage.env.advance_time(SETTLED)
        await stage.eventually(lambda: "Auto-play has stopped" in text_of(party.present()))
        assert sum("Auto-play has stopped" in text_of(m) for m in party.channel.history()) == 1
        await party.bob.click(party.present(), custom_id=presses(party.present(), ids.CHOOSE)[0])
        assert f"### Turn {CAP + 1} " in text_of(party.present())
        assert "Auto-play has stopped" not in text_of(party.present())


def _is_last(party: Party, title: str) -> bool:
    return title in text_of(party.channel.history()[-1])


async def test_who_plays_ends_it(a_stage: StageMaker) -> None:
    async with a_stage() as stage:
        stage.step_auto_play()
        party = Party(stage)
        message = await party.begin()
        await party.alice.slash(party.channel, "autoplay", switch="on")
        assert stage.auto_plays("default")
        await party.bob.click(message, custom_id=presses(message, ids.CHOOSE)[0])
        await stage.eventually(lambda: not stage.auto_plays("default"))
        assert "Turn 1" in text_of(party.present())


async def test_a_restart_goes_on_showing_it(a_stage: StageMaker) -> None:
    async with a_stage() as stage:
        steps = stage.step_auto_play()
        party = Party(stage)
        message = await party.begin()
        more = await party.alice.click(message, custom_id=presses(message, ids.MORE)[0])
        assert more.response is not None
        panel = more.response.message
        await party.alice.click(panel, custom_id=presses(panel, ids.AUTO_ON)[0])
        await stage.restart()
        steps.release()
        await stage.eventually(lambda: "### Turn 1 " in text_of(party.channel.history()[-1]))
        off = await party.bob.slash(party.channel, "autoplay", switch="off")
        assert "off" in said_to(off)
        await stage.eventually(lambda: not stage.auto_plays("default"))


async def test_where_it_is_voted_only_the_host_lets_it_play_itself(a_stage: StageMaker) -> None:
    """It would decide what everybody is to vote about."""
    async with a_stage() as stage:
        stage.step_auto_play()
        party = Party(stage)
        await party.begin()
        await party.host.slash(party.channel, "settings mode", value="vote")
        refused = await party.bob.slash(party.channel, "autoplay", switch="on")
        assert "to have begun the game" in said_to(refused)
        assert not stage.auto_plays("default")
        await party.alice.slash(party.channel, "autoplay", switch="on")
        assert stage.auto_plays("default"), "she began the game"
        await party.bob.slash(party.channel, "autoplay", switch="off")
        assert stage.auto_plays("default")
        await party.host.slash(party.channel, "autoplay", switch="off")
        await stage.eventually(lambda: not stage.auto_plays("default"))
