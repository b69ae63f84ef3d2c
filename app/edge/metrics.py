"""What is counted, in the words of Prometheus. One instance an app; nothing is global."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.registry import Collector

from app.engine.ports import Hear, Illustrator, Narrator, Purse
from app.engine.stages import Stage
from app.errors import GameError, ProviderError
from app.models.ledger import MICROS, Capability, LedgerLine
from app.models.narration import Brief, Picture, PictureRequest, Telling
from app.models.session import Turn

LAG_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)
STAGE_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
TURN_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120)


class Asking:
    """A playing request under way; it is told what came of it, and counts it once."""

    def __init__(self, count: Callable[[str, str], None]) -> None:
        self._count = count
        self._counted = False

    def answered(self, turn: Turn) -> Turn:
        self.came(turn)
        return turn

    def came(self, of: Turn | BaseException) -> None:
        if self._counted:
            return
        self._counted = True
        if isinstance(of, Turn):
            self._count(of.source, "told")
        else:
            self._count("none", of.code if isinstance(of, GameError) else GameError.code)


class Metrics:
    """The counters of one service."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "elsewhere_http_requests",
            "HTTP requests answered.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self._refused = Counter(
            "elsewhere_refused",
            "What was refused because a limit was reached, by the limit.",
            ("limit",),
            registry=self.registry,
        )
        self._turns = Counter(
            "elsewhere_turns",
            "Playing requests, by who told the turn and what came of it (`told` or a code).",
            ("source", "outcome"),
            registry=self.registry,
        )
        self._turn_seconds = Histogram(
            "elsewhere_turn_seconds",
            "From a playing request to its answer.",
            buckets=TURN_BUCKETS,
            registry=self.registry,
        )
        self._pictures = Counter(
            "elsewhere_pictures",
            "Pictures painted, by what came of them (`ready` or a code).",
            ("status",),
            registry=self.registry,
        )
        self._calls = Counter(
            "elsewhere_provider_calls",
            "What narrators and illustrators were asked for, by what came of it (`ok` or a code).",
            ("capability", "outcome"),
            registry=self.registry,
        )
        self._call_seconds = Histogram(
            "elsewhere_provider_seconds",
            "From asking a narrator or an illustrator to its answer, good or bad.",
            ("capability",),
            buckets=TURN_BUCKETS,
            registry=self.registry,
        )
        self._call_errors = Counter(
            "elsewhere_provider_errors",
            "What narrators and illustrators failed of: `timeout`, `unreachable`, `rate_limited`, "
            "`server_error`, `refused`, `answer` (nothing that will do), `resting` (not asked).",
            ("capability", "kind"),
            registry=self.registry,
        )
        self._stage_seconds = Histogram(
            "elsewhere_stage_seconds",
            "The parts of a turn: resolved by the rules, told, painted, written to the disk.",
            ("stage",),
            buckets=STAGE_BUCKETS,
            registry=self.registry,
        )
        self._lag_seconds = Histogram(
            "elsewhere_event_loop_lag_seconds",
            "By how much a timer was late, four times a second.",
            buckets=LAG_BUCKETS,
            registry=self.registry,
        )
        ProcessCollector(registry=self.registry)
        self._model_calls = Counter(
            "elsewhere_model_calls",
            "Calls to models that were paid for or given up, by `settled` or `released`.",
            ("capability", "status"),
            registry=self.registry,
        )
        self._cost = Counter(
            "elsewhere_cost_usd",
            "What calls to models cost, in US dollars, as far as prices are known.",
            ("capability",),
            registry=self.registry,
        )
        self._unpriced = Counter(
            "elsewhere_unpriced_calls",
            "Calls to models whose price is unknown.",
            ("capability",),
            registry=self.registry,
        )
        self._spent_today = Gauge(
            "elsewhere_spent_today_usd",
            "What all sessions together have spent since midnight (UTC).",
            registry=self.registry,
        )
        self._playing = Gauge(
            "elsewhere_sessions_playing",
            "Sessions whose turn is being made at this moment.",
            registry=self.registry,
        )

    def count_playing(self, count: Callable[[], int]) -> None:
        """Have the gauge read `count` whenever the metrics are asked for."""
        self._playing.set_function(count)

    def count_spending(self, micros: Callable[[], int]) -> None:
        """Have the gauge read today's millionths of a dollar whenever the metrics are asked for."""
        self._spent_today.set_function(lambda: micros() / MICROS)

    def read_off(self, gauges: Collector) -> None:
        """Have more samples read whenever the metrics are asked for."""
        self.registry.register(gauges)

    def lag(self, seconds: float) -> None:
        self._lag_seconds.observe(seconds)

    @contextmanager
    def stage(self, stage: Stage) -> Iterator[None]:
        """Time one part of a turn, whatever comes of it."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self._stage_seconds.labels(stage).observe(time.perf_counter() - began)

    def paid(self, line: LedgerLine) -> None:
        """A call to a model is over."""
        self._model_calls.labels(line.capability, line.status).inc()
        if line.status == "settled":
            self._cost.labels(line.capability).inc((line.micros or 0) / MICROS)
            if line.micros is None:
                self._unpriced.labels(line.capability).inc()

    def request(self, method: str, route: str, status: int) -> None:
        self._requests.labels(method, route, str(status)).inc()

    def refused(self, limit: str) -> None:
        """A limit was reached. Its name is one of ours, never a client's words."""
        self._refused.labels(limit).inc()

    def picture(self, status: str) -> None:
        self._pictures.labels(status).inc()

    @contextmanager
    def asking(self, capability: Capability) -> Iterator[None]:
        """Time one call of a port and count it by its outcome."""
        outcome, began = "internal_error", time.perf_counter()
        try:
            yield
            outcome = "ok"
        except GameError as error:
            outcome = error.code
            if isinstance(error, ProviderError):
                self._call_errors.labels(capability, error.kind).inc()
            raise
        except asyncio.CancelledError:
            outcome = "cancelled"
            raise
        finally:
            self._calls.labels(capability, outcome).inc()
            self._call_seconds.labels(capability).observe(time.perf_counter() - began)

    @contextmanager
    def playing(self) -> Iterator[Asking]:
        """Time one playing request, until it is told what came of it, and count it by that."""
        began = time.perf_counter()

        def count(source: str, outcome: str) -> None:
            self._turns.labels(source, outcome).inc()
            self._turn_seconds.observe(time.perf_counter() - began)

        asking = Asking(count)
        try:
            yield asking
        except BaseException as error:
            asking.came(error)
            raise

    def exposition(self) -> bytes:
        """Everything, in the text format."""
        return generate_latest(self.registry)


class CountedNarrator:
    """A narrator whose tellings are counted."""

    def __init__(self, narrator: Narrator, metrics: Metrics) -> None:
        self._narrator = narrator
        self._metrics = metrics
        self.priced = narrator.priced
        self.grounded = narrator.grounded

    async def tell(self, brief: Brief, *, hear: Hear, purse: Purse) -> Telling:
        with self._metrics.stage("tell"), self._metrics.asking("text"):
            return await self._narrator.tell(brief, hear=hear, purse=purse)


class CountedIllustrator:
    """An illustrator whose pictures are counted."""

    def __init__(self, illustrator: Illustrator, metrics: Metrics) -> None:
        self._illustrator = illustrator
        self._metrics = metrics
        self.priced = illustrator.priced
        self.wants_previous = illustrator.wants_previous

    async def paint(self, request: PictureRequest, *, purse: Purse) -> Picture:
        status = "cancelled"
        try:
            with self._metrics.stage("paint"), self._metrics.asking("image"):
                picture = await self._illustrator.paint(request, purse=purse)
            status = "ready"
        except GameError as error:
            status = error.code
            raise
        finally:
            self._metrics.picture(status)
        return picture
