"""A configured filmmaker over real sockets: a job of the server's own, paid for once, checked,
bounded; the built-in clip where it does not deliver; and nothing left over."""

import asyncio
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from app.engine import clip_orders
from app.engine.providers.offline.filmmaker import OfflineFilmmaker
from app.engine.providers.openai_compatible.endpoint import Endpoint
from app.engine.providers.openai_compatible.filmmaker import MAX_CLIP_BYTES, OpenAIFilmmaker
from app.engine.providers.openai_compatible.prices import Prices
from app.engine.world.world import World
from app.errors import ProviderError, ProviderTimeout
from app.main import create_app
from app.models.narration import Clip, ClipRequest
from app.settings import ServiceSettings
from tests.doubles import QuickIllustrator
from tests.film.footage import decoded, flat, mp4
from tests.http.conftest import Client
from tests.providers.fake_openai import listening
from tests.providers.film_double import FilmDouble
from tests.providers.test_filmmaker import PRICES, Bill

THEIRS = mp4([flat(180, 60, 40, 128, 72)] * 60, fps=30)
REQUEST = ClipRequest(prompt="A gate in the dusk.", seconds=4, width=64, height=48)


async def no_pause(_: float) -> None:
    await asyncio.sleep(0)


async def filmed(
    double: FilmDouble, bill: Bill, *, deadline: float = 20.0, prices: Prices = PRICES
) -> Clip:
    own = OfflineFilmmaker()
    async with listening(double.app) as base_url:
        endpoint = Endpoint(base_url, SecretStr("k"), "reel", deadline=deadline)
        filmmaker = OpenAIFilmmaker(endpoint, prices, fit=own.fit, pause=no_pause)
        try:
            return await filmmaker.film(REQUEST, purse=bill)
        finally:
            await filmmaker.close()
            await own.close()


async def test_a_clip_is_made_over_there_and_fitted_here() -> None:
    double, bill = FilmDouble(content=THEIRS), Bill()
    clip = await filmed(double, bill)
    frames = decoded(clip.data)
    assert (len(frames), frames[0].shape) == (96, (48, 64, 3))
    assert frames[50][..., 0].mean() == pytest.approx(180, abs=12)
    assert clip.poster[8:12] == b"WEBP"
    assert double.ordered[0]["prompt"] == "A gate in the dusk."
    assert bill.ended == [("settled", 400_000)]


async def test_an_id_that_lies_changes_nothing() -> None:
    double = FilmDouble(content=THEIRS)
    await filmed(double, Bill())
    assert double.asked_after == ["vid_1", "vid_1"]
    assert double.fetched == 1


async def test_an_outage_of_a_moment_does_not_cost_the_clip() -> None:
    double, bill = FilmDouble(content=THEIRS, behaviour="stumbles"), Bill()
    assert (await filmed(double, bill)).data
    assert bill.ended == [("settled", 400_000)]


@pytest.mark.parametrize(
    ("behaviour", "ended"),
    [
        ("refuses", "released"),
        ("redirects the order", "settled"),
        ("names another path", "settled"),
        ("talks too much", "settled"),
        ("forgets", "settled"),
        ("redirects", "settled"),
    ],
)
async def test_what_goes_wrong_is_an_error_paid_for_as_it_may_have_been(
    behaviour: str, ended: str
) -> None:
    double, bill = FilmDouble(content=THEIRS, behaviour=behaviour), Bill()
    with pytest.raises(ProviderError):
        await filmed(double, bill)
    assert [how for how, _ in bill.ended] == [ended]
    assert double.private == 0


async def test_a_server_that_drips_is_left_at_the_deadline() -> None:
    double, bill = FilmDouble(behaviour="drips"), Bill()
    with pytest.raises(ProviderTimeout):
        await filmed(double, bill, deadline=1.0)
    assert double.fetched == 1
    assert [how for how, _ in bill.ended] == ["settled"]


async def test_half_a_gigabyte_is_cut_off_soon() -> None:
    double, bill = FilmDouble(behaviour="half a gigabyte"), Bill()
    with pytest.raises(ProviderError):
        await filmed(double, bill)
    assert double.sent < 2 * MAX_CLIP_BYTES
    assert [how for how, _ in bill.ended] == ["settled"]


@pytest.mark.parametrize(
    "content", [b"", b"<html>soon</html>", b"\0\0\0\x18ftypmp42" + b"\0" * 900, THEIRS[:700]]
)
async def test_what_is_no_clip_is_refused(content: bytes) -> None:
    bill = Bill()
    with pytest.raises(ProviderError):
        await filmed(FilmDouble(content=content), bill)
    assert [how for how, _ in bill.ended] == ["settled"]


async def test_a_job_that_fails_is_an_error() -> None:
    with pytest.raises(ProviderError):
        await filmed(FilmDouble(statuses=("queued", "failed")), Bill())


async def test_nothing_is_left_over() -> None:
    await filmed(FilmDouble(content=THEIRS), Bill())  # what is opened once and kept
    tasks, threads, files = asyncio.all_tasks(), threading.active_count(), _open_files()
    for behaviour in ("well", "redirects", "forgets", "talks too much"):
        try:
            await filmed(FilmDouble(content=THEIRS, behaviour=behaviour), Bill())
        except ProviderError:
            assert behaviour != "well"
    async with asyncio.timeout(10):
        while asyncio.all_tasks() != tasks or _open_files() > files:
            await asyncio.sleep(0.01)
    assert threading.active_count() <= threads + 1


async def test_a_turn_is_filmed_by_who_is_configured_and_else_by_us(
    tmp_path: Path, worlds: Mapping[str, World], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole service: settings, job, ledger, fallback."""
    monkeypatch.setattr(clip_orders, "_WIDTH_AND_SECONDS", {"fast": (64, 1)})
    double = FilmDouble(content=THEIRS, statuses=("completed",))
    async with listening(double.app) as base_url:
        settings: dict[str, Any] = {
            "sessions_dir": tmp_path / "sessions",
            "video_base_url": base_url,
            "video_model": "reel",
            "prices": {"reel": {"per_second": 0.1}},
            "tapes": False,
        }
        app = create_app(ServiceSettings(**settings), illustrator=QuickIllustrator(), worlds=worlds)
        async with (
            app.router.lifespan_context(app),
            Client(transport=httpx.ASGITransport(app), base_url="http://elsewhere.test") as client,
        ):
            given = {"session_id": "film", "settings": {"videos": True}}
            await client.data("POST", "/api/sessions", json=given)
            await client.intro("film")
            first = await _settled(client)
            frames = decoded((await client.get(first["url"])).content)
            assert frames[20][..., 0].mean() == pytest.approx(180, abs=12)
            assert len(frames) == round(first["duration_s"] * 24)
            double.behaviour = "refuses"
            await client.act("film")
            second = await _settled(client)
            assert second["status"] == "ready"
            assert len(double.ordered) == 1
            cost = await client.data("GET", "/api/sessions/film/cost")
            assert (cost["video"]["calls"], cost["spent_usd"]) == (1, pytest.approx(0.1))
            assert cost["held_usd"] == 0


async def _settled(client: Client) -> Any:
    async with asyncio.timeout(60):
        while True:
            state = await client.data("GET", "/api/state", params={"session_id": "film"})
            if state["video"]["status"] != "pending":
                return state["video"]
            await asyncio.sleep(0.02)


def _open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))
