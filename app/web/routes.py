"""The browser client's addresses: pages, files, small pictures and share links."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from app.edge.access.gate import caller_of
from app.edge.failures import failure
from app.edge.files import kept_for_ever, serve_file
from app.edge.headers import FILE, PREVIEW, WORKER, Headers
from app.edge.limits.addresses import address_of
from app.edge.limits.traffic import traffic_of
from app.edge.secret import SECRET_FILE
from app.edge.service import admit, give_token, lend_token, service_of, sessions_of
from app.engine.ports import Illustrator
from app.engine.world.pack import Pack
from app.errors import GameError, InvalidRequest, MediaNotFound, NotFound, ReadOnly
from app.models.media_urls import image_file
from app.models.session import HistoryEntry, State
from app.settings import ServiceSettings
from app.web.pages import NAME, Page, Preview, render
from app.web.pictures import Pictures
from app.web.sharing import Share, Shares
from app.web.shell import Shell, load_shell
from app.web.spectators import Spectators, set_watched, watched

_FOREVER: Final = "public, max-age=31536000, immutable"
_A_WHILE: Final = "public, max-age=600"
_API: Final = ("/api/", "/docs", "/openapi.json", "/metrics", "/assets/")


class WebClient:
    """What the pages are made of. Nothing is read before the first page is asked for."""

    def __init__(self, settings: ServiceSettings, painter: Illustrator) -> None:
        self.pictures = Pictures(painter)
        self.shares = Shares(settings.sessions_dir / SECRET_FILE)
        self._shell: Shell | None = None
        self._loading = asyncio.Lock()

    async def shell(self) -> Shell:
        async with self._loading:
            if self._shell is None:
                self._shell = await asyncio.to_thread(load_shell)
            return self._shell

    async def close(self) -> None:
        await self.pictures.close()

    # -- pages -----------------------------------------------------------------------------

    async def start(self, request: Request) -> Response:
        """`/`: continue, begin, join."""
        page = Page(
            title=f"{NAME}: recovered tapes",
            boot=_about_server(request),
            preview=Preview(title=NAME, text="Nobody was meant to see this tape."),
            private=False,
        )
        return render(await self.shell(), page, request)

    async def session(self, request: Request) -> Response:
        """`/p/<session>`, its history, and `/t/<session>`, its tape."""
        session_id = request.path_params["session_id"]
        boot = {**_about_server(request), "session": session_id}
        if session_id in watched(request):
            boot["role"] = "watch"
        try:
            await admit(request, session_id)
            state = await sessions_of(request).state(session_id)
        except GameError as error:
            page = Page(title=_named("Not here"), boot=boot, status=error.status)
        else:
            page = Page(title=_title(request, state), boot=boot)
        return render(await self.shell(), page, request)

    async def shared(self, request: Request) -> Response:
        """`/s/<code>` and `/s/<code>/<turn>`: what somebody was sent."""
        share = await self._share(request)
        if share is None:
            return await self.not_found(request)
        try:
            entry = await _entry(request, share, request.path_params.get("turn"))
        except GameError:
            return await self.not_found(request)
        boot = {
            **_about_server(request),
            "session": share.session_id,
            "role": share.role,
            "turn": request.path_params.get("turn"),
        }
        state = await sessions_of(request).state(share.session_id)
        page = Page(
            title=_title(request, state), boot=boot, preview=_preview(request, state, entry)
        )
        response = render(await self.shell(), page, request)
        lend_token(request, response, share.meta, share.role)
        before = watched(request)
        others = [one for one in before if one != share.session_id]
        now = [*others, share.session_id] if share.role == "watch" else others
        if tuple(now) != before:
            set_watched(request, response, now)
        return response

    async def _share(self, request: Request) -> Share | None:
        """What the code in the address stands for; who guesses is not shown what they find."""
        traffic, address = traffic_of(request), address_of(request.scope)
        await traffic.looks_up(address)
        share = await self.shares.find(request.path_params["code"], sessions_of(request))
        if share is None:
            await traffic.guessed(address)
        return share

    async def shared_picture(self, request: Request) -> Response:
        """`/s/<code>/<turn>/picture.webp`: for the preview of a link."""
        share = await self._share(request)
        if share is None:
            raise MediaNotFound
        entry = await _entry(request, share, request.path_params["turn"])
        if entry is None or entry.image is None or entry.image.status != "ready":
            raise MediaNotFound
        file = image_file(entry.image)
        path = await sessions_of(request).media(share.session_id, "images", file)
        response = await serve_file(request, path)
        response.headers.update(PREVIEW)
        return response

    async def not_found(self, request: Request) -> Response:
        page = Page(
            title=_named("Not here"),
            boot={**_about_server(request), "missing": True},
            status=404,
        )
        return render(await self.shell(), page, request)

    # -- files -----------------------------------------------------------------------------

    async def asset(self, request: Request) -> Response:
        """A file of this build. Another build's is not here: the client then says to reload."""
        shell = await self.shell()
        asset = shell.assets.get(request.path_params["path"])
        if asset is None or request.path_params["build"] != shell.build:
            raise MediaNotFound
        headers = {
            "cache-control": _FOREVER,
            "vary": "accept-encoding",
        }
        if asset.zipped and "gzip" in request.headers.get("accept-encoding", ""):
            headers["content-encoding"] = "gzip"
            return Response(asset.zipped, media_type=asset.content_type, headers=headers)
        return Response(asset.body, media_type=asset.content_type, headers=headers)

    async def service_worker(self, request: Request) -> Response:
        text = (await self.shell()).service_worker()
        kind = "text/javascript; charset=utf-8"
        return _unless_same(request, text.encode(), kind, "no-cache", WORKER)

    async def manifest(self, request: Request) -> Response:
        shell = await self.shell()
        text = shell.manifest.substitute(build=f"/assets/{shell.build}")
        return _unless_same(request, text.encode(), "application/manifest+json", "no-cache", {})

    # -- pictures --------------------------------------------------------------------------

    async def cover(self, request: Request) -> Response:
        """`/covers/<world>.webp`."""
        world = service_of(request).game.founding.world(request.path_params["world"])
        picture = await self.pictures.cover(world)
        return _unless_same(request, picture, "image/webp", _A_WHILE)

    async def small(self, request: Request) -> Response:
        """`/small/<session>/<file>`: a picture of a session, or of an ended run, for a list."""
        sessions, file = sessions_of(request), request.path_params["file"]
        if "archive" in request.path_params:
            await admit(request, request.path_params["archive"], "archive")
            path = await sessions.archive_media(request.path_params["archive"], "images", file)
        else:
            await admit(request, request.path_params["session_id"])
            path = await sessions.media(request.path_params["session_id"], "images", file)
        try:
            picture = await self.pictures.small(path)
        except OSError:
            raise MediaNotFound from None
        return _unless_same(request, picture, "image/webp", kept_for_ever(request))

    # -- sharing ---------------------------------------------------------------------------

    async def codes(self, request: Request) -> Response:
        """`/share/<session>`: the codes of a session; those for playing, to those who play."""
        session_id = request.path_params["session_id"]
        await admit(request, session_id)
        meta = await sessions_of(request).meta(session_id)
        codes = await self.shares.codes(meta)
        plays = session_id not in watched(request) and caller_of(request).role(meta) == "play"
        shown = codes.model_dump() if plays else {"watch": codes.watch}
        return JSONResponse(shown, headers={"cache-control": "no-store"})

    async def new_codes(self, request: Request) -> Response:
        """POST `/share/<session>`: other codes; those given away before are worth nothing now.

        Pages of other sites cannot ask for it: they cannot send JSON here.
        """
        session_id = request.path_params["session_id"]
        if request.headers.get("content-type") != "application/json":
            raise InvalidRequest
        await admit(request, session_id)
        if session_id in watched(request):
            raise ReadOnly
        meta = await sessions_of(request).replace_tokens(session_id)
        codes = await self.shares.codes(meta)
        response = JSONResponse(codes.model_dump(), headers={"cache-control": "no-store"})
        give_token(request, response, meta)
        return response


