"""Makes a session again out of what a damaged one still has. What is damaged is only ever moved.

The present is true as `state.json` has it, or where that is damaged, as the last whole turn of the
history has it. Every whole turn is kept to the byte; one that is lost is replaced by an entry that
says so, because a history has no holes. What becomes of it all is told in words.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

from app.models.record import SessionRecord, StoredEntry
from app.models.session import HistoryEntry, Image, Meta, Settings, Snapshot, Video
from app.models.world import WorldState
from app.storage import history, ledger_file
from app.storage.branching import HistoryWriter, media_of
from app.storage.disk import SLICE, Disk
from app.storage.faults import Damage
from app.storage.history import HISTORY, LONGEST_RECORD
from app.storage.io import CREATE
from app.storage.ledger_file import LEDGER
from app.storage.session_folder import MEDIA_FOLDERS, SessionFolder, is_media_name
from app.storage.sound_media import flaw_of
from app.storage.state_file import META, STATE, Committed, decode_meta, decode_state

Content = TypeVar("Content", Meta, Committed)
Media = TypeVar("Media", bound=Image)

LOST_TURN: Final = "This turn is lost: its record was damaged on the disk."
_EVENTS_AHEAD: Final = 1000
"""Ids of events that may have been told after the last turn that can be read: none comes twice."""


class Hopeless(Damage):
    """Nothing is left to make a session of."""


@dataclass(slots=True)
class Losses:
    """What could not be kept, in sentences."""

    turns: list[int] = field(default_factory=list)
    """Of which the words are lost; the story goes on behind them."""
    media: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)

    def told(self) -> tuple[str, ...]:
        told = list(self.others)
        if self.turns:
            told.append(f"the record of {_turns(self.turns)}")
        if self.media:
            told.append(f"{len(self.media)} of its media: {', '.join(self.media)}")
        return tuple(told)


def _turns(numbers: list[int]) -> str:
    """`turn 3`, or `turns 3, 5 to 9`."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and spans[-1][1] == number - 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    said = ", ".join(f"{a}" if a == b else f"{a} to {b}" for a, b in spans)
    return f"turn{'s' if len(numbers) > 1 else ''} {said}"


