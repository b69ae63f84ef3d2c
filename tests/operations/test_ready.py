"""`/api/ready` tells the truth: each thing that it speaks of is made untrue in turn."""

import asyncio
import errno
from typing import Any

import pytest

from app.engine.providers.offline.illustrator import OfflineIllustrator
from app.main import create_app
from app.settings import ServiceSettings
from app.storage import sessions_root
from app.storage.io import RealIO
from tests.http.conftest import Client, ClientMaker, assert_failed

MEGABYTE = 1 << 20


@pytest.fixture
def eager(client: Client) -> Client:
    """A service that tries everything each time it is asked."""
    client.app.state.service.readiness.fresh = 0
    return client


async def not_ready(client: Client, why: str) -> None:
    response = await client.get("/api/ready")
    details = assert_failed(response, 503, "not_ready")["details"]
    assert why in details
    assert response.headers["retry-after"] == "5"
    assert (await client.get("/api/health")).status_code == 200


async def test_all_is_well(eager: Client) -> None:
    ready = await eager.data("GET", "/api/ready")
    assert (ready["store"], ready["painter"], ready["breakers"]) == ("ok", "idle", {})
    assert ready["free_bytes"] > MEGABYTE


async def test_no_room_on_a_disk(eager: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    archives = eager.app.state.service.settings.archives
    rooms = {archives: 63 * MEGABYTE}
    monkeypatch.setattr(sessions_root, "free_bytes", lambda path: rooms.get(path, 2**40))
    await not_ready(eager, f"disk: {63 * MEGABYTE} bytes are free of {64 * MEGABYTE} wanted")
    rooms[archives] = 64 * MEGABYTE
    assert (await eager.data("GET", "/api/ready"))["free_bytes"] == 64 * MEGABYTE


@pytest.mark.parametrize(
    ("number", "status", "code"),
    [(errno.EROFS, 503, "storage_failed"), (errno.ENOSPC, 507, "storage_full")],
)
async def test_a_disk_that_cannot_be_written(
    eager: Client, monkeypatch: pytest.MonkeyPatch, number: int, status: int, code: str
) -> None:
    def fails(*_: object) -> None:
        raise OSError(number, "the disk says no")

    with monkeypatch.context() as patch:
        patch.setattr(RealIO, "write_at", fails)
        assert_failed(await eager.get("/api/ready"), status, code)
    await eager.data("GET", "/api/ready")
    folder = eager.app.state.service.settings.sessions_dir / ".incoming"
    assert list(folder.iterdir()) == [], "a try leaves nothing"


async def test_a_store_that_is_not_open(a_client: ClientMaker) -> None:
    async with a_client() as client:
        readiness = client.app.state.service.readiness
    readiness.stopping, readiness.fresh = False, 0
    with pytest.raises(Exception, match="not open") as raised:
        await readiness.look()
    assert getattr(raised.value, "status", None) == 503


async def test_stopping(client: Client) -> None:
    await client.data("GET", "/api/ready")
    client.app.state.service.readiness.stopping = True  # as a signal does; no old answer is used
    await not_ready(client, "the service is stopping")


async def test_a_service_that_closes_is_not_ready(a_client: ClientMaker) -> None:
    async with a_client() as client:
        readiness = client.app.state.service.readiness
        assert not readiness.stopping
    assert readiness.stopping


async def test_a_painter_that_cannot_start_and_comes_back(
    eager: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    painter: OfflineIllustrator = eager.app.state.service.painter
    with monkeypatch.context() as patch:
        for one in painter._painters:
            patch.setattr(one, "_module", "app.no_such_painter")
        assert (await eager.data("GET", "/api/ready"))["painter"] == "idle"
        painter._ailing = True  # as a picture that failed leaves it
        await not_ready(eager, "painter: The painter does not answer.")
        await not_ready(eager, "painter: The painter does not answer.")
    assert (await eager.data("GET", "/api/ready"))["painter"] == "ok"
    process = painter._painters[-1]._process
    assert process is not None
    process.kill()
    await process.wait()
    assert (await eager.data("GET", "/api/ready"))["painter"] == "ok", "a new one was started"
    taken = [painter._idle.get_nowait() for _ in painter._painters]
    assert (await eager.data("GET", "/api/ready"))["painter"] == "busy"
    assert (painter.working, painter.waiting) == (2, 0)
    for one in taken:
        painter._idle.put_nowait(one)
    await painter.close()
    await not_ready(eager, "painter: The illustrator is closed.")


async def test_a_breaker_that_is_open_is_told_and_is_no_reason(tmp_path: Any) -> None:
    settings = ServiceSettings(
        sessions_dir=tmp_path / "sessions",
        text_base_url="http://127.0.0.1:9/v1",
        text_model="none",
        image_base_url="http://127.0.0.1:9/v1",
        image_model="none",
    )
    app = create_app(settings)
    service = app.state.service
    assert {name: state() for name, state in service.readiness._breakers.items()} == {
        "text": "closed",
        "image": "closed",
    }
    text = service.metrics.exposition().decode()
    assert 'elsewhere_breaker_open{capability="text"} 0.0' in text


async def test_an_answer_is_good_for_a_second(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = client.app.state.service.readiness._store
    tries = 0
    real = store.probe

    async def counted() -> Any:
        nonlocal tries
        tries += 1
        return await real()

    monkeypatch.setattr(store, "probe", counted)
    await asyncio.gather(*(client.data("GET", "/api/ready") for _ in range(50)))
    assert tries <= 3
