"""So many sessions of one owner and no more, however they are made, and after a restart too."""

import asyncio
import logging
import re
from collections import Counter
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from app.edge.access.keys import new_key
from app.engine.idling import Idling
from app.errors import RateLimited, SessionNotFound, StorageError
from app.models.record import SessionRecord
from app.models.session import Meta
from app.storage.owners import OWNER, OWNERS_FILE, Owners, owned
from app.storage.store import SessionStore
from app.storage.threads import to_the_end
from tests.factories import a_meta, a_record
from tests.http.conftest import Client, ClientMaker, Clock, assert_failed
from tests.http.house import KEPT, KEY, bearer
from tests.http.test_rates import ANOTHER, STRANGER, from_address

OTHER_KEY, OTHER_KEPT = new_key("ops")
ZIPPED = {"content-type": "application/zip"}
KEYS = {"access": "keys", "service_keys": (KEPT, OTHER_KEPT)}


def assert_enough(response: httpx.Response) -> None:
    failed = assert_failed(response, 429, "rate_limited")
    assert "sessions_per_owner" in failed["details"]
    assert int(response.headers["retry-after"]) == 3600


def on_disk(folder: Path) -> set[str]:
    return {path.name for path in (folder / "sessions").iterdir() if path.name[0] != "."}


async def make(client: Client, session_id: str, **headers: str) -> httpx.Response:
    client.cookies.clear()
    body = {"session_id": session_id}
    return await client.post("/api/sessions", json=body, headers=headers)


async def test_every_way_to_make_a_session_counts(a_client: ClientMaker, tmp_path: Path) -> None:
    """Create, intro, its first phase, reset, fork, import, restore."""
    async with a_client(max_sessions_per_owner=2) as client:
        async with from_address(client, STRANGER) as stranger:
            await stranger.intro("one")
            assert (await make(stranger, "two")).status_code == 201
            export = (await stranger.get("/api/sessions/one/export")).content
            before = on_disk(tmp_path)
            for path, body in (
                ("/api/sessions", {}),
                ("/api/sessions", {"session_id": "three"}),
                ("/api/game/intro", {"session_id": "three"}),
                ("/api/game/intro/image", {"session_id": "three"}),
                ("/api/state/reset", {"session_id": "three"}),
                ("/api/sessions/one/fork", {"turn": 0}),
            ):
                assert_enough(await stranger.post(path, json=body))
            answer = await stranger.post("/api/sessions/import", content=export, headers=ZIPPED)
            assert_enough(answer)
            assert on_disk(tmp_path) == before
            archive = (await stranger.data("DELETE", "/api/sessions/two"))["archive"]
            assert archive is None, "nothing was played in it"
            archive = (await stranger.data("DELETE", "/api/sessions/one"))["archive"]
            answer = await stranger.post("/api/sessions/import", content=export, headers=ZIPPED)
            assert answer.status_code == 201
            await stranger.data("POST", f"/api/archives/{archive}/restore", json={})
            assert_enough(await stranger.post(f"/api/archives/{archive}/restore", json={}))
        text = (await client.get("/metrics")).text
        assert 'elsewhere_refused_total{limit="sessions_per_owner"} 8.0' in text
        assert (await make(client, "the host's-own".replace("'", "").replace(" ", "-"))).is_success


async def test_others_are_not_counted_with_them(a_client: ClientMaker) -> None:
    async with (
        a_client(max_sessions_per_owner=1) as client,
        from_address(client, STRANGER) as stranger,
        from_address(client, ANOTHER) as another,
        from_address(client, "2001:db8:1:2::1") as at_home,
        from_address(client, "2001:db8:1:2::7") as at_the_same_home,
    ):
        for one, name in ((stranger, "a"), (another, "b"), (at_home, "c")):
            assert (await make(one, name)).status_code == 201
        assert_enough(await make(at_the_same_home, "d"))
        for number in range(3):
            assert (await make(client, f"host{number}")).status_code == 201


