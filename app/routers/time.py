"""The clock of a session."""

from typing import Annotated, Final

from fastapi import Request
from pydantic import Field, StringConstraints

from app.edge.envelope import Envelope
from app.edge.routes import ABOUT_A_SESSION, WRITING, Route, RouteTable
from app.edge.service import Named, SessionPath, sessions_of
from app.engine.deadlines import TIMES, DeadlineAction
from app.errors import NoDeadline, NotStarted, SessionOver, TurnInProgress
from app.models.base import WHOLE, Model
from app.models.session import State

MAX_NAME: Final = 40
MAX_SECONDS: Final = 6000
SOMEBODY: Final = "a player"


class DeadlineChange(Model):
    """What is to become of the deadline, and who wants it."""

    action: DeadlineAction
    seconds: Annotated[
        int | None,
        Field(
            ge=1,
            le=MAX_SECONDS,
            description="For `extend`: how much longer; left out, as long again as a turn has.",
        ),
        WHOLE,
    ] = None
    name: Annotated[
        Annotated[
            str,
            StringConstraints(min_length=1, max_length=MAX_NAME, pattern=r"^[^\x00-\x1f\x7f]*$"),
        ]
        | None,
        Field(
            description="Who asks, as the other players are told; left out, whom the header "
            "`Elsewhere-Player` names.",
            examples=["Ada"],
        ),
    ] = None


async def change_deadline(
    session_id: SessionPath, body: DeadlineChange, request: Request, player: Named = None
) -> Envelope[State]:
    """Hold, resume or extend the deadline.

    `hold` stops the clock of this turn, and choices stay usable: `deadline_at` is null and
    `held_by` says who holds it, until somebody resumes it or chooses. `extend` gives more time,
    up to ten times the length of a deadline at once. Holding or resuming twice changes nothing.
    """
    state = await sessions_of(request).set_deadline(
        session_id, body.action, by=body.name or player or SOMEBODY, seconds=body.seconds
    )
    return Envelope[State](message=_told(state), data=state)


def _told(state: State) -> str:
    if state.held_by is not None:
        return f"Held by {state.held_by}."
    return "The clock runs."


TABLE: Final = RouteTable(
    tag="time",
    about=f"The clock of a turn. Time can be extended up to {TIMES}-fold, or held.",
    routes=(
        Route(
            "POST",
            "/api/sessions/{session_id}/deadline",
            change_deadline,
            (*ABOUT_A_SESSION, NotStarted, SessionOver, NoDeadline, TurnInProgress, *WRITING),
        ),
    ),
)
