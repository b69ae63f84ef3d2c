"""Sessions: making, finding, setting, branching, ending."""

from typing import Annotated, Final, Literal

from fastapi import Path, Query, Request, Response
from pydantic import Field

from app.edge.access.gate import caller_of
from app.edge.envelope import Envelope
from app.edge.routes import ABOUT_A_SESSION, WRITING, Route, RouteTable
from app.edge.service import SessionPath, TurnNumber, WorldName, give_token, sessions_of
from app.engine.sessions import HISTORY_LIMIT
from app.engine.views import (
    CostReport,
    HistoryPage,
    Overview,
    SessionList,
    SettingsChange,
    Status,
)
from app.errors import (
    InvalidRequest,
    InvalidSessionId,
    SessionExists,
    SessionProtected,
    TurnInProgress,
    TurnNotFound,
    WorldNotFound,
)
from app.models.base import SAFE_INTEGER, Model, Seed, SessionId
from app.models.session import HistoryEntry, Meta, Settings, State

MAX_NAME: Final = 100
MAX_DESCRIPTION: Final = 1000
MAX_SEARCH: Final = 100

Name = Annotated[str, Field(min_length=1, max_length=MAX_NAME, examples=["Friday night"])]
Description = Annotated[str, Field(max_length=MAX_DESCRIPTION)]
Limit = Annotated[int, Query(ge=1, le=HISTORY_LIMIT, description="At most so many.")]
Before = Annotated[
    int | None, Query(ge=0, le=SAFE_INTEGER, description="Only turns before this one.")
]


Searched = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=MAX_SEARCH,
        description="Words to look for in dispatch, action and situation.",
    ),
]
TurnPath = Annotated[int, Path(ge=0, le=SAFE_INTEGER, description="A turn; the intro is 0.")]


class NewSession(Model):
    """Everything may be left out: the server then chooses an id that cannot be guessed."""

    session_id: SessionId | None = None
    name: Name | None = None
    description: Description = ""
    world: WorldName | None = None
    seed: Seed | None = None
    settings: Settings | None = None


class Change(Model):
    """Only what is given changes."""

    name: Name | None = None
    description: Description | None = None
    settings: SettingsChange | None = None


class Fork(Model):
    """From which turn, and under which id and name."""

    turn: TurnNumber
    session_id: SessionId | None = None
    name: Name | None = None


class Rewind(Model):
    """The last turn that is kept."""

    turn: TurnNumber


class Deleted(Model):
    """What became of a session."""

    session_id: SessionId
    archive: Annotated[str | None, Field(description="The archive's name, if it was kept.")]


async def create_session(body: NewSession, request: Request, response: Response) -> Envelope[Meta]:
    """Make a session.

    Clients may bring their own id (a user's, a channel's) or have one made. `intro` and `reset`
    make unknown sessions too; this is the way to name one, or to set it before it begins. Where
    keys are asked for, the token of the session comes as `Elsewhere-Token`.
    """
    meta = await sessions_of(request).create(
        session_id=body.session_id,
        name=body.name,
        description=body.description,
        world=body.world,
        seed=body.seed,
        settings=body.settings,
    )
    give_token(request, response, meta)
    return Envelope[Meta](message="The session is there: play the intro.", data=meta)


async def list_sessions(
    request: Request,
    sort: Annotated[
        Literal["accessed", "created"], Query(description="Newest first, by this.")
    ] = "accessed",
    limit: Limit = 50,
    cursor: Annotated[
        str | None, Query(max_length=200, description="`next_cursor` of the page before.")
    ] = None,
) -> Envelope[SessionList]:
    """List sessions.

    Newest first, a page at a time; `next_cursor` is null on the last page. Where keys are asked
    for, players see those that they hold tokens of.
    """
    caller = caller_of(request)
    if not caller.everything:
        metas = await sessions_of(request).some(caller.grants, sort=sort)
        own = SessionList(items=tuple(filter(caller.role, metas))[:limit], next_cursor=None)
        return Envelope[SessionList](message=_counted(len(own.items), "session"), data=own)
    found = await sessions_of(request).list(sort=sort, limit=limit, cursor=cursor)
    return Envelope[SessionList](message=_counted(len(found.items), "session"), data=found)


async def read_session(session_id: SessionPath, request: Request) -> Envelope[Overview]:
    """A session at a glance.

    What it is called and how it is set, what is true now, and its last ten turns, newest first.
    """
    overview = await sessions_of(request).overview(session_id)
    return Envelope[Overview](message=overview.meta.name, data=overview)


async def read_status(session_id: SessionPath, request: Request) -> Envelope[Status]:
    """The little that a list or a poll needs.

    Turn, phase, whether the player lives, where they are, and when something last happened.
    """
    status = await sessions_of(request).status(session_id)
    return Envelope[Status](message=f"At turn {status.turn}.", data=status)


async def change_session(session_id: SessionPath, body: Change, request: Request) -> Envelope[Meta]:
    """Rename a session, or set it.

    Only what is given changes. A `budget_usd` of null lifts the budget; no other setting can be
    null. Waits for no turn: the turn after the present one follows the new settings. Another
    `deadline_seconds` gives the present turn a new deadline of that length.
    """
    if body.settings is not None:
        check_settings(body.settings)
    meta = await sessions_of(request).change(
        session_id, name=body.name, description=body.description, settings=body.settings
    )
    return Envelope[Meta](message="Changed.", data=meta)


