"""Text never waits for a picture longer than its deadline; a late one is attached when it comes."""

import asyncio
from pathlib import Path

import pytest

from app.engine.game import Game, Pace
from app.engine.ports import Purse
from app.engine.views import SettingsChange
from app.models.narration import Picture, PictureRequest
from app.models.session import Image
from tests.doubles import FailingIllustrator, HeldIllustrator, QuickIllustrator
from tests.engine.conftest import GameMaker
from tests.engine.play import begin, choose


def _image(image: Image | None) -> Image:
    assert image is not None
    return image


async def _file(game: Game, image: Image) -> Path:
    assert image.url is not None
    assert image.url == f"/api/sessions/default/images/{image.id}.webp"
    return await game.sessions.media("default", "images", image.url.rsplit("/", 1)[1])


async def test_each_turn_has_its_own_picture(a_game: GameMaker) -> None:
    async with a_game() as game:
        turns = [await begin(game), await choose(game), await choose(game)]
        images = [_image(turn.image) for turn in turns]
        assert [image.status for image in images] == ["ready"] * 3
        data = {(await _file(game, image)).read_bytes() for image in images}
        assert len(data) == 3
        page = await game.sessions.history("default", limit=10, before=None)
        assert [entry.image for entry in page.items] == images[::-1]


async def test_a_late_picture_does_not_hold_the_text_and_is_attached(a_game: GameMaker) -> None:
    illustrator = HeldIllustrator()
    pace = Pace(image=0.0)
    async with a_game(illustrator=illustrator, pace=pace) as game, asyncio.timeout(10):
        turn = await begin(game)
        image = _image(turn.image)
        assert (image.status, image.url) == ("pending", None)
        assert turn.dispatch
        assert turn.choices
        assert _image((await game.sessions.state("default")).image).status == "pending"
        illustrator.release.set()
        while _image((await game.sessions.state("default")).image).status == "pending":
            await asyncio.sleep(0)
        shown = _image((await game.sessions.state("default")).image)
        assert shown.status == "ready"
        assert (await _file(game, shown)).stat().st_size > 0
        assert _image((await game.sessions.entry("default", 0)).image) == shown


async def test_the_next_turn_can_be_played_while_a_picture_is_late(a_game: GameMaker) -> None:
    illustrator = HeldIllustrator()
    pace = Pace(image=0.0)
    async with a_game(illustrator=illustrator, pace=pace) as game, asyncio.timeout(10):
        await begin(game)
        await choose(game)
        await choose(game)
        illustrator.release.set()
        pending = 3
        while pending:
            page = await game.sessions.history("default", limit=10, before=None)
            pending = sum(_image(entry.image).status == "pending" for entry in page.items)
        assert {_image(entry.image).status for entry in page.items} == {"ready"}
        assert len({_image(entry.image).url for entry in page.items}) == 3


async def test_a_picture_that_never_came_counts_as_failed_after_a_restart(
    a_game: GameMaker,
) -> None:
    async with a_game(illustrator=HeldIllustrator(), pace=Pace(image=0.0)) as game:
        await begin(game)
    async with a_game() as game:
        image = _image((await game.sessions.state("default")).image)
        assert (image.status, image.url) == ("failed", None)


async def test_a_failing_picture_does_not_fail_the_turn(a_game: GameMaker) -> None:
    async with a_game(illustrator=FailingIllustrator()) as game:
        turn = await begin(game)
        assert _image(turn.image).status == "failed"
        assert _image(turn.image).alt
        assert (await choose(game)).turn == 1


class BrokenIllustrator(QuickIllustrator):
    async def paint(self, request: PictureRequest, *, purse: Purse) -> Picture:
        raise ZeroDivisionError(request.turn)


@pytest.mark.parametrize("deadline", [0.0, 20.0])
async def test_a_bug_in_an_illustrator_does_not_fail_the_turn(
    a_game: GameMaker, deadline: float
) -> None:
    async with a_game(illustrator=BrokenIllustrator(), pace=Pace(image=deadline)) as game:
        await begin(game)
        assert (await choose(game)).turn == 1
        while _image((await game.sessions.state("default")).image).status == "pending":
            await asyncio.sleep(0)
        assert _image((await game.sessions.state("default")).image).status == "failed"


async def test_a_picture_that_takes_for_ever_is_given_up(a_game: GameMaker) -> None:
    pace = Pace(image=0.0, late_image=0.01)
    async with a_game(illustrator=HeldIllustrator(), pace=pace) as game, asyncio.timeout(10):
        await begin(game)
        while _image((await game.sessions.state("default")).image).status == "pending":
            await asyncio.sleep(0)
        assert _image((await game.sessions.state("default")).image).status == "failed"


async def test_pictures_can_be_switched_off(a_game: GameMaker) -> None:
    illustrator = QuickIllustrator()
    async with a_game(illustrator=illustrator) as game:
        change = SettingsChange(images=False)
        await game.sessions.change("default", name=None, description=None, settings=change)
        turn = await begin(game)
        assert _image(turn.image).status == "off"
        assert illustrator.requests == []


async def test_a_reset_gives_up_late_pictures(a_game: GameMaker, tmp_path: Path) -> None:
    illustrator = HeldIllustrator()
    async with a_game(illustrator=illustrator, pace=Pace(image=0.0)) as game:
        await begin(game)
        await game.sessions.reset("default", world=None, seed=2)
        illustrator.release.set()
        await begin(game, seed=2)
        while _image((await game.sessions.state("default")).image).status == "pending":
            await asyncio.sleep(0)
    pictures = list((tmp_path / "sessions" / "default" / "images").iterdir())
    assert len(pictures) == 1
