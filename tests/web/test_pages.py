"""The client's addresses, spoken to over HTTP: no browser is needed for these."""

import json
import re
from collections.abc import AsyncIterator, Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.engine.world.world import World
from app.main import create_app
from app.settings import ServiceSettings
from tests.doubles import QuickIllustrator

A_PERSON = {"accept": "text/html,application/xhtml+xml"}


class Head(HTMLParser):
    """What a page says of itself."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.meta: dict[str, str] = {}
        self.links: list[dict[str, str]] = []
        self.scripts: list[dict[str, str]] = []
        self.boot = ""
        self._in_boot = False
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attributes}
        assert "style" not in found
        assert not any(name.startswith("on") for name in found)
        if tag == "meta":
            self.meta[found.get("property") or found.get("name", "")] = found.get("content", "")
        elif tag == "link":
            self.links.append(found)
        elif tag == "script":
            self.scripts.append(found)
            self._in_boot = found.get("id") == "boot"

    def handle_endtag(self, tag: str) -> None:
        self._in_boot = False

    def handle_data(self, data: str) -> None:
        if self._in_boot:
            self.boot += data


@pytest.fixture
async def client(tmp_path: Path, worlds: Mapping[str, World]) -> AsyncIterator[httpx.AsyncClient]:
    settings = ServiceSettings(sessions_dir=tmp_path / "sessions", durability="process")
    app = create_app(settings, illustrator=QuickIllustrator(), worlds=worlds)
    app.state.web.pictures._painter = QuickIllustrator()
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://elsewhere.test", headers=A_PERSON
        ) as made,
    ):
        yield made


async def begin(client: httpx.AsyncClient, session_id: str = "tape") -> Any:
    body = {"session_id": session_id, "seed": 7}
    return (await client.post("/api/game/intro", json=body)).json()["data"]


async def act(client: httpx.AsyncClient, session_id: str = "tape") -> httpx.Response:
    body = {"session_id": session_id, "choice": "wait and listen"}
    return await client.post("/api/game/action", json=body)


async def codes(client: httpx.AsyncClient, session_id: str = "tape") -> dict[str, str]:
    found: dict[str, str] = (await client.get(f"/share/{session_id}")).json()
    return found


async def test_the_page_runs_nothing_but_our_own_files(client: httpx.AsyncClient) -> None:
    page = await client.get("/")
    assert page.status_code == 200
    policy = dict(
        part.split(" ", 1) for part in page.headers["content-security-policy"].split("; ")
    )
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["require-trusted-types-for"] == "'script'"
    assert page.headers["x-content-type-options"] == "nosniff"
    head = Head(page.text)
    own = [*(one["href"] for one in head.links), *(one["src"] for one in head.scripts[1:])]
    assert own
    assert all(url.startswith("/") and not url.startswith("//") for url in own)
    assert head.scripts[0] == {"type": "application/json", "id": "boot"}


async def test_files_are_named_after_their_content_and_kept_for_ever(
    client: httpx.AsyncClient,
) -> None:
    head = Head((await client.get("/")).text)
    files = [one["href"] for one in head.links if one["href"].startswith("/assets/")]
    assert any(url.endswith("app.css") for url in files)
    for url in files:
        answer = await client.get(url)
        assert answer.status_code == 200, url
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["content-type"] != "application/octet-stream"
    zipped = await client.get(files[-2], headers={"accept-encoding": "gzip"})
    plain = await client.get(files[-2], headers={"accept-encoding": "identity"})
    assert zipped.content == plain.content
    another_build = re.sub(r"/assets/[0-9a-f]+/", "/assets/000000000000/", files[0])
    assert (await client.get(another_build)).status_code == 404
    assert (await client.get(files[0] + "/../../secret")).status_code == 404


async def test_the_worker_keeps_every_file_of_its_build(client: httpx.AsyncClient) -> None:
    worker = await client.get("/sw.js")
    assert worker.headers["content-type"].startswith("text/javascript")
    assert worker.headers["cache-control"] == "no-cache"
    found = re.search(r"const FILES = (\[.*?\]);", worker.text)
    assert found is not None
    for url in json.loads(found[1]):
        assert (await client.get(url)).status_code == 200, url
    same = await client.get("/sw.js", headers={"if-none-match": worker.headers["etag"]})
    assert same.status_code == 304


async def test_the_manifest_names_icons_that_are_there(client: httpx.AsyncClient) -> None:
    manifest = (await client.get("/manifest.webmanifest")).json()
    for icon in manifest["icons"]:
        answer = await client.get(icon["src"])
        assert answer.headers["content-type"] == icon["type"]


async def test_what_the_page_is_sent_with_stays_data(client: httpx.AsyncClient) -> None:
    page = await client.get("/")
    boot = json.loads(Head(page.text).boot)
    assert {world["id"] for world in boot["worlds"]} >= {"cinder_flat", "skerry_light"}
    assert boot["narrator"] == "offline"
    assert "<" not in Head(page.text).boot


async def test_a_session_s_page_is_called_what_it_shows(client: httpx.AsyncClient) -> None:
    await begin(client)
    page = await client.get("/p/tape")
    title = re.search("<title>(.*)</title>", page.text)
    assert title is not None
    assert re.fullmatch(r"Turn 0 . .+ . Cinder Flat, 1993 . Elsewhere", title[1])
    assert page.headers["x-robots-tag"] == "noindex"
    assert (await client.get("/t/tape")).status_code == 200
    assert (await client.get("/p/tape/history")).status_code == 200


async def test_what_is_not_there_is_a_page_for_people_and_the_envelope_for_programs(
    client: httpx.AsyncClient,
) -> None:
    for path in ("/nothing", "/s/00000000", "/s/not-a-code-at-all", "/p/nobody"):
        page = await client.get(path)
        assert page.status_code == 404, path
        assert page.headers["content-type"].startswith("text/html")
        assert "content-security-policy" in page.headers
    program = await client.get("/nothing", headers={"accept": "application/json"})
    assert program.json()["code"] == "route_not_found"
    api = await client.get("/api/nothing")
    assert api.json()["code"] == "route_not_found"
    posted = await client.post("/nothing", headers={"accept": "*/*"})
    assert posted.status_code == 404
    assert (await client.delete("/api/state")).status_code == 405


async def test_a_share_link_shows_the_turn_where_it_is_posted(client: httpx.AsyncClient) -> None:
    turn = await begin(client)
    await act(client)
    shared = await codes(client)
    page = await client.get(f"/s/{shared['watch']}/0")
    meta = Head(page.text).meta
    assert meta["og:title"].startswith("Turn 0")
    assert meta["og:image"] == f"http://elsewhere.test/s/{shared['watch']}/0/picture.webp"
    picture = await client.get(meta["og:image"])
    assert picture.headers["content-type"] == "image/webp"
    assert picture.content == (await client.get(turn["image"]["url"])).content
    assert (await client.get(f"/s/{shared['watch']}/99/picture.webp")).status_code == 404
    assert (await client.get("/s/00000000/0/picture.webp")).status_code == 404
    assert turn["dispatch"].startswith(meta["og:description"].removesuffix(" …"))
    assert meta["og:image:alt"] == turn["image"]["alt"]
    assert meta["twitter:card"] == "summary_large_image"
    latest = Head((await client.get(f"/s/{shared['play']}")).text).meta
    assert latest["og:title"].startswith("Turn 1")
    assert (await client.get(f"/s/{shared['watch']}/99")).status_code == 404


async def test_codes_forgive_how_they_are_written_and_outlive_the_server(
    client: httpx.AsyncClient, tmp_path: Path
) -> None:
    await begin(client)
    shared = await codes(client)
    assert len({*shared.values()}) == 2
    code = shared["play"]
    for written in (code.upper(), f"{code[:4]}-{code[4:]}", f" {code[:4]} {code[4:]} "):
        boot = json.loads(Head((await client.get(f"/s/{written}")).text).boot)
        assert (boot["session"], boot["role"]) == ("tape", "play")
    key = tmp_path / "sessions" / ".share-key"
    assert key.stat().st_mode & 0o077 == 0
    assert await codes(client) == shared
    assert (await client.get("/share/nobody")).status_code == 404


async def test_who_was_given_a_link_for_watching_changes_nothing(
    client: httpx.AsyncClient,
) -> None:
    await begin(client)
    await begin(client, "mine")
    shared = await codes(client)
    page = await client.get(f"/s/{shared['watch']}")
    assert json.loads(Head(page.text).boot)["role"] == "watch"
    total = (await client.get("/api/sessions/tape/history")).json()["data"]["total"]
    assert total == 1
    assert await codes(client) == {"watch": shared["watch"]}
    assert json.loads(Head((await client.get("/p/tape")).text).boot)["role"] == "watch"
    assert (await act(client, "mine")).status_code == 200
    await client.get(f"/s/{shared['play']}")
    assert (await act(client)).status_code == 200


OF_NO_SESSION = {
    ("post", "/api/sessions"),
    ("post", "/api/sessions/import"),
    ("post", "/api/config"),
}
"""Those make a session of one's own, or are about the server."""


