"""Bytes: pictures, whole sessions as files, stories as texts."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import aiofiles
import aiofiles.os
import httpx

from clients.game_client.calls import (
    DEFAULT_SESSION,
    Calls,
    given,
    read_as,
    read_made,
    session_path,
)
from clients.game_client.errors import NotFound, NotOurs, Refused, TooLarge
from clients.game_client.models import HistoryEntry, Image, Made

MAX_MEDIA: Final = 16 * 1024 * 1024
_PIECE: Final = 256 * 1024
_HEAD: Final = 16
"""As many bytes as it takes to see what something is."""


@dataclass(frozen=True, slots=True)
class Media:
    """A file, whole. `mime` is what the bytes are, not what they were said to be."""

    content: bytes
    mime: str


class MediaCalls(Calls):
    """What is not JSON."""

    async def media(self, what: Image | str, *, max_bytes: int = MAX_MEDIA) -> Media:
        """A picture or clip, by what the service said of it or by the `url` in that.

        Raises `NotFound` for one that is not ready, `TooLarge` above `max_bytes`, and `NotOurs`
        for bytes that are no picture and no clip.
        """
        async with self.media_stream(what, max_bytes=max_bytes) as pieces:
            content = b"".join([piece async for piece in pieces])
        return Media(content, _sniffed(content))

    @asynccontextmanager
    async def media_stream(
        self, what: Image | str, *, max_bytes: int = MAX_MEDIA
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        """`async with client.media_stream(image) as pieces: async for piece in pieces`"""
        async with (
            self._open(_address(what), read=self._timing.read) as response,
            aclosing(_capped(response, max_bytes)) as pieces,
        ):
            yield pieces

    @asynccontextmanager
    async def export(
        self, session_id: str = DEFAULT_SESSION
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        """A session as one `.zip`, as it comes. What breaks off is raised, never cut short."""
        async with (
            self._open(session_path(session_id, "export"), read=self._timing.read) as response,
            aclosing(_pieces(response)) as pieces,
        ):
            yield pieces

    async def export_to(self, file: Path, session_id: str = DEFAULT_SESSION) -> int:
        """The same into a file, which appears when it is whole. Returns its size."""
        unfinished = file.with_name(f"{file.name}.part")
        size = 0
        try:
            async with self.export(session_id) as pieces, aiofiles.open(unfinished, "wb") as out:
                async for piece in pieces:
                    size += await out.write(piece)
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise
        await aiofiles.os.replace(unfinished, file)
        return size

    async def import_session(
        self, source: bytes | Path | AsyncIterator[bytes], *, session_id: str | None = None
    ) -> Made:
        """Bring an export, streamed. Without an id the service makes one."""
        response = await self._send(
            "POST",
            "/api/sessions/import",
            params=given({"session_id": session_id}),
            content=_read(source) if isinstance(source, Path) else source,
            headers={"Content-Type": "application/zip"},
            read=self._timing.play,
            repeatable=False,
        )
        return await read_made(response)

    async def transcript(
        self, session_id: str = DEFAULT_SESSION, *, style: Literal["md", "txt"] = "md"
    ) -> str:
        """The story as a text."""
        response = await self._transcript(session_id, style)
        return response.content.decode("utf-8", errors="replace")

    async def story(self, session_id: str = DEFAULT_SESSION) -> tuple[HistoryEntry, ...]:
        """The whole story as entries, oldest first."""
        response = await self._transcript(session_id, "json")
        return await read_as(tuple[HistoryEntry, ...], response)

    async def _transcript(self, session_id: str, style: str) -> httpx.Response:
        path = session_path(session_id, "transcript")
        return await self._send("GET", path, params={"format": style}, repeatable=True)


def _address(what: Image | str) -> str:
    """The service says where its files are by paths on itself; nothing else is followed."""
    if isinstance(what, Image):
        if not what.ready or what.url is None:
            raise NotFound("This picture is not there.", code="media_not_ready")
        what = what.url
    if not what.startswith("/") or what.startswith("//"):
        raise Refused("That is no file of the service.", code="validation_error")
    return what


async def _pieces(response: httpx.Response) -> AsyncGenerator[bytes]:
    async for piece in response.aiter_bytes():
        yield piece


async def _capped(response: httpx.Response, max_bytes: int) -> AsyncGenerator[bytes]:
    """The bytes, as long as they are few enough and those of a picture, a film or its captions."""
    too_large = TooLarge("This file is too large.", code="too_large", details=str(max_bytes))
    declared = response.headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and int(declared) > max_bytes:
        raise too_large
    taken, held = 0, b""
    async for piece in response.aiter_bytes():
        taken += len(piece)
        if taken > max_bytes:
            raise too_large
        if taken - len(piece) >= _HEAD:
            yield piece
            continue
        held += piece
        if len(held) >= _HEAD:
            _sniffed(held)
            yield held
    if taken < _HEAD:
        _sniffed(held)


def _sniffed(content: bytes) -> str:
    """What the bytes are. Raises `NotOurs` for what no client should show."""
    head = content[:_HEAD]
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head[:6] in (b"GIF87a", b"GIF89a"):
        return "image/gif"
    if head[4:8] == b"ftyp":
        return "video/mp4"
    if head.startswith(b"WEBVTT"):
        return "text/vtt"
    raise NotOurs("Something came that is no picture.", code="not_ours")


async def _read(file: Path) -> AsyncIterator[bytes]:
    async with aiofiles.open(file, "rb") as source:
        while piece := await source.read(_PIECE):
            yield piece
