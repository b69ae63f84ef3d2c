"""Who tells, paints and films, chosen from the settings. Part of the composition root."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Protocol

from pydantic import ValidationError

from app.engine.clips import Studio
from app.engine.ports import Filmmaker, Fit, Illustrator, Narrator, TapeDeck
from app.engine.providers.offline.filmmaker import OfflineFilmmaker
from app.engine.providers.offline.illustrator import OfflineIllustrator
from app.engine.providers.offline.narrator import OfflineNarrator
from app.engine.providers.offline.tape.deck import OfflineTapeDeck
from app.models.ledger import Capability
from app.settings import ModelServer, ServiceSettings

if TYPE_CHECKING:
    from app.engine.providers.openai_compatible.endpoint import Endpoint
    from app.engine.providers.openai_compatible.filmmaker import OpenAIFilmmaker
    from app.engine.providers.openai_compatible.illustrator import OpenAIIllustrator
    from app.engine.providers.openai_compatible.narrator import OpenAINarrator
    from app.engine.providers.openai_compatible.prices import Prices

logger = logging.getLogger(__name__)

BUILT_IN: Final = "offline"
HIRED_AT_ONCE: Final = 4
"""Clips that a configured server works on at the same time."""
WARN_DAYS: Final = 60
"""Before a model is shut down, for whoever has to choose another."""


class _Closing(Protocol):
    async def close(self) -> None: ...


class _Hired(_Closing, Protocol):
    async def open(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody who may work on a turn, and what they are called to the outside."""

    narrator: Narrator
    illustrator: Illustrator
    built_in_narrator: Narrator
    built_in_illustrator: Illustrator
    narrator_name: str
    illustrator_name: str
    studio: Studio
    deck: TapeDeck
    painter: OfflineIllustrator
    breakers: Mapping[Capability, Callable[[], str]]
    """How the circuit breakers stand of the models that are hired."""
    hired: tuple[tuple[_Hired, "Endpoint"], ...]
    built_in: tuple[_Closing, ...]
    """Who has processes of their own."""

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """They are ready to work; at the end everything they opened is closed."""
        tasks = [
            asyncio.create_task(_prepare(one, endpoint), name="prepare a model")
            for one, endpoint in self.hired
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
            for one, _ in self.hired:
                await one.close()
            for own in self.built_in:
                await own.close()


def cast(
    settings: ServiceSettings,
    *,
    narrator: Narrator | None = None,
    illustrator: Illustrator | None = None,
    filmmaker: Filmmaker | None = None,
) -> Cast:
    """The cast that `settings` ask for; what is given takes that part instead.

    Raises `ValueError` for a price in the settings that is none. Nothing is connected yet.
    """
    built_in = OfflineNarrator()
    # One set of painters: it sketches for a model, and stands in for it.
    painters = OfflineIllustrator(settings.painters)
    films = OfflineFilmmaker(settings.filmmakers)
    deck = OfflineTapeDeck()
    hired: list[tuple[_Hired, Endpoint]] = []
    breakers: dict[Capability, Callable[[], str]] = {}
    narrator_name = illustrator_name = BUILT_IN
    if narrator is not None:
        narrator_name = type(narrator).__name__
    elif (text := settings.text) is not None:
        teller = hire_narrator(settings, text)
        narrator, narrator_name = teller, text.model
        breakers["text"] = lambda: teller.state
        hired.append((teller, endpoint_of(settings, text)))
    if illustrator is not None:
        illustrator_name = type(illustrator).__name__
    elif (image := settings.image) is not None:
        painter = hire_illustrator(settings, image, painters)
        illustrator, illustrator_name = painter, image.model
        breakers["image"] = lambda: painter.breaker.state
        hired.append((painter, endpoint_of(settings, image)))
    at_once = settings.filmmakers
    if filmmaker is None and (video := settings.video) is not None:
        maker = hire_filmmaker(settings, video, films.fit)
        filmmaker, at_once = maker, max(at_once, HIRED_AT_ONCE)
        hired.append((maker, endpoint_of(settings, video)))
    return Cast(
        narrator=narrator or built_in,
        illustrator=illustrator or painters,
        built_in_narrator=built_in,
        built_in_illustrator=painters,
        narrator_name=narrator_name,
        illustrator_name=illustrator_name,
        studio=Studio(filmmaker or films, films, at_once),
        deck=deck,
        painter=painters,
        breakers=MappingProxyType(breakers),
        hired=tuple(hired),
        built_in=(painters, films, deck),
    )


def days_left(ends: date) -> int:
    """From today (UTC) until a model is shut down."""
    return (ends - datetime.now(UTC).date()).days


async def _prepare(one: _Hired, endpoint: "Endpoint") -> None:
    """What the first turn need not wait for, and what its host should know."""
    from app.engine.providers.openai_compatible.lifetimes import shutdown_date

    await one.open()
    ends = await shutdown_date(endpoint)
    if ends is not None and days_left(ends) < WARN_DAYS:
        logger.warning("model is shut down soon", extra={"model": endpoint.model, "on": str(ends)})


def hire_narrator(settings: ServiceSettings, server: ModelServer) -> "OpenAINarrator":
    """The model that words the turns."""
    # The SDK's transport takes its time to load: only who uses it waits for it.
    from app.engine.providers.openai_compatible.narrator import OpenAINarrator

    return OpenAINarrator(endpoint_of(settings, server), prices_of(settings))


def hire_illustrator(
    settings: ServiceSettings, server: ModelServer, sketcher: Illustrator
) -> "OpenAIIllustrator":
    """The model that paints; `sketcher` renders the composition that it may start from."""
    from app.engine.providers.openai_compatible.illustrator import OpenAIIllustrator

    return OpenAIIllustrator(
        endpoint_of(settings, server),
        prices_of(settings),
        sketcher=sketcher,
        references=settings.image_references,
    )


def hire_filmmaker(
    settings: ServiceSettings, server: ModelServer, fit: Fit | None = None
) -> "OpenAIFilmmaker":
    """The model that makes clips; `fit` makes of them what was promised to clients."""
    from app.engine.providers.openai_compatible.filmmaker import OpenAIFilmmaker

    return OpenAIFilmmaker(endpoint_of(settings, server), prices_of(settings), fit=fit)


def endpoint_of(settings: ServiceSettings, server: ModelServer) -> "Endpoint":
    """The same server in the provider's words."""
    from app.engine.providers.openai_compatible.endpoint import Endpoint

    return Endpoint(
        base_url=server.base_url,
        api_key=server.api_key,
        model=server.model,
        deadline=server.deadline_seconds,
        extra=server.extra,
        text_mode=settings.text_mode,
    )


def prices_of(settings: ServiceSettings) -> "Prices":
    """The price table with what the settings say otherwise.

    Raises `ValueError`, in one line, for a price that is none.
    """
    from app.engine.providers.openai_compatible.prices import Prices

    try:
        return Prices.load(settings.prices)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in problem["loc"])
        raise ValueError(f"ELSEWHERE_PRICES: {where}: {problem['msg']}") from None
