"""Ended runs."""

from typing import Annotated, Final

from fastapi import Path, Request, Response
from pydantic import StringConstraints

from app.edge.access.gate import caller_of
from app.edge.envelope import Envelope
from app.edge.routes import WRITING, Route, RouteTable
from app.edge.service import give_token, sessions_of
from app.engine.views import ArchiveList, ArchiveOverview
from app.errors import ArchiveNotFound, InvalidSessionId, SessionDamaged, SessionExists
from app.models.base import Model, SessionId
from app.models.session import Meta
from app.routers.sessions import Before, Limit

ArchivePath = Annotated[
    str,
    StringConstraints(min_length=1, max_length=128),
    Path(description="An archive's name: `<session_id>_<UTC time>`."),
]


class Restore(Model):
    """Under which id the run goes on."""

    session_id: SessionId | None = None


class DeletedArchive(Model):
    """An archive that is no more."""

    archive: str


async def list_archives(request: Request) -> Envelope[ArchiveList]:
    """List ended runs.

    Newest first. A run ends in the archives when its session is reset, rewound or deleted. Where
    keys are asked for, players see those of the sessions that they hold tokens of.
    """
    archives = await sessions_of(request).archives()
    caller = caller_of(request)
    if not caller.everything:
        held = [one for one in archives.items if one.session_id in caller.grants]
        metas = [await sessions_of(request).archive_meta(one.name) for one in held]
        own = tuple(one for one, meta in zip(held, metas, strict=True) if caller.role(meta))
        archives = ArchiveList(items=own)
    return Envelope[ArchiveList](message=f"{len(archives.items)} ended runs.", data=archives)


async def read_archive(
    name: ArchivePath, request: Request, limit: Limit = 50, before: Before = None
) -> Envelope[ArchiveOverview]:
    """An ended run.

    How it stood when it ended, and its history, newest first. `next_before` of the history asks
    for the page of older turns.
    """
    archive = await sessions_of(request).archive(name, limit=limit, before=before)
    return Envelope[ArchiveOverview](message=archive.meta.name, data=archive)


async def delete_archive(name: ArchivePath, request: Request) -> Envelope[DeletedArchive]:
    """Delete an ended run.

    With its pictures, and for good.
    """
    await sessions_of(request).delete_archive(name)
    return Envelope[DeletedArchive](message="Deleted.", data=DeletedArchive(archive=name))


async def restore_archive(
    name: ArchivePath, body: Restore, request: Request, response: Response
) -> Envelope[Meta]:
    """Go on with an ended run.

    A new session that stands where the run ended, with all of its history, pictures and films;
    the archive stays. Without a `session_id` one is made. To undo a death, rewind it then.
    """
    meta = await sessions_of(request).restore(name, session_id=body.session_id)
    give_token(request, response, meta)
    return Envelope[Meta](message="The run goes on.", data=meta)


TABLE: Final = RouteTable(
    tag="archives",
    about="Ended runs: read them, keep them, delete them.",
    routes=(
        Route("GET", "/api/archives", list_archives, access="visitor"),
        Route(
            "GET",
            "/api/archives/{name}",
            read_archive,
            (ArchiveNotFound, SessionDamaged),
            access="archive",
        ),
        Route(
            "POST",
            "/api/archives/{name}/restore",
            restore_archive,
            (ArchiveNotFound, InvalidSessionId, SessionExists, SessionDamaged, *WRITING),
            status=201,
            access="archive",
        ),
        Route(
            "DELETE",
            "/api/archives/{name}",
            delete_archive,
            (ArchiveNotFound, *WRITING),
            access="archive",
        ),
    ),
)
