"""Clips from servers that offer `POST /videos`: ordered, asked after, fetched, paid for."""

import asyncio
import json
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr

from app.engine.providers.openai_compatible.endpoint import Endpoint
from app.engine.providers.openai_compatible.filmmaker import POLL_SECONDS, OpenAIFilmmaker
from app.engine.providers.openai_compatible.prices import Prices
from app.errors import ProviderError, ProviderTimeout
from app.models.ledger import Capability, Units
from app.models.narration import ClipRequest

MP4 = b"\0\0\0\x18ftypmp42" + b"\0" * 64
REQUEST = ClipRequest(prompt="A gate in the dusk.", seconds=4, width=1280, height=720)
PRICES = Prices.load({"reel": {"per_second": 0.1}})


class Bill:
    """A purse that remembers what became of its one hold."""

    def __init__(self) -> None:
        self.at_most: int | None = None
        self.ended: list[tuple[str, int | None]] = []

    async def reserve(
        self, capability: Capability, *, provider: str, model: str, at_most: int | None
    ) -> "Bill":
        assert capability == "video"
        self.at_most = at_most
        return self

    def settle(
        self, units: Units, micros: int | None, *, estimated: bool = False, request_id: str = ""
    ) -> None:
        assert units.seconds == 4.0
        self.ended.append(("settled", micros))

    def release(self) -> None:
        self.ended.append(("released", None))


class Server:
    """Answers in turn; the last answer again and again."""

    def __init__(self, *answers: httpx2.Response | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[httpx2.Request] = []

    async def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx2.Response(answer.status_code, headers=answer.headers, content=answer.content)


def job(status: str, name: object = "vid_1") -> httpx2.Response:
    return httpx2.Response(200, json={"id": name, "status": status})


async def film(server: Server, bill: Bill, *, deadline: float = 5.0) -> tuple[Any, list[float]]:
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        await asyncio.sleep(0)

    endpoint = Endpoint("http://films.test/v1", SecretStr("k"), "reel", deadline=deadline)
    filmmaker = OpenAIFilmmaker(
        endpoint, PRICES, transport=httpx2.MockTransport(server), pause=pause
    )
    try:
        return await filmmaker.film(REQUEST, purse=bill), pauses
    finally:
        await filmmaker.close()


async def test_a_clip_is_ordered_asked_after_and_fetched() -> None:
    server = Server(
        job("pending"), job("in_progress"), job("completed"), httpx2.Response(200, content=MP4)
    )
    bill = Bill()
    clip, pauses = await film(server, bill)
    assert clip.data == MP4
    assert pauses == [POLL_SECONDS] * 2
    assert [(one.method, one.url.path) for one in server.asked] == [
        ("POST", "/v1/videos"),
        ("GET", "/v1/videos/vid_1"),
        ("GET", "/v1/videos/vid_1"),
        ("GET", "/v1/videos/vid_1/content"),
    ]
    ordered = json.loads(server.asked[0].content)
    assert (ordered["model"], ordered["seconds"], ordered["size"]) == ("reel", "4", "1280x720")
    assert bill.at_most == 400_000
    assert bill.ended == [("settled", 400_000)]


@pytest.mark.parametrize(
    ("answers", "ended"),
    [
        ([httpx2.Response(401, json={"error": {"message": "no"}})], "released"),
        ([httpx2.Response(404)], "released"),
        ([httpx2.ConnectError("nobody")], "released"),
        ([httpx2.Response(503)], "settled"),
        ([httpx2.Response(200, text="<html>hello</html>")], "settled"),
        ([job("failed")], "settled"),
        ([job("completed", "../models")], "settled"),
        ([job("completed", "")], "settled"),
        ([job("completed"), httpx2.Response(200, content=b"<html>")], "settled"),
    ],
)
async def test_what_goes_wrong_is_an_error_and_the_hold_has_an_end(
    answers: list[httpx2.Response | Exception], ended: str
) -> None:
    bill = Bill()
    with pytest.raises(ProviderError):
        await film(Server(*answers), bill)
    assert [how for how, _ in bill.ended] == [ended]


async def test_a_server_that_never_finishes_is_left_at_the_deadline() -> None:
    bill = Bill()
    with pytest.raises(ProviderTimeout):
        await film(Server(job("queued")), bill, deadline=0.3)
    assert [how for how, _ in bill.ended] == ["settled"]


async def test_half_a_gigabyte_is_cut_off() -> None:
    async def endless() -> Any:
        for _ in range(500):
            yield b"\0" * 1_000_000

    class Heavy(Server):
        async def __call__(self, request: httpx2.Request) -> httpx2.Response:
            if request.url.path.endswith("/content"):
                return httpx2.Response(200, content=endless())
            return await super().__call__(request)

    bill = Bill()
    with pytest.raises(ProviderError):
        await film(Heavy(job("completed")), bill)
    assert [how for how, _ in bill.ended] == ["settled"]
