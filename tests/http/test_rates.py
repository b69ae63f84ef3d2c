"""How often one address and one session may ask, and who it is that asks."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from app.edge.limits.traffic import Traffic
from app.edge.limits.windows import Windows
from app.errors import RateLimited
from app.limit_settings import LimitSettings
from tests.http.conftest import Client, ClientMaker, assert_failed
from tests.http.served import GET, line_to, served

DOCS = Path(__file__).parents[2] / "docs" / "limits.md"
STRANGER, ANOTHER = "203.0.113.7", "198.51.100.9"
PROXY = "10.1.2.3"


@asynccontextmanager
async def from_address(client: Client, host: str, **headers: str) -> AsyncIterator[Client]:
    """Somebody else's client of the same service."""
    transport = httpx.ASGITransport(client.app, client=(host, 40_000))
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    async with Client(transport=transport, base_url="http://localhost", headers=sent) as made:
        yield made


def assert_limited(response: httpx.Response, limit: str) -> None:
    failed = assert_failed(response, 429, "rate_limited")
    assert limit in failed["details"]
    assert int(response.headers["retry-after"]) >= 1


async def test_who_reads_too_often_is_told_to_wait_and_nobody_else_is(
    a_client: ClientMaker,
) -> None:
    async with a_client(rate_reads="3/minute") as client:
        async with from_address(client, STRANGER) as stranger:
            for _ in range(3):
                assert (await stranger.get("/api/state")).status_code == 200
            assert_limited(await stranger.get("/api/state"), "reads")
            assert_limited(await stranger.get("/nothing"), "reads")
            assert (await stranger.post("/api/game/intro")).status_code == 200
        async with from_address(client, ANOTHER) as another:
            assert (await another.get("/api/state")).status_code == 200
        assert 'elsewhere_refused_total{limit="reads"} 2.0' in (await client.get("/metrics")).text


async def test_what_changes_something_is_counted_apart(a_client: ClientMaker) -> None:
    async with (
        a_client(rate_changes="2/minute") as client,
        from_address(client, STRANGER) as stranger,
    ):
        await stranger.intro()
        await stranger.data("PATCH", "/api/sessions/default", json={"name": "Mine"})
        before = await stranger.data("GET", "/api/state")
        assert_limited(await stranger.post("/api/game/action", json={"choice": "A"}), "changes")
        assert_limited(await stranger.delete("/api/sessions/default"), "changes")
        assert await stranger.data("GET", "/api/state") == before


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/sessions", {}),
        ("/api/sessions/default/fork", {"turn": 0}),
        ("/api/game/intro", {"session_id": "new"}),
        ("/api/game/intro/image", {"session_id": "new"}),
        ("/api/state/reset", {"session_id": "new"}),
        ("/api/sessions/default/rewind", {"turn": 0}),
        ("/api/sessions/default/tapes", {}),
    ],
)
async def test_what_makes_something_is_counted_once_more(
    a_client: ClientMaker, path: str, body: dict[str, Any]
) -> None:
    async with a_client(rate_makes="1/10 minutes") as client:
        await client.intro()
        async with from_address(client, STRANGER) as stranger:
            await stranger.data("POST", "/api/sessions", json={})
            await stranger.act()
            assert_limited(await stranger.post(path, json=body), "makes")


async def test_a_session_has_a_rate_of_its_own_whoever_asks(a_client: ClientMaker) -> None:
    async with (
        a_client(rate_session="2/minute") as client,
        from_address(client, STRANGER) as stranger,
        from_address(client, ANOTHER) as another,
    ):
        await stranger.intro()
        await another.act()
        for one in (stranger, another):
            assert_limited(await one.post("/api/game/action", json={"choice": "A"}), "session")
            response = await one.patch("/api/sessions/default", json={"name": "Mine"})
            assert_limited(response, "session")
            assert (await one.get("/api/state")).status_code == 200
        await stranger.intro("other")


async def test_there_is_room_again_when_the_window_has_moved() -> None:
    now = 1000.0
    traffic = Traffic(LimitSettings(rate_reads="2/10 seconds"), lambda _: None, clock=lambda: now)
    await traffic.asked(STRANGER, "GET", "/")
    now += 4
    await traffic.asked(STRANGER, "GET", "/")
    with pytest.raises(RateLimited) as refused:
        await traffic.asked(STRANGER, "GET", "/")
    assert refused.value.retry_after == 6
    now += 6
    await traffic.asked(STRANGER, "GET", "/")
    with pytest.raises(RateLimited):
        await traffic.asked(STRANGER, "GET", "/")


