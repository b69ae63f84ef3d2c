"""An illustrator over any server that speaks OpenAI's image API.

The picture is painted over references where the server takes them: the built-in render of this
very frame says what stands where, the last picture how it looks.
"""

import asyncio
import logging
import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import httpx2

from app.engine.ports import Illustrator, Purse
from app.engine.providers.openai_compatible.addresses import Resolve, resolved
from app.engine.providers.openai_compatible.breaker import Breaker
from app.engine.providers.openai_compatible.calling import Bill
from app.engine.providers.openai_compatible.client import Connection
from app.engine.providers.openai_compatible.decode import Darkroom, still
from app.engine.providers.openai_compatible.endpoint import Endpoint
from app.engine.providers.openai_compatible.failures import (
    CallFailed,
    CallTimedOut,
    Trouble,
    trouble_of,
)
from app.engine.providers.openai_compatible.fetch import Fetcher
from app.engine.providers.openai_compatible.image_answer import Answer, NoPicture
from app.engine.providers.openai_compatible.image_asking import (
    NOT_THERE,
    WAYS,
    Learnt,
    Trial,
    Way,
    objections,
    wishes,
)
from app.engine.providers.openai_compatible.image_calling import ImageCaller
from app.engine.providers.openai_compatible.image_prompt import Reference, prompt_for
from app.engine.providers.openai_compatible.image_references import Shown, message
from app.engine.providers.openai_compatible.prices import Prices
from app.errors import ProviderError
from app.models.narration import Picture, PictureRequest

logger = logging.getLogger(__name__)

References = Literal["both", "composition", "look", "none"]

SKETCH_SECONDS: Final = 3.0
"""How long the built-in render may keep a picture from being ordered."""
_MOST_TRIES: Final = 16
"""More than there is to learn about one server."""
_LONGEST_WAIT: Final = 5.0
"""Seconds for which a second try is waited for."""


@dataclass(slots=True)
class _Order:
    """One picture on its way: all that is known of it lives here, and goes with it."""

    request: PictureRequest
    purse: Purse
    ends: float
    """On the event loop's clock."""
    trial: Trial
    shown: tuple[Shown, ...] = ()
    bill: Bill = field(default_factory=Bill)
    retried: bool = False