async def test_what_is_there_is_played_on_and_told_of(a_client: ClientMaker) -> None:
    async with (
        a_client(max_sessions_per_owner=1) as client,
        from_address(client, STRANGER) as stranger,
    ):
        await stranger.intro("mine")
        assert_failed(await make(stranger, "mine"), 409, "session_exists")
        assert_failed(await make(stranger, "default"), 409, "session_exists")
        await stranger.intro("default")
        await stranger.act("mine")
        await stranger.data("POST", "/api/sessions/mine/rewind", json={"turn": 0})
        await stranger.data("POST", "/api/state/reset", json={"session_id": "mine"})
        await stranger.intro("mine")
        assert_enough(await make(stranger, "another"))
        await stranger.data("DELETE", "/api/sessions/mine")
        assert (await make(stranger, "another")).status_code == 201


async def test_a_service_is_its_key_and_a_visitor_their_address(a_client: ClientMaker) -> None:
    """A token is nobody's name: who has one may drop it, and begin as somebody else."""
    async with (
        a_client(max_sessions_per_owner=2, **KEYS) as client,
        from_address(client, STRANGER) as one,
        from_address(client, ANOTHER) as another,
    ):
        for number in range(2):
            assert (await make(one, f"bot{number}", **bearer(KEY))).status_code == 201
        assert_enough(await make(another, "bot2", **bearer(KEY)))
        assert (await make(another, "ops0", **bearer(OTHER_KEY))).status_code == 201
        first = await make(one, "mine0")
        token = first.headers["elsewhere-token"]
        assert (await make(one, "mine1")).status_code == 201
        assert_enough(await make(one, "mine2"))
        assert_enough(await make(one, "mine2", **bearer(token)))
        one.cookies.clear()
        await one.data(
            "POST", "/api/game/intro", json={"session_id": "mine0"}, headers=bearer(token)
        )
        fork = "/api/sessions/mine0/fork"
        assert_enough(await one.post(fork, json={"turn": 0}, headers=bearer(token)))
        taken_along = await another.post(fork, json={"turn": 0}, headers=bearer(token))
        assert taken_along.status_code == 201, "who makes it counts, not whose it is"


@pytest.mark.parametrize("path", ["/api/sessions", "/api/game/intro", "/api/state/reset"])
async def test_a_crowd_at_once_never_exceeds_it(
    a_client: ClientMaker, tmp_path: Path, path: str
) -> None:
    async with (
        a_client(max_sessions_per_owner=5) as client,
        from_address(client, STRANGER) as stranger,
    ):
        posts = (stranger.post(path, json={"session_id": f"s{n}"}) for n in range(20))
        answers = await asyncio.gather(*posts)
    codes = Counter(answer.status_code for answer in answers)
    assert codes[429] == 15
    assert codes[200] + codes[201] == 5
    assert len(on_disk(tmp_path) - {"default"}) == 5


async def test_who_makes_and_ends_at_once_ends_where_they_should(
    a_client: ClientMaker, tmp_path: Path
) -> None:
    async with (
        a_client(max_sessions_per_owner=3) as client,
        from_address(client, STRANGER) as stranger,
    ):

        async def come_and_go(name: str) -> None:
            for _ in range(5):
                if (await make(stranger, name)).status_code == 201:
                    await stranger.data("DELETE", f"/api/sessions/{name}?archive=false")

        await asyncio.gather(*(come_and_go(f"s{n}") for n in range(8)))
        assert on_disk(tmp_path) == {"default"}
        made = [(await make(stranger, f"t{n}")).status_code for n in range(4)]
    assert made == [201, 201, 201, 429]
    async with (
        a_client(max_sessions_per_owner=4) as client,
        from_address(client, STRANGER) as stranger,
    ):
        made = [(await make(stranger, f"u{n}")).status_code for n in range(2)]
    assert made == [201, 429]


