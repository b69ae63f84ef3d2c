"""What every `SessionStore` keeps. A second store is one more parameter of `make_store`."""

import asyncio
from pathlib import Path

import pytest

from app.errors import (
    ArchiveNotFound,
    InvalidRequest,
    InvalidSessionId,
    MediaNotFound,
    SessionExists,
    SessionNotFound,
    TurnInProgress,
    TurnNotFound,
)
from app.models.record import MediaFile
from app.storage.store import SessionStore, StoredFile
from tests.factories import (
    a_meta,
    a_picture,
    a_record,
    a_snapshot,
    an_entry,
    an_image,
    at_turn,
)
from tests.storage.conftest import StoreFactory
from tests.storage.games import begin, named, play


async def test_a_new_session_is_what_was_created(store: SessionStore) -> None:
    await store.create(a_meta("a"), a_record("a"))

    assert await store.load("a") == a_record("a")
    assert await store.meta("a") == a_meta("a")
    assert await store.page("a", before=None, limit=10) == ()


async def test_a_taken_id_is_refused_and_its_session_untouched(store: SessionStore) -> None:
    await begin(store, "a", turns=2)
    with pytest.raises(SessionExists):
        await store.create(a_meta("a", name="Another"), a_record("a"))
    assert (await store.load("a")).snapshot.turn == 1
    assert (await store.meta("a")).name == "The story of a"


async def test_nothing_is_created_by_asking(store: SessionStore) -> None:
    for ask in (store.load, store.reload, store.meta):
        with pytest.raises(SessionNotFound):
            await ask("nobody")
    with pytest.raises(SessionNotFound):
        await store.entry("nobody", 0)
    with pytest.raises(SessionNotFound):
        await store.page("nobody", before=None, limit=1)
    with pytest.raises(SessionNotFound):
        await store.change_meta("nobody", named("x"))
    with pytest.raises(SessionNotFound):
        await store.delete("nobody", archive=True)
    with pytest.raises(SessionNotFound):
        await store.put_media("nobody", "images", a_picture())
    with pytest.raises(SessionNotFound):
        async with store.claim("nobody"):
            pass
    assert (await store.list(sort="created", limit=10, cursor=None)).items == ()


@pytest.mark.parametrize("session_id", ["", "../x", "a/b", "a\n", "x" * 65, ".", "ä", "a\0"])
async def test_an_id_that_is_none_is_refused(store: SessionStore, session_id: str) -> None:
    with pytest.raises(InvalidSessionId):
        await store.load(session_id)
    with pytest.raises(InvalidSessionId):
        await store.delete(session_id, archive=False)


async def test_a_turn_is_kept_whole(make_store: StoreFactory) -> None:
    store = make_store()
    await store.open()
    await begin(store, "a", turns=3)
    await store.close()

    store = make_store()
    await store.open()
    assert await store.load("a") == a_record("a", 2)
    newest_first = tuple(an_entry("a", turn) for turn in (2, 1, 0))
    assert await store.page("a", before=None, limit=10) == newest_first
    assert await store.entry("a", 1) == an_entry("a", 1)
    await store.close()


async def test_a_claim_shows_what_was_committed_through_it(store: SessionStore) -> None:
    await begin(store, "a")
    async with store.claim("a") as claim:
        assert claim.record == a_record("a")
        await claim.commit(a_record("a", 0), an_entry("a", 0))
        assert claim.record == a_record("a", 0)
        await claim.commit(a_record("a", 1), an_entry("a", 1))
    assert await store.load("a") == a_record("a", 1)


async def test_a_commit_without_an_entry_spends_no_turn(store: SessionStore) -> None:
    await begin(store, "a", turns=1)
    armed = a_record("a", 0, snapshot=a_snapshot("a", 0, deadline_at=at_turn(9)))
    async with store.claim("a") as claim:
        await claim.commit(armed)
    assert await store.reload("a") == armed
    assert len(await store.page("a", before=None, limit=10)) == 1


