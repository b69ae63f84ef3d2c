"""A server that makes clips, or does not: `POST /videos`, `GET /videos/{id}`, its `/content`.

async with listening(FilmDouble(content=...).app) as base_url: ...
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse, StreamingResponse

MEGABYTE = b"\0" * 1_000_000


class FilmDouble:
    """Answers what it was told to. What it is asked after, it says in the order of `statuses`;
    the last one stays."""

    def __init__(
        self,
        *,
        content: bytes = b"",
        statuses: Sequence[str] = ("queued", "in_progress", "completed"),
        behaviour: str = "well",
    ) -> None:
        self.content = content
        self.behaviour = behaviour
        self.ordered: list[dict[str, Any]] = []
        self.asked_after: list[str] = []
        self.fetched = 0
        self.sent = 0
        """Bytes of content that went out."""
        self._statuses = list(statuses)
        self.app = FastAPI(openapi_url=None)
        self.app.add_api_route("/v1/videos", self._order, methods=["POST"])
        self.app.add_api_route("/v1/videos/{name}", self._status, methods=["GET"])
        self.app.add_api_route(
            "/v1/videos/{name}/content", self._content, methods=["GET"], response_model=None
        )
        self.app.add_api_route("/private", self._private, response_model=None)
        self.private = 0

    async def _order(self, request: Request) -> Response:
        if self.behaviour == "refuses":
            return JSONResponse({"error": {"message": "no"}}, 400)
        if self.behaviour == "redirects the order":
            return RedirectResponse(str(request.base_url) + "private", 307)
        self.ordered.append(await request.json())
        name = "../../private" if self.behaviour == "names another path" else "vid_1"
        if self.behaviour == "talks too much":
            return JSONResponse({"id": name, "status": "queued", "more": "x" * 2_000_000})
        return JSONResponse({"id": name, "status": self._next()})

    async def _status(self, name: str) -> Response:
        self.asked_after.append(name)
        if self.behaviour == "forgets":
            return JSONResponse({"error": {"message": "what clip?"}}, 404)
        if self.behaviour == "stumbles" and len(self.asked_after) in (1, 2):
            return Response(status_code=503)
        # An id that lies: what was ordered is asked after all the same.
        return JSONResponse({"id": "vid_of_somebody_else", "status": self._next()})

    async def _content(self, request: Request, name: str) -> Response:
        assert name == "vid_1"
        self.fetched += 1
        match self.behaviour:
            case "redirects":
                return RedirectResponse(str(request.base_url) + "private", 302)
            case "drips":
                return StreamingResponse(self._dripped(), media_type="video/mp4")
            case "half a gigabyte":
                return StreamingResponse(self._endless(), media_type="video/mp4")
        return Response(self.content, media_type="video/mp4")

    async def _private(self) -> Response:
        self.private += 1
        return Response(self.content, media_type="video/mp4")

    async def _dripped(self) -> AsyncIterator[bytes]:
        yield b"\0\0\0\x18ftypmp42"
        while True:
            await asyncio.sleep(0.05)
            yield b"\0"

    async def _endless(self) -> AsyncIterator[bytes]:
        yield b"\0\0\0\x18ftypmp42"
        for _ in range(500):
            self.sent += len(MEGABYTE)
            await asyncio.sleep(0)  # so that a client that has gone is noticed
            yield MEGABYTE

    def _next(self) -> str:
        return self._statuses[0] if len(self._statuses) == 1 else self._statuses.pop(0)
