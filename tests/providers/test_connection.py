"""The connection to a server: what goes out, what failures say, and where the key never is."""

import logging
import traceback
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr

from app.engine.providers.openai_compatible.client import Connection
from app.engine.providers.openai_compatible.endpoint import Endpoint
from app.engine.providers.openai_compatible.failures import CallFailed, CallTimedOut, trouble_of
from app.errors import ProviderError, ProviderTimeout
from tests.providers.narrating import (
    KEY,
    Drip,
    Server,
    a_narrator,
    an_endpoint,
    refuses,
    says,
    tell,
)

BODY = {"model": "m", "messages": [{"role": "user", "content": "x"}]}


async def fails(transport: httpx2.AsyncBaseTransport, **endpoint: Any) -> ProviderError:
    connection = Connection(an_endpoint(**endpoint), transport=transport)
    with pytest.raises(ProviderError) as failure:
        async with connection.calling() as sdk:
            await sdk.chat.completions.create(**BODY)  # type: ignore[call-overload]
    await connection.close()
    return failure.value


@pytest.mark.parametrize(
    ("status", "servers", "billed", "final"),
    [
        (400, False, False, True),
        (401, False, False, True),
        (404, False, False, True),
        (422, False, False, True),
        (429, True, False, False),
        (500, True, True, False),
        (502, True, True, False),
        (599, True, True, False),
    ],
)
async def test_what_a_status_means(status: int, servers: bool, billed: bool, final: bool) -> None:
    error = await fails(Server(refuses(status, "secret words", wait=7)).transport)
    assert isinstance(error, CallFailed)
    assert str(error) == f"model.test:8080 answered {status}."
    trouble = error.trouble
    assert (trouble.status, trouble.servers, trouble.billed) == (status, servers, billed)
    assert trouble.final is final
    assert error.retry_after == 7


@pytest.mark.parametrize(
    ("raised", "kind", "sent"),
    [
        (httpx2.ConnectError("x"), CallFailed, False),
        (httpx2.ConnectTimeout("x"), CallTimedOut, False),
        (httpx2.PoolTimeout("x"), CallTimedOut, False),
        (httpx2.ReadTimeout("x"), CallTimedOut, True),
        (httpx2.ReadError("x"), CallFailed, True),
        (httpx2.RemoteProtocolError("x"), CallFailed, True),
    ],
)
async def test_what_a_broken_wire_means(
    raised: Exception, kind: type[ProviderError], sent: bool
) -> None:
    error = await fails(Server(raised).transport)
    assert type(error) is kind
    assert trouble_of(error).sent is sent
    assert trouble_of(error).servers
    assert isinstance(error, ProviderTimeout) is (kind is CallTimedOut)


async def test_it_tries_once_and_follows_nobody() -> None:
    server = Server(
        lambda _: httpx2.Response(302, headers={"location": "http://elsewhere.test/v1"})
    )
    assert "302" in str(await fails(server.transport))
    assert len(server.requests) == 1


async def test_what_goes_out() -> None:
    server = Server(says({}))
    connection = Connection(an_endpoint(), transport=server.transport)
    async with connection.calling() as sdk:
        await sdk.chat.completions.create(**BODY, stream=True)  # type: ignore[call-overload]
    await connection.close()
    (request,) = server.requests
    assert str(request.url) == "http://model.test:8080/v1/chat/completions"
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.headers["accept-encoding"] == "identity"
    assert "openai-organization" not in request.headers


async def test_a_server_that_wants_no_key_is_sent_none_of_ours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-somebody")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-of-somebody")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-of-somebody")
    server = Server(says({}))
    connection = Connection(an_endpoint(api_key=SecretStr("")), transport=server.transport)
    async with connection.calling() as sdk:
        await sdk.chat.completions.create(**BODY, stream=True)  # type: ignore[call-overload]
    await connection.close()
    assert "somebody" not in str(server.requests[0].headers.raw)


async def test_an_answer_larger_than_anything_is_cut_off() -> None:
    async def body() -> AsyncIterator[bytes]:
        for _ in range(50):
            yield b"x" * 100

    headers = {"content-type": "application/json"}
    server = Server(lambda _: httpx2.Response(200, headers=headers, stream=Drip(body)))
    connection = Connection(an_endpoint(), transport=server.transport, max_bytes=1000)
    with pytest.raises(CallFailed) as failure:
        async with connection.calling() as sdk:
            await sdk.chat.completions.create(**BODY)  # type: ignore[call-overload]
    assert trouble_of(failure.value).final
    await connection.close()


async def test_it_opens_again_after_it_was_closed() -> None:
    server = Server(says({}))
    connection = Connection(an_endpoint(), transport=server.transport)
    await connection.close()
    first = await connection.sdk()
    assert await connection.sdk() is first
    await connection.close()
    assert first.is_closed()
    assert await connection.sdk() is not first
    await connection.close()


@pytest.mark.parametrize(
    "base_url",
    [
        "",
        "model.test/v1",
        "ftp://model.test/v1",
        "http://",
        f"https://user:{KEY}@model.test/v1",
        f"https://model.test/v1?key={KEY}",
        f"https://model.test/v1#{KEY}",
    ],
)
def test_an_address_that_is_none_or_carries_a_secret_is_refused(base_url: str) -> None:
    with pytest.raises(ValueError, match="base_url") as refused:
        an_endpoint(base_url)
    assert KEY not in str(refused.value)


def test_an_endpoint_needs_a_model_and_time() -> None:
    for wrong in ({"model": ""}, {"deadline": 0}, {"idle": -1}):
        with pytest.raises(ValueError, match=r"model|deadline"):
            an_endpoint(**wrong)


def test_who_a_provider_is() -> None:
    assert an_endpoint().provider == "model.test:8080"
    assert an_endpoint("https://api.openai.com/v1").is_openai
    assert not an_endpoint("https://api.openai.com.evil.test/v1").is_openai


async def test_the_key_is_nowhere_to_be_seen(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    endpoint: Endpoint = an_endpoint(extra={"token": "sk-extra-canary"})
    server = Server(
        refuses(400, f"bad key {KEY}", param="seed"),
        refuses(503, f"{KEY}"),
        httpx2.ConnectError(f"cannot reach http://{KEY}@x"),
        says(f"no json {KEY}"),
    )
    narrator = a_narrator(server)
    with pytest.raises(ProviderError) as failure:
        await tell(narrator)
    await narrator.close()
    shown = "".join(traceback.format_exception(failure.value)).replace(f'f"bad key {KEY}"', "")
    assert KEY not in shown
    assert KEY not in repr(failure.value) + str(failure.value.args)
    assert KEY not in caplog.text
    assert all(KEY not in repr(vars(record)) for record in caplog.records)
    for thing in (endpoint, narrator, narrator._means, narrator._connection, endpoint.api_key):
        assert KEY not in f"{thing!r} {thing}"
        assert "sk-extra-canary" not in f"{thing!r} {thing}"