async def test_a_restart_forgets_nobody_and_sees_what_was_taken_away(
    a_client: ClientMaker, tmp_path: Path
) -> None:
    settings = {"max_sessions_per_owner": 2}

    def somebody(client: Client) -> AbstractAsyncContextManager[Client]:
        return from_address(client, STRANGER)

    async with a_client(**settings) as client, somebody(client) as stranger:
        assert [(await make(stranger, name)).status_code for name in ("a", "b")] == [201, 201]
    file = tmp_path / "sessions" / OWNERS_FILE
    with file.open("a") as torn:
        torn.write("\nc 0123")  # a crash in the middle of a line
    async with a_client(**settings) as client, somebody(client) as stranger:
        assert_enough(await make(stranger, "c"))
        await stranger.data("DELETE", "/api/sessions/a")
        assert (await make(stranger, "d")).status_code == 201
    (tmp_path / "sessions" / "b").rename(tmp_path / "taken away by hand")
    async with a_client(**settings) as client, somebody(client) as stranger:
        assert [(await make(stranger, name)).status_code for name in ("e", "f")] == [201, 429]
    assert file.stat().st_mode & 0o077 == 0


async def test_sessions_from_before_there_was_a_count_load_and_count_for_nobody(
    a_client: ClientMaker, tmp_path: Path
) -> None:
    async with a_client() as client:
        await client.intro("old")
    (tmp_path / "sessions" / OWNERS_FILE).unlink(missing_ok=True)
    async with (
        a_client(max_sessions_per_owner=1) as client,
        from_address(client, STRANGER) as stranger,
    ):
        await stranger.act("old")
        assert (await make(stranger, "new")).status_code == 201
        await stranger.data("DELETE", "/api/sessions/old")
        assert_enough(await make(stranger, "newer"))


async def test_a_failed_making_takes_no_place(a_client: ClientMaker) -> None:
    async with (
        a_client(max_sessions_per_owner=1) as client,
        from_address(client, STRANGER) as stranger,
    ):
        for body in ({"world": "nowhere"}, {"session_id": "default"}, {"session_id": "../x"}):
            assert (await stranger.post("/api/sessions", json=body)).is_client_error
        nonsense = await stranger.post("/api/sessions/import", content=b"PK", headers=ZIPPED)
        assert_failed(nonsense, 422, "validation_error")
        missing = await stranger.post("/api/sessions/nobody/fork", json={"turn": 0})
        assert missing.status_code == 404
        assert (await make(stranger, "mine")).status_code == 201


async def test_idle_sessions_that_become_archives_make_room(
    a_client: ClientMaker, clock: Clock
) -> None:
    async with (
        a_client(max_sessions_per_owner=1, archive_idle_days=1) as client,
        from_address(client, STRANGER) as stranger,
    ):
        await stranger.intro("left")
        assert_enough(await make(stranger, "new"))
        clock.passes(2 * 86400)
        idling: Idling = client.app.state.service.idling
        assert await idling.look() == ("left",)
        assert (await make(stranger, "new")).status_code == 201


async def test_none_is_no_limit(a_client: ClientMaker) -> None:
    async with (
        a_client(max_sessions_per_owner=0) as client,
        from_address(client, STRANGER) as stranger,
    ):
        codes = {(await make(stranger, f"s{n}")).status_code for n in range(30)}
    assert codes == {201}