async def test_a_commit_of_the_wrong_turn_or_session_changes_nothing(store: SessionStore) -> None:
    await begin(store, "a", turns=1)
    async with store.claim("a") as claim:
        for record, entry in (
            (a_record("a", 2), an_entry("a", 2)),
            (a_record("a", 0), an_entry("a", 0)),
            (a_record("a", 1), an_entry("a", 0)),
            (a_record("a", 1), None),
            (a_record("b", 1), an_entry("b", 1)),
            (a_record("a", 1), an_entry("b", 1)),
        ):
            with pytest.raises(ValueError, match=r"turn|session"):
                await claim.commit(record, entry)
        await claim.commit(a_record("a", 1), an_entry("a", 1))
    assert await store.reload("a") == a_record("a", 1)


async def test_a_second_claim_is_refused_at_once(store: SessionStore) -> None:
    await begin(store, "a")
    await begin(store, "b")
    async with store.claim("a"):
        with pytest.raises(TurnInProgress):
            async with store.claim("a"):
                pass
        async with store.claim("b"):
            pass
        with pytest.raises(TurnInProgress):
            await store.delete("a", archive=False)
    async with store.claim("a"):
        pass


async def test_of_many_claims_at_once_one_is_given(store: SessionStore) -> None:
    await begin(store, "a")
    inside, leave = asyncio.Event(), asyncio.Event()

    async def claim() -> str:
        try:
            async with store.claim("a"):
                inside.set()
                await leave.wait()
                return "held"
        except TurnInProgress:
            return "refused"

    tasks = [asyncio.create_task(claim()) for _ in range(20)]
    await inside.wait()
    refused = [task for task in tasks if not task.done()]
    leave.set()
    answers = await asyncio.gather(*tasks)
    assert answers.count("held") == 1
    assert len(refused) >= 1


async def test_reads_and_meta_do_not_wait_for_a_claim(store: SessionStore) -> None:
    await begin(store, "a", turns=2)
    async with store.claim("a") as claim:
        assert (await store.load("a")).snapshot.turn == 1
        assert len(await store.page("a", before=None, limit=5)) == 2
        assert (await store.change_meta("a", named("Renamed"))).name == "Renamed"
        await claim.commit(a_record("a", 2), an_entry("a", 2))
    assert (await store.meta("a")).name == "Renamed"


async def test_no_change_of_meta_is_lost(store: SessionStore) -> None:
    await begin(store, "a")
    await asyncio.gather(
        *(
            store.change_meta("a", lambda meta: meta.model_copy(update={"run": meta.run + 1}))
            for _ in range(20)
        )
    )
    assert (await store.meta("a")).run == 20


async def test_pages_go_back_to_the_beginning(store: SessionStore) -> None:
    await begin(store, "a", turns=7)
    turns: list[int] = []
    before = None
    while page := await store.page("a", before=before, limit=3):
        turns += [stored.entry.turn for stored in page]
        before = turns[-1]
    assert turns == [6, 5, 4, 3, 2, 1, 0]
    assert await store.page("a", before=99, limit=1) == (an_entry("a", 6),)
    assert await store.page("a", before=0, limit=5) == ()


@pytest.mark.parametrize("turn", [-1, 3, 10**9])
async def test_a_turn_that_was_not_played_is_not_found(store: SessionStore, turn: int) -> None:
    await begin(store, "a", turns=3)
    with pytest.raises(TurnNotFound):
        await store.entry("a", turn)


async def test_media_come_with_their_turn_or_later(store: SessionStore) -> None:
    await begin(store, "a")
    await play(store, "a", picture=True)
    late = MediaFile(name="late-1.mp4", data=b"a clip")
    await store.put_media("a", "videos", late)

    picture = await store.media("a", "images", f"{an_image('a', 0).id}.webp")
    assert picture.read_bytes() == a_picture("a", 0).data
    assert (await store.media("a", "videos", "late-1.mp4")).read_bytes() == b"a clip"


async def test_large_files_are_made_in_a_workshop_and_moved(store: SessionStore) -> None:
    await begin(store, "a", turns=1)
    async with store.workshop() as shop:
        for name in ("film.mp4", "rest.webp"):
            (shop / name).write_bytes(b"half")
        assert await store.files("a", "tapes") == ()
        (shop / "film.mp4").write_bytes(b"a film")
        await store.keep_media("a", "tapes", "000001-a.mp4", shop / "film.mp4")
        with pytest.raises(ValueError, match="place or name"):
            await store.keep_media("a", "tapes", "../x.mp4", shop / "rest.webp")
        with pytest.raises(SessionNotFound):
            await store.keep_media("nobody", "tapes", "x.webp", shop / "rest.webp")
    assert not shop.exists(), "what was not kept is gone"
    assert await store.files("a", "tapes") == (StoredFile("000001-a.mp4", 6),)
    kept = await store.media("a", "tapes", "000001-a.mp4")
    assert kept.read_bytes() == b"a film"


