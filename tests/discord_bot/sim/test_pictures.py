"""Words do not wait for a picture, and a picture comes when it comes."""

import asyncio

from app.engine.ports import Hear, Purse
from app.engine.providers.offline.narrator import OfflineNarrator
from app.models.narration import Brief, Telling
from clients.discord_bot.ui import ids
from tests.discord_bot.sim.conftest import StageMaker
from tests.discord_bot.sim.stage import Party, galleries, is_turn, presses, text_of
from tests.doubles import FailingIllustrator, FailingNarrator, HeldIllustrator


class AtOnce(OfflineNarrator):
    """Tells in one piece, before there is a picture."""

    async def tell(self, brief: Brief, *, hear: Hear, purse: Purse) -> Telling:
        hear(brief.wording.dispatch)
        return await super().tell(brief, hear=hear, purse=purse)


async def test_the_words_are_there_before_the_picture(a_stage: StageMaker) -> None:
    painter = HeldIllustrator()
    painter.release.set()
    async with a_stage(narrator=AtOnce(), illustrator=painter) as stage:
        party = Party(stage)
        message = await party.begin()
        painter.release.clear()
        stage.is_slow = True
        await party.alice.click(message, custom_id=presses(message, ids.CHOOSE)[0])
        await stage.settled()
        await stage.env.advance_time(4)
        early = party.channel.history()[-1]
        assert early.id != message.id
        assert "Turn 1" in text_of(early)
        assert "picture is on its way" in text_of(early)
        assert not is_turn(early)
        assert len(text_of(early)) > 100
        stage.is_slow = False
        painter.release.set()
        await stage.eventually(lambda: bool(party.turns()))
        turn = party.present()
        assert turn.id == early.id, "it has become the turn's own"
        assert "on its way" not in text_of(turn)
        assert galleries(turn)[0].items[0].description
        await party.bob.click(turn, custom_id=presses(turn, ids.CHOOSE)[0])
        assert "Turn 2" in text_of(party.present())


async def test_a_late_picture_is_put_into_its_message(a_stage: StageMaker) -> None:
    painter = HeldIllustrator()
    async with a_stage(illustrator=painter, service={"image_deadline_seconds": 0.2}) as stage:
        party = Party(stage)
        message = await party.begin()
        assert galleries(message) == []
        assert message.attachments == []
        painter.release.set()
        await stage.eventually(lambda: bool(galleries(party.present())))
        late = party.present()
        assert late.id == message.id
        assert late.attachments[0].filename == "turn-0.webp"
        assert galleries(late)[0].items[0].description
        await party.alice.click(late, custom_id=presses(late, ids.CHOOSE)[0])
        assert galleries(party.channel.history()[0]), "and stays when the message is closed"


async def test_a_picture_that_fails_leaves_its_description(a_stage: StageMaker) -> None:
    async with a_stage(illustrator=FailingIllustrator()) as stage:
        party = Party(stage)
        message = await party.begin()
        assert galleries(message) == []
        assert "No picture this turn" in text_of(message)
        nothing = await party.alice.slash(party.channel, "replay")
        assert nothing.response is not None
        assert "no pictures" in text_of(nothing.response.message)


class LateFailure(FailingNarrator):
    """Tells, and fails in the end."""

    def __init__(self) -> None:
        super().__init__()
        self.broken = False
        self.fails = asyncio.Event()

    async def tell(self, brief: Brief, *, hear: Hear, purse: Purse) -> Telling:
        if self.broken:
            hear(brief.wording.dispatch)
            await self.fails.wait()
        return await super().tell(brief, hear=hear, purse=purse)


async def test_words_of_a_turn_that_was_not_made_are_taken_back(a_stage: StageMaker) -> None:
    narrator = LateFailure()
    async with a_stage(narrator=narrator) as stage:
        party = Party(stage)
        message = await party.begin()
        narrator.broken = True
        stage.is_slow = True
        await party.alice.click(message, custom_id=presses(message, ids.CHOOSE)[0])
        await stage.settled()
        await stage.env.advance_time(4)
        assert "Turn 1" in text_of(party.channel.history()[-1])
        stage.is_slow = False
        narrator.fails.set()
        await stage.eventually(lambda: bool(party.turns()))
        await stage.settled()
        assert party.present().id == message.id
        assert not any("Turn 1" in text_of(m) for m in party.channel.history())


async def test_a_picture_that_comes_after_the_next_turn_is_its_own_turns(
    a_stage: StageMaker,
) -> None:
    painter = HeldIllustrator()
    async with a_stage(illustrator=painter, service={"image_deadline_seconds": 0.2}) as stage:
        party = Party(stage)
        message = await party.begin()
        await party.alice.click(message, custom_id=presses(message, ids.CHOOSE)[0])
        assert "Turn 1" in text_of(party.present())
        painter.release.set()
        await stage.eventually(lambda: all(galleries(m) for m in party.channel.history()[:1]))
        await stage.eventually(lambda: bool(galleries(party.present())))
        old = party.channel.history()[0]
        assert old.attachments[0].filename == "turn-0.webp"
        assert "alice" in text_of(old), "it still says who chose"
        assert not is_turn(old)
        assert party.present().attachments[0].filename == "turn-1.webp"
