"""Pictures, whole runs as files, and stories as texts."""

import errno
import re
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import aiofiles
from aiofiles import tempfile
from fastapi import Path as InPath
from fastapi import Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import StringConstraints

from app.edge.bodies import LenientRoute
from app.edge.envelope import Envelope
from app.edge.files import serve_file
from app.edge.limits.addresses import address_of
from app.edge.limits.traffic import traffic_of
from app.edge.routes import ABOUT_A_SESSION, WRITING, Errors, Route, RouteTable, Said
from app.edge.service import SessionPath, give_token, service_of, sessions_of
from app.engine.sessions import Sessions
from app.errors import (
    ArchiveNotFound,
    InvalidRequest,
    InvalidSessionId,
    MediaNotFound,
    PayloadTooLarge,
    RangeNotSatisfiable,
    SessionExists,
    StaleTurn,
    StorageFull,
)
from app.models.base import SessionId
from app.models.session import HistoryEntry, Meta
from app.routers.archives import ArchivePath

IMPORT_PATH: Final = "/api/sessions/import"
_FILE: Final = re.compile(r"[a-z0-9-]{1,64}\.(webp|mp4|vtt)")
_ZIP_TYPES: Final = frozenset(("application/zip", "application/octet-stream", ""))

FilePath = Annotated[
    str,
    StringConstraints(min_length=1, max_length=96),
    InPath(description="The file's name, as it stands in the `url` of an image or a video."),
]


async def read_image(request: Request, session_id: SessionPath, file: FilePath) -> Response:
    """A picture of a session.

    WebP. Its name is never used again for another picture, so caches may keep it for ever.
    Ranges and `If-None-Match` are understood.
    """
    return await serve_file(
        request, await sessions_of(request).media(session_id, "images", _checked(file))
    )


async def read_archived_image(request: Request, name: ArchivePath, file: FilePath) -> Response:
    """A picture of an ended run.

    As it was in the session: WebP, kept by caches for ever, ranges understood.
    """
    return await serve_file(
        request,
        await sessions_of(request).archive_media(name, "images", _checked(file)),
    )


async def read_video(request: Request, session_id: SessionPath, file: FilePath) -> Response:
    """The clip of a turn, or the picture that stands for it.

    MP4 (H.264) that plays from its first bytes on, or WebP. Its name is never used again for
    another clip, so caches may keep it for ever. Ranges and `If-None-Match` are understood.
    """
    return await serve_file(
        request, await sessions_of(request).media(session_id, "videos", _checked(file))
    )


async def read_archived_video(request: Request, name: ArchivePath, file: FilePath) -> Response:
    """A clip of an ended run, or the picture that stands for it.

    As it was in the session: kept by caches for ever, ranges understood.
    """
    return await serve_file(
        request,
        await sessions_of(request).archive_media(name, "videos", _checked(file)),
    )


async def export_session(session_id: SessionPath, request: Request) -> Response:
    """Take a session home.

    One `.zip` with everything: state, history, pictures, checksums. Importing it, here or
    elsewhere, gives the same game.
    """
    pieces = sessions_of(request).export(session_id)
    # The first piece is asked for before any header is sent, so that an unknown session is
    # still a 404 and not half an answer.
    first = await anext(pieces)
    return StreamingResponse(
        _all(first, pieces),
        media_type="application/zip",
        headers={
            "content-disposition": f'attachment; filename="{session_id}.zip"',
            "cache-control": "no-store",
        },
    )


async def import_session(
    request: Request,
    response: Response,
    session_id: Annotated[
        SessionId | None, Query(description="The new id; one is made if it is left out.")
    ] = None,
) -> Envelope[Meta]:
    """Bring a session.

    The body is an export, as it was given. All of it is checked before anything is kept, and
    nothing is taken over: a session of that id must not exist.
    """
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type not in _ZIP_TYPES:
        raise InvalidRequest(details="header.content-type: send the export as application/zip")
    service_of(request).quota.check_new()
    await service_of(request).owners.check()
    with traffic_of(request).importing(address_of(request.scope)):
        async with tempfile.TemporaryDirectory(prefix="elsewhere-") as folder:
            upload = Path(folder) / "upload.zip"
            await _receive(request, upload)
            meta = await sessions_of(request).import_(upload, session_id=session_id)
    give_token(request, response, meta)
    return Envelope[Meta](message="The session is there: go on playing.", data=meta)


async def read_transcript(
    session_id: SessionPath,
    request: Request,
    style: Annotated[
        Literal["md", "txt", "json"],
        Query(alias="format", description="Markdown, plain text, or the entries."),
    ] = "md",
) -> Response:
    """The story as a text.

    All turns in order, with the player's words and the pictures' descriptions. `json` answers
    the entries, oldest first, in the usual envelope.
    """
    sessions = sessions_of(request)
    if style == "json":
        return await _streamed(_entries(sessions, session_id), "application/json")
    pieces = (piece.encode() async for piece in sessions.transcript(session_id, style=style))
    return await _streamed(pieces, "text/markdown" if style == "md" else "text/plain")


