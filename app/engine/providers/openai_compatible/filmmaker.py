"""A clip from a server that offers `POST /videos`: ordered, asked after, fetched.

By the SDK's plain verbs: its own methods for videos are deprecated with the API they were made
for, while other servers go on offering it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, TypeVar

import httpx2

from app.engine.ports import Fit, Purse
from app.engine.providers.openai_compatible.client import Connection
from app.engine.providers.openai_compatible.endpoint import Endpoint
from app.engine.providers.openai_compatible.failures import CallFailed, CallTimedOut, Trouble
from app.engine.providers.openai_compatible.prices import Prices
from app.errors import ProviderError
from app.models.ledger import Units
from app.models.narration import Clip, ClipRequest

T = TypeVar("T")

POLL_SECONDS: Final = 2.0
MAX_CLIP_BYTES: Final = 64 * 1024 * 1024
_MAX_JOB_BYTES: Final = 256 * 1024
"""Of what is told about a clip, which is parsed on the event loop."""
_TRIES: Final = 3
"""Of one question about a clip that is being made: an outage of seconds does not cost it."""
_WORKING: Final = frozenset({"queued", "pending", "in_progress", "processing", "running"})
_DONE: Final = frozenset({"completed", "succeeded"})
_ID_CHARACTERS: Final = frozenset("-_.:~")
_LONGEST_ID: Final = 200


class OpenAIFilmmaker:
    """Makes clips by one model of one server. Whoever made it closes it.

    What comes back is made what was asked for by `fit`; without one it is returned as it came.
    """

    priced = True

    def __init__(
        self,
        endpoint: Endpoint,
        prices: Prices,
        *,
        fit: Fit | None = None,
        transport: httpx2.AsyncBaseTransport | None = None,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._jobs = Connection(endpoint, transport=transport, max_bytes=_MAX_JOB_BYTES)
        self._clips = Connection(endpoint, transport=transport, max_bytes=MAX_CLIP_BYTES)
        self._endpoint = endpoint
        self._prices = prices
        self._fit = fit
        self._pause = pause

    async def open(self) -> None:
        """Load the SDK ahead of the first clip."""
        await self._jobs.sdk()

    async def close(self) -> None:
        """Close the connections."""
        await self._jobs.close()
        await self._clips.close()

    async def film(self, request: ClipRequest, *, purse: Purse) -> Clip:
        """Make one clip within the endpoint's deadline.

        Raises `ProviderError`, `ProviderTimeout` or `BudgetExhausted`.
        """
        endpoint, units = self._endpoint, Units(seconds=float(request.seconds))
        micros = self._prices.of(units, endpoint.model)
        await self._jobs.sdk()
        hold = await purse.reserve(
            "video", provider=endpoint.provider, model=endpoint.model, at_most=micros
        )
        billed = True  # Cancelled or timed out: the server may be at work.
        try:
            async with asyncio.timeout(endpoint.deadline):
                try:
                    job = await self._ordered(request)
                except (CallFailed, CallTimedOut) as error:
                    billed = error.trouble.billed
                    raise
                data = await self._fetched(await self._finished(job))
        except TimeoutError:
            late = f"{endpoint.provider} did not make the clip in time."
            raise CallTimedOut(late, Trouble(servers=True)) from None
        finally:
            if billed:
                hold.settle(units, micros, estimated=True)
            else:
                hold.release()
        return Clip(data=data) if self._fit is None else await self._fit(data, request)

    async def _ordered(self, request: ClipRequest) -> Mapping[str, Any]:
        body = {
            "model": self._endpoint.model,
            "prompt": request.prompt,
            "seconds": str(request.seconds),
            "size": f"{request.width}x{request.height}",
            **self._endpoint.extra,
        }
        async with self._jobs.calling() as sdk:
            return _job(await sdk.post("/videos", body=body, cast_to=dict[str, Any]))

    async def _finished(self, job: Mapping[str, Any]) -> str:
        """The id of the job, once it is done."""
        name = _name(job)
        while (status := str(job.get("status", "")).lower()) not in _DONE:
            if status not in _WORKING:
                raise CallFailed(f"{self._endpoint.provider} gave the clip up.", Trouble())
            await self._pause(POLL_SECONDS)
            job = await self._insisted(self._asked, name)
        return name

    async def _fetched(self, name: str) -> bytes:
        data = await self._insisted(self._content, name)
        if data[4:8] != b"ftyp":
            raise CallFailed(f"{self._endpoint.provider} sent no MP4.", Trouble())
        return data

    async def _insisted(self, ask: Callable[[str], Awaitable[T]], name: str) -> T:
        """Ask again while it is the server that is at fault."""
        for _ in range(_TRIES - 1):
            try:
                return await ask(name)
            except (CallFailed, CallTimedOut) as error:
                if not error.trouble.servers:
                    raise
            await self._pause(POLL_SECONDS)
        return await ask(name)

    async def _asked(self, name: str) -> Mapping[str, Any]:
        async with self._jobs.calling() as sdk:
            return _job(await sdk.get(f"/videos/{name}", cast_to=dict[str, Any]))

    async def _content(self, name: str) -> bytes:
        async with self._clips.calling() as sdk:
            answer = await sdk.get(f"/videos/{name}/content", cast_to=httpx2.Response)
            return answer.content


def _job(answer: object) -> Mapping[str, Any]:
    if not isinstance(answer, Mapping):
        raise ProviderError("The server answered something that is no job.")
    return answer


def _name(job: Mapping[str, Any]) -> str:
    """The job's id, which becomes part of an address: nothing else may be in it."""
    name = str(job.get("id", ""))
    plain = all(one.isascii() and (one.isalnum() or one in _ID_CHARACTERS) for one in name)
    if not name or len(name) > _LONGEST_ID or not plain or ".." in name:
        raise ProviderError("The server gave the clip no usable name.")
    return name
