"""No word and no picture of one session is in what another asks, hears or keeps (R8)."""

import asyncio
import io
import random
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest
from PIL import Image as Pixels

from app.engine.ports import Hear, Purse
from app.engine.providers.openai_compatible.illustrator import OpenAIIllustrator
from app.engine.providers.openai_compatible.narrator import OpenAINarrator
from app.engine.providers.openai_compatible.prices import Prices
from app.engine.world import world as world_module
from app.engine.world.loader import read_fields
from app.engine.world.pack import Pack
from app.engine.world.world import World
from app.models.narration import Brief, Picture, PictureRequest, Telling
from tests.doubles import QuickIllustrator
from tests.http.conftest import Client
from tests.providers.asked import Asked
from tests.providers.conftest import a_service, an_endpoint, told, watch
from tests.providers.fake_openai import FakeOpenAI
from tests.providers.profiles import ANY
from tests.providers.story import MARKER, colour, picture

SESSIONS: Final = 32
FEW: Final = 3
ALL: Final = 20
STARTER: Final = Path(world_module.__file__).parent / "starter"
NAMES: Final = tuple(f"s-{n:02d}x{n * 7919 % 97:02d}" for n in range(SESSIONS))


def _marker(name: str) -> str:
    return f"Zq{name.removeprefix('s-')}marker"


MARKERS: Final = {name: _marker(name) for name in NAMES}


def _worlds() -> dict[str, World]:
    """A world for each session that says the session's marker wherever a world says anything."""
    pack = Pack.model_validate(read_fields(STARTER))
    # Small pictures: a test of whose they are, not of how long they take.
    meta = pack.meta.model_copy(update={"width": 256, "height": 192})
    made = {}
    for name, marker in MARKERS.items():
        style = pack.style.model_copy(
            update={"image_prompt_prefix": f"{marker}, {pack.style.image_prompt_prefix}"}
        )
        fields = {"id": name, "title": f"{pack.title} {marker}", "style": style, "meta": meta}
        made[name] = World(pack.model_copy(update=fields))
    return made


class Overheard(OpenAINarrator):
    """Keeps what was heard of each session while it was told."""

    heard: dict[str, list[str]]

    async def tell(self, brief: Brief, *, hear: Hear, purse: Purse) -> Telling:
        kept = self.heard.setdefault(brief.session_id, [])

        def both(text: str) -> None:
            kept.append(text)
            hear(text)

        return await super().tell(brief, hear=both, purse=purse)


class MarkedSketcher(QuickIllustrator):
    """Renders every frame in its session's colour, at the size of the scene."""

    async def paint(self, request: PictureRequest, *, purse: Purse) -> Picture:
        size = (request.scene.width, request.scene.height)
        file = io.BytesIO()
        Pixels.new("RGB", size, colour(_marker(request.session_id))).save(file, "WEBP")
        return Picture(data=file.getvalue())


class Crowd:
    """A server that lets all first tellings in before it answers one, then answers out of step."""

    def __init__(self) -> None:
        self.inside = 0
        self.all_inside = asyncio.Event()
        self._draw = random.Random(20261122)

    async def __call__(self, asked: Asked) -> None:
        if asked.kind == "text":
            self.inside += 1
            if self.inside == SESSIONS:
                self.all_inside.set()
        await self.all_inside.wait()
        for _ in range(self._draw.randrange(30)):
            await asyncio.sleep(0)


def _foreign(text: str, own: str) -> list[str]:
    return [n for n in NAMES if n != own and (n in text or MARKERS[n] in text)]


def _shows(picture: bytes, name: str) -> bool:
    """Whether a picture has this session's colour, as nearly as a picture keeps one."""
    with Pixels.open(io.BytesIO(picture)) as image:
        seen = image.convert("RGB").resize((1, 1)).getpixel((0, 0))
    assert isinstance(seen, tuple)
    return all(abs(a - b) <= 6 for a, b in zip(seen, colour(MARKERS[name]), strict=True))