class OpenAIIllustrator:
    """Paints by one model of one server. Whoever made it closes it.

    `sketcher` draws the composition; None does without it. `transport` and `resolve` replace the
    network in tests.
    """

    priced = True

    def __init__(
        self,
        endpoint: Endpoint,
        prices: Prices,
        *,
        sketcher: Illustrator | None,
        references: References = "both",
        transport: httpx2.AsyncBaseTransport | None = None,
        resolve: Resolve = resolved,
        breaker: Breaker | None = None,
        learnt: Learnt | None = None,
        threads: int = 2,
        sketch_seconds: float = SKETCH_SECONDS,
        pause: float = 0.5,
    ) -> None:
        self.wants_previous = references in ("both", "look")
        self._endpoint = endpoint
        self._sketcher = sketcher if references in ("both", "composition") else None
        self._sketch_seconds = sketch_seconds
        self._connection = Connection(endpoint, transport=transport)
        self._fetcher = Fetcher(
            endpoint.base_url,
            connect=endpoint.connect,
            idle=endpoint.idle,
            resolve=resolve,
            transport=transport,
        )
        self._darkroom = Darkroom(threads)
        self._caller = ImageCaller(self._connection, prices, self._darkroom)
        self._breaker = breaker or Breaker("image")
        self._learnt = learnt or Learnt()
        self._pause = pause

    @property
    def breaker(self) -> Breaker:
        """Whether the server is being left alone."""
        return self._breaker

    @property
    def mode(self) -> str:
        """How pictures are asked for at present: `edit`, `generate` or `chat`."""
        return next((way for way in WAYS if not self._learnt.refuses(way)), "nothing")

    async def open(self) -> None:
        """Load the SDK ahead of the first picture, which would otherwise wait a second for it."""
        await self._connection.sdk()

    async def paint(self, request: PictureRequest, *, purse: Purse) -> Picture:
        """Paint one frame as WebP of the scene's size.

        Raises:
            ProviderError: no picture that we take came of it; what was billed is settled.
            ProviderTimeout: not within the endpoint's deadline.
            BudgetExhausted: not enough is left for it.
        """
        ends = asyncio.get_running_loop().time() + self._endpoint.deadline
        order = _Order(request, purse, ends, Trial(self._learnt))
        with self._breaker.watched():
            try:
                async with asyncio.timeout_at(ends):
                    return await self._painted(order)
            except TimeoutError:
                late = f"{self._endpoint.provider} did not paint in time."
                raise CallTimedOut(late, Trouble(servers=True)) from None

    async def close(self) -> None:
        """Close connections and end threads; waits for them."""
        await self._connection.close()
        await self._fetcher.close()
        await self._darkroom.close()

    async def _painted(self, order: _Order) -> Picture:
        order.shown = await self._references(order)
        answer = await self._answered(order)
        data = answer.data
        if data is None:
            data = await self._fetcher.get(answer.url or "")
        scene = order.request.scene
        picture = await self._darkroom.run(still, data, scene.width, scene.height)
        return Picture(data=picture)

    # -- references ----------------------------------------------------------------------

    async def _references(self, order: _Order) -> tuple[Shown, ...]:
        if self._learnt.refuses("edit") and not self._learnt.refuses("generate"):
            return ()  # Nobody would look at them.
        # OpenAI reads WebP, a tenth of the bytes; what others read is PNG.
        png = not self._endpoint.is_openai and not self._learnt.refuses("edit")

        async def shown(kind: Reference, data: bytes | None) -> Shown | None:
            if data is None:
                return None
            return await self._darkroom.run(Shown.of, kind, data, png=png)

        async def composition() -> Shown | None:
            return await shown("composition", await self._sketch(order))

        look = order.request.previous if self.wants_previous else None
        found = await asyncio.gather(composition(), shown("look", look))
        return tuple(one for one in found if one is not None)

    async def _sketch(self, order: _Order) -> bytes | None:
        """The frame as the rules have it: at half its size it says as much, and comes sooner."""
        if self._sketcher is None:
            return None
        scene = order.request.scene
        half = {"width": max(64, scene.width // 2), "height": max(64, scene.height // 2)}
        small = scene.model_copy(update=half)
        request = order.request.model_copy(update={"scene": small, "previous": None})
        try:
            async with asyncio.timeout(self._sketch_seconds):
                return (await self._sketcher.paint(request, purse=order.purse)).data
        except (ProviderError, TimeoutError) as error:
            logger.info("painting without a sketch", extra={"reason": type(error).__name__})
            return None

    def _taken(self, order: _Order, way: Way) -> tuple[Shown, ...]:
        """The references that the server is known to take this way."""
        if way == "generate" or order.trial.refuses(f"{way} of one"):
            return ()
        return order.shown[:1] if order.trial.refuses(f"{way} of two") else order.shown

    # -- asking --------------------------------------------------------------------------

    async def _answered(self, order: _Order) -> Answer:
        """The first answer with a picture, going down to what the server takes."""
        for _ in range(_MOST_TRIES):
            way = self._way(order)
            if way is None:
                break
            shown = self._taken(order, way)
            wanted = wishes(self._endpoint, order.trial, order.request, way)
            try:
                answer = await self._asked(order, way, wanted, shown)
            except NoPicture as error:
                if not error.astray or not self._learn({way}, order, sure=False):
                    raise
            except CallFailed as error:
                refused = objections(error.trouble, way, wanted, len(shown))
                if not refused or not self._learn(refused, order):
                    raise
            else:
                order.trial.keep(way)
                return answer
        raise CallFailed(f"{self._endpoint.provider} paints nothing.", Trouble())

    def _learn(self, refused: Collection[str], order: _Order, *, sure: bool = True) -> bool:
        """Go on without it; whether there is still a way to ask."""
        if sure:
            order.trial.note(refused)
        else:
            order.trial.suspect(refused)
        logger.info(
            "image server does not take everything",
            extra={"provider": self._endpoint.provider, "refused": sorted(refused)},
        )
        return self._way(order) is not None

    def _way(self, order: _Order) -> Way | None:
        usable = (way for way in WAYS if not order.trial.refuses(way))
        return next((way for way in usable if way != "edit" or order.shown), None)

    async def _asked(
        self, order: _Order, way: Way, wanted: Mapping[str, Any], shown: Sequence[Shown]
    ) -> Answer:
        """Ask; and once more in an order's life, where the server stumbled and time is left."""
        prompt = prompt_for(order.request, [one.kind for one in shown])
        expected = self._caller.expected(prompt, wanted, len(shown))
        while True:
            body = self._body(way, prompt, wanted, shown)
            try:
                return await self._caller.ask(
                    way, body, expected=expected, purse=order.purse, bill=order.bill
                )
            except CallFailed as error:
                wait = (error.trouble.wait or self._pause) * random.uniform(1.0, 1.5)
                if order.retried or not _worth_another(error, wait, order):
                    raise
            order.retried = True
            await asyncio.sleep(wait)

    def _body(
        self, way: Way, prompt: str, wanted: Mapping[str, Any], shown: Sequence[Shown]
    ) -> dict[str, Any]:
        """The arguments of one request."""
        extra = dict(self._endpoint.extra)
        body: dict[str, Any] = {"model": self._endpoint.model}
        if way == "chat":
            extra = {"modalities": ["image", "text"], **wanted, **extra}
            return body | {"messages": [message(prompt, shown)], "extra_body": extra}
        body |= {"prompt": prompt, **wanted, "extra_body": extra}
        if way == "edit":
            files = [one.file for one in shown]
            body["image"] = files if len(files) > 1 else files[0]
        return body


def _worth_another(error: CallFailed, wait: float, order: _Order) -> bool:
    trouble = trouble_of(error)
    if trouble.status in NOT_THERE:
        return False
    left = order.ends - asyncio.get_running_loop().time() - wait
    return trouble.servers and not trouble.final and wait <= _LONGEST_WAIT < left