def install_web(app: FastAPI, settings: ServiceSettings, painter: Illustrator) -> WebClient:
    """Add the client to `app`; who opened the app closes what comes back."""
    web = WebClient(settings, painter)
    for path, endpoint in (
        ("/", web.start),
        ("/p/{session_id}", web.session),
        ("/p/{session_id}/history", web.session),
        ("/t/{session_id}", web.session),
        ("/s/{code}", web.shared),
        ("/s/{code}/{turn:int}", web.shared),
        ("/s/{code}/{turn:int}/picture.webp", web.shared_picture),
        ("/covers/{world}.webp", web.cover),
        ("/small/archives/{archive}/{file}", web.small),
        ("/small/{session_id}/{file}", web.small),
        ("/assets/{build}/{path:path}", web.asset),
        ("/sw.js", web.service_worker),
        ("/manifest.webmanifest", web.manifest),
    ):
        app.router.add_route(path, endpoint, include_in_schema=False)
    app.router.add_route("/share/{session_id}", web.codes, ["GET"], include_in_schema=False)
    app.router.add_route("/share/{session_id}", web.new_codes, ["POST"], include_in_schema=False)
    app.add_middleware(Spectators)
    app.add_exception_handler(404, _lost(web))
    return web


def _lost(web: WebClient) -> Callable[[Request, Exception], Awaitable[Response]]:
    """What answers an address that nothing is at: a page to people, the envelope to programs."""

    async def lost(request: Request, error: Exception) -> Response:
        asked_by_a_person = "text/html" in request.headers.get("accept", "")
        if asked_by_a_person and not request.url.path.startswith(_API):
            return await web.not_found(request)
        headers = error.headers if isinstance(error, HTTPException) else None
        return failure(NotFound(), headers)

    return lost


