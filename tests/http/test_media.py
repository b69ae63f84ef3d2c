"""Pictures over HTTP: kept for ever by caches, in parts where asked for, never guessed at."""

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from app.edge.files import satisfiable
from tests.http.conftest import Client, ClientMaker, assert_failed


async def a_picture(client: Client) -> tuple[str, bytes]:
    turn = await client.intro()
    url: str = turn["image"]["url"]
    response = await client.get(url)
    assert response.status_code == 200
    return url, response.content


async def test_a_picture_is_served_to_be_kept_and_not_to_be_guessed_at(client: Client) -> None:
    url, content = await a_picture(client)
    response = await client.get(url)
    assert response.headers["content-type"] == "image/webp"
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["content-disposition"] == "inline"
    assert response.headers["content-length"] == str(len(content))
    assert content[:4] == b"RIFF"
    assert content[8:12] == b"WEBP"


async def test_head_answers_the_same_headers_and_no_body(client: Client) -> None:
    url, content = await a_picture(client)
    response = await client.head(url)
    assert response.headers["content-length"] == str(len(content))
    assert response.content == b""


async def test_a_copy_that_is_still_good_is_not_sent_again(client: Client) -> None:
    url, _ = await a_picture(client)
    etag = (await client.get(url)).headers["etag"]
    for header in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        response = await client.get(url, headers={"If-None-Match": header})
        assert (response.status_code, response.content) == (304, b"")
        assert response.headers["etag"] == etag
    assert (await client.get(url, headers={"If-None-Match": '"other"'})).status_code == 200


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ("bytes=0-3", slice(0, 4)),
        ("bytes=8-11", slice(8, 12)),
        ("bytes=10-", slice(10, None)),
        ("bytes=-5", slice(-5, None)),
        ("bytes=0-999999", slice(0, None)),
    ],
)
async def test_a_part_of_a_picture(client: Client, asked: str, part: slice) -> None:
    url, content = await a_picture(client)
    response = await client.get(url, headers={"Range": asked})
    assert response.status_code == 206
    assert response.content == content[part]
    assert response.headers["content-range"].endswith(f"/{len(content)}")


async def test_two_parts_come_as_two(client: Client) -> None:
    url, content = await a_picture(client)
    response = await client.get(url, headers={"Range": "bytes=0-3,8-11"})
    assert response.status_code == 206
    assert response.headers["content-type"].startswith("multipart/byteranges")
    assert content[:4] in response.content
    assert content[8:12] in response.content


@pytest.mark.parametrize(
    "asked",
    [
        "bytes=5-2",
        "bytes=999999-",
        "bytes=-0",
        "bytes=",
        "bytes=-",
        "bytes=a-b",
        "bytes=1-2-3",
        "lines=1-2",
        "bytes",
        "bytes=" + "9" * 5000 + "-",
        "bytes=" + ",".join(f"{n}-{n}" for n in range(5)),
        "bytes=" + ",".join(["0-"] * 10_000),
    ],
    ids=lambda asked: asked[:24],
)
async def test_a_part_that_cannot_be(client: Client, asked: str) -> None:
    url, content = await a_picture(client)
    response = await client.get(url, headers={"Range": asked})
    assert_failed(response, 416, "range_not_satisfiable")
    assert response.headers["content-range"] == f"bytes */{len(content)}"


async def test_a_range_of_another_version_gives_the_whole(client: Client) -> None:
    url, content = await a_picture(client)
    headers = {"Range": "bytes=5-2", "If-Range": '"another"'}
    response = await client.get(url, headers=headers)
    assert (response.status_code, response.content) == (200, content)


def test_an_empty_file_has_no_parts() -> None:
    assert not satisfiable("bytes=0-", 0)
    assert not satisfiable("bytes=-1", 0)


