"""Sessions with a long history behind them, made through the store itself."""

import asyncio
import json
from pathlib import Path

from app.engine.game import Pace, compose
from app.engine.making import Crew
from app.engine.providers.offline.narrator import OfflineNarrator
from app.engine.requests import Asked
from app.engine.views import SettingsChange
from app.models.record import SessionRecord, StoredEntry
from app.storage.files import FileSessionStore
from app.storage.store import Claim
from bench.samples import a_turn
from bench.treadmill import WORLD, treadmill
from tests.doubles import QuickIllustrator


async def prepare_ours(folder: Path, sessions: int, turns: int) -> None:
    """`sessions` sessions of `turns` turns, as a service would have left them."""
    store = FileSessionStore(folder, folder.parent / "archives", durability="process")
    crew = Crew(OfflineNarrator(), QuickIllustrator(), OfflineNarrator(), QuickIllustrator())
    game = compose(store, treadmill(), crew, default_world=WORLD, pace=Pace())
    await game.open()
    for n in range(sessions):
        name = f"s{n}"
        await game.founding.found(name, seed=n)
        off = SettingsChange(images=False)
        await game.sessions.change(name, name=None, description=None, settings=off)
        await game.turns.intro(name, world=None, seed=None, asked=Asked())
        stored = await store.entry(name, 0)
        async with store.claim(name) as claim:
            for turn in range(1, turns):
                await _add(claim, stored, turn)
    await game.close()


async def _add(claim: Claim, stored: StoredEntry, turn: int) -> None:
    snapshot = claim.record.snapshot.model_copy(update={"turn": turn, "last_event_id": turn + 1})
    record: SessionRecord = claim.record.model_copy(update={"snapshot": snapshot})
    entry = stored.entry.model_copy(update={"turn": turn, "state": snapshot})
    await claim.commit(record, stored.model_copy(update={"entry": entry}))


async def prepare_previous(folder: Path, sessions: int, turns: int) -> None:
    """The same for the design that this service replaces."""
    await asyncio.to_thread(_write_previous, folder, sessions, turns)


def _write_previous(folder: Path, sessions: int, turns: int) -> None:
    turn = json.loads(a_turn().model_dump_json())
    for n in range(sessions):
        (folder / f"s{n}").mkdir(parents=True)
        (folder / f"s{n}" / "history.json").write_text(json.dumps([turn] * turns))