async def test_a_workshop_is_cleared_whatever_happens_in_it(store: SessionStore) -> None:
    shops: list[Path] = []

    async def broken() -> None:
        async with store.workshop() as shop:
            shops.append(shop)
            (shop / "half").mkdir()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await broken()
    assert [shop.exists() for shop in shops] == [False]


async def test_an_ended_run_is_given_its_film(store: SessionStore) -> None:
    await begin(store, "a", turns=2)
    name = await store.delete("a", archive=True)
    assert name is not None
    async with store.workshop() as shop:
        (shop / "film.mp4").write_bytes(b"a film")
        await store.keep_archive_media(name, "tapes", "x.mp4", shop / "film.mp4")
        with pytest.raises(ArchiveNotFound):
            await store.keep_archive_media("nothing", "tapes", "x.mp4", shop / "film.mp4")
    assert await store.archive_files(name, "tapes") == (StoredFile("x.mp4", 6),)
    assert (await store.archive_media(name, "tapes", "x.mp4")).read_bytes() == b"a film"
    with pytest.raises(SessionNotFound):
        await store.files("a", "tapes")


@pytest.mark.parametrize(
    "name", ["other.webp", "../state.json", "", ".", "x" * 80, "a.webp\n", "A.webp", "x.exe"]
)
async def test_a_file_that_is_not_there_is_not_found(store: SessionStore, name: str) -> None:
    await begin(store, "a", turns=1)
    with pytest.raises(MediaNotFound):
        await store.media("a", "images", name)


async def test_a_restart_archives_the_run_and_begins_anew(store: SessionStore) -> None:
    await begin(store, "a")
    await play(store, "a", picture=True)
    await play(store, "a")
    async with store.claim("a") as claim:
        name = await claim.restart(a_meta("a", run=1), a_record("a"))
        assert name == "a_20260506T000000Z"
        assert claim.record == a_record("a")
        await claim.commit(a_record("a", 0), an_entry("a", 0))

    assert (await store.meta("a")).run == 1
    assert len(await store.page("a", before=None, limit=10)) == 1
    [archived] = await store.archives()
    assert (archived.name, archived.session_id, archived.turns) == (name, "a", 2)
    assert (await store.archive(name))[1] == a_record("a", 1)
    assert len(await store.archive_page(name, before=None, limit=10)) == 2
    path = await store.archive_media(name, "images", f"{an_image('a', 0).id}.webp")
    assert path.read_bytes() == a_picture("a", 0).data


async def test_one_claim_can_begin_again_twice(store: SessionStore) -> None:
    await begin(store, "a", turns=1)
    async with store.claim("a") as claim:
        await claim.restart(a_meta("a", world="other", run=1), a_record("a"))
        await claim.restart(a_meta("a", run=2), a_record("a"))
    assert await store.meta("a") == a_meta("a", run=2)


@pytest.mark.parametrize("how", ["restart", "rewind"])
async def test_a_new_run_does_not_undo_a_change_of_meta(store: SessionStore, how: str) -> None:
    await begin(store, "a", turns=2)
    async with store.claim("a") as claim:
        wanted = (await store.meta("a")).model_copy(update={"run": 1})
        await store.change_meta("a", named("Renamed meanwhile"))
        if how == "restart":
            await claim.restart(wanted, a_record("a"))
        else:
            await claim.rewind(0, wanted, a_record("a", 0))
    assert await store.meta("a") == a_meta("a", run=1, name="Renamed meanwhile")


async def test_a_run_without_turns_is_not_archived(store: SessionStore) -> None:
    await begin(store, "a")
    async with store.claim("a") as claim:
        assert await claim.restart(a_meta("a", world="other"), a_record("a")) is None
    assert (await store.meta("a")).world == "other"
    assert await store.delete("a", archive=True) is None
    assert await store.archives() == ()


