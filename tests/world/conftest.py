"""The worlds that the tests play: a small one of their own, and every one that ships."""

from pathlib import Path

import pytest

from app.engine.world.loader import load_worlds
from app.engine.world.world import World

FIXTURES = Path(__file__).parent / "pack_fixture"
SHIPPED = Path(__file__).parents[2] / "app" / "worlds"


@pytest.fixture(scope="session")
def salt() -> World:
    return load_worlds(FIXTURES)["salt_works"]


@pytest.fixture(scope="session")
def shipped() -> dict[str, World]:
    return dict(load_worlds(SHIPPED))


@pytest.fixture(scope="session")
def flagship(shipped: dict[str, World]) -> World:
    return shipped["cinder_flat"]


@pytest.fixture(scope="session")
def worlds(salt: World, flagship: World) -> dict[str, World]:
    return {"salt_works": salt, "cinder_flat": flagship}
