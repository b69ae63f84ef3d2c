"""Short scripted games over any store, for the tests of this folder."""

from collections.abc import Callable
from typing import Any

from app.models.session import Meta
from app.storage.store import SessionStore
from tests.factories import a_meta, a_picture, a_record, an_entry, an_illustrated_entry


async def begin(store: SessionStore, session_id: str = "a", turns: int = 0, **meta: Any) -> None:
    """A session with `turns` turns played."""
    await store.create(a_meta(session_id, **meta), a_record(session_id))
    for _ in range(turns):
        await play(store, session_id)


async def play(store: SessionStore, session_id: str = "a", *, picture: bool = False) -> None:
    """One more turn."""
    async with store.claim(session_id) as claim:
        turn = claim.record.snapshot.turn + 1
        if picture:
            entry = an_illustrated_entry(session_id, turn)
            media = (a_picture(session_id, turn),)
            await claim.commit(a_record(session_id, turn), entry, media)
        else:
            await claim.commit(a_record(session_id, turn), an_entry(session_id, turn))


def named(name: str) -> Callable[[Meta], Meta]:
    return lambda meta: meta.model_copy(update={"name": name})
