"""Playing."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final, Self

from fastapi import Request, Response
from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from app.edge.envelope import Envelope
from app.edge.failures import invalid
from app.edge.limits.addresses import address_of
from app.edge.limits.traffic import traffic_of
from app.edge.routes import ABOUT_A_SESSION, WRITING, Also, Errors, Route, RouteTable
from app.edge.service import (
    RESPOND_ASYNC,
    AboutSession,
    Beginning,
    How,
    Manner,
    Playing,
    asked,
    service_of,
)
from app.engine.turns import Playing as Deed
from app.engine.turns import Tick
from app.errors import (
    BudgetExhausted,
    ChoiceNotOffered,
    DeadlineNotReached,
    IdempotencyMismatch,
    InvalidSessionId,
    NotStarted,
    ProviderError,
    ProviderTimeout,
    SessionDamaged,
    SessionOver,
    StaleTurn,
    TurnInProgress,
    WorldNotFound,
)
from app.models.base import Model
from app.models.session import Turn
from app.models.vocabulary import Fate

MAX_WORDS: Final = 300
MAX_ECHO: Final = 20_000
"""What an old client may send back of a turn that it was told."""


def _legible(words: str) -> str:
    """One line without control characters; what is left must still say something."""
    words = " ".join("".join(c if c.isprintable() else " " for c in words).split())
    if not words:
        raise ValueError("an action needs words")
    return words


Words = Annotated[
    str,
    StringConstraints(min_length=1, max_length=MAX_WORDS),
    AfterValidator(_legible),
    Field(
        description="An offered text, or the player's own words.",
        examples=["Crawl along the drain and listen at the grate"],
    ),
]
Echo = Annotated[
    str | None,
    Field(
        max_length=MAX_ECHO,
        json_schema_extra={"deprecated": True},
        description="Accepted and not needed.",
    ),
]


def _branch(given: str, other: str) -> dict[str, Any]:
    fields = {given: {"type": "string", "minLength": 1}, other: {"type": "null"}}
    return {"required": [given], "properties": fields}


def _one_of_two(schema: dict[str, Any]) -> None:
    schema["oneOf"] = [_branch("choice", "choice_id"), _branch("choice_id", "choice")]


def _one_of_two_or_penalty(schema: dict[str, Any]) -> None:
    penalty = {"is_timeout_penalty": {"const": True}}
    action: dict[str, Any] = {"properties": {"is_timeout_penalty": {"const": False}}}
    _one_of_two(action)
    schema["anyOf"] = [{"required": [*penalty], "properties": penalty}, action]


class Accepted(Model):
    """Nothing can be refused any more."""

    turn: Annotated[int, Field(ge=0, description="The turn that is being made.")]


TurnTold = Envelope[Turn]
Told = TurnTold | Response


class Action(Playing):
    """What the player does: `choice` or `choice_id`, and one of them."""

    model_config = ConfigDict(json_schema_extra=_one_of_two)

    choice: Words | None = None
    choice_id: Annotated[
        str | None,
        Field(min_length=1, max_length=64, description="The id of a choice on offer now."),
    ] = None
    fate: Annotated[
        Fate | None,
        Field(description="Drawn by the server if left out, or if the session says so."),
    ] = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.choice is None) == (self.choice_id is None):
            raise ValueError("give `choice` or `choice_id`, and one of them")
        return self


class ActionOrPenalty(Playing):
    """An action; or, for old clients, the timeout penalty."""

    model_config = ConfigDict(json_schema_extra=_one_of_two_or_penalty)

    choice: Annotated[str | None, Field(max_length=MAX_WORDS)] = None
    choice_id: Annotated[str | None, Field(max_length=64)] = None
    fate: Fate | None = None
    is_timeout_penalty: Annotated[
        bool,
        Field(
            json_schema_extra={"deprecated": True},
            description="True plays the timeout penalty instead.",
        ),
    ] = False

    def action(self) -> Action:
        """The action in it. Raises `InvalidRequest` when there is none."""
        try:
            return Action.model_validate(self.model_dump(exclude={"is_timeout_penalty"}))
        except ValidationError as error:
            found = error.errors(include_url=False, include_input=False)
            raise invalid([{**one, "loc": ("body", *one["loc"])} for one in found]) from None


class IntroSecondPhase(Playing):
    """Names the session; the rest is what old clients send along."""

    image_url: Echo = None
    prologue: Echo = None
    vision_dispatch: Echo = None
    dispatch: Echo = None


class ActionSecondPhase(Playing):
    """Names the session; the rest is what old clients send along."""

    consequence_img_url: Echo = None
    dispatch: Echo = None
    vision_dispatch: Echo = None
    choice: Echo = None
    consequence_img_prompt: Echo = None
    hard_transition: Annotated[
        bool | None,
        Field(json_schema_extra={"deprecated": True}, description="Accepted and not needed."),
    ] = None


async def play_action(request: Request, body: Action, how: How) -> Told:
    """Act, and read what comes of it.

    Plays one whole turn: fate is drawn, the consequence is told and painted, four new choices
    are offered. Answered only when all of it is kept. A picture that is late does not hold the
    text: its `status` is `pending` then. While a turn is being made another action is refused
    (409 `turn_in_progress`); with an `Idempotency-Key` a retry is answered with the same turn.
    """
    return await _answer(request, how, lambda: _act(request, body, how))


async def play_intro(request: Request, body: Beginning, how: How) -> Told:
    """Begin the story.

    Plays turn 0 with its picture and first choices. Creates the session if there is none of
    that id. On a session that has begun it answers turn 0 and changes nothing.
    """
    return await _answer(request, how, lambda: _begin(request, body, how))


async def play_intro_image(request: Request, body: Beginning, how: How) -> Told:
    """Begin the story, phase one: dispatch and picture.

    The server makes the choices in any case; they may be here already. Phase two fetches them.
    """
    return await _answer(request, how, lambda: _begin(request, body, how))


async def play_intro_choices(body: IntroSecondPhase, request: Request, how: How) -> TurnTold:
    """Begin the story, phase two: the choices.

    Waits for the intro if it is being made. A client that never calls it loses nothing.
    """
    _ = how  # Nothing is played here, so that nothing can be played twice.
    turn = await service_of(request).game.turns.first(body.session_id)
    return _told(_expected(turn, body))


async def play_action_image(request: Request, body: ActionOrPenalty, how: How) -> Told:
    """Act, phase one: dispatch and picture.

    The server makes the choices in any case; they may be here already. Phase two fetches them.
    """
    if body.is_timeout_penalty:
        return await _answer(request, how, lambda: _penalize(request, body, how))
    action = body.action()
    return await _answer(request, how, lambda: _act(request, action, how))


async def play_action_choices(body: ActionSecondPhase, request: Request, how: How) -> TurnTold:
    """Act, phase two: the choices.

    Waits for the turn if it is being made, else answers the last one. A client that never calls
    it loses nothing.
    """
    _ = how  # Nothing is played here, so that nothing can be played twice.
    turn = await service_of(request).game.turns.current(body.session_id)
    return _told(_expected(turn, body))


async def play_timeout_penalty(request: Request, body: Playing, how: How) -> Told:
    """Let the world act, because the player did not.

    Refused (409 `deadline_not_reached`) while a deadline is armed and time is left. Without a
    deadline the client keeps the time. It can kill.
    """
    return await _answer(request, how, lambda: _penalize(request, body, how))


async def regenerate_choices(request: Request, body: Playing, how: How) -> Told:
    """Offer four other choices.

    None of the old ones is among them; the ids of the old ones are good no more. No turn is
    spent.
    """
    turns = service_of(request).game.turns
    deed = await _taken(
        request, lambda: turns.begin_regenerate(body.session_id, asked=asked(request, body, how))
    )
    if how.early:
        return _accepted(await deed.accepted())
    return TurnTold(message="Other choices.", data=await deed.result())


async def begin_tick(body: AboutSession, request: Request) -> Envelope[Tick]:
    """Report the situation at the start of a turn.

    Arms the deadline if the session has one and none is armed. Plays nothing.
    """
    tick = await service_of(request).game.turns.begin_tick(body.session_id)
    return Envelope[Tick](message=tick.situation, data=tick)


async def _act(request: Request, body: Action, how: Manner) -> Deed:
    return await service_of(request).game.turns.begin_act(
        body.session_id,
        choice=body.choice,
        choice_id=body.choice_id,
        fate=body.fate,
        asked=asked(request, body, how),
    )


async def _begin(request: Request, body: Beginning, how: Manner) -> Deed:
    return await service_of(request).game.turns.begin(
        body.session_id, world=body.world, seed=body.seed, asked=asked(request, body, how)
    )


async def _penalize(request: Request, body: Playing, how: Manner) -> Deed:
    turns = service_of(request).game.turns
    return await turns.begin_penalty(body.session_id, asked=asked(request, body, how))


async def _taken(request: Request, begin: Callable[[], Awaitable[Deed]]) -> Deed:
    """Begin it in one of the places that an address has for turns. It is free again when the turn
    is made, whoever waits for that."""
    leave = traffic_of(request).turn(address_of(request.scope))
    try:
        deed = await begin()
    except BaseException:
        leave()
        raise
    deed.when_over(lambda _: leave())
    return deed


async def _answer(request: Request, how: Manner, begin: Callable[[], Awaitable[Deed]]) -> Told:
    """The whole turn; or, to who does not wait for it, word that it is being made."""
    with service_of(request).metrics.playing() as playing:
        deed = await _taken(request, begin)
        if not how.early:
            return _told(playing.answered(await deed.result()))
        turn = await deed.accepted()
        deed.when_over(playing.came)
        return _accepted(turn)


def _accepted(turn: int) -> Response:
    message = f"Turn {turn} is being made: the events tell the rest."
    answer = Envelope[Accepted](message=message, data=Accepted(turn=turn))
    return Response(
        answer.model_dump_json(),
        status_code=202,
        media_type="application/json",
        headers={"preference-applied": RESPOND_ASYNC},
    )


def _expected(turn: Turn, body: Playing) -> Turn:
    """Raises `StaleTurn` when the client asks for another turn's choices."""
    if body.expected_turn not in (None, turn.turn):
        raise StaleTurn(details=f"turn: {turn.turn}")
    return turn


