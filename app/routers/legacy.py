"""Calls of the service that this one replaces. Deprecated, and each a few lines over the game."""

from collections.abc import Callable
from typing import Annotated, Any, Final

from fastapi import Path, Request
from pydantic import ConfigDict, Field, StringConstraints

from app.edge.access.gate import Access
from app.edge.bodies import LenientRoute
from app.edge.envelope import Envelope
from app.edge.routes import ABOUT_A_SESSION, WRITING, Errors, Route, RouteTable
from app.edge.service import AboutSession, SessionQuery, service_of, sessions_of
from app.engine.sessions import DEFAULT_SESSION, HISTORY_LIMIT
from app.engine.views import SettingsChange
from app.errors import NotFound, SessionDamaged, StaleTurn
from app.models.base import Model
from app.models.session import HistoryEntry, Settings
from app.models.vocabulary import Movement
from app.routers.sessions import check_settings

MAX_ENTRIES: Final = 1000
"""Of a longer history only the newest are answered; `length` tells how many there are."""


class OldHistory(Model):
    """Oldest first."""

    history: tuple[HistoryEntry, ...]
    length: int


class OldMovement(Model):
    """How the camera moved in the last turn."""

    movement_type: Movement | None


class OldConfig(Model):
    """The settings of the default session, by their old names."""

    IMAGE_ENABLED: bool
    WORLD_IMAGE_ENABLED: bool
    VEO_MODE_ENABLED: bool
    QUALITY_MODE: bool


class OldConfigChange(Model):
    """Only what is given changes."""

    IMAGE_ENABLED: bool = True
    WORLD_IMAGE_ENABLED: bool = True
    VEO_MODE_ENABLED: bool = False
    QUALITY_MODE: bool = False

    def change(self) -> SettingsChange:
        """What it means in our settings. A picture needs both of its switches."""
        given = self.model_dump(exclude_unset=True)
        pictures = [on for name, on in given.items() if name.endswith("IMAGE_ENABLED")]
        fields: dict[str, Any] = {"images": all(pictures)} if pictures else {}
        if "VEO_MODE_ENABLED" in given:
            fields["videos"] = self.VEO_MODE_ENABLED
        if "QUALITY_MODE" in given:
            fields["quality"] = "high" if self.QUALITY_MODE else "fast"
        return SettingsChange(**fields)


class Prompt(Model):
    """A text that steers how turns are told or painted."""

    key: str
    value: str


class OldState(Model):
    """A state as it was read. Only its settings may have been changed."""

    model_config = ConfigDict(extra="allow")

    settings: SettingsChange | None = None


class SaveState(AboutSession):
    """A session's state, sent back."""

    state: OldState


class Saved(Model):
    """The settings are kept."""

    saved: bool = True


class StatePath(Model):
    """Where the state is kept, relative to the server's data."""

    path: Annotated[str, Field(examples=["sessions/default/state.json"])]


async def read_old_history(
    request: Request, session_id: SessionQuery = DEFAULT_SESSION
) -> Envelope[OldHistory]:
    """What has happened, oldest first.

    Use `GET /api/sessions/{session_id}/history`, which pages.
    """
    entries: list[HistoryEntry] = []
    before: int | None = None
    while True:
        page = await sessions_of(request).history(session_id, limit=HISTORY_LIMIT, before=before)
        entries.extend(page.items)
        before = page.next_before
        if before is None or len(entries) >= MAX_ENTRIES:
            break
    told = OldHistory(history=tuple(reversed(entries)), length=page.total)
    return Envelope[OldHistory](message=f"{page.total} turns.", data=told)


async def read_old_movement(
    request: Request, session_id: SessionQuery = DEFAULT_SESSION
) -> Envelope[OldMovement]:
    """How the camera moved in the last turn.

    Use `movement` of the state.
    """
    state = await sessions_of(request).state(session_id)
    moved = OldMovement(movement_type=state.movement)
    return Envelope[OldMovement](message=state.movement or "none", data=moved)


