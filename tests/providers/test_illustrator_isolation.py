"""One session's pictures reach nobody else, and a bad one costs the picture and not the turn."""

import asyncio
import gc
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import FrameType, FunctionType, MethodType, ModuleType
from typing import Any, Final

import httpx2
import pytest
from fastapi import Response

from app.engine.providers.offline.narrator import OfflineNarrator
from app.engine.providers.openai_compatible.illustrator import OpenAIIllustrator
from app.engine.providers.openai_compatible.prices import Prices
from app.engine.world.world import World
from app.models.narration import PictureRequest
from tests.providers.asked import Asked
from tests.providers.conftest import a_service, an_endpoint
from tests.providers.fake_openai import FakeOpenAI
from tests.providers.painting import (
    LOCAL_URL,
    BookPurse,
    Sketcher,
    a_request,
    an_illustrator,
    as_json,
    in_data,
    marked_webp,
)
from tests.providers.profiles import OPENAI
from tests.providers.stills import HTML, SVG, encoded, png_claiming

SESSIONS: Final = 32
NAMES: Final = tuple(f"s{n:02d}" for n in range(SESSIONS))
MARKER: Final = re.compile(rb"Zq(s\d\d)(?:sketch|previous|alt)")


def _request(name: str) -> PictureRequest:
    return a_request(name, alt=f"Zq{name}alt", previous=marked_webp(f"Zq{name}previous"))


class Crowd:
    """Lets nobody out before all are in."""

    def __init__(self) -> None:
        self.inside = 0
        self.all_inside = asyncio.Event()

    async def __call__(self, _: Asked) -> None:
        self.inside += 1
        if self.inside == SESSIONS:
            self.all_inside.set()
        await self.all_inside.wait()


async def test_what_is_sent_is_of_one_session_alone() -> None:
    fake, purses = FakeOpenAI(OPENAI), {name: BookPurse() for name in NAMES}
    fake.before = crowd = Crowd()
    async with an_illustrator(fake, sketcher=Sketcher()) as illustrator:
        pictures = await asyncio.gather(
            *(illustrator.paint(_request(name), purse=purses[name]) for name in NAMES)
        )
    assert crowd.inside == SESSIONS == len(pictures)
    owners = []
    for asked in fake.asked:
        (owner,) = {found[1].decode() for found in MARKER.finditer(asked.body)}
        parts = {found.group() for found in MARKER.finditer(asked.body)}
        assert parts == {f"Zq{owner}{part}".encode() for part in ("sketch", "previous", "alt")}
        owners.append(owner)
    assert sorted(owners) == list(NAMES)
    assert all(purse.outcomes == ["settled"] for purse in purses.values())
    assert not any(MARKER.search(picture.data) for picture in pictures)


def _held(root: object) -> Iterator[object]:
    """Everything that can be reached from an object, code and classes aside."""
    seen, left = set(), [root]
    while left:
        one = left.pop()
        if id(one) in seen or isinstance(one, type | ModuleType | FunctionType | FrameType):
            continue
        seen.add(id(one))
        yield one
        if isinstance(one, MethodType):
            left.append(one.__self__)
        left.extend(gc.get_referents(one))


@pytest.mark.parametrize("ending", ["painted", "refused", "cancelled"])
async def test_nothing_of_a_session_is_kept(ending: str) -> None:
    fake = FakeOpenAI(OPENAI)
    arrived, held = asyncio.Event(), asyncio.Event()

    async def hold(_: Asked) -> None:
        arrived.set()
        if ending == "cancelled":
            await held.wait()

    fake.before = hold
    if ending == "refused":
        fake.script.append(in_data(HTML + b"Zqs01alt"))
    async with an_illustrator(fake, sketcher=Sketcher()) as illustrator:
        illustrator._sketcher = None  # The double of a sketcher keeps what it is asked.
        painting = asyncio.create_task(illustrator.paint(_request("s01"), purse=BookPurse()))
        await arrived.wait()
        if ending == "cancelled":
            painting.cancel()
        await asyncio.wait({painting})
        assert painting.cancelled() == (ending == "cancelled")
        del painting
        fake.asked.clear()
        assert _kept(illustrator) == []
        vars(illustrator)["forgotten"] = [_request("s01")]
        assert _kept(illustrator) != []  # It would have been seen.


def _kept(illustrator: OpenAIIllustrator) -> list[object]:
    return [
        one
        for one in _held(illustrator)
        if (isinstance(one, bytes | bytearray) and MARKER.search(one))
        or (isinstance(one, str) and "Zqs01" in one)
        or isinstance(one, PictureRequest)
    ]


BAD: Final[Mapping[str, Callable[[], Response]]] = {
    "bomb": lambda: in_data(png_claiming(50_000, 50_000)),
    "truncated": lambda: in_data(encoded("PNG")[:500]),
    "html": lambda: in_data(HTML),
    "svg": lambda: in_data(SVG),
    "svg address": lambda: _at(f"data:image/svg+xml;utf8,{SVG.decode()}"),
    "loopback": lambda: _at("http://127.0.0.1:9/x"),
    "metadata": lambda: _at("http://169.254.169.254/latest/meta-data/"),
    "file": lambda: _at("file:///etc/passwd"),
    "redirect": lambda: _at("http://models.test:8000/away"),
}


def _at(url: str) -> Response:
    return as_json({"data": [{"url": url}]})


async def _names(host: str, port: int) -> list[str]:
    return ["192.168.1.7"] if host == "models.test" else [host]


@pytest.mark.parametrize("bad", BAD)
async def test_the_turn_goes_on_without_a_bad_picture(
    bad: str, tmp_path: Path, worlds: Mapping[str, World]
) -> None:
    """R11, through the whole service: the picture fails, the turn is told and the next one has
    its picture again."""
    fake, went = FakeOpenAI(OPENAI), []
    double = httpx2.ASGITransport(app=fake.app)

    async def away() -> Response:
        return Response(status_code=302, headers={"location": "http://169.254.169.254/latest"})

    fake.app.add_api_route("/away", away, response_model=None)

    class Overseen(httpx2.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            went.append((request.url.host, request.url.path))
            return await double.handle_async_request(request)

    endpoint: Any = an_endpoint(LOCAL_URL, model="sd-turbo", extra={"size": "640x480"})
    illustrator = OpenAIIllustrator(
        endpoint,
        Prices.load(),
        sketcher=None,
        references="none",
        transport=Overseen(),
        resolve=_names,
    )
    fake.script.append(_no_format())
    fake.script.append(BAD[bad]())
    async with a_service(tmp_path, worlds, OfflineNarrator(), illustrator) as client:
        turn = await client.data("POST", "/api/game/intro", json={})
        assert turn["image"]["status"] == "failed"
        assert turn["image"]["url"] is None
        assert turn["image"]["alt"]
        assert turn["dispatch"]
        assert len(turn["choices"]) >= 3
        body = {"choice_id": turn["choices"][0]["id"]}
        turn = await client.data("POST", "/api/game/action", json=body)
        assert turn["image"]["status"] == "ready"
        await illustrator.close()
    assert {host for host, _ in went} <= {"models.test", "192.168.1.7"}
    assert [path for host, path in went if host == "192.168.1.7"] == ["/away"] * (bad == "redirect")


def _no_format() -> Response:
    error = {"message": "No.", "code": "unsupported_parameter", "param": "response_format"}
    return as_json({"error": error}, 400)
