"""Ended runs: session folders that were moved aside; but for their film, only read or removed."""

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
        self._known: dict[str, ArchiveSummary] = {}
        """By name, as of the last list: an archive never changes, so none is read twice."""

    def summaries(self) -> tuple[ArchiveSummary, ...]:
        """Newest first. A damaged one is left out and logged."""
        known = self._known
        found = [known.get(name) or self._summary(name) for name in self._root.archive_names()]
        summaries = [summary for summary in found if summary is not None]
        self._known = {summary.name: summary for summary in summaries}
        return tuple(sorted(summaries, key=_age, reverse=True))

    def _summary(self, name: str) -> ArchiveSummary | None:
        parsed = _parsed(name)
        if parsed is None:
            return None
        try:
            turns = self.loaded(name).head.turn + 1
        except (Damage, ArchiveNotFound):
            logger.warning("archive left out of the list", extra={"archive": name})
            return None
        return ArchiveSummary(name, parsed[0], parsed[1], turns)

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


def archived_id(name: str) -> str | None:
    """The id of the session that an archive of this name was; None if none is named so."""
    parsed = _parsed(name)
    return parsed[0] if parsed else None


def _parsed(name: str) -> tuple[str, datetime, int] | None:
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    try:
        at = datetime.strptime(match["at"], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None
    return match["id"], at, int(match["nth"] or 1)


def _age(summary: ArchiveSummary) -> tuple[datetime, int, str]:
    parsed = _parsed(summary.name)
    return summary.archived_at, parsed[2] if parsed else 0, summary.name
