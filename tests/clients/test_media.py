"""Bytes: never more than was asked for, never what is no picture, never half a file."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from clients.game_client import (
    GameClient,
    Image,
    NotFound,
    NotOurs,
    Refused,
    SessionNotFound,
    TooLarge,
    Unreachable,
)
from tests.clients.conftest import ServiceMaker, answered_by
from tests.doubles import HeldIllustrator, flat_webp

WEBP = flat_webp("a picture")
URL = "/api/sessions/default/images/1.webp"


class Dripping(httpx.AsyncByteStream):
    """An endless or a broken body."""

    def __init__(self, *pieces: bytes, breaks: bool = False) -> None:
        self._pieces, self._breaks = pieces, breaks
        self.given = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            self.given += 1
            yield piece
        if self._breaks:
            raise httpx.RemoteProtocolError("cut")


async def test_a_file_that_says_it_is_too_large_is_not_read(client: GameClient) -> None:
    turn = await client.intro()
    assert turn.image is not None
    size = len((await client.media(turn.image)).content)
    assert len((await client.media(turn.image, max_bytes=size)).content) == size
    with pytest.raises(TooLarge) as raised:
        await client.media(turn.image, max_bytes=size - 1)
    assert raised.value.code == "too_large"


async def test_a_file_that_proves_too_large_is_left() -> None:
    body = Dripping(WEBP, *[b"x" * 100] * 50)
    async with answered_by(lambda _: httpx.Response(200, stream=body)) as client:
        with pytest.raises(TooLarge):
            await client.media(URL, max_bytes=len(WEBP) + 250)
    assert body.given == 4


@pytest.mark.parametrize("step", [1, 5, 16, 10_000])
async def test_what_it_is_is_seen_however_it_comes(step: int) -> None:
    pieces = [WEBP[at : at + step] for at in range(0, len(WEBP), step)]
    answer = httpx.Response(200, stream=Dripping(*pieces), headers={"content-type": "text/html"})
    async with answered_by(lambda _: answer) as client:
        media = await client.media(URL)
    assert (media.content, media.mime) == (WEBP, "image/webp")


@pytest.mark.parametrize(
    ("head", "mime"),
    [
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"\0\0\0\x20ftypisom", "video/mp4"),
        (b"RIFF\0\0\0\0WEBP", "image/webp"),
    ],
)
async def test_pictures_and_clips_are_known_by_their_bytes(head: bytes, mime: str) -> None:
    async with answered_by(lambda _: httpx.Response(200, content=head + b"\0" * 20)) as client:
        assert (await client.media(URL)).mime == mime


@pytest.mark.parametrize("content", [b"", b"<svg>", b"<html><script>alert(1)", b"RIFF\0\0\0\0WAVE"])
async def test_what_is_no_picture_is_not_given(content: bytes) -> None:
    given = []
    answer = httpx.Response(200, content=content, headers={"content-type": "image/webp"})
    async with answered_by(lambda _: answer) as client:
        with pytest.raises(NotOurs):
            await client.media(URL)
        with pytest.raises(NotOurs):
            async with client.media_stream(URL) as pieces:
                given = [piece async for piece in pieces]
    assert given == []


async def test_a_picture_that_is_not_there_yet(a_service: ServiceMaker) -> None:
    illustrator = HeldIllustrator()
    async with a_service(illustrator=illustrator, image_deadline_seconds=0.01) as client:
        turn = await client.intro()
        assert isinstance(turn.image, Image)
        assert not turn.image.ready
        with pytest.raises(NotFound) as raised:
            await client.media(turn.image)
        assert raised.value.code == "media_not_ready"
        illustrator.release.set()


@pytest.mark.parametrize(
    "url", ["https://example.org/a.webp", "//example.org/a.webp", "file:///etc/passwd", "a", ""]
)
async def test_nothing_is_fetched_from_elsewhere(url: str) -> None:
    def answering(request: httpx.Request) -> httpx.Response:
        raise AssertionError(request.url)

    async with answered_by(answering) as client:
        with pytest.raises(Refused):
            await client.media(url)


async def test_a_service_below_a_path_keeps_its_path() -> None:
    asked = []

    def answering(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(200, content=WEBP)

    transport = httpx.MockTransport(answering)
    async with GameClient("https://example.org/game/", transport=transport) as client:
        await client.media(URL)
    assert asked == [f"/game{URL}"]


async def test_an_error_comes_as_one_while_streaming(client: GameClient, tmp_path: Path) -> None:
    with pytest.raises(NotFound) as raised:
        await client.media("/api/sessions/default/images/000000-000000000000.webp")
    assert raised.value.code == "media_not_found"
    with pytest.raises(SessionNotFound):
        await client.export_to(tmp_path / "nobody.zip", "nobody")
    assert list(tmp_path.glob("nobody*")) == []


async def test_half_an_export_is_no_file(tmp_path: Path) -> None:
    body = Dripping(b"PK\x03\x04" + b"x" * 5000, breaks=True)
    file = tmp_path / "half.zip"
    file.write_bytes(b"the one from before")
    async with answered_by(lambda _: httpx.Response(200, stream=body)) as client:
        with pytest.raises(Unreachable):
            await client.export_to(file)
    assert [path.name for path in tmp_path.iterdir()] == ["half.zip"]
    assert file.read_bytes() == b"the one from before"


async def test_what_is_no_export_is_refused(client: GameClient) -> None:
    with pytest.raises(Refused):
        await client.import_session(b"PK, but no zip", session_id="broken")
    with pytest.raises(SessionNotFound):
        await client.status("broken")


async def test_a_source_that_fails_is_the_callers_own_error(client: GameClient) -> None:
    async def source() -> AsyncIterator[bytes]:
        yield b"PK"
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await client.import_session(source(), session_id="broken")
    assert (await client.health()).status == "ok"


async def test_a_long_answer_is_read_whole(client: GameClient) -> None:
    await client.intro()
    for _ in range(30):
        await client.act("default", "Wait")
        if (await client.status()).phase == "over":
            await client.rewind(turn=0)
    story = await client.story()
    assert [entry.turn for entry in story] == list(range(len(story)))
    page = await client.history(limit=200)
    assert page.items == story[::-1]
