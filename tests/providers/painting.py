"""What the tests of the illustrator share: requests, a purse that keeps book, sketchers."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2
from fastapi import Response

from app.engine.ports import Hold, Purse
from app.engine.providers.openai_compatible.illustrator import OpenAIIllustrator
from app.engine.providers.openai_compatible.prices import Prices
from app.errors import BudgetExhausted, ProviderError
from app.models.ledger import Capability, Units
from app.models.narration import Picture, PictureRequest, PictureStyle
from app.models.scene import SceneFacts, SceneFigure, SceneProp
from tests.providers.conftest import an_endpoint
from tests.providers.fake_openai import FakeOpenAI
from tests.providers.stills import encoded

MODEL = "gpt-image-2.5-flare"
OPENAI_URL = "https://api.openai.com/v1"
LOCAL_URL = "http://models.test:8000/v1"


def a_scene(**facts: Any) -> SceneFacts:
    given: dict[str, Any] = {
        "biome": "fence",
        "place": "the_wire",
        "place_seed": 4_190_001,
        "seed": 87_654_321,
        "turn": 3,
        "hour": 21.25,
        "width": 320,
        "height": 240,
        "props": (SceneProp(token="gate", x=0.0, z=9.0, state="ajar"),),
        "figures": (SceneFigure(token="soldier", x=3.0, z=20.0),),
    }
    return SceneFacts(**(given | facts))


def a_request(session: str = "s", **fields: Any) -> PictureRequest:
    given: dict[str, Any] = {
        "session_id": session,
        "turn": 3,
        "scene": a_scene(),
        "alt": "The wire, at night: the gate. The soldier stands further off.",
        "style": PictureStyle(prefix="A frame of camcorder tape,", negative="text, logos"),
    }
    return PictureRequest(**(given | fields))


@asynccontextmanager
async def an_illustrator(
    at: FakeOpenAI | httpx2.AsyncBaseTransport, url: str = OPENAI_URL, **more: Any
) -> AsyncIterator[OpenAIIllustrator]:
    """An illustrator over a double, or over any transport."""
    transport = httpx2.ASGITransport(app=at.app) if isinstance(at, FakeOpenAI) else at
    fields = {
        name: more.pop(name) for name in ("deadline", "idle", "extra", "model") if name in more
    }
    given: dict[str, Any] = {"sketcher": None, "pause": 0.001, "resolve": _here, **more}
    illustrator = OpenAIIllustrator(
        an_endpoint(url, **{"model": MODEL, "deadline": 20.0, **fields}),
        given.pop("prices", None) or Prices.load(),
        transport=transport,
        **given,
    )
    try:
        yield illustrator
    finally:
        await illustrator.close()


async def _here(host: str, port: int) -> list[str]:
    return ["192.168.1.7"] if host.endswith(".test") else [host]


@dataclass
class Entry:
    """One reservation and what became of it."""

    at_most: int | None
    provider: str = ""
    model: str = ""
    outcome: str = "reserved"
    units: Units = field(default_factory=Units)
    micros: int | None = None
    estimated: bool = False
    request_id: str = ""

    def settle(
        self, units: Units, micros: int | None, *, estimated: bool = False, request_id: str = ""
    ) -> None:
        assert self.outcome == "reserved"
        self.outcome, self.units, self.micros = "settled", units, micros
        self.estimated, self.request_id = estimated, request_id

    def release(self) -> None:
        assert self.outcome == "reserved"
        self.outcome = "released"


@dataclass
class BookPurse:
    """Keeps book, and has `micros` to spend."""

    micros: int = 1_000_000
    book: list[Entry] = field(default_factory=list)

    async def reserve(
        self, capability: Capability, *, provider: str, model: str, at_most: int | None
    ) -> Hold:
        assert capability == "image"
        if (at_most or 0) > self.micros:
            raise BudgetExhausted
        self.book.append(Entry(at_most, provider, model))
        return self.book[-1]

    @property
    def outcomes(self) -> list[str]:
        return [entry.outcome for entry in self.book]


class Sketcher:
    """Sketches one WebP for each session, whose metadata says whose it is."""

    priced = False
    wants_previous = False

    def __init__(self) -> None:
        self.requests: list[PictureRequest] = []

    async def paint(self, request: PictureRequest, *, purse: Purse) -> Picture:
        self.requests.append(request)
        return Picture(data=marked_webp(f"Zq{request.session_id}sketch"))


class SlowSketcher(Sketcher):
    """Never done."""

    def __init__(self) -> None:
        super().__init__()
        self.cancelled = asyncio.Event()

    async def paint(self, request: PictureRequest, *, purse: Purse) -> Picture:
        self.requests.append(request)
        try:
            await asyncio.Event().wait()
        finally:
            self.cancelled.set()
        raise AssertionError


class BrokenSketcher(Sketcher):
    async def paint(self, request: PictureRequest, *, purse: Purse) -> Picture:
        self.requests.append(request)
        raise ProviderError("no painter")


def marked_webp(marker: str) -> bytes:
    """A WebP with a marker in it."""
    return encoded("WEBP", exif=b"Exif\0\0" + marker.encode())


def in_data(picture: bytes, **more: Any) -> Response:
    """The answer of an image route."""
    data = [{"b64_json": base64.b64encode(picture).decode()}]
    return as_json({"created": 0, "data": data, **more})


def in_chat(url: str) -> Response:
    """The answer of a chat that paints."""
    message = {
        "role": "assistant",
        "content": "Here.",
        "images": [{"type": "image_url", "image_url": {"url": url}}],
    }
    usage = {"prompt_tokens": 90, "completion_tokens": 1300}
    details = {"completion_tokens_details": {"image_tokens": 1290}}
    return as_json({"id": "c", "choices": [{"message": message}], "usage": usage | details})


def as_json(body: Any, status: int = 200) -> Response:
    return Response(json.dumps(body), status, media_type="application/json")