async def test_nobody_can_read_who_made_what(
    a_client: ClientMaker, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither the address nor the digest that stands for it leaves the one file that has it."""
    caplog.set_level(logging.DEBUG, "app")
    async with a_client(**KEYS) as client, from_address(client, STRANGER) as stranger:
        made = await make(stranger, "mine")
        shown = bearer(made.headers["elsewhere-token"])
        stranger.cookies.clear()
        await stranger.data("POST", "/api/game/intro", json={"session_id": "mine"}, headers=shown)
        answers = [
            await stranger.get(path, headers=shown)
            for path in ("/api/sessions", "/api/sessions/mine", "/api/sessions/mine/export")
        ]
        ended = await stranger.delete("/api/sessions/mine", headers=shown)
        metrics = await client.get("/metrics", headers=bearer(KEY))
        answers += [made, ended, metrics]
    text = (tmp_path / "sessions" / OWNERS_FILE).read_text()
    (digest,) = set(re.findall(r"\b[0-9a-f]{32}\b", text))
    whole = b"".join(answer.content + str(answer.headers).encode() for answer in answers)
    whole += "\n".join(str(vars(record)) for record in caplog.records).encode()
    for path in tmp_path.rglob("*"):
        if path.is_file() and path.name != OWNERS_FILE:
            whole += path.read_bytes()
    assert all(answer.is_success for answer in answers)
    assert digest.encode() not in whole
    assert STRANGER.encode() not in whole
    assert STRANGER not in text


# -- the file ----------------------------------------------------------------------------


def opened(folder: Path, secret: bytes = b"s" * 32, most: int = 2) -> Owners:
    owners = Owners(folder, lambda: secret, most, lambda _: None)
    owners.open()
    return owners


async def placed(owners: Owners, session_id: str, folder: Path) -> None:
    owner = await owners.asks()
    assert owner is not None
    owners.take(owner)
    (folder / session_id).mkdir(exist_ok=True)
    await owners.made(session_id, owner)


async def test_the_file_stays_as_short_as_what_it_says(tmp_path: Path) -> None:
    owners = opened(tmp_path)
    token = OWNER.set("address a")
    for _ in range(1200):
        await placed(owners, "one", tmp_path)
        await owners.gone("one")
    await placed(owners, "one", tmp_path)
    lines = (tmp_path / OWNERS_FILE).read_text().splitlines()
    assert len(lines) < 1100
    again = opened(tmp_path, most=1)
    with pytest.raises(RateLimited):
        await again.check()
    OWNER.reset(token)
    await again.check()


async def test_another_servers_secret_knows_nobody(tmp_path: Path) -> None:
    owners = opened(tmp_path, most=1)
    token = OWNER.set("address a")
    await placed(owners, "one", tmp_path)
    await opened(tmp_path, secret=b"t" * 32, most=1).check()
    with pytest.raises(RateLimited):
        await opened(tmp_path, most=1).check()
    OWNER.reset(token)


async def test_a_session_that_is_made_anew_is_the_last_ones(tmp_path: Path) -> None:
    owners = opened(tmp_path, most=1)
    for who in ("address a", "address b"):
        token = OWNER.set(who)
        await placed(owners, "one", tmp_path)
        OWNER.reset(token)
    token = OWNER.set("address a")
    await owners.check()
    await opened(tmp_path, most=1).check()
    OWNER.reset(token)


class SlowStore:
    """Does what it has begun to its end, whoever is cancelled, like the real one."""

    def __init__(self, *, fails: bool) -> None:
        self.begun, self.go_on = asyncio.Event(), asyncio.Event()
        self._fails = fails
        self._there: list[str] = []

    async def create(self, meta: Meta, _: SessionRecord) -> None:
        await to_the_end(self._create(meta))

    async def _create(self, meta: Meta) -> None:
        self.begun.set()
        await self.go_on.wait()
        if self._fails:
            raise StorageError
        self._there.append(meta.session_id)

    async def meta(self, session_id: str) -> None:
        if session_id not in self._there:
            raise SessionNotFound


@pytest.mark.parametrize("fails", [False, True])
async def test_a_making_that_is_cancelled_counts_if_it_was_made(
    tmp_path: Path, fails: bool
) -> None:
    owners, inner = opened(tmp_path, most=1), SlowStore(fails=fails)
    store = owned(cast(SessionStore, inner), owners)
    token = OWNER.set("address a")
    making = asyncio.create_task(store.create(a_meta("one"), a_record("one")))
    await inner.begun.wait()
    making.cancel()
    inner.go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await making
    owner = await owners.asks()
    assert owner is not None
    assert owners.has_room(owner) is fails
    OWNER.reset(token)


async def test_a_disk_that_takes_no_line_keeps_nobody_from_playing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    owners = opened(tmp_path, most=1)
    (tmp_path / OWNERS_FILE).mkdir()
    token = OWNER.set("address a")
    await placed(owners, "one", tmp_path)
    assert [record.message for record in caplog.records] == ["owner not kept"]
    with pytest.raises(RateLimited):
        await owners.check()
    OWNER.reset(token)


async def test_a_file_that_cannot_be_read_is_said_at_the_start(
    a_client: ClientMaker, tmp_path: Path
) -> None:
    (tmp_path / "sessions" / OWNERS_FILE).mkdir(parents=True)
    opening: Any = a_client()
    with pytest.raises(StorageError):
        async with opening:
            raise AssertionError("it opened")