class Salvage:
    """Blocking calls, in this order: `Salvage(...)`, which raises `Hopeless`, then `build`."""

    def __init__(self, folder: SessionFolder, session_id: str) -> None:
        self._folder, self._disk = folder, folder.disk
        self._id = session_id
        self.losses = Losses()
        if not folder.exists():
            raise Hopeless("there is no folder")
        committed = self._decoded(STATE, decode_state)
        if committed is not None and committed.record.snapshot.session_id != session_id:
            committed = None
        self._whole = self._whole_turns(committed)
        self._sound = frozenset(self._sound_media())
        self.record = self._without_lost_media(self._record(committed))
        self._meta = self._found_meta(self.record.snapshot)

    @property
    def turns(self) -> int:
        return self.record.snapshot.turn + 1

    def build(self, draft: SessionFolder) -> None:
        """Make the session in `draft`, whose folder is not there yet."""
        draft.make_folders()
        for where in sorted(self._sound):
            self._disk.link_or_copy(self._folder.path / where, draft.path / where)
        for name in MEDIA_FOLDERS:
            self._disk.sync_folder(draft.path / name)
        with self._disk.opened(draft.path / HISTORY, CREATE) as fd:
            writer = HistoryWriter(self._disk, fd)
            for line in self._lines():
                writer.add(line)
            writer.close()
        self._keep_ledger(draft.path / LEDGER)
        draft.finish(self._meta, self.record, writer.head)

    # -- what can still be read ----------------------------------------------------------

    def _decoded(self, name: str, decode: Callable[[bytes], Content]) -> Content | None:
        try:
            return decode(self._disk.read(self._folder.path / name))
        except Damage:
            return None

    def _whole_turns(self, committed: Committed | None) -> dict[int, tuple[int, int]]:
        """Where each whole turn stands: its offset and length."""
        if self._disk.io.kind(self._folder.path / HISTORY) != "file":
            return {}
        found: dict[int, tuple[int, int]] = {}
        last = -1
        for at, line in self._raw_lines():
            if committed is not None and at >= committed.history_bytes:
                break  # never acknowledged
            stored = history.decode_anywhere(line)
            if stored is None or stored.entry.session_id != self._id:
                continue
            if stored.entry.turn > last:
                last = stored.entry.turn
                found[last] = (at, len(line))
        return found

    def _raw_lines(self) -> Iterator[tuple[int, bytes]]:
        with self._disk.opened(self._folder.path / HISTORY) as fd:
            at, left = 0, b""
            for piece in self._disk.slices(fd, 0, self._disk.io.size(fd)):
                left += piece
                *lines, left = left.split(b"\n")
                for line in lines:
                    yield at, line
                    at += len(line) + 1
                if len(left) > LONGEST_RECORD + SLICE:
                    at, left = at + len(left), b""
            yield at, left

    def _turn(self, turn: int) -> StoredEntry:
        at, length = self._whole[turn]
        with self._disk.opened(self._folder.path / HISTORY) as fd:
            stored = history.decode_anywhere(self._disk.read_range(fd, at, at + length))
        if stored is None:
            raise Damage(f"turn {turn} changed while it was read")
        return stored

    def _sound_media(self) -> Iterator[str]:
        for folder in MEDIA_FOLDERS:
            path = self._folder.path / folder
            if self._disk.io.kind(path) != "folder":
                continue
            for name in self._disk.io.names(path):
                if not is_media_name(folder, name):
                    continue
                if flaw_of(self._disk, path / name) is None:
                    yield f"{folder}/{name}"
                else:
                    self.losses.media.append(f"{folder}/{name}")

    # -- the present ---------------------------------------------------------------------

    def _record(self, committed: Committed | None) -> SessionRecord:
        if committed is not None:
            return committed.record
        if not self._whole:
            raise Hopeless("neither its state nor a turn of its history can be read")
        stored = self._turn(max(self._whole))
        turn, snapshot = stored.entry.turn, stored.entry.state
        self.losses.others.append(
            f"whatever came after turn {turn}, and which requests were answered lately"
        )
        ahead = {"last_event_id": snapshot.last_event_id + _EVENTS_AHEAD}
        return SessionRecord(
            snapshot=snapshot.model_copy(update=ahead), world=stored.world, lineage=stored.lineage
        )

    def _found_meta(self, snapshot: Snapshot) -> Meta:
        meta = self._decoded(META, decode_meta)
        if meta is not None and meta.session_id == self._id:
            return meta
        self.losses.others.append(
            "its name, description and settings (a budget is to be set again), and its tokens"
        )
        return Meta(
            session_id=self._id,
            name=self._id,
            description="",
            world=snapshot.world,
            settings=Settings(),
            # How often tokens were replaced is not known, and none that was may be good again.
            edition=int(snapshot.updated_at.timestamp()),
            created_at=snapshot.created_at,
        )

    def _without_lost_media(self, record: SessionRecord) -> SessionRecord:
        snapshot = self._honest(record.snapshot)
        if snapshot is record.snapshot:
            return record
        return record.model_copy(update={"snapshot": snapshot})

    # -- the past ------------------------------------------------------------------------

    def _lines(self) -> Iterator[bytes]:
        """Every turn up to the present one, with its comma and newline."""
        before: StoredEntry | None = None
        for turn in range(self.turns):
            if turn not in self._whole:
                self.losses.turns.append(turn)
                before = self._stand_in(turn, before)
                yield history.encode_entry(before)
                continue
            before = self._turn(turn)
            honest = self._shown_honestly(before)
            yield self._as_written(turn) if honest is before else history.encode_entry(honest)

    def _as_written(self, turn: int) -> bytes:
        at, length = self._whole[turn]
        with self._disk.opened(self._folder.path / HISTORY) as fd:
            line = self._disk.read_range(fd, at, at + length)
        return (b"," if turn > 0 else b"") + line.removeprefix(b",") + b"\n"

    def _stand_in(self, turn: int, before: StoredEntry | None) -> StoredEntry:
        """An entry for a turn that is lost: things stand as at its end, as far as that is known."""
        record = self.record
        if turn == record.snapshot.turn and record.world is not None:
            snapshot, world, lineage = record.snapshot, record.world, record.lineage
            return _entry_of(snapshot, snapshot.dispatch or LOST_TURN, world=world, way=lineage)
        nearest = before or self._next(turn)
        update = {"turn": turn, "dispatch": LOST_TURN, "vision_dispatch": "", "image": None}
        snapshot = nearest.entry.state.model_copy(update=update | {"video": None})
        return _entry_of(snapshot, LOST_TURN, world=nearest.world, way=nearest.lineage)

    def _next(self, turn: int) -> StoredEntry:
        """The first whole turn after one that is lost."""
        after = [whole for whole in self._whole if whole > turn]
        if after:
            return self._turn(min(after))
        record = self.record
        if record.world is None:
            raise Hopeless("its state has turns but no world")
        snapshot = record.snapshot
        return _entry_of(snapshot, snapshot.dispatch, world=record.world, way=record.lineage)

    def _shown_honestly(self, stored: StoredEntry) -> StoredEntry:
        """The same entry, or one whose lost picture is said to have failed."""
        gone = [
            f"{folder}/{name}"
            for media, (folder, name) in media_of(stored.entry)
            if media.status == "ready" and f"{folder}/{name}" not in self._sound
        ]
        if not gone:
            return stored
        self.losses.media.extend(where for where in gone if where not in self.losses.media)
        entry = stored.entry
        changes = {
            "image": self._honestly(entry.image, "images", ".webp"),
            "video": self._honestly(entry.video, "videos", ".mp4"),
            "state": self._honest(entry.state),
        }
        return stored.model_copy(update={"entry": entry.model_copy(update=changes)})

    def _honest(self, snapshot: Snapshot) -> Snapshot:
        image = self._honestly(snapshot.image, "images", ".webp")
        video = self._honestly(snapshot.video, "videos", ".mp4")
        if image is snapshot.image and video is snapshot.video:
            return snapshot
        return snapshot.model_copy(update={"image": image, "video": video})

    def _honestly(self, media: Media | None, folder: str, ending: str) -> Media | None:
        if media is None or media.status != "ready":
            return media
        if f"{folder}/{media.id}{ending}" in self._sound:
            return media
        changes: dict[str, object] = {"status": "failed", "url": None}
        if isinstance(media, Video):
            changes["poster"] = None
        return media.model_copy(update=changes)

    # -- the money -----------------------------------------------------------------------

    def _keep_ledger(self, target: Path) -> None:
        source = self._folder.path / LEDGER
        if self._disk.io.kind(source) is None:
            return
        lost = copy_whole_lines(self._disk, source, target)
        if lost:
            self.losses.others.append(f"{lost} of its ledger: what it has spent may be more")


