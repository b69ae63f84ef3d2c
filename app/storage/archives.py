"""Ended runs: session folders that were moved aside and are only ever read or removed."""

import logging
import re
from datetime import UTC, datetime

from app.errors import ArchiveNotFound
from app.storage.faults import Damage
from app.storage.session_folder import Loaded, SessionFolder
from app.storage.sessions_root import SessionsRoot
from app.storage.store import ArchiveSummary

logger = logging.getLogger(__name__)

_NAME = re.compile(r"(?P<id>[A-Za-z0-9_-]{1,64})_(?P<at>[0-9]{8}T[0-9]{6})Z(-(?P<nth>[0-9]{1,9}))?")


class Archives:
    """Blocking calls. Methods that take a name raise `ArchiveNotFound`."""

    def __init__(self, root: SessionsRoot) -> None:
        self._root = root

    def summaries(self) -> tuple[ArchiveSummary, ...]:
        """Newest first. A damaged one is left out and logged."""
        found = []
        for name in self._root.archive_names():
            parsed = _parsed(name)
            if parsed is None:
                continue
            try:
                turns = self.loaded(name).head.turn + 1
            except (Damage, ArchiveNotFound):
                logger.warning("archive left out of the list", extra={"archive": name})
                continue
            session_id, at, nth = parsed
            found.append(((at, nth, name), ArchiveSummary(name, session_id, at, turns)))
        found.sort(key=lambda pair: pair[0], reverse=True)
        return tuple(summary for _, summary in found)

    def folder(self, name: str) -> SessionFolder:
        folder = self._root.archived(name)
        if _parsed(name) is None or not folder.exists():
            raise ArchiveNotFound
        return folder

    def loaded(self, name: str) -> Loaded:
        """Read as it lies there. Raises `Damage`."""
        return self.folder(name).read()

    def delete(self, name: str) -> None:
        self.folder(name)
        self._root.discard_archive(name)


def _parsed(name: str) -> tuple[str, datetime, int] | None:
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    try:
        at = datetime.strptime(match["at"], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None
    return match["id"], at, int(match["nth"] or 1)