def _about_server(request: Request) -> dict[str, Any]:
    """What every screen needs to know before it asks for anything."""
    service = service_of(request)
    default = service.settings.default_world
    worlds = [
        _about_world(world.pack) | {"is_default": world.pack.id == default}
        for world in service.game.founding.worlds.values()
    ]
    return {"narrator": service.narrator, "worlds": worlds}


def _about_world(pack: Pack) -> dict[str, Any]:
    return {
        "id": pack.id,
        "title": pack.title,
        "tagline": pack.tagline,
        "year": pack.year,
        "rating": pack.rating,
        "language": pack.language,
        "width": pack.meta.width,
        "height": pack.meta.height,
    }


def _title(request: Request, state: State) -> str:
    worlds: Mapping[str, Any] = service_of(request).game.founding.worlds
    world = worlds[state.world].pack.title if state.world in worlds else state.world
    if state.turn < 0:
        return _named(world)
    return _named(f"Turn {state.turn}", _place(state.location.name), world)


def _named(*parts: str) -> str:
    return " \u2013 ".join((*parts, NAME))


def _place(name: str) -> str:
    return name[:1].upper() + name[1:]


async def _entry(request: Request, share: Share, turn: int | None) -> HistoryEntry | None:
    """The turn that a link shows: the one it names, or the last one, or none yet."""
    sessions = sessions_of(request)
    if turn is not None:
        return await sessions.entry(share.session_id, turn)
    page = await sessions.history(share.session_id, limit=1, before=None)
    return page.items[0] if page.items else None


def _preview(request: Request, state: State, entry: HistoryEntry | None) -> Preview:
    """What a link shows where it is posted. The picture is the link's, not the session's: who
    fetches a preview shows no token."""
    title = _title(request, state)
    if entry is None:
        return Preview(title=title, text="The tape has not been started.")
    title = _title(request, state.model_copy(update={"turn": entry.turn, **_where(entry)}))
    image = entry.image
    if image is None or image.status != "ready":
        return Preview(title=title, text=entry.dispatch)
    return Preview(
        title=title,
        text=entry.dispatch,
        picture=f"/s/{request.path_params['code']}/{entry.turn}/picture.webp",
        alt=image.alt,
        width=image.width,
        height=image.height,
    )


def _where(entry: HistoryEntry) -> dict[str, Any]:
    return {"location": entry.state.location}


def _unless_same(
    request: Request, body: bytes, content_type: str, kept: str, more: Headers = FILE
) -> Response:
    etag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
    headers = {**more, "etag": etag, "cache-control": kept}
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=content_type, headers=headers)
