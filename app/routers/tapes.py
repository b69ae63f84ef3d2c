"""Whole runs as films."""

import re
from collections.abc import Callable
from typing import Annotated, Any, Final

from fastapi import Request, Response
from pydantic import Field

from app.edge.bodies import LenientRoute
from app.edge.envelope import Envelope
from app.edge.files import serve_file
from app.edge.routes import ABOUT_A_SESSION, WRITING, Errors, Route, RouteTable, Said
from app.edge.service import SessionPath, TurnNumber, service_of, sessions_of
from app.errors import (
    ArchiveNotFound,
    MediaNotFound,
    NotStarted,
    ProviderError,
    RangeNotSatisfiable,
    SessionDamaged,
    StaleTurn,
    TurnNotFound,
)
from app.models.base import Model
from app.models.tape import Tape, TapeList
from app.routers.archives import ArchivePath
from app.routers.media import FilePath

_FILE: Final = re.compile(r"[a-z0-9-]{1,64}\.(webp|mp4|vtt)")


class Filming(Model):
    """How far the film goes."""

    turn: Annotated[
        TurnNumber | None,
        Field(description="The last turn that it shows; the present one if it is left out."),
    ] = None


async def make_tape(session_id: SessionPath, body: Filming, request: Request) -> Envelope[Tape]:
    """Make a film of the run.

    With every picture and dispatch up to now, or up to a turn. The captions are there at once; the
    film follows in the background and is announced by `tape.ready`. A run whose tape there is, or
    is being made, is answered with that one. Runs that end get theirs without being asked.
    """
    tape = await service_of(request).game.tapes.make(session_id, turn=body.turn)
    said = "The tape is there." if tape.status == "ready" else "The tape is being made."
    return Envelope[Tape](message=said, data=tape)


async def list_tapes(session_id: SessionPath, request: Request) -> Envelope[TapeList]:
    """The tapes of a run.

    The newest first: the one that shows the most turns. Those that are being made are among them.
    """
    return _listed(await service_of(request).game.tapes.list(session_id))


async def list_archived_tapes(name: ArchivePath, request: Request) -> Envelope[TapeList]:
    """The tapes of an ended run.

    A run that was reset gets its tape in the archives.
    """
    return _listed(await service_of(request).game.tapes.archived(name))


async def read_tape(request: Request, session_id: SessionPath, file: FilePath) -> Response:
    """A file of a tape.

    The film (MP4, with chapters and captions), its dispatches (WebVTT) or its stills (animated
    WebP). Kept by caches for ever; ranges and `If-None-Match` are understood.
    """
    return await serve_file(
        request, await sessions_of(request).media(session_id, "tapes", _checked(file))
    )


async def read_archived_tape(request: Request, name: ArchivePath, file: FilePath) -> Response:
    """A file of an ended run's tape.

    As it was in the session.
    """
    return await serve_file(
        request, await sessions_of(request).archive_media(name, "tapes", _checked(file))
    )


def _listed(tapes: TapeList) -> Envelope[TapeList]:
    count = len(tapes.items)
    return Envelope[TapeList](message=f"{count} tape{'' if count == 1 else 's'}.", data=tapes)


def _checked(file: str) -> str:
    """Raises `MediaNotFound` for a name that no file of ours can have."""
    if not _FILE.fullmatch(file):
        raise MediaNotFound
    return file


class Film(Response):
    media_type = "video/mp4"


_ANSWERS: Final = (
    Said(
        200,
        "The file.",
        (("video/mp4", "binary"), ("text/vtt", None), ("image/webp", "binary")),
    ),
    Said(206, "The part of it that `Range` asked for."),
    Said(304, "The client's copy is still good."),
)
_TAPES: Final = "/api/sessions/{session_id}/tapes"
_ARCHIVED: Final = "/api/archives/{name}/tapes"


def _of_file(method: str, path: str, endpoint: Callable[..., Any], missing: Errors) -> Route:
    return Route(
        method,
        f"{path}/{{file}}",
        endpoint,
        (*missing, MediaNotFound, RangeNotSatisfiable),
        kind=LenientRoute,
        answers=Film,
        says=_ANSWERS,
        hidden=method == "HEAD",
        access="archive" if path == _ARCHIVED else "session",
    )


TABLE: Final = RouteTable(
    tag="tapes",
    about="Whole runs as films: made when they end, or when asked for.",
    routes=(
        Route(
            "POST",
            _TAPES,
            make_tape,
            (*ABOUT_A_SESSION, NotStarted, TurnNotFound, StaleTurn, ProviderError, *WRITING),
            status=202,
        ),
        Route("GET", _TAPES, list_tapes, ABOUT_A_SESSION),
        Route(
            "GET",
            _ARCHIVED,
            list_archived_tapes,
            (ArchiveNotFound, SessionDamaged),
            access="archive",
        ),
        _of_file("GET", _TAPES, read_tape, ABOUT_A_SESSION),
        _of_file("HEAD", _TAPES, read_tape, ABOUT_A_SESSION),
        _of_file("GET", _ARCHIVED, read_archived_tape, (ArchiveNotFound,)),
        _of_file("HEAD", _ARCHIVED, read_archived_tape, (ArchiveNotFound,)),
    ),
)
