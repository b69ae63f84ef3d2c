"""Words in a history, on every store: bounded work for one answer, and nothing is passed by."""

import pytest

from app.errors import SessionNotFound
from app.storage import searching
from app.storage.store import SessionStore
from tests.factories import a_meta, a_record, an_entry
from tests.storage.games import begin

TURNS = 330


async def _a_long_game(store: SessionStore) -> None:
    """Every hundredth turn tells of a heron; enough turns that the marks are needed."""
    await store.create(a_meta("a"), a_record("a"))
    for turn in range(TURNS):
        told = "A HERON rises." if turn % 100 == 3 else "Nothing “stirs”\nhere."
        async with store.claim("a") as claim:
            await claim.commit(a_record("a", turn), an_entry("a", turn, dispatch=told))


async def test_a_search_is_bounded_and_its_pages_pass_nothing_by(
    store: SessionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "MOST_TURNS", 120)
    await _a_long_game(store)
    turns, pages, before = [], 0, None
    while True:
        found = await store.search("a", "heron", before=before, limit=50)
        turns += [stored.entry.turn for stored in found.entries]
        pages, before = pages + 1, found.next_before
        if before is None:
            break
    assert turns == [303, 203, 103, 3]
    assert pages == 3
    found = await store.search("a", "stirs”\nHERE", before=2, limit=50)
    assert [stored.entry.turn for stored in found.entries] == [1, 0]
    assert (await store.search("a", "heron", before=3, limit=1)).entries == ()


async def test_a_search_ends_at_its_limit_and_says_where(store: SessionStore) -> None:
    await begin(store, "a", turns=6)
    found = await store.search("a", "the wire hums", before=None, limit=2)
    assert [stored.entry.turn for stored in found.entries] == [5, 4]
    assert found.next_before == 4
    last = await store.search("a", "the wire hums", before=2, limit=2)
    assert ([stored.entry.turn for stored in last.entries], last.next_before) == ([1, 0], None)
    await store.create(a_meta("new"), a_record("new"))
    empty = await store.search("new", "wire", before=None, limit=2)
    assert (empty.entries, empty.next_before) == ((), None)
    with pytest.raises(SessionNotFound):
        await store.search("nobody", "wire", before=None, limit=2)


async def test_every_meta_is_handed_out_once(store: SessionStore) -> None:
    names = {f"s{number}" for number in range(150)}
    for name in names:
        await begin(store, name)
    met = [meta.session_id async for metas in store.metas() for meta in metas]
    assert sorted(met) == sorted(names)
