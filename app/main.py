"""The composition root: the only place that knows concrete stores and providers."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse

from app.edge.docs import DESCRIPTION, Documented, install_docs, tags_of
from app.edge.failures import install_failures
from app.edge.metrics import CountedIllustrator, CountedNarrator, Metrics
from app.edge.middleware import BodyLimit, RequestLog
from app.edge.routes import install_routes
from app.edge.service import Service
from app.engine.game import Pace, compose
from app.engine.making import Crew
from app.engine.ports import Illustrator, Narrator
from app.engine.providers.offline.illustrator import OfflineIllustrator
from app.engine.providers.offline.narrator import OfflineNarrator
from app.engine.world.live import LiveWorlds
from app.engine.world.loader import load_worlds
from app.engine.world.world import World
from app.routers import archives, game, health, legacy, media, sessions, state, time
from app.routers import worlds as world_routes
from app.settings import ServiceSettings
from app.storage.files import FileSessionStore

logger = logging.getLogger(__name__)

SHIPPED_WORLDS: Final = Path(__file__).parent / "worlds"

WAITING_SHARE: Final = 0.7
"""Of the time to stop in: for requests to be answered. The rest is for turns whose clients left."""

TABLES: Final = (
    game.TABLE,
    state.TABLE,
    sessions.TABLE,
    time.TABLE,
    media.TABLE,
    archives.TABLE,
    world_routes.TABLE,
    health.TABLE,
    legacy.TABLE,
)


def create_app(
    settings: ServiceSettings | None = None,
    *,
    narrator: Narrator | None = None,
    illustrator: Illustrator | None = None,
    worlds: Mapping[str, World] | None = None,
    clock: Callable[[], datetime] | None = None,
) -> FastAPI:
    """The service as an ASGI app. What is not given is built in; nothing is opened yet."""
    settings = settings or ServiceSettings()
    if worlds is None:
        folder = settings.worlds_dir or SHIPPED_WORLDS
        worlds = load_worlds(folder)
        if settings.reload_worlds:
            worlds = LiveWorlds(folder, worlds)
    service = _compose(settings, worlds, narrator, illustrator, clock)
    app = Documented(
        title="Elsewhere",
        description=DESCRIPTION,
        version=service.version,
        openapi_tags=tags_of(TABLES),
        openapi_url=None,
        redirect_slashes=False,
        lifespan=_lifespan,
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.service = service
    install_failures(app)
    install_routes(app, TABLES)
    install_docs(app)
    app.router.add_route("/", _front_door, include_in_schema=False)
    # The last one added is the outermost.
    app.add_middleware(
        BodyLimit, settings.max_body_bytes, {media.IMPORT_PATH: settings.max_import_bytes}
    )
    app.add_middleware(RequestLog, service.metrics)
    return app


def _compose(
    settings: ServiceSettings,
    worlds: Mapping[str, World],
    narrator: Narrator | None,
    illustrator: Illustrator | None,
    clock: Callable[[], datetime] | None,
) -> Service:
    metrics = Metrics()
    built_in = CountedNarrator(OfflineNarrator(), metrics)
    # One set of painters: they stand in for a model, and for nobody where there is none.
    painters = OfflineIllustrator(settings.painters)
    counted = CountedIllustrator(illustrator or painters, metrics)
    store = FileSessionStore(
        settings.sessions_dir, settings.archives, durability=settings.durability
    )
    pace = Pace(
        text=settings.text_deadline_seconds,
        image=settings.image_deadline_seconds,
        late_image=settings.late_image_seconds,
        shutdown=settings.shutdown_seconds * (1 - WAITING_SHARE),
    )
    composed = compose(
        store,
        worlds,
        Crew(
            CountedNarrator(narrator, metrics) if narrator else built_in,
            counted,
            built_in,
            CountedIllustrator(painters, metrics) if illustrator else counted,
        ),
        default_world=settings.default_world,
        pace=pace,
        clock=clock,
        heed=metrics.paid,
    )
    metrics.count_playing(composed.jobs.count)
    metrics.count_spending(composed.ledger.spent_today)
    return Service(
        game=composed,
        metrics=metrics,
        settings=settings,
        version=version("elsewhere"),
        narrator="offline" if narrator is None else type(narrator).__name__,
        illustrator="offline" if illustrator is None else type(illustrator).__name__,
        close=painters.close,
    )


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    service: Service = app.state.service
    await service.game.open()
    logger.info("ready", extra={"narrator": service.narrator, "illustrator": service.illustrator})
    try:
        async with _following(service.game.founding.worlds):
            yield
    finally:
        await service.game.close()
        await service.close()
        logger.info("closed")


@asynccontextmanager
async def _following(worlds: Mapping[str, World]) -> AsyncIterator[None]:
    """Worlds that follow their files do so for as long as the service is open."""
    if not isinstance(worlds, LiveWorlds):
        yield
        return
    logger.info("worlds are reloaded when their files change")
    watch = asyncio.create_task(worlds.watch(), name="watch worlds")
    try:
        yield
    finally:
        watch.cancel()
        with suppress(asyncio.CancelledError):
            await watch


async def _front_door(_: Request) -> Response:
    return RedirectResponse("/docs", status_code=307)
