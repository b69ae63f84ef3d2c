"""A clip from a server that offers `POST /videos`: ordered, asked after, fetched.

By the SDK's plain verbs: its own methods for videos are deprecated with the API they were made
for, while other servers go on offering it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import httpx2

from app.engine.ports import Fit, Purse
from app.engine.providers.openai_compatible.client import Connection
from app.engine.providers.openai_compatible.endpoint import Endpoint
from app.engine.providers.openai_compatible.failures import CallFailed, CallTimedOut, Trouble
from app.engine.providers.openai_compatible.prices import Prices
from app.errors import ProviderError
from app.models.ledger import Units
from app.models.narration import Clip, ClipRequest

POLL_SECONDS: Final = 2.0
MAX_CLIP_BYTES: Final = 64 * 1024 * 1024
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
        self._connection = Connection(endpoint, transport=transport, max_bytes=MAX_CLIP_BYTES)
        self._endpoint = endpoint
        self._prices = prices
        self._fit = fit
        self._pause = pause

    async def open(self) -> None:
        """Load the SDK ahead of the first clip."""
        await self._connection.sdk()

    async def close(self) -> None:
        """Close the connections."""
        await self._connection.close()

    async def film(self, request: ClipRequest, *, purse: Purse) -> Clip:
        """Make one clip within the endpoint's deadline.

        Raises `ProviderError`, `ProviderTimeout` or `BudgetExhausted`.
        """
        endpoint, units = self._endpoint, Units(seconds=float(request.seconds))
        micros = self._prices.of(units, endpoint.model)
        await self._connection.sdk()
        hold = await purse.reserve(
            "video", provider=endpoint.provider, model=endpoint.model, at_most=micros
        )
        billed = True  # Cancelled or timed out: the server may be at work.
        try:
            async with asyncio.timeout(endpoint.deadline):
                job = await self._ordered(request)
                data = await self._fetched(await self._finished(job))
        except TimeoutError:
            late = f"{endpoint.provider} did not make the clip in time."
            raise CallTimedOut(late, Trouble(servers=True)) from None
        except (CallFailed, CallTimedOut) as error:
            billed = error.trouble.billed
            raise
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
        async with self._connection.calling() as sdk:
            return _job(await sdk.post("/videos", body=body, cast_to=dict[str, Any]))

    async def _finished(self, job: Mapping[str, Any]) -> str:
        """The id of the job, once it is done."""
        name = _name(job)
        while (status := str(job.get("status", "")).lower()) not in _DONE:
            if status not in _WORKING:
                raise CallFailed(f"{self._endpoint.provider} gave the clip up.", Trouble())
            await self._pause(POLL_SECONDS)
            async with self._connection.calling() as sdk:
                job = _job(await sdk.get(f"/videos/{name}", cast_to=dict[str, Any]))
        return name

    async def _fetched(self, name: str) -> bytes:
        async with self._connection.calling() as sdk:
            answer = await sdk.get(f"/videos/{name}/content", cast_to=httpx2.Response)
            data = answer.content
        if data[4:8] != b"ftyp":
            raise CallFailed(f"{self._endpoint.provider} sent no MP4.", Trouble())
        return data


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
