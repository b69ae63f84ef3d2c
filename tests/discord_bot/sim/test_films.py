"""The film of a run comes to where the run was played."""

import pytest

from clients.discord_bot import films
from clients.discord_bot.ui import ids
from tests.discord_bot.sim.conftest import StageMaker
from tests.discord_bot.sim.stage import Party, Stage, galleries, presses, said_to
from tests.tapes.decks import LIKE_MP4, LIKE_WEBP, HeldDeck


def use_deck(stage: Stage) -> HeldDeck:
    assert stage.app is not None
    deck = stage.app.state.service.game.tapes._deck = HeldDeck()
    return deck


def posted(party: Party, name: str) -> list[int]:
    return [
        message.id
        for message in party.channel.history()
        if any(attachment.filename == name for attachment in message.attachments)
    ]


async def test_a_film_that_is_asked_for_comes_when_it_is_made(a_stage: StageMaker) -> None:
    async with a_stage() as stage:
        deck = use_deck(stage)
        party = Party(stage)
        message = await party.begin()
        asked = await party.alice.slash(party.channel, "replay")
        assert "The film is being made" in said_to(asked)
        assert posted(party, "film.mp4") == []
        deck.let_go()
        await stage.eventually(lambda: bool(posted(party, "film.mp4")))
        film = party.channel.last_message
        assert film is not None
        assert (await film.attachments[0].read()).startswith(LIKE_MP4)
        assert "turns, each" in str(galleries(film)[0].items[0].description)
        await stage.outside(stage.service_client.make_tape())
        await party.alice.click(message, custom_id=presses(message, ids.CHOOSE)[0])
        await stage.outside(stage.service_client.make_tape())
        await stage.settled()
        assert len(posted(party, "film.mp4")) == 1, "what others want is not posted here"


async def test_the_film_of_a_run_that_ended(a_stage: StageMaker) -> None:
    async with a_stage(service={"tapes": True}) as stage:
        use_deck(stage).let_go()
        party = Party(stage)
        await party.begin()
        state = await stage.outside(stage.service_client.state())
        while not state.over:
            await stage.outside(stage.service_client.penalize())
            state = await stage.outside(stage.service_client.state())
            await stage.settled()
            await stage.env.advance_time(5)
        await stage.eventually(lambda: bool(posted(party, "film.mp4")))
        assert len(posted(party, "film.mp4")) == 1


async def test_a_film_too_large_for_a_message_is_a_moving_picture(
    a_stage: StageMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with a_stage() as stage:
        use_deck(stage).let_go()
        party = Party(stage)
        await party.begin()
        monkeypatch.setattr(films, "MOST_BYTES", len(LIKE_WEBP))
        await party.alice.slash(party.channel, "replay")
        await stage.eventually(lambda: bool(posted(party, "film.webp")))
        assert posted(party, "film.mp4") == []
