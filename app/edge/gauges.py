"""What is read off the service at the moment when the metrics are asked for."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from app.engine.game import Game
from app.models.ledger import Capability
from app.storage.files import FileSessionStore

State = Callable[[], str]
"""Of a circuit breaker: `closed`, `open` or `half-open`."""


class Queueing(Protocol):
    """Who works on so many things at once, and lets others wait."""

    @property
    def working(self) -> int: ...

    @property
    def waiting(self) -> int: ...


@dataclass(frozen=True, slots=True, eq=False)
class Gauges(Collector):
    """No label of it names a session, a player or a path: the set of labels never grows."""

    game: Game
    store: FileSessionStore
    painter: Queueing
    breakers: Mapping[Capability, State]

    def collect(self) -> Iterable[Metric]:
        yield self._sessions()
        yield self._jobs()
        yield _gauge("elsewhere_event_streams", "Open event streams.", self.game.events.streams)
        yield _gauge(
            "elsewhere_pictures_late",
            "Pictures that missed their turn's deadline and may still come.",
            self.game.pictures.late,
        )
        yield _gauge("elsewhere_tasks", "Tasks of the event loop.", len(asyncio.all_tasks()))
        yield self._resting()

    def _sessions(self) -> Metric:
        store = self.store.figures
        family = GaugeMetricFamily(
            "elsewhere_sessions",
            "Sessions: in memory, watched by somebody, found damaged, not writable.",
            labels=("state",),
        )
        family.add_metric(("loaded",), store.loaded)
        family.add_metric(("watched",), self.game.events.watched_sessions)
        family.add_metric(("damaged",), store.damaged)
        family.add_metric(("read_only",), store.read_only)
        return family

    def _jobs(self) -> Metric:
        store = self.store.figures
        family = GaugeMetricFamily(
            "elsewhere_jobs",
            "Work for the disk (`store`) and the built-in painters (`paint`), under way or not.",
            labels=("queue", "state"),
        )
        family.add_metric(("store", "waiting"), store.waiting)
        family.add_metric(("store", "working"), store.working)
        family.add_metric(("paint", "waiting"), self.painter.waiting)
        family.add_metric(("paint", "working"), self.painter.working)
        return family

    def _resting(self) -> Metric:
        family = GaugeMetricFamily(
            "elsewhere_breaker_open",
            "1 while a model that keeps failing is left alone.",
            labels=("capability",),
        )
        for capability, state in self.breakers.items():
            family.add_metric((capability,), state() == "open")
        return family


def _gauge(name: str, about: str, value: float) -> Metric:
    family = GaugeMetricFamily(name, about)
    family.add_metric((), value)
    return family