def copy_whole_lines(disk: Disk, source: Path, target: Path) -> str:
    """Keep what is whole of a ledger; says how much is not."""
    if disk.io.kind(source) != "file":
        return "all"
    at = lost = 0
    with disk.opened(target, CREATE) as fd:
        for line, whole in ledger_file.all_lines(disk, source):
            if whole:
                disk.write_all(fd, line, at)
                at += len(line)
            elif line.endswith(b"\n"):  # else a crash cut it off: nothing came of it
                lost += 1
        disk.sync(fd)
    return f"{lost} line{'' if lost == 1 else 's'}" if lost else ""


def _entry_of(snapshot: Snapshot, dispatch: str, *, world: WorldState, way: str) -> StoredEntry:
    entry = HistoryEntry(
        session_id=snapshot.session_id,
        turn=snapshot.turn,
        phase=snapshot.phase,
        action=None,
        is_custom_action=False,
        fate=snapshot.fate,
        dispatch=dispatch,
        vision_dispatch=snapshot.vision_dispatch,
        movement=snapshot.movement,
        hard_transition=True,
        alive=snapshot.player.alive,
        health=snapshot.player.health,
        chaos=snapshot.chaos,
        situation=snapshot.situation,
        evolution_summary="",
        image=snapshot.image,
        video=snapshot.video,
        choices=snapshot.choices,
        locked=snapshot.locked,
        deadline_at=None,
        source="offline",
        cost_usd=0.0,
        at=snapshot.updated_at,
        offered=(),
        request_key=None,
        state=snapshot,
    )
    return StoredEntry(entry=entry, world=world, lineage=way)
