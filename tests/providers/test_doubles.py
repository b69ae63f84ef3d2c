"""The doubles are honest: the real SDK reads them as it reads a server."""

import base64
import io
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from openai import (
    APIConnectionError,
    APITimeoutError,
    AsyncOpenAI,
    AuthenticationError,
    BadRequestError,
    DefaultAsyncHttpx2Client,
    InternalServerError,
    NotFoundError,
)
from PIL import Image as Pixels

from tests.providers.fake_openai import FakeOpenAI, Refused, Said, listening
from tests.providers.fault_server import FaultServer
from tests.providers.faults import OUTAGE
from tests.providers.profiles import LLAMA_CPP, OPENAI, SILENT
from tests.providers.story import colour

ASKED: Any = [
    {
        "role": "user",
        "content": "- slot 3a (bold, low risk): Go\n- slot 3b (bold, low risk): Wait\nZq01marker",
    }
]


def _client(app: FastAPI) -> AsyncOpenAI:
    transport = DefaultAsyncHttpx2Client(transport=httpx2.ASGITransport(app=app))
    base_url = "http://double.test/v1"
    return AsyncOpenAI(api_key="k", base_url=base_url, max_retries=0, http_client=transport)


async def test_a_chat_is_answered_recorded_and_counted() -> None:
    fake = FakeOpenAI()
    async with _client(fake.app) as client:
        answer = await client.chat.completions.create(
            model="m",
            messages=ASKED,
            response_format={"type": "json_object"},
        )
    told = answer.choices[0].message.content
    assert told is not None
    assert '"slot": "3b"' in told
    assert "Zq01marker" in told
    assert answer.usage is not None
    (asked,) = fake.calls("text")
    assert asked.prompt == ASKED[0]["content"]
    assert asked.headers["authorization"] == "Bearer k"


@pytest.mark.parametrize("socket", [True, False])
async def test_a_stream_ends_with_what_was_counted(*, socket: bool) -> None:
    fake = FakeOpenAI()
    async with (
        listening(fake.app) as base_url,
        _client(fake.app) as piped,
        AsyncOpenAI(api_key="k", base_url=base_url, max_retries=0) as far,
    ):
        stream = await (far if socket else piped).chat.completions.create(
            model="m", messages=ASKED, stream=True, stream_options={"include_usage": True}
        )
        chunks = [chunk async for chunk in stream]
    assert chunks[-1].usage is not None
    said = "".join(chunk.choices[0].delta.content or "" for chunk in chunks[:-1])
    assert "```json" in said


async def test_profiles_refuse_what_their_servers_refuse() -> None:
    fake = FakeOpenAI(OPENAI)
    async with _client(fake.app) as client:
        with pytest.raises(BadRequestError) as refused:
            await client.chat.completions.create(model="m", messages=ASKED, max_tokens=5)
        assert refused.value.param == "max_tokens"
        schema: Any = {"name": "s", "strict": True, "schema": {"type": "object", "properties": {}}}
        with pytest.raises(BadRequestError, match="additionalProperties"):
            await client.chat.completions.create(
                model="m",
                messages=ASKED,
                response_format={"type": "json_schema", "json_schema": schema},
            )
    async with _client(FakeOpenAI(LLAMA_CPP).app) as client:
        with pytest.raises(NotFoundError):
            await client.images.generate(prompt="p")
    async with _client(FakeOpenAI(SILENT).app) as client:
        answer = await client.chat.completions.create(
            model="m",
            messages=ASKED,
            response_format={"type": "json_object"},
        )
        assert (answer.choices[0].message.content or "").startswith("Sure!")


async def test_pictures_have_the_colour_of_their_words_and_references_are_kept() -> None:
    fake = FakeOpenAI()
    async with _client(fake.app) as client:
        made = await client.images.generate(prompt="Zq02marker", size="512x384")
        edited = await client.images.edit(
            image=[("a.png", b"\x89PNG first\r\n", "image/png"), ("b.webp", b"RIFF", "image/webp")],
            prompt="Zq02marker",
        )
    assert made.data
    assert edited.data
    picture = Pixels.open(io.BytesIO(base64.b64decode(made.data[0].b64_json or "")))
    assert picture.size == (512, 384)
    assert picture.getpixel((0, 0)) == colour("Zq02marker")
    (asked,) = fake.calls("edit")
    assert [part.data for part in asked.files] == [b"\x89PNG first\r\n", b"RIFF"]
    assert asked.prompt == "Zq02marker"


async def test_a_script_comes_first() -> None:
    fake = FakeOpenAI()
    fake.shutdown_date = "2026-12-01"
    fake.script.extend([Refused(404, "gone"), Said("word", finish_reason="length")])
    async with _client(fake.app) as client:
        with pytest.raises(NotFoundError):
            await client.models.retrieve("a/b")
        answer = await client.chat.completions.create(model="m", messages=ASKED)
        assert answer.choices[0].finish_reason == "length"
        assert (await client.models.retrieve("a/b")).shutdown_date == "2026-12-01"


async def test_the_fault_server_is_well_until_it_is_told_otherwise() -> None:
    async with FaultServer.open(FakeOpenAI()) as server:
        door = server.shut_door(silently=True)

        async def ask(base_url: str) -> str | None:
            async with AsyncOpenAI(
                api_key="k", base_url=base_url, max_retries=0, timeout=0.2
            ) as client:
                answer = await client.chat.completions.create(model="m", messages=ASKED)
            return answer.choices[0].message.content

        assert "Zq01marker" in (await ask(server.base_url("a")) or "")
        server.plan("a", text=["500", "401"])
        with pytest.raises(InternalServerError, match=OUTAGE):
            await ask(server.base_url("a"))
        with pytest.raises(AuthenticationError):
            await ask(server.base_url("a"))
        assert await ask(server.base_url("b"))
        server.heal("a")
        assert await ask(server.base_url("a"))
        assert len(server.calls("a", "text")) == 4
        with pytest.raises(APITimeoutError):
            await ask(door.base_url("a"))
        await door.open()
        assert await ask(door.base_url("a"))
        refusing = server.shut_door(silently=False)
        with pytest.raises(APIConnectionError):
            await ask(refusing.base_url("a"))