def _told(turn: Turn) -> TurnTold:
    if turn.turn == 0:
        message = "The story begins."
    elif turn.phase == "over":
        message = "The story ends here."
    else:
        message = f"Turn {turn.turn} is told."
    return TurnTold(message=message, data=turn)


_PROVIDERS: Final[Errors] = (ProviderError, ProviderTimeout, BudgetExhausted)
_ONCE: Final[Errors] = (StaleTurn, TurnInProgress, IdempotencyMismatch)
_BEGINS: Final[Errors] = (
    InvalidSessionId, SessionDamaged, WorldNotFound, *_ONCE, *_PROVIDERS, *WRITING,
)  # fmt: skip
_WORLD_PLAYS: Final[Errors] = (
    *ABOUT_A_SESSION, NotStarted, SessionOver, *_ONCE, *_PROVIDERS, *WRITING,
)  # fmt: skip
_PLAYS: Final[Errors] = (*_WORLD_PLAYS, ChoiceNotOffered)
_SECOND_PHASE: Final[Errors] = (
    *ABOUT_A_SESSION, NotStarted, StaleTurn, *_PROVIDERS, *WRITING,
)  # fmt: skip

_EARLY: Final = Also(
    202,
    Envelope[Accepted],
    "The turn is being made (`Prefer: respond-async`); the events tell the rest.",
    (("Preference-Applied", f"`{RESPOND_ASYNC}`"),),
)


