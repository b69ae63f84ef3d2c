"""Looking for words in a history, newest turn first, a stretch at a time."""

import json
from typing import Final

from app.models.record import StoredEntry
from app.storage import history
from app.storage.history import HISTORY
from app.storage.session_folder import Loaded, SessionFolder
from app.storage.store import Found

MOST_TURNS: Final = 2_000
"""That are looked through for one answer; the next one goes on from there."""
_STRETCH: Final = 100


def search(
    folder: SessionFolder, loaded: Loaded, words: str, *, before: int | None, limit: int
) -> Found:
    """Up to `limit` turns below `before` that say `words`. Blocking; memory stays bounded."""
    turns = loaded.head.turn + 1
    stop = turns if before is None else max(0, min(before, turns))
    last = max(0, stop - MOST_TURNS)
    wanted = words.casefold()
    mark = json.dumps(wanted, ensure_ascii=False)[1:-1]
    found: list[StoredEntry] = []
    path = folder.path / HISTORY
    while stop > last:
        first = max(last, stop - _STRETCH)
        lines = history.read_lines(
            folder.disk, path, loaded.head, loaded.marks, first=first, stop=stop
        )
        while lines:
            line, stop = lines.pop(), stop - 1
            # Most lines are ruled out unparsed; what is left may have the words elsewhere.
            if mark in line.decode(errors="replace").casefold():
                stored = history.decode_line(line, stop)
                if says(stored, wanted):
                    found.append(stored)
                    if len(found) == limit:
                        return Found(tuple(found), stop or None)
    return Found(tuple(found), stop or None)


def says(stored: StoredEntry, wanted: str) -> bool:
    """Whether `wanted`, casefolded, was told or done in this turn."""
    entry = stored.entry
    texts = (entry.dispatch, entry.action or "", entry.situation)
    return any(wanted in text.casefold() for text in texts)