async def _streamed(pieces: AsyncGenerator[bytes], media_type: str) -> Response:
    """Sent as it comes; what is wrong at its beginning is still told as an error."""
    first = await anext(pieces)
    headers = {"cache-control": "no-store"}
    return StreamingResponse(_all(first, pieces), media_type=media_type, headers=headers)


def _checked(file: str) -> str:
    """Raises `MediaNotFound` for a name that no file of ours can have."""
    if not _FILE.fullmatch(file):
        raise MediaNotFound
    return file


async def _receive(request: Request, upload: Path) -> None:
    """Write the body to a file as it comes. Its size is limited by the middleware."""
    try:
        async with aiofiles.open(upload, "wb") as file:
            async for piece in request.stream():
                await file.write(piece)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFull from error
        raise


async def _all(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Closes `rest` when the client leaves, and does not wait for a collector to find it."""
    try:
        yield first
        async for piece in rest:
            yield piece
    finally:
        if isinstance(rest, AsyncGenerator):
            await rest.aclose()


async def _entries(sessions: Sessions, session_id: str) -> AsyncGenerator[bytes]:
    """The envelope of all entries."""
    before = b'{"success":true,"message":"The whole story.","data":['
    async for page in sessions.story(session_id):
        yield before + b",".join([entry.model_dump_json().encode() for entry in page])
        before = b","
    yield b"]}" if before == b"," else before + b"]}"


_FILE_ANSWERS: Final = (
    Said(200, "The picture.", (("image/webp", "binary"),)),
    Said(206, "The part of it that `Range` asked for."),
    Said(304, "The client's copy is still good."),
)
_VIDEO_ANSWERS: Final = (
    Said(
        200,
        "The clip, or the picture that stands for it.",
        (("video/mp4", "binary"), ("image/webp", "binary")),
    ),
    *_FILE_ANSWERS[1:],
)
_ZIP_ANSWER: Final = (Said(200, "The session, streamed.", (("application/zip", "binary"),)),)
_TRANSCRIPT_ANSWER: Final = (
    Said(
        200,
        "The story; with `format=json` its entries in the envelope, oldest first.",
        (
            ("text/markdown", None),
            ("text/plain", None),
            ("application/json", Envelope[tuple[HistoryEntry, ...]]),
        ),
    ),
)
_IMAGE: Final = "/api/sessions/{session_id}/images/{file}"
_ARCHIVED_IMAGE: Final = "/api/archives/{name}/images/{file}"
_VIDEO: Final = "/api/sessions/{session_id}/videos/{file}"
_ARCHIVED_VIDEO: Final = "/api/archives/{name}/videos/{file}"


class WebP(Response):
    media_type = "image/webp"


class Mp4(Response):
    media_type = "video/mp4"


class Zip(Response):
    media_type = "application/zip"


class Text(Response):
    media_type = "text/plain"


def _of_file(method: str, path: str, endpoint: Callable[..., Any], missing: Errors) -> Route:
    moves = "/videos/" in path
    return Route(
        method,
        path,
        endpoint,
        (*missing, MediaNotFound, RangeNotSatisfiable),
        kind=LenientRoute,
        answers=Mp4 if moves else WebP,
        says=_VIDEO_ANSWERS if moves else _FILE_ANSWERS,
        hidden=method == "HEAD",
        access="archive" if path.startswith("/api/archives/") else "session",
    )


TABLE: Final = RouteTable(
    tag="media",
    about="Pictures, clips, stories as texts, and whole sessions as files.",
    routes=(
        _of_file("GET", _IMAGE, read_image, ABOUT_A_SESSION),
        _of_file("HEAD", _IMAGE, read_image, ABOUT_A_SESSION),
        _of_file("GET", _ARCHIVED_IMAGE, read_archived_image, (ArchiveNotFound,)),
        _of_file("HEAD", _ARCHIVED_IMAGE, read_archived_image, (ArchiveNotFound,)),
        _of_file("GET", _VIDEO, read_video, ABOUT_A_SESSION),
        _of_file("HEAD", _VIDEO, read_video, ABOUT_A_SESSION),
        _of_file("GET", _ARCHIVED_VIDEO, read_archived_video, (ArchiveNotFound,)),
        _of_file("HEAD", _ARCHIVED_VIDEO, read_archived_video, (ArchiveNotFound,)),
        Route(
            "GET",
            "/api/sessions/{session_id}/transcript",
            read_transcript,
            (*ABOUT_A_SESSION, StaleTurn),
            answers=Text,
            says=_TRANSCRIPT_ANSWER,
        ),
        Route(
            "GET",
            "/api/sessions/{session_id}/export",
            export_session,
            ABOUT_A_SESSION,
            answers=Zip,
            says=_ZIP_ANSWER,
        ),
        Route(
            "POST",
            IMPORT_PATH,
            import_session,
            (InvalidSessionId, SessionExists, PayloadTooLarge, *WRITING),
            status=201,
            body_type="application/zip",
            access="visitor",
        ),
    ),
)
