"""A new run out of the beginning of another: fork and rewind, and giving it another id."""

from collections.abc import Iterator
from typing import TypeVar

from app.models.base import SessionId
from app.models.media_urls import media_url
from app.models.record import SessionRecord, StoredEntry
from app.models.session import HistoryEntry, Image, Meta, Snapshot, Video
from app.models.vocabulary import MediaFolder
from app.storage import history
from app.storage.disk import SLICE, Disk
from app.storage.history import CLOSING, EMPTY, HISTORY, OPENING, Head
from app.storage.io import CREATE
from app.storage.session_folder import MEDIA_FOLDERS, SessionFolder, is_media_name

Media = TypeVar("Media", bound=Image)


def media_of(entry: HistoryEntry) -> Iterator[tuple[Image, tuple[MediaFolder, str]]]:
    """What an entry shows, and the folder and name of the file."""
    if entry.image is not None:
        yield entry.image, ("images", f"{entry.image.id}.webp")
    if entry.video is not None:
        yield entry.video, ("videos", f"{entry.video.id}.mp4")


def under_id(stored: StoredEntry, session_id: SessionId) -> StoredEntry:
    """The same entry as one of session `session_id`."""
    return stored if stored.entry.session_id == session_id else adopted(stored, session_id)


def adopted(stored: StoredEntry, session_id: SessionId) -> StoredEntry:
    """The same, of an entry that a stranger may have written: it keeps no address of theirs."""
    entry = stored.entry
    changes = {
        "session_id": session_id,
        "image": _moved(entry.image, "images", ".webp", session_id),
        "video": _moved(entry.video, "videos", ".mp4", session_id),
        "state": snapshot_under_id(entry.state, session_id),
    }
    return stored.model_copy(update={"entry": entry.model_copy(update=changes)})


def snapshot_under_id(snapshot: Snapshot, session_id: SessionId) -> Snapshot:
    """The same snapshot as one of session `session_id`."""
    changes = {
        "session_id": session_id,
        "image": _moved(snapshot.image, "images", ".webp", session_id),
        "video": _moved(snapshot.video, "videos", ".mp4", session_id),
    }
    return snapshot.model_copy(update=changes)


def _moved(
    media: Media | None, folder: MediaFolder, ending: str, session_id: SessionId
) -> Media | None:
    if media is None:
        return None
    url = None if media.url is None else media_url(session_id, folder, media.id + ending)
    changes = {"url": url}
    if isinstance(media, Video) and media.poster is not None:
        changes["poster"] = (
            None if url is None else media_url(session_id, folder, f"{media.id}.webp")
        )
    return media.model_copy(update=changes)


class HistoryWriter:
    """Writes a history from its first record on. Complete after `close`."""

    def __init__(self, disk: Disk, fd: int) -> None:
        self.head = EMPTY
        self._disk, self._fd = disk, fd
        self._waiting, self._written = bytearray(OPENING), 0

    def add(self, line: bytes) -> None:
        """`line` with its comma and newline."""
        self.head = self.head.after(line)
        self._waiting += line
        if len(self._waiting) >= SLICE:
            self._flush()

    def close(self) -> None:
        self._waiting += CLOSING
        self._flush()
        self._disk.sync(self._fd)

    def _flush(self) -> None:
        self._disk.write_all(self._fd, bytes(self._waiting), self._written)
        self._written += len(self._waiting)
        self._waiting.clear()


def branch(
    source: SessionFolder,
    head: Head,
    stage: SessionFolder,
    turn: int,
    meta: Meta,
    record: SessionRecord,
    *,
    all_media: bool = False,
) -> None:
    """Make in `stage` a complete session that begins with the turns 0 to `turn` of `source`.

    The text is read and written once; pictures get a second name and are not copied. Only those
    of these turns, unless `all_media`: then films of the whole run as well.
    """
    disk = source.disk
    stage.make_folders()
    with (
        disk.opened_or_damaged(source.path / HISTORY) as old,
        disk.opened(stage.path / HISTORY, CREATE) as new,
    ):
        writer = HistoryWriter(disk, new)
        for number, line in zip(range(turn + 1), history.lines(disk, old, head), strict=False):
            entry = history.decode_line(line, number)
            adapted = under_id(entry, meta.session_id)
            writer.add(line + b"\n" if adapted is entry else history.encode_entry(adapted))
            for _, (folder, name) in media_of(entry.entry):
                _link(source, stage, folder, name)
            if entry.entry.video is not None:
                _link(source, stage, "videos", f"{entry.entry.video.id}.webp")
        writer.close()
    if all_media:
        _link_rest(source, stage)
    for name in MEDIA_FOLDERS:
        disk.sync_folder(stage.path / name)
    stage.finish(meta, record, writer.head)


def _link(source: SessionFolder, stage: SessionFolder, folder: MediaFolder, name: str) -> None:
    """The same file under a second name, if it is there."""
    if is_media_name(folder, name) and source.has_media(folder, name):
        source.disk.link_or_copy(source.path / folder / name, stage.path / folder / name)


def _link_rest(source: SessionFolder, stage: SessionFolder) -> None:
    for folder in MEDIA_FOLDERS:
        there = set(stage.disk.io.names(stage.path / folder))
        for name in set(source.disk.io.names(source.path / folder)) - there:
            if source.has_media(folder, name) and is_media_name(folder, name):
                target = stage.path / folder / name
                stage.disk.link_or_copy(source.path / folder / name, target)