async def read_old_config(request: Request) -> Envelope[OldConfig]:
    """The default session's settings, by their old names.

    Use `settings` of the state.
    """
    state = await sessions_of(request).state(DEFAULT_SESSION)
    return Envelope[OldConfig](message="Settings.", data=_old_config(state.settings))


async def change_old_config(body: OldConfigChange, request: Request) -> Envelope[OldConfig]:
    """Set the default session, by the old names.

    Use `PATCH /api/sessions/{session_id}`. Any other name is refused.
    """
    meta = await sessions_of(request).change(
        DEFAULT_SESSION, name=None, description=None, settings=body.change()
    )
    return Envelope[OldConfig](message="Set.", data=_old_config(meta.settings))


async def read_old_prompt(
    key: Annotated[
        str,
        StringConstraints(min_length=1, max_length=64),
        Path(description="`llm_voice`, `image_prompt_prefix` or `negative`."),
    ],
    request: Request,
) -> Envelope[Prompt]:
    """A text that steers how turns are told or painted.

    They belong to the world pack now; these are the default world's.
    """
    service = service_of(request)
    world = service.game.founding.world(service.settings.default_world)
    style: dict[str, str] = world.pack.style.model_dump(include={*PROMPTS})
    if key not in style:
        raise NotFound("There is no such prompt.")
    return Envelope[Prompt](message=key, data=Prompt(key=key, value=style[key]))


async def save_old_state(body: SaveState, request: Request) -> Envelope[Saved]:
    """Send a state back.

    Only its settings are kept, and only they may differ from the state on the server: a state
    is changed by playing. Use `PATCH /api/sessions/{session_id}`.
    """
    state = await sessions_of(request).state(body.session_id)
    present = state.model_dump(mode="json")
    sent = body.state.model_extra or {}
    if any(name not in present or present[name] != value for name, value in sent.items()):
        raise StaleTurn("Only settings can be saved; all else is changed by playing.")
    if body.state.settings is not None:
        check_settings(body.state.settings)
        await sessions_of(request).change(
            body.session_id, name=None, description=None, settings=body.state.settings
        )
    return Envelope[Saved](message="Saved.", data=Saved())


async def read_state_path(
    request: Request, session_id: SessionQuery = DEFAULT_SESSION
) -> Envelope[StatePath]:
    """Where a session's state is kept.

    Relative, for people. Read the state with `GET /api/state`.
    """
    await sessions_of(request).status(session_id)
    path = f"sessions/{session_id}/state.json"
    return Envelope[StatePath](message=path, data=StatePath(path=path))


def _old_config(settings: Settings) -> OldConfig:
    return OldConfig(
        IMAGE_ENABLED=settings.images,
        WORLD_IMAGE_ENABLED=settings.images,
        VEO_MODE_ENABLED=settings.videos,
        QUALITY_MODE=settings.quality == "high",
    )


PROMPTS: Final = frozenset(("llm_voice", "image_prompt_prefix", "negative"))


def _old(
    method: str,
    path: str,
    endpoint: Callable[..., Any],
    raises: Errors,
    access: Access = "session",
) -> Route:
    return Route(method, path, endpoint, raises, deprecated=True, kind=LenientRoute, access=access)


TABLE: Final = RouteTable(
    tag="previous generation",
    about="For programs written for the service that this one replaces. Deprecated.",
    routes=(
        _old("GET", "/api/history", read_old_history, ABOUT_A_SESSION),
        _old("GET", "/api/movement", read_old_movement, ABOUT_A_SESSION),
        _old("GET", "/api/config", read_old_config, (SessionDamaged,), "service"),
        _old("POST", "/api/config", change_old_config, (SessionDamaged, *WRITING), "service"),
        _old("GET", "/api/prompts/{key}", read_old_prompt, (NotFound,), "service"),
        _old("POST", "/api/state/save", save_old_state, (*ABOUT_A_SESSION, StaleTurn, *WRITING)),
        _old("GET", "/api/state/path", read_state_path, ABOUT_A_SESSION),
    ),
)
