"""API7:2023, Server Side Request Forgery: an address in what was sent is never asked for.

OWASP's scenarios: a picture of a profile by its address, which scans the ports inside; a webhook
that is pointed at a cloud's metadata. This service asks no address of a client's at all, and one of
a model's only where it is public: `tests/providers/test_fetch.py` has redirects, names that change
their meaning and every private network. Here: every field, header and parameter that takes a text,
and the whole service with a model that answers with an address.
"""

import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.responses import JSONResponse

from app.engine.world.world import World
from app.main import create_app
from app.settings import ServiceSettings
from tests.http.house import OURS, House, bearer
from tests.http.routes import TAKES_JSON, body_schema, path_of
from tests.owasp.canary import canary
from tests.providers.fake_openai import FakeOpenAI, listening
from tests.providers.profiles import Profile

SECRET = "root:x:0:0"
NAMES = (
    "Referer",
    "Origin",
    "X-Forwarded-Host",
    "X-Original-URL",
    "Forwarded",
    "Elsewhere-Player",
    "Link",
    "True-Client-IP",
)


@pytest.fixture
def went(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Every address that a socket of this process was connected to, and every name looked up."""
    asked: list[object] = []
    connect, look_up = socket.socket.connect, socket.getaddrinfo

    def connecting(self: socket.socket, address: Any) -> None:
        asked.append(address)
        connect(self, address)

    def looking_up(host: Any, *more: Any, **named: Any) -> Any:
        asked.append(host)
        return look_up(host, *more, **named)

    monkeypatch.setattr(socket.socket, "connect", connecting)
    monkeypatch.setattr(socket, "getaddrinfo", looking_up)
    return asked


def addresses(port: int) -> tuple[str, ...]:
    return (
        f"http://127.0.0.1:{port}/",
        f"http://localhost:{port}/",
        f"//127.0.0.1:{port}/x.webp",
        f"http://[::ffff:127.0.0.1]:{port}/",
        "http://169.254.169.254/latest/meta-data/",
        "file:///etc/passwd",
        "gopher://127.0.0.1:6379/_FLUSHALL",
    )


async def test_no_field_of_any_body_is_an_address(house: House, went: list[object]) -> None:
    """The old client's `image_url`, `consequence_img_url` and every other text there is."""
    document = (await house.client.get("/openapi.json")).json()
    shown, fields = bearer(house.ours), 0
    async with canary() as (port, heard):
        for route in TAKES_JSON:
            path = path_of(route, session_id=OURS, name=house.archive)
            for name, schema in body_schema(document, route)["properties"].items():
                if "string" not in str(schema) or name == "session_id":
                    continue
                fields += 1
                for address in addresses(port):
                    body = {name: address, "session_id": OURS}
                    for sent in (body, {name: address}):
                        answer = await house.client.request(
                            route.method, path, json=sent, headers=shown
                        )
                        assert answer.status_code < 500
                        assert SECRET not in answer.text
        assert heard == []
    assert went == []
    assert fields > 10


async def test_no_header_and_no_parameter_is_an_address(house: House, went: list[object]) -> None:
    async with canary() as (port, heard):
        for address in addresses(port):
            said = dict.fromkeys(NAMES, address)
            for path in (f"/api/sessions/{OURS}/history", f"/p/{OURS}", "/", "/docs"):
                params = {"q": address} if path.startswith("/api") else {}
                answer = await house.client.get(
                    path, params=params, headers={**said, **bearer(house.ours)}
                )
                assert answer.status_code == 200
                assert SECRET not in answer.text
            target = f"http://elsewhere.test/{address}"
            for method in ("GET", "CONNECT"):
                answer = await house.client.request(method, target, headers=said)
                assert answer.status_code in (404, 405)
        assert heard == []
    assert went == []


@asynccontextmanager
async def _painted_by(
    folder: Path, worlds: Mapping[str, World], base_url: str
) -> AsyncIterator[httpx.AsyncClient]:
    settings: dict[str, Any] = {
        "sessions_dir": folder / "sessions",
        "durability": "process",
        "image_base_url": base_url,
        "image_model": "sd-turbo",
        "image_references": "none",
        "tapes": False,
    }
    app = create_app(ServiceSettings(**settings), worlds=worlds)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://elsewhere.test") as client,
    ):
        yield client


async def test_an_address_in_a_models_answer_is_not_a_way_inside(
    tmp_path: Path, worlds: Mapping[str, World], went: list[object]
) -> None:
    """The whole service over sockets: the painter says that its picture is next door."""
    async with canary() as (port, heard):
        fake = FakeOpenAI(Profile("any", picture_as="url"))
        async with listening(fake.app) as base_url:
            own = int(base_url.rpartition(":")[2].partition("/")[0])
            for number, address in enumerate(addresses(port)[::2]):
                fake.script.extend([_at(address)] * 9)  # however often it is asked again
                async with _painted_by(tmp_path, worlds, base_url) as client:
                    body = {"session_id": f"s{number}"}
                    turn = (await client.post("/api/game/intro", json=body)).json()["data"]
                assert turn["image"]["status"] == "failed", address
                assert turn["dispatch"]
                fake.script.clear()
            assert heard == []
            assert len(fake.calls("image")) >= len(addresses(port)[::2])
        assert {one[1] for one in went if isinstance(one, tuple)} == {own}


def _at(address: str) -> JSONResponse:
    return JSONResponse({"created": 0, "data": [{"url": address}]})