@pytest.mark.parametrize(
    "file",
    [
        "state.json",
        "..%2fstate.json",
        "..%2f..%2f..%2fetc%2fpasswd",
        "%2e%2e%2fmeta.json",
        "%00.webp",
        "a%00.webp",
        "CON",
        ".webp",
        "A.webp",
        "a.webp.exe",
        "a.html",
        "x" * 64 + "a.webp",
        "\uff41.webp",
        "a%0a.webp",
        "%ff.webp",
    ],
)
async def test_a_name_that_is_none_of_ours_opens_nothing(client: Client, file: str) -> None:
    await client.intro()
    for folder in ("/api/sessions/default/images", "/api/archives/default_x/images"):
        response = await client.get(f"{folder}/{file}")
        assert response.status_code in (404, 422)
        assert response.json()["success"] is False


async def test_a_picture_that_lies_elsewhere_is_not_followed(
    client: Client, tmp_path: Path
) -> None:
    await client.intro()
    secret = tmp_path / "secret.webp"
    secret.write_bytes(b"not yours")
    images = tmp_path / "sessions" / "default" / "images"
    (images / "planted.webp").symlink_to(secret)
    response = await client.get("/api/sessions/default/images/planted.webp")
    assert_failed(response, 404, "media_not_found")


async def test_another_sessions_picture_is_not_there(client: Client) -> None:
    url, _ = await a_picture(client)
    await client.intro("other")
    response = await client.get(url.replace("/default/", "/other/"))
    assert_failed(response, 404, "media_not_found")


async def test_an_ended_runs_pictures_are_served_from_its_archive(client: Client) -> None:
    url, content = await a_picture(client)
    await client.data("POST", "/api/state/reset", json={})
    assert_failed(await client.get(url), 404, "media_not_found")
    name = (await client.data("GET", "/api/archives"))["items"][0]["name"]
    archive = await client.data("GET", f"/api/archives/{name}")
    assert (await client.get(archive["state"]["image"]["url"])).content == content


async def test_a_session_goes_out_and_comes_back_the_same(client: Client) -> None:
    await client.intro(seed=5)
    await client.act()
    exported = await client.get("/api/sessions/default/export")
    assert exported.headers["content-type"] == "application/zip"
    assert exported.headers["content-disposition"] == 'attachment; filename="default.zip"'
    meta = await client.data(
        "POST",
        "/api/sessions/import",
        params={"session_id": "copy"},
        content=exported.content,
        headers={"content-type": "application/zip"},
    )
    assert meta["session_id"] == "copy"
    there = await client.data("GET", "/api/sessions/copy/history")
    here = await client.data("GET", "/api/sessions/default/history")
    assert [one["dispatch"] for one in there["items"]] == [one["dispatch"] for one in here["items"]]
    assert (await client.get(there["items"][0]["image"]["url"])).status_code == 200


async def test_an_export_of_nobody_is_a_404(client: Client) -> None:
    response = await client.get("/api/sessions/nobody/export")
    assert_failed(response, 404, "session_not_found")


async def test_what_is_no_export_is_refused(client: Client) -> None:
    path, headers = "/api/sessions/import", {"content-type": "application/zip"}
    for content in (b"", b"PK", b"no zip at all" * 1000):
        response = await client.post(path, content=content, headers=headers)
        assert_failed(response, 422, "validation_error")
    response = await client.post(path, json={})
    assert_failed(response, 422, "validation_error")


async def test_an_import_has_its_own_limit(a_client: ClientMaker) -> None:
    async with a_client(max_import_bytes=100_000) as client:
        response: httpx.Response = await client.post("/api/sessions/import", content=b"x" * 90_000)
        assert_failed(response, 422, "validation_error")
        response = await client.post("/api/sessions/import", content=b"x" * 100_001)
        assert_failed(response, 413, "payload_too_large")

        async def endless() -> AsyncIterator[bytes]:
            while True:
                yield b"x" * 8192

        response = await client.post("/api/sessions/import", content=endless())
        assert_failed(response, 413, "payload_too_large")


async def test_an_import_leaves_no_file_behind(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = tmp_path / "spool"
    spool.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(spool))
    await client.post("/api/sessions/import", content=b"no zip")
    assert list(spool.iterdir()) == []


async def test_what_is_true_now_may_not_be_kept_by_caches(client: Client) -> None:
    assert (await client.get("/api/state")).headers["cache-control"] == "no-store"
