"""Clips over HTTP: announced with the turn, served as pictures are, carried wherever they go."""

import asyncio
from typing import Any

from tests.doubles import flat_mp4, flat_webp
from tests.engine.filming import HeldFilmmaker
from tests.http.conftest import Client, ClientMaker, assert_failed

MOVING = {"session_id": "film", "settings": {"videos": True}}


async def a_clip(client: Client) -> Any:
    """The clip of an intro, once it is there."""
    await client.data("POST", "/api/sessions", json=MOVING)
    await client.intro("film")
    return await ready(client)


async def ready(client: Client) -> Any:
    async with asyncio.timeout(10):
        while True:
            state = await client.data("GET", "/api/state", params={"session_id": "film"})
            if state["video"]["status"] != "pending":
                return state["video"]


async def test_a_clip_and_its_poster_are_served_to_be_kept(client: Client) -> None:
    video = await a_clip(client)
    assert video["status"] == "ready"
    for url, mime, content in (
        (video["url"], "video/mp4", flat_mp4("film|0")),
        (video["poster"], "image/webp", flat_webp("poster of film|0")),
    ):
        response = await client.get(url)
        assert (response.status_code, response.content) == (200, content)
        assert response.headers["content-type"] == mime
        assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert response.headers["x-content-type-options"] == "nosniff"
        etag = response.headers["etag"]
        again = await client.get(url, headers={"If-None-Match": etag})
        assert (again.status_code, again.content) == (304, b"")
        part = await client.get(url, headers={"Range": "bytes=4-11"})
        assert (part.status_code, part.content) == (206, content[4:12])
        assert part.headers["content-range"] == f"bytes 4-11/{len(content)}"
        late = await client.get(url, headers={"Range": "bytes=999999-"})
        assert_failed(late, 416, "range_not_satisfiable")
        head = await client.head(url)
        assert (head.content, head.headers["content-length"]) == (b"", str(len(content)))


async def test_a_turn_says_what_its_clip_will_be(a_client: ClientMaker) -> None:
    films = HeldFilmmaker()
    async with a_client(filmmaker=films) as client:
        await client.data("POST", "/api/sessions", json=MOVING)
        video = (await client.intro("film"))["video"]
        assert (video["status"], video["url"], video["poster"]) == ("pending", None, None)
        assert (video["width"], video["height"], video["duration_s"]) == (640, 480, 3.0)
        await films.entered.acquire()
        missing = await client.get(f"/api/sessions/film/videos/{video['id']}.mp4")
        assert_failed(missing, 404, "media_not_found")
        films.release.release()
        assert (await ready(client))["status"] == "ready"
        history = await client.data("GET", "/api/sessions/film/history")
        assert history["items"][0]["video"] == await ready(client)


async def test_without_the_setting_there_is_none(client: Client) -> None:
    assert (await client.intro())["video"] is None
    state = await client.data("GET", "/api/state")
    assert state["video"] is None


async def test_a_clip_goes_with_the_archive(client: Client) -> None:
    video = await a_clip(client)
    gone = await client.data("DELETE", "/api/sessions/film")
    name = gone["archive"]
    ended = await client.data("GET", f"/api/archives/{name}")
    shown = ended["state"]["video"]
    assert shown["url"] == f"/api/archives/{name}/videos/{video['id']}.mp4"
    assert (await client.get(shown["url"])).content == flat_mp4("film|0")
    assert (await client.get(shown["poster"])).headers["content-type"] == "image/webp"
    assert ended["history"]["items"][0]["video"] == shown
    assert_failed(await client.get(video["url"]), 404, "session_not_found")


async def test_names_that_are_none_of_ours(client: Client) -> None:
    await a_clip(client)
    for name in ("..%2fstate.json", "x.mp4", "A.mp4", "a.mp4.tmp", "a" * 70 + ".mp4", "a.html"):
        assert (await client.get(f"/api/sessions/film/videos/{name}")).status_code == 404