async def test_no_route_lets_a_watcher_change_anything(
    client: httpx.AsyncClient, tmp_path: Path
) -> None:
    """Every route that writes, as the server's own document lists them."""
    await begin(client)
    await client.post("/api/state/reset", json={"session_id": "tape"})
    await begin(client)
    (archive,) = (await client.get("/api/archives")).json()["data"]["items"]
    shared = await codes(client)
    await client.get(f"/s/{shared['watch']}")
    files = kept(tmp_path)
    document = (await client.get("/openapi.json")).json()
    writing = [
        (method, path)
        for path, operations in document["paths"].items()
        for method in operations.keys() - {"get", "head"}
    ]
    assert len(writing) > 20
    for method, path in [*writing, ("post", "/share/{session_id}")]:
        url = path.format(session_id="tape", name=archive["name"])
        body = {"session_id": "tape", "choice": "run", "turn": 0, "name": "mine now"}
        answer = await client.request(method, url, json=body)
        if (method, path) not in OF_NO_SESSION:
            assert (answer.status_code, answer.json()["code"]) == (403, "forbidden"), (method, path)
    assert kept(tmp_path) == files


def kept(folder: Path) -> dict[str, bytes]:
    """What is on the disk, of the watched session and its archives."""
    found = [path for path in folder.rglob("*") if path.is_file() and "tape" in str(path)]
    assert found
    return {str(path): path.read_bytes() for path in found}