@pytest.mark.parametrize(
    "turns",
    [FEW, pytest.param(ALL, marks=[pytest.mark.soak, pytest.mark.timeout(1200)])],
)
async def test_what_is_asked_of_models_is_of_one_session_alone(tmp_path: Path, turns: int) -> None:
    """32 sessions at once, through one narrator, one illustrator and one server."""
    fake = FakeOpenAI(ANY)
    fake.before = crowd = Crowd()
    fake.paint = lambda asked: picture(asked.prompt, "256x192")
    answers: dict[str, list[str]] = {name: [] for name in NAMES}
    transport, prices = httpx2.ASGITransport(app=fake.app), Prices.load()
    endpoint = an_endpoint("http://double.test/v1", deadline=60.0)
    narrator = Overheard(endpoint, prices, transport=transport)
    narrator.heard = {}
    illustrator = OpenAIIllustrator(
        endpoint, prices, sketcher=MarkedSketcher(), references="both", transport=transport
    )
    async with a_service(
        tmp_path,
        _worlds(),
        narrator,
        illustrator,
        default_world=NAMES[0],
        image_deadline_seconds=60.0,
    ) as client:
        await asyncio.gather(*(_play(client, name, answers[name], turns) for name in NAMES))
        await narrator.close()
        await illustrator.close()
    assert crowd.all_inside.is_set()
    for name in NAMES:
        assert MARKERS[name] in answers[name][-1]
        assert [one for answer in answers[name] if (one := _foreign(answer, name))] == []
        assert _foreign(" ".join(narrator.heard[name]), name) == []
        assert MARKERS[name] in "".join(narrator.heard[name])
    _check_asked(fake, SESSIONS * (turns + 1))
    _check_files(tmp_path, SESSIONS * (turns + 1))


async def _play(client: Client, name: str, answers: list[str], turns: int) -> None:
    async def ask(method: str, path: str, **more: Any) -> Any:
        data = await client.data(method, path, **more)
        answers.append(str(data))
        return data

    await ask("POST", "/api/sessions", json={"session_id": name, "world": name, "seed": 7})
    watching = await watch(client, name)
    turn = await ask("POST", "/api/game/intro", json={"session_id": name})
    for n in range(turns):
        answers.append(await told(watching))
        assert turn["source"] == "ai"
        assert turn["image"]["status"] == "ready"
        body = {"session_id": name, "fate": "LUCKY"}
        if n % 2:
            body["choice_id"] = turn["choices"][0]["id"]
        else:
            body["choice"] = f"call out {MARKERS[name]} to the dark"
        turn = await ask("POST", "/api/game/action", json=body)
    answers.append(await told(watching))
    watching.close()
    await ask("GET", "/api/state", params={"session_id": name})
    await ask("GET", f"/api/sessions/{name}/history")


def _check_asked(fake: FakeOpenAI, turns: int) -> None:
    of = {marker: name for name, marker in MARKERS.items()}
    assert len(fake.calls("text")) == len(fake.calls("edit")) == turns
    assert len(fake.asked) == 2 * turns
    for asked in fake.asked:
        markers = set(MARKER.findall(asked.body.decode("latin-1")))
        markers |= set(MARKER.findall(" ".join(asked.headers.values())))
        assert len(markers) == 1, markers
        name = of[markers.pop()]
        assert _foreign(asked.body.decode("latin-1"), name) == []
        for reference in asked.files:
            assert _shows(reference.data, name), (name, reference.filename)
    # The first frame has no picture before it; the others show the last one too.
    assert sum(len(asked.files) for asked in fake.calls("edit")) > turns


def _check_files(folder: Path, turns: int) -> None:
    pictures = 0
    for path in folder.rglob("*"):
        name = next((n for n in NAMES if n in path.as_posix()), None)
        if name is None or not path.is_file():
            continue
        data = path.read_bytes()
        assert _foreign(data.decode("latin-1"), name) == [], path
        if path.suffix == ".webp":
            pictures += 1
            assert _shows(data, name), path
    assert pictures == turns
