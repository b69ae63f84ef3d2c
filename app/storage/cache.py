"""The sessions that were used last, so that a load after a commit does not touch the disk."""

from collections import OrderedDict

from app.storage.session_folder import Loaded


class Cache:
    """Bounded by count. Losing an entry is always safe: the files hold the truth."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._entries: OrderedDict[str, Loaded] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, session_id: str) -> Loaded | None:
        loaded = self._entries.get(session_id)
        if loaded is not None:
            self._entries.move_to_end(session_id)
        return loaded

    def put(self, session_id: str, loaded: Loaded) -> None:
        self._entries[session_id] = loaded
        self._entries.move_to_end(session_id)
        if len(self._entries) > self._size:
            self._entries.popitem(last=False)

    def drop(self, session_id: str) -> None:
        self._entries.pop(session_id, None)