async def test_several_rates_may_hold_and_none_may(a_client: ClientMaker) -> None:
    async with (
        a_client(rate_reads="100/minute; 2/hour") as client,
        from_address(client, STRANGER) as stranger,
    ):
        codes = [(await stranger.get("/api/health")).status_code for _ in range(5)]
        assert codes[:3] == [200, 200, 429]
    async with (
        a_client(rate_reads="none") as client,
        from_address(client, STRANGER) as stranger,
    ):
        codes = [(await stranger.get("/api/health")).status_code for _ in range(50)]
        assert set(codes) == {200}


@pytest.mark.parametrize("rate", ["", "fast", "3", "3/fortnight", "-1/minute"])
def test_what_is_no_rate_is_refused_at_the_start(rate: str) -> None:
    with pytest.raises(ValidationError, match="a rate, such as"):
        LimitSettings(rate_reads=rate)


def test_what_is_no_network_is_refused_at_the_start() -> None:
    with pytest.raises(ValidationError, match="addresses or networks"):
        LimitSettings(trusted_proxies="10.0.0.0/8, the one in the hall")  # type: ignore[arg-type]


def test_networks_come_as_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ELSEWHERE_TRUSTED_PROXIES", "10.0.0.0/8, ::1,192.0.2.1")

    class Settings(LimitSettings, env_prefix="ELSEWHERE_"):
        pass

    assert [str(one) for one in Settings().trusted_proxies] == [
        "10.0.0.0/8",
        "::1/128",
        "192.0.2.1/32",
    ]


def test_every_limit_stands_in_the_docs_with_its_default() -> None:
    rows = re.findall(r"\| `ELSEWHERE_([A-Z_]+)` \| `([^`]*)`", DOCS.read_text(encoding="utf-8"))
    told = {name.lower(): default for name, default in rows}
    beside = {"trusted_proxies", "unlimited"}  # They are no limits, and have words of their own.
    assert set(told) == set(LimitSettings.model_fields) - beside
    assert LimitSettings(**told) == LimitSettings()


# -- who asks ----------------------------------------------------------------------------


async def limited(client: Client, host: str, *headers: tuple[str, str]) -> bool:
    """Whether this client's next request is one too many, where one a minute is allowed."""
    transport = httpx.ASGITransport(client.app, client=(host, 40_000))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
        response = await http.get("/api/health", headers=list(headers))
    return response.status_code == 429


async def test_by_default_nobody_is_believed_for_whom_they_ask(a_client: ClientMaker) -> None:
    async with a_client(rate_reads="1/minute") as client:
        assert not await limited(client, STRANGER, ("X-Forwarded-For", "192.0.2.1"))
        assert await limited(client, STRANGER, ("X-Forwarded-For", "192.0.2.2"))
        assert await limited(client, STRANGER, ("X-Forwarded-For", "127.0.0.1"))
        assert await limited(client, STRANGER, ("Forwarded", "for=127.0.0.1"))
        assert await limited(client, STRANGER, ("X-Real-IP", "127.0.0.1"))


async def test_a_trusted_proxy_tells_its_clients_apart(a_client: ClientMaker) -> None:
    async with a_client(rate_reads="1/minute", trusted_proxies="10.0.0.0/8, fd00::/8") as client:
        assert not await limited(client, PROXY, ("X-Forwarded-For", STRANGER))
        assert not await limited(client, PROXY, ("X-Forwarded-For", ANOTHER))
        assert await limited(client, PROXY, ("X-Forwarded-For", STRANGER))
        assert await limited(client, "10.9.9.9", ("X-Forwarded-For", STRANGER))
        assert await limited(client, "fd00::5", ("X-Forwarded-For", ANOTHER))
        assert await limited(client, f"::ffff:{PROXY}", ("X-Forwarded-For", ANOTHER))


