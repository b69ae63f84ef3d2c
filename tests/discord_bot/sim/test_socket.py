"""The bot and the service as they run: over a real socket."""

from collections.abc import Mapping
from pathlib import Path

import simcord

from app.engine.world.world import World
from app.main import create_app
from app.settings import ServiceSettings
from clients.discord_bot.ui import ids
from tests.clients.conftest import listening
from tests.discord_bot.sim.conftest import everybody_was_answered
from tests.discord_bot.sim.stage import Party, Stage, galleries, presses, text_of
from tests.doubles import QuickIllustrator


async def test_a_game_over_a_socket_that_a_browser_joins(
    tmp_path: Path, worlds: Mapping[str, World]
) -> None:
    settings = ServiceSettings(sessions_dir=tmp_path / "sessions", durability="process")
    app = create_app(settings, illustrator=QuickIllustrator(), worlds=worlds)
    stage = Stage(tmp_path)
    async with listening(app) as stage.base_url:
        stage.bot = stage.make_bot()
        stage.env = simcord.Env(stage.bot, shard_count=1)
        await stage.env.start()
        try:
            with stage.env.time_context():
                party = Party(stage)
                message = await party.begin()
                assert galleries(message)
                await party.alice.click(message, custom_id=presses(message, ids.CHOOSE)[0])
                assert "Turn 1" in text_of(party.present())
                await stage.outside(stage.service_client.act(choice="Wait", player="carol"))
                await stage.eventually(
                    lambda: "Turn 2" in "".join(text_of(m) for m in party.turns())
                )
                assert any("carol" in text_of(m) for m in party.channel.history())
            everybody_was_answered(stage)
        finally:
            await stage.bot._opened.aclose()
            await stage.env.shutdown()
        assert stage.env.errors == []
