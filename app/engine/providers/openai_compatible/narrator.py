"""The narrator that asks a model, over any server that speaks OpenAI's chat API."""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.engine.ports import Hear, Purse
from app.engine.providers.openai_compatible.asking import Asking, Means
from app.engine.providers.openai_compatible.breaker import Breaker
from app.engine.providers.openai_compatible.calling import Caller
from app.engine.providers.openai_compatible.checks import (
    MAX_SITUATION,
    MAX_SUMMARY,
    MAX_VISION,
    Checks,
    Flaw,
)
from app.engine.providers.openai_compatible.client import Connection
from app.engine.providers.openai_compatible.endpoint import Endpoint
from app.engine.providers.openai_compatible.plain import finished, plain
from app.engine.providers.openai_compatible.prices import Prices
from app.engine.providers.openai_compatible.profiles import Profiles
from app.engine.providers.openai_compatible.prompting import Prompts
from app.engine.providers.openai_compatible.proposing import names_in, proposals_of
from app.engine.providers.openai_compatible.wire import Said
from app.errors import ProviderError
from app.models.narration import Brief, Grounding, Telling
from app.models.proposals import Proposals
from app.models.session import Choice

if TYPE_CHECKING:
    import httpx2

logger = logging.getLogger(__name__)

MAX_TEXT_BYTES: Final = 8 * 1024 * 1024
"""Of one streamed answer: every token comes in an envelope of some hundred bytes."""


class OpenAINarrator:
    """Words turns with a chat model.

    A turn is one streamed call, if all goes well. A model's words are checked like any input;
    a part that will not do has the built-in words instead, and `source` is `ai` when the dispatch
    itself is the model's.
    """

    priced = True
    grounded = True

    def __init__(
        self,
        endpoint: Endpoint,
        prices: Prices,
        *,
        transport: "httpx2.AsyncBaseTransport | None" = None,
        now: Callable[[], float] = time.monotonic,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """Nothing is opened yet, and the SDK is not loaded: see `open`."""
        self._connection = Connection(endpoint, transport=transport, max_bytes=MAX_TEXT_BYTES)
        self._breaker = Breaker("text", now=now)
        self._means = Means(
            endpoint=endpoint,
            caller=Caller(self._connection, prices, now=now),
            profiles=Profiles(now=now),
            prompts=Prompts.load(),
            pause=pause,
            jitter=jitter,
        )

    async def open(self) -> None:
        """Load the SDK ahead of the first turn, which would otherwise wait a second for it."""
        await self._connection.sdk()

    async def close(self) -> None:
        """Close the connections. No telling may be under way."""
        await self._connection.close()

    @property
    def state(self) -> str:
        """Of its circuit breaker: `closed`, `open` or `half-open`."""
        return self._breaker.state

    @property
    def mode(self) -> str:
        """How answers are asked for at present: `json_schema`, `json_object` or `prompt`."""
        return self._means.profiles.of(self._means.endpoint).mode

    async def tell(self, brief: Brief, *, hear: Hear, purse: Purse) -> Telling:
        """Word one turn. Raises `ProviderError`, `ProviderTimeout` or `BudgetExhausted`."""
        grounding = brief.grounding
        if grounding is None:
            raise ProviderError("A model was asked for a turn that it was told nothing of.")
        turn = _Turn(brief, grounding, self._means.prompts.example_words)
        with self._breaker.watched():
            asking = Asking(self._means, brief, grounding, hear=hear, purse=purse)
            said, text = await asking.answer()
            flaws = turn.flaws(said)
            if flaws:
                again = await asking.again(text, [flaw.problem for flaw in flaws])
                if again is not None:
                    said = again[0]
                    flaws = turn.flaws(said)
        telling = turn.telling(said, flaws)
        logger.info(
            "turn worded",
            extra={
                "session_id": brief.session_id,
                "turn": brief.turn,
                "source": telling.source,
                "calls": asking.bill.calls,
                "micros": asking.bill.micros,
                "flaws": [flaw.code for flaw in flaws],
            },
        )
        return telling


@dataclass(frozen=True, slots=True)
class _Turn:
    """What becomes of a model's words in one turn."""

    brief: Brief
    grounding: Grounding
    example: str

    def flaws(self, said: Said) -> list[Flaw]:
        return self._checks(said).dispatch(_dispatch(said))

    def telling(self, said: Said, flaws: list[Flaw]) -> Telling:
        checks, brief, wording = self._checks(said), self.brief, self.brief.wording
        if flaws:
            return _built_in(brief, checks.choices(said.choices))
        return Telling(
            dispatch=_dispatch(said),
            vision_dispatch=checks.aside(said.vision_dispatch, MAX_VISION)
            or wording.vision_dispatch,
            situation=checks.aside(said.situation, MAX_SITUATION) or wording.situation,
            summary=checks.aside(said.summary, MAX_SUMMARY) or wording.summary,
            choices=checks.choices(said.choices),
            source="ai",
            proposed=self._proposed(said, checks),
        )

    def _proposed(self, said: Said, checks: Checks) -> Proposals:
        """Only with the model's own dispatch: what nobody is told of must not come to be."""
        brief, grounding = self.brief, self.grounding
        if brief.ending is not None:
            return Proposals()
        return proposals_of(
            said.proposed,
            grows=grounding.grows,
            custom=brief.is_custom_action,
            threads=grounding.threads,
            clean=checks.clean,
        )

    def _checks(self, said: Said) -> Checks:
        grows = self.grounding.grows and self.brief.ending is None
        brought = names_in(said.proposed) if grows else ()
        return Checks(self.brief, self.grounding, proposed=brought, example=self.example)


def _dispatch(said: Said) -> str:
    return finished(plain(said.dispatch))


def _built_in(brief: Brief, choices: tuple[Choice, ...]) -> Telling:
    """The built-in words for all that is told of the turn: parts of two tellings would disagree.
    A choice stands for itself, and was checked for itself."""
    wording = brief.wording
    return Telling(
        dispatch=wording.dispatch,
        vision_dispatch=wording.vision_dispatch,
        situation=wording.situation,
        summary=wording.summary,
        choices=choices,
        source="offline",
    )
