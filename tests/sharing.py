"""What is equal for all tests is made once a process, and the collector leaves it alone: together
half of the time of those that speak HTTP."""

import gc
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.routing import BaseRoute

import app
from app.edge.routes import RouteTable
from app.engine.world.loader import load_worlds
from app.engine.world.world import World


def pytest_collection_finish() -> None:
    """Modules and tests live to the end; services are large, and soon gone."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(scope="session")
def worlds() -> Mapping[str, World]:
    """Those that ship, compiled once: half a second that no test is about."""
    made = load_worlds(Path(app.__file__).parent / "worlds")
    gc.collect()
    gc.freeze()
    return made


@pytest.fixture(scope="session", autouse=True)
def routes_are_made_once() -> Iterator[None]:
    """The first service of this process makes its routes as any service does; the others, which
    would make the same, are given them. They know no app: a request says whose it is."""
    main = sys.modules.get("app.main")
    if main is None:  # no test here has a service
        yield
        return
    really = main.install_routes
    made: list[BaseRoute] = []

    def install_routes(to: FastAPI, tables: Sequence[RouteTable]) -> None:
        assert tables is main.TABLES
        if made:
            to.router.routes.extend(made)
            return
        before = len(to.router.routes)
        really(to, tables)
        made.extend(to.router.routes[before:])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(main, "install_routes", install_routes)
        yield