async def test_a_body_that_cannot_be_read_is_refused_and_not_guessed_at(
    client: httpx.AsyncClient,
) -> None:
    await begin(client)
    shared = await codes(client)
    await client.get(f"/s/{shared['watch']}")
    for body in (b"{", b"[]", b'{"session_id": 3}', b""):
        answer = await client.post(
            "/api/game/action", content=body, headers={"content-type": "application/json"}
        )
        assert answer.status_code in (403, 404, 409, 422), answer.text
    total = (await client.get("/api/sessions/tape/history")).json()["data"]["total"]
    assert total == 1


async def test_small_pictures_are_small_and_covers_are_painted_once(
    client: httpx.AsyncClient,
) -> None:
    turn = await begin(client)
    small = await client.get(f"/small/tape/{turn['image']['id']}.webp")
    assert small.headers["content-type"] == "image/webp"
    assert "immutable" in small.headers["cache-control"]
    assert len(small.content) <= 6 * 1024
    assert (await client.get("/small/tape/nothing.webp")).status_code == 404
    assert (await client.get("/small/nobody/nothing.webp")).status_code == 404
    first = await client.get("/covers/cinder_flat.webp")
    again = await client.get("/covers/cinder_flat.webp")
    assert first.content == again.content
    assert (await client.get("/covers/nowhere.webp")).status_code == 404
