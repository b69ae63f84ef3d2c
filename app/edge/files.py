"""Serving one file: kept for ever by caches, in parts where asked for, never guessed at."""

import re
from pathlib import Path
from types import MappingProxyType
from typing import Final

import aiofiles.os
from fastapi import Request, Response
from fastapi.responses import FileResponse

from app.edge.failures import failure
from app.edge.headers import FILE
from app.errors import MediaNotFound, RangeNotSatisfiable

CONTENT_TYPES: Final = MappingProxyType(
    {".webp": "image/webp", ".mp4": "video/mp4", ".vtt": "text/vtt; charset=utf-8"}
)
MAX_RANGES: Final = 4
"""More parts than any player or browser asks for at once; each costs a seek and a header."""

_RANGE: Final = re.compile(r"(\d{1,18})-(\d{0,18})|-(\d{1,18})")


async def serve_file(request: Request, path: Path) -> Response:
    """The file, a part of it, or word that the client's copy is still good.

    Raises `MediaNotFound` for a file that has gone meanwhile or is of no kind that we serve.
    """
    content_type = CONTENT_TYPES.get(path.suffix)
    if content_type is None:
        raise MediaNotFound
    try:
        stat = await aiofiles.os.stat(path)
    except FileNotFoundError:
        raise MediaNotFound from None
    headers = {**FILE, "cache-control": kept_for_ever(request)}
    response = FileResponse(path, headers=headers, media_type=content_type, stat_result=stat)
    etag = response.headers["etag"]
    if _names(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=304, headers={**headers, "etag": etag})
    asked = request.headers.get("range")
    condition = request.headers.get("if-range")
    applies = condition in (None, etag, response.headers["last-modified"])
    if asked is not None and applies and not satisfiable(asked, stat.st_size):
        return failure(
            RangeNotSatisfiable(details=f"The file has {stat.st_size} bytes."),
            {"content-range": f"bytes */{stat.st_size}"},
        )
    return response


def kept_for_ever(request: Request) -> str:
    """How caches may keep what never changes: those that many share, only where nobody is asked
    for a token."""
    gate = request.app.state.service.gate
    return f"{'public' if gate is None else 'private'}, max-age=31536000, immutable"


def satisfiable(value: str, size: int) -> bool:
    """Whether a `Range` header asks for at most a few parts, each of which begins in the file."""
    unit, _, parts = value.partition("=")
    ranges = [_RANGE.fullmatch(part.strip()) for part in parts.split(",", MAX_RANGES)]
    if unit.strip().lower() != "bytes" or len(ranges) > MAX_RANGES:
        return False
    return all(found is not None and _begins_inside(found, size) for found in ranges)


def _begins_inside(found: re.Match[str], size: int) -> bool:
    first, last, suffix = found.groups()
    if suffix is not None:
        return int(suffix) > 0 and size > 0
    return int(first) < size and (not last or int(first) <= int(last))


def _names(header: str, etag: str) -> bool:
    tags = [tag.strip().removeprefix("W/") for tag in header.split(",")]
    return etag in tags or "*" in tags
