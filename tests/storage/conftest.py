"""Stores for the tests of this folder."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.storage.files import FileSessionStore
from app.storage.store import SessionStore

StoreFactory = Callable[[], SessionStore]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "sessions"


@pytest.fixture
def archives(tmp_path: Path) -> Path:
    return tmp_path / "archives"


@pytest.fixture(params=["files"])
def make_store(request: pytest.FixtureRequest, root: Path, archives: Path) -> StoreFactory:
    """Makes stores over one and the same place; a second implementation is one more parameter."""
    assert request.param == "files"

    def make() -> SessionStore:
        return FileSessionStore(
            root, archives, durability="process", clock=lambda: datetime(2026, 5, 6, tzinfo=UTC)
        )

    return make


@pytest.fixture
async def store(make_store: StoreFactory) -> AsyncIterator[SessionStore]:
    store = make_store()
    await store.open()
    yield store
    await store.close()
