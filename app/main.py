"""The composition root: the only place that knows concrete stores and providers."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Final

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

from app.crew import Cast, cast
from app.edge.access.gate import TOKEN_HEADER, Doors, Gate
from app.edge.access.keys import ServiceKeys
from app.edge.access.loopback import LoopbackOnly
from app.edge.docs import DESCRIPTION, Documented, install_docs, tags_of
from app.edge.failures import install_failures
from app.edge.gauges import Gauges
from app.edge.headers import always
from app.edge.lag import lag_measured
from app.edge.limits.addresses import ClientAddress
from app.edge.limits.traffic import RateLimit, Traffic
from app.edge.metrics import CountedIllustrator, CountedNarrator, Metrics
from app.edge.middleware import BodyLimit, RequestLog
from app.edge.readiness import Readiness
from app.edge.routes import install_routes
from app.edge.secret import SECRET_FILE, read_or_make
from app.edge.service import Service
from app.edge.timed_store import timed_store
from app.engine.game import Pace, compose, utc_now
from app.engine.idling import Idling
from app.engine.making import Crew
from app.engine.ports import Filmmaker, Illustrator, Narrator
from app.engine.sessions import Sessions
from app.engine.world.live import LiveWorlds
from app.engine.world.loader import load_worlds
from app.engine.world.world import World
from app.routers import (
    access,
    archives,
    events,
    game,
    health,
    legacy,
    media,
    sessions,
    state,
    tapes,
    time,
)
from app.routers import worlds as world_routes
from app.settings import ServiceSettings
from app.storage.files import FileSessionStore
from app.storage.owners import Owners, owned
from app.storage.quota import Allowance, Pause, Quota, metered
from app.web.routes import WebClient, install_web

logger = logging.getLogger(__name__)

SHIPPED_WORLDS: Final = Path(__file__).parent / "worlds"

_OTHER_SITES_SEND: Final = (
    "Authorization",
    "Content-Type",
    "Elsewhere-Client",
    "Elsewhere-Player",
    "Idempotency-Key",
    "Last-Event-ID",
    "Prefer",
)
_OTHER_SITES_READ: Final = (TOKEN_HEADER, "ETag", "Retry-After", "X-Request-ID")

WAITING_SHARE: Final = 0.7
"""Of the time to stop in: for requests to be answered. The rest is for turns whose clients left."""

TABLES: Final = (
    game.TABLE,
    state.TABLE,
    sessions.TABLE,
    access.TABLE,
    events.TABLE,
    time.TABLE,
    media.TABLE,
    tapes.TABLE,
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
    filmmaker: Filmmaker | None = None,
    worlds: Mapping[str, World] | None = None,
    clock: Callable[[], datetime] | None = None,
    pause: Pause = asyncio.sleep,
) -> FastAPI:
    """The service as an ASGI app. What is not given is built in; nothing is opened yet. `pause`
    waits for so many seconds, from one look at disk and idle sessions to the next."""
    settings = settings or ServiceSettings()
    if worlds is None:
        folder = settings.worlds_dir or SHIPPED_WORLDS
        worlds = load_worlds(folder)
        if settings.reload_worlds:
            worlds = LiveWorlds(folder, worlds)
    service = _compose(settings, worlds, narrator, illustrator, filmmaker, clock, pause)
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
    app.state.traffic = Traffic(settings, service.metrics.refused)
    install_failures(app)
    install_routes(app, TABLES)
    install_docs(app)
    app.state.web = install_web(app, settings, service.painter)
    # The last one added is the outermost.
    app.add_middleware(
        BodyLimit,
        settings.max_body_bytes,
        {media.IMPORT_PATH: settings.max_import_bytes},
        settings.body_seconds,
        service.metrics.refused,
    )
    app.add_middleware(RateLimit, app.state.traffic)
    if settings.access == "open":
        app.add_middleware(LoopbackOnly, settings.open_hosts)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=("GET", "POST", "PATCH", "DELETE"),
            allow_headers=_OTHER_SITES_SEND,
            expose_headers=_OTHER_SITES_READ,
        )
    app.add_middleware(ClientAddress, settings.trusted_proxies, settings.unlimited)
    app.add_middleware(RequestLog, service.metrics, always(other_sites=bool(settings.cors_origins)))
    return app


def _compose(
    settings: ServiceSettings,
    worlds: Mapping[str, World],
    narrator: Narrator | None,
    illustrator: Illustrator | None,
    filmmaker: Filmmaker | None,
    clock: Callable[[], datetime] | None,
    pause: Pause,
) -> Service:
    metrics = Metrics()
    crew = cast(settings, narrator=narrator, illustrator=illustrator, filmmaker=filmmaker)
    files = FileSessionStore(
        settings.sessions_dir, settings.archives, durability=settings.durability
    )
    quota = Quota(
        settings.sessions_dir, settings.archives, _allowance(settings), metrics.refused, pause=pause
    )
    owners = Owners(
        settings.sessions_dir,
        partial(read_or_make, settings.sessions_dir / SECRET_FILE),
        settings.max_sessions_per_owner,
        metrics.refused,
    )
    pace = Pace(
        text=settings.text_deadline_seconds,
        image=settings.image_deadline_seconds,
        late_image=settings.late_image_seconds,
        shutdown=settings.shutdown_seconds * (1 - WAITING_SHARE),
    )
    composed = compose(
        timed_store(owned(metered(files, quota), owners), metrics.stage),
        worlds,
        _counted(crew, metrics),
        studio=crew.studio,
        deck=crew.deck,
        tapes_unasked=settings.tapes,
        default_world=settings.default_world,
        pace=pace,
        clock=clock,
        day_cap_usd=settings.day_budget_usd,
        heed=metrics.paid,
        timed=metrics.stage,
    )
    composed.turns.room = quota.check_turn
    metrics.count_playing(composed.jobs.count)
    metrics.count_spending(composed.ledger.spent_today)
    metrics.read_off(Gauges(composed, files, crew.painter, crew.breakers))
    return Service(
        game=composed,
        metrics=metrics,
        settings=settings,
        version=version("elsewhere"),
        narrator=crew.narrator_name,
        illustrator=crew.illustrator_name,
        painter=crew.built_in_illustrator,
        working=crew.working,
        readiness=Readiness(
            files,
            composed.sessions,
            crew.painter.pulse,
            crew.breakers,
            min_free=settings.min_free_mb << 20,
        ),
        quota=quota,
        owners=owners,
        idling=Idling(
            composed.store,
            composed.sessions,
            composed.jobs,
            composed.events,
            composed.autoplay,
            days=settings.archive_idle_days,
            clock=clock or utc_now,
            pause=pause,
        ),
        gate=_gate(settings, composed.sessions, clock or utc_now)
        if settings.access == "keys"
        else None,
    )


def _allowance(settings: ServiceSettings) -> Allowance:
    return Allowance(
        session_bytes=settings.max_session_bytes,
        disk_bytes=settings.max_disk_bytes,
        sessions=settings.max_sessions,
    )


def _gate(settings: ServiceSettings, sessions: Sessions, clock: Callable[[], datetime]) -> Gate:
    return Gate(
        ServiceKeys(settings.service_keys),
        Doors(sessions.meta, sessions.archive_meta),
        secret=settings.sessions_dir / SECRET_FILE,
        clock=clock,
        lifetime=timedelta(days=settings.token_days),
        visitors=settings.visitors,
    )


def _counted(crew: Cast, metrics: Metrics) -> Crew:
    """The same crew, with what it does counted. Who stands in for nobody is one and the same."""
    built_in = CountedNarrator(crew.built_in_narrator, metrics)
    painters = CountedIllustrator(crew.built_in_illustrator, metrics)
    own_words = crew.narrator is crew.built_in_narrator
    own_pictures = crew.illustrator is crew.built_in_illustrator
    return Crew(
        built_in if own_words else CountedNarrator(crew.narrator, metrics),
        painters if own_pictures else CountedIllustrator(crew.illustrator, metrics),
        built_in,
        painters,
    )


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    service: Service = app.state.service
    web: WebClient = app.state.web
    async with service.working(), lag_measured(service.metrics.lag):
        await service.game.open()
        if service.gate is not None:
            await service.gate.open()
        service.idling.open()
        logger.info(
            "ready", extra={"narrator": service.narrator, "illustrator": service.illustrator}
        )
        try:
            async with _following(service.game.founding.worlds):
                yield
        finally:
            service.readiness.stopping = True
            await web.close()
            await service.idling.close()
            await service.game.close()
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