async def test_archives_of_one_second_have_names_of_their_own(store: SessionStore) -> None:
    await begin(store, "a")
    names = []
    for _ in range(3):
        await play(store, "a")
        async with store.claim("a") as claim:
            names.append(await claim.restart(a_meta("a"), a_record("a")))
    stem = "a_20260506T000000Z"
    assert names == [stem, f"{stem}-2", f"{stem}-3"]
    assert [archived.name for archived in await store.archives()] == names[::-1]


async def test_a_deleted_session_is_gone_or_archived(store: SessionStore) -> None:
    await begin(store, "a", turns=1)
    await begin(store, "b", turns=1)
    assert await store.delete("a", archive=False) is None
    name = await store.delete("b", archive=True)

    for session_id in ("a", "b"):
        with pytest.raises(SessionNotFound):
            await store.load(session_id)
    assert [archived.name for archived in await store.archives()] == [name]
    await begin(store, "a")
    assert (await store.load("a")).snapshot.turn == -1


@pytest.mark.parametrize("name", ["nobody_20260506T000000Z", "../sessions", "x", "a_2026Z", ""])
async def test_an_unknown_archive_is_not_found(store: SessionStore, name: str) -> None:
    with pytest.raises(ArchiveNotFound):
        await store.archive(name)
    with pytest.raises(ArchiveNotFound):
        await store.archive_page(name, before=None, limit=1)
    with pytest.raises(ArchiveNotFound):
        await store.delete_archive(name)


async def test_an_archive_can_be_deleted(store: SessionStore) -> None:
    await begin(store, "a", turns=1)
    name = await store.delete("a", archive=True)
    assert name is not None
    await store.delete_archive(name)
    assert await store.archives() == ()


async def test_the_list_is_paged_newest_first(store: SessionStore) -> None:
    for number, session_id in enumerate(("c", "a", "b")):
        await begin(store, session_id, created_at=at_turn(number))
    await play(store, "a")

    first = await store.list(sort="accessed", limit=2, cursor=None)
    assert [item.meta.session_id for item in first.items] == ["a", "c"]
    rest = await store.list(sort="accessed", limit=2, cursor=first.next_cursor)
    assert [item.meta.session_id for item in rest.items] == ["b"]
    assert rest.next_cursor is None
    by_age = await store.list(sort="created", limit=10, cursor=None)
    assert [item.meta.session_id for item in by_age.items] == ["b", "a", "c"]
    assert by_age.items[1].snapshot == a_record("a", 0).snapshot


async def test_the_list_follows_what_happens(store: SessionStore) -> None:
    async def listed() -> list[str]:
        page = await store.list(sort="accessed", limit=10, cursor=None)
        return [item.meta.session_id for item in page.items]

    assert await listed() == []
    await begin(store, "a", turns=1)
    await begin(store, "b", turns=2)
    assert await listed() == ["b", "a"]
    for _ in range(3):
        await play(store, "a")
    assert await listed() == ["a", "b"]
    await store.delete("a", archive=True)
    assert await listed() == ["b"]


async def test_a_list_survives_a_restart_of_the_service(make_store: StoreFactory) -> None:
    store = make_store()
    await store.open()
    await begin(store, "a", turns=1)
    await begin(store, "b", turns=2)
    await store.close()
    store = make_store()
    await store.open()
    page = await store.list(sort="accessed", limit=10, cursor=None)
    assert [item.meta.session_id for item in page.items] == ["b", "a"]
    await store.close()


@pytest.mark.parametrize("cursor", ["", "x", "1", "1.", "1.../x", "१.a"])
async def test_a_made_up_cursor_is_refused(store: SessionStore, cursor: str) -> None:
    with pytest.raises(InvalidRequest):
        await store.list(sort="accessed", limit=1, cursor=cursor)


async def test_ids_differ_by_case(store: SessionStore) -> None:
    await begin(store, "Anna", turns=1)
    with pytest.raises(SessionNotFound):
        await store.load("anna")
    await begin(store, "anna")
    assert (await store.load("Anna")).snapshot.turn == 0


async def test_two_sessions_play_at_once(store: SessionStore) -> None:
    await begin(store, "a")
    await begin(store, "b")
    async with store.claim("a") as left, store.claim("b") as right:
        await asyncio.gather(
            left.commit(a_record("a", 0), an_entry("a", 0)),
            right.commit(a_record("b", 0), an_entry("b", 0)),
        )
    assert await store.entry("a", 0) == an_entry("a", 0)
    assert await store.entry("b", 0) == an_entry("b", 0)