def _playing(
    path: str, endpoint: Callable[..., Any], raises: Errors, *, hot: bool = False
) -> Route:
    return Route("POST", path, endpoint, raises, model=TurnTold, also=(_EARLY,), hot=hot)


TABLE: Final = RouteTable(
    tag="game",
    about="Playing: the intro, actions, the clock, choices.",
    routes=(
        _playing("/api/game/action", play_action, _PLAYS, hot=True),
        _playing("/api/game/intro", play_intro, _BEGINS),
        _playing("/api/game/intro/image", play_intro_image, _BEGINS),
        Route("POST", "/api/game/intro/choices", play_intro_choices, _SECOND_PHASE),
        _playing("/api/game/action/image", play_action_image, (*_PLAYS, DeadlineNotReached)),
        Route("POST", "/api/game/action/choices", play_action_choices, _SECOND_PHASE),
        _playing(
            "/api/game/timeout_penalty", play_timeout_penalty, (*_WORLD_PLAYS, DeadlineNotReached)
        ),
        _playing(
            "/api/game/choices/regenerate",
            regenerate_choices,
            (*ABOUT_A_SESSION, NotStarted, SessionOver, *_ONCE, *WRITING),
        ),
        Route(
            "POST",
            "/api/game/begin_tick",
            begin_tick,
            (*ABOUT_A_SESSION, NotStarted, TurnInProgress, *WRITING),
        ),
    ),
)