async def delete_session(
    session_id: SessionPath,
    request: Request,
    archive: Annotated[bool, Query(description="Keep the run among the archives.")] = True,  # noqa: FBT002 (a query parameter)
) -> Envelope[Deleted]:
    """End a session.

    Its run is kept as an archive unless `archive=false`. A turn that is being made is
    cancelled. The session `default` cannot be deleted.
    """
    kept = await sessions_of(request).delete(session_id, archive=archive)
    deleted = Deleted(session_id=session_id, archive=kept)
    return Envelope[Deleted](message="Archived." if kept else "Deleted.", data=deleted)


async def read_history(
    session_id: SessionPath,
    request: Request,
    limit: Limit = 50,
    before: Before = None,
    q: Searched = None,
) -> Envelope[HistoryPage]:
    """What has happened, newest first.

    One entry a turn, each with what was true after it. `next_before` asks for the page of older
    turns and is null on the last one. With `q` only the turns that say it, whatever the case:
    a page then looks through a few thousand turns and may hold fewer entries, or none, although
    `next_before` leads further back.
    """
    page = await sessions_of(request).history(session_id, limit=limit, before=before, words=q)
    return Envelope[HistoryPage](message=_counted(page.total, "turn"), data=page)


async def read_entry(
    session_id: SessionPath, turn: TurnPath, request: Request
) -> Envelope[HistoryEntry]:
    """One turn of the history.

    As it was told, with its picture, the choices that were offered before it, and what was true
    after it.
    """
    entry = await sessions_of(request).entry(session_id, turn)
    return Envelope[HistoryEntry](message=f"Turn {turn}.", data=entry)


async def fork_session(
    session_id: SessionPath, body: Fork, request: Request, response: Response
) -> Envelope[Meta]:
    """Branch off from a turn.

    A new session that begins with this one's history up to and including `turn`, pictures
    included; this one is not touched.
    """
    meta = await sessions_of(request).fork(
        session_id, turn=body.turn, new_id=body.session_id, name=body.name
    )
    give_token(request, response, meta)
    return Envelope[Meta](message=f"Branched off from turn {body.turn}.", data=meta)


async def rewind_session(
    session_id: SessionPath, body: Rewind, request: Request
) -> Envelope[State]:
    """Go back to a turn.

    The run so far is archived, so that nothing is lost; the session goes on from the end of
    `turn`. Undoes a death.
    """
    state = await sessions_of(request).rewind(session_id, turn=body.turn)
    return Envelope[State](message=f"Back at turn {body.turn}.", data=state)


async def read_cost(
    session_id: SessionPath,
    request: Request,
    limit: Limit = 50,
    before: Annotated[
        int | None, Query(ge=0, le=SAFE_INTEGER, description="Only calls before this one.")
    ] = None,
) -> Envelope[CostReport]:
    """What a session has cost.

    The sums, the budget, the calls to models (newest first, a page at a time), and the newest
    200 turns one by one. The built-in providers are free and make no calls. What the session
    spent before a reset or a rewind counts; a fork and an import begin with nothing spent.
    """
    report = await sessions_of(request).cost(session_id, limit=limit, before=before)
    return Envelope[CostReport](message=f"{report.spent_usd:.4f} USD spent.", data=report)


def check_settings(change: SettingsChange) -> None:
    """Raises `InvalidRequest` for a setting that is given and null, unless it may be."""
    for name in change.model_fields_set - {"budget_usd"}:
        if getattr(change, name) is None:
            raise InvalidRequest(details=f"body.settings.{name}: cannot be null")


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}."


TABLE: Final = RouteTable(
    tag="sessions",
    about="Games side by side: making, finding, setting, branching and ending them.",
    routes=(
        Route(
            "POST",
            "/api/sessions",
            create_session,
            (InvalidSessionId, SessionExists, WorldNotFound, *WRITING),
            status=201,
            access="visitor",
        ),
        Route("GET", "/api/sessions", list_sessions, access="visitor"),
        Route("GET", "/api/sessions/{session_id}", read_session, ABOUT_A_SESSION),
        Route("GET", "/api/sessions/{session_id}/status", read_status, ABOUT_A_SESSION),
        Route(
            "PATCH",
            "/api/sessions/{session_id}",
            change_session,
            (*ABOUT_A_SESSION, *WRITING),
        ),
        Route(
            "DELETE",
            "/api/sessions/{session_id}",
            delete_session,
            (*ABOUT_A_SESSION, SessionProtected, TurnInProgress, *WRITING),
        ),
        Route("GET", "/api/sessions/{session_id}/history", read_history, ABOUT_A_SESSION),
        Route(
            "GET",
            "/api/sessions/{session_id}/history/{turn}",
            read_entry,
            (*ABOUT_A_SESSION, TurnNotFound),
        ),
        Route(
            "POST",
            "/api/sessions/{session_id}/fork",
            fork_session,
            (*ABOUT_A_SESSION, TurnNotFound, SessionExists, *WRITING),
            status=201,
        ),
        Route(
            "POST",
            "/api/sessions/{session_id}/rewind",
            rewind_session,
            (*ABOUT_A_SESSION, TurnNotFound, TurnInProgress, *WRITING),
        ),
        Route("GET", "/api/sessions/{session_id}/cost", read_cost, ABOUT_A_SESSION),
    ),
)