async def test_what_a_client_says_to_a_proxy_counts_for_nothing(a_client: ClientMaker) -> None:
    """A proxy adds whom it sees to what it is sent."""
    async with a_client(rate_reads="1/minute", trusted_proxies="10.0.0.0/8") as client:
        assert not await limited(client, PROXY, ("X-Forwarded-For", f"192.0.2.1, {STRANGER}"))
        for spoofed in ("192.0.2.2", "127.0.0.1", "10.5.5.5", "::1", "nonsense", ""):
            said = f"{spoofed}, {STRANGER}"
            assert await limited(client, PROXY, ("X-Forwarded-For", said)), spoofed
        two = (("X-Forwarded-For", "192.0.2.3"), ("X-Forwarded-For", STRANGER))
        assert await limited(client, PROXY, *two)
        chained = ("X-Forwarded-For", f"{STRANGER}, 10.7.7.7, 10.8.8.8")
        assert await limited(client, PROXY, chained)


async def test_a_household_has_one_network_of_addresses(a_client: ClientMaker) -> None:
    async with a_client(rate_reads="1/minute") as client:
        assert not await limited(client, "2001:db8:1:2::1")
        assert await limited(client, "2001:db8:1:2:ffff::7")
        assert not await limited(client, "2001:db8:1:3::1")
        assert not await limited(client, f"::ffff:{STRANGER}")
        assert await limited(client, STRANGER)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
async def test_this_machine_is_its_own_master(a_client: ClientMaker, host: str) -> None:
    async with a_client(rate_reads="1/minute") as client:
        assert not any([await limited(client, host) for _ in range(5)])
    async with a_client(rate_reads="1/minute", unlimited="") as client:
        assert [await limited(client, host) for _ in range(2)] == [False, True]


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
async def test_a_proxy_on_this_machine_is_not_this_machine(
    a_client: ClientMaker, header: str
) -> None:
    """Else whoever comes through one that nobody told us of would have no limits."""
    async with a_client(rate_reads="1/minute") as client:
        assert not await limited(client, "127.0.0.1", (header, STRANGER))
        assert await limited(client, "127.0.0.1", (header, ANOTHER))
        assert not await limited(client, "127.0.0.1")


async def test_over_a_socket_it_is_the_socket_that_counts(a_client: ClientMaker) -> None:
    """uvicorn by itself believes whoever is on this machine."""
    spoofed = GET.replace(b"\r\n\r\n", b"\r\nX-Forwarded-For: 192.0.2.%d\r\n\r\n")
    async with a_client(rate_reads="2/minute", unlimited="") as client, served(client.app) as port:
        async with line_to(port) as line:
            codes = []
            for number in range(4):
                await line.say(spoofed % number)
                codes.append((await line.answer()).status_code)
        assert codes == [200, 200, 429, 429]


# -- what is kept ------------------------------------------------------------------------


async def test_any_number_of_addresses_takes_so_much_memory_and_no_more() -> None:
    traffic = Traffic(LimitSettings(), lambda _: None)
    for number in range(25_000):
        await traffic.asked(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}", "GET", "/")
        await traffic.changes(STRANGER, "POST", f"session-{number}")
    assert len(traffic.windows) == 10_000


async def test_any_number_of_hits_takes_so_much_memory_and_no_more() -> None:
    windows = Windows(most_hits=1000)
    for number in range(100):
        for _ in range(30):
            assert await windows.acquire_entry(f"k{number}", 1000, 60)
    assert windows.hits <= 1000
    assert (await windows.get_moving_window("k99", 1000, 60))[1] == 30, "the last are kept"
    assert (await windows.get_moving_window("k0", 1000, 60))[1] == 0


async def test_what_has_expired_is_not_kept() -> None:
    now = 0.0
    windows = Windows(clock=lambda: now)
    for number in range(50):
        await windows.acquire_entry(f"k{number}", 10, 60)
    now = 61.0
    for _ in range(30):
        await windows.acquire_entry("still here", 100, 60)
    assert len(windows) == 1
    assert windows.hits == 30
    assert await windows.get("still here") == 30
    assert await windows.get_expiry("still here") == 121.0
    await windows.clear("still here")
    assert windows.hits == 0
    assert await windows.incr("counted", 60, 3) == 3
    assert (await windows.reset(), len(windows), await windows.check()) == (1, 0, True)


# -- at the same time --------------------------------------------------------------------


async def test_a_crowd_that_asks_at_once_gets_as_many_answers_as_are_allowed(
    a_client: ClientMaker,
) -> None:
    async with (
        a_client(rate_changes="5/minute") as client,
        from_address(client, STRANGER) as stranger,
    ):
        posts = (stranger.post("/api/state/reload") for _ in range(40))
        codes = [response.status_code for response in await asyncio.gather(*posts)]
    assert (codes.count(200), codes.count(429)) == (5, 35)
