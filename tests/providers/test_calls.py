"""What a turn asks of models: one telling and one picture, side by side (S7)."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import httpx2
import pytest

from app.engine.providers.openai_compatible.illustrator import OpenAIIllustrator
from app.engine.providers.openai_compatible.narrator import OpenAINarrator
from app.engine.providers.openai_compatible.prices import Prices
from app.engine.world.world import World
from tests.conftest import Measured
from tests.doubles import QuickIllustrator
from tests.providers.asked import Asked
from tests.providers.conftest import a_service, an_endpoint
from tests.providers.fake_openai import FakeOpenAI
from tests.providers.profiles import ANY, OPENAI, Profile
from tests.providers.story import picture

TURNS = 5


class Pair:
    """Answers neither of two calls before both have come: in series they would wait for ever."""

    def __init__(self) -> None:
        self.kinds: Counter[str] = Counter()
        self._both = asyncio.Event()

    async def __call__(self, asked: Asked) -> None:
        self.kinds["text" if asked.kind == "text" else "image"] += 1
        if len(self.kinds) == 2:
            self._both.set()
        async with asyncio.timeout(20):
            await self._both.wait()


@pytest.mark.parametrize("profile", [ANY, OPENAI], ids=["any", "openai"])
async def test_a_turn_is_one_telling_and_one_picture(
    tmp_path: Path, worlds: Mapping[str, World], profile: Profile, measured: Measured
) -> None:
    """What a server does not take is learned at the first turn, and never asked for again."""
    fake, kinds = FakeOpenAI(profile), Counter[str]()
    fake.paint = lambda asked: picture(asked.prompt, "256x192")
    transport, prices = httpx2.ASGITransport(app=fake.app), Prices.load()
    endpoint = an_endpoint("http://double.test/v1", deadline=60.0)
    narrator = OpenAINarrator(endpoint, prices, transport=transport)
    illustrator = OpenAIIllustrator(
        endpoint, prices, sketcher=QuickIllustrator(), transport=transport
    )
    async with a_service(
        tmp_path, worlds, narrator, illustrator, image_deadline_seconds=60.0
    ) as client:
        for turn in range(TURNS):
            fake.before = pair = Pair()
            if turn == 0:
                told = await client.intro(seed=7)
            elif turn % 2:
                told = await client.act(choice="wait and listen", fate="LUCKY")
            else:
                told = await client.act(fate="LUCKY")
            assert told["turn"] == turn
            assert told["source"] == "ai"
            assert told["image"]["status"] == "ready"
            if turn or profile is ANY:
                assert pair.kinds == {"text": 1, "image": 1}
                kinds += pair.kinds
        await narrator.close()
        await illustrator.close()
    measured("calls of text", kinds["text"])
    measured("calls of pictures", kinds["image"])
