"""A session as a stream of zip bytes, as it was when the stream was opened.

The session plays on meanwhile: the committed part of its history never changes, media never
change, the rest is in memory. The folders are held open, so that even a reset does not matter.
"""

import contextlib
import hashlib
import stat
import zipfile
from collections.abc import Generator, Iterator
from datetime import UTC
from itertools import chain
from typing import IO, cast

from app.storage.history import CLOSING, HISTORY
from app.storage.ledger_file import LEDGER, whole_length
from app.storage.parcel import MANIFEST, FileSum, Manifest
from app.storage.session_folder import MEDIA_FOLDERS, Loaded, SessionFolder, is_media_name, state_of
from app.storage.state_file import META, STATE, encode

_ENOUGH = 256 << 10
"""Bytes that are gathered before a piece is handed over."""
_HUGE = 1 << 31


class _Sink:
    """What `ZipFile` writes to: it cannot seek, and is emptied now and then."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def write(self, data: bytes) -> int:
        self._buffer += data
        return len(data)

    def flush(self) -> None:
        """Nothing waits anywhere else."""

    def __len__(self) -> int:
        return len(self._buffer)

    def take(self) -> bytes:
        taken = bytes(self._buffer)
        self._buffer.clear()
        return taken


class Export:
    """Blocking calls; memory stays within a few pieces. Close it whether read to the end or not.

    `ledger`: with what the session has cost, for a backup.
    """

    def __init__(self, folder: SessionFolder, loaded: Loaded, *, ledger: bool = False) -> None:
        self._disk = folder.disk
        self._loaded = loaded
        self._state = state_of(loaded)
        self._held = contextlib.ExitStack()
        with contextlib.ExitStack() as held:
            self._history = held.enter_context(self._disk.opened_or_damaged(folder.path / HISTORY))
            self._ledger = self._opened_ledger(held, folder) if ledger else None
            self._folders = {name: self._opened(held, folder, name) for name in MEDIA_FOLDERS}
            self._held = held.pop_all()
        self._media = [
            (name, file)
            for name, fd in self._folders.items()
            for file in sorted(self._disk.io.names_in(fd))
            if is_media_name(name, file)
        ]
        self._sums: dict[str, FileSum] = {}
        self._pieces = self._zipped()

    def next(self) -> bytes | None:
        """The next bytes of the file; None at its end."""
        return next(self._pieces, None)

    def close(self) -> None:
        self._pieces.close()
        self._held.close()

    def _opened(self, held: contextlib.ExitStack, folder: SessionFolder, name: str) -> int:
        fd = self._disk.io.open_folder(folder.path / name)
        held.callback(self._disk.io.close, fd)
        return fd

    def _opened_ledger(self, held: contextlib.ExitStack, folder: SessionFolder) -> int | None:
        path = folder.path / LEDGER
        if self._disk.io.kind(path) is None:
            return None
        return held.enter_context(self._disk.opened_or_damaged(path))

    def _zipped(self) -> Generator[bytes, None, None]:
        sink = _Sink()
        with zipfile.ZipFile(cast(IO[bytes], sink), "w") as target:
            for name, size, method, content in self._members():
                info = self._info(name, method)
                with target.open(info, "w", force_zip64=size >= _HUGE) as member:
                    yield from self._copied(name, content, member, sink)
            manifest = Manifest(files=self._sums).model_dump_json(indent=1)
            target.writestr(self._info(MANIFEST, zipfile.ZIP_DEFLATED), manifest)
        yield sink.take()

    def _copied(
        self, name: str, content: Iterator[bytes], member: IO[bytes], sink: _Sink
    ) -> Iterator[bytes]:
        digest, size = hashlib.sha256(), 0
        for piece in content:
            digest.update(piece)
            size += len(piece)
            member.write(piece)
            if len(sink) >= _ENOUGH:
                yield sink.take()
        self._sums[name] = FileSum(sha256=digest.hexdigest(), size=size)

    def _members(self) -> Iterator[tuple[str, int, int, Iterator[bytes]]]:
        """Name, size, method and content of each file."""
        head = self._loaded.head
        yield META, 0, zipfile.ZIP_DEFLATED, iter([encode(self._loaded.meta)])
        yield STATE, 0, zipfile.ZIP_DEFLATED, iter([self._state])
        history = self._disk.slices(self._history, 0, head.length)
        yield HISTORY, head.length, zipfile.ZIP_DEFLATED, chain(history, [CLOSING])
        if self._ledger is not None:
            end = whole_length(self._disk, self._ledger)
            yield LEDGER, end, zipfile.ZIP_DEFLATED, self._disk.slices(self._ledger, 0, end)
        for folder, name in self._media:
            fd = self._disk.io.open_in(self._folders[folder], name)
            try:
                size = self._disk.io.size(fd)
                content = self._disk.slices(fd, 0, size)
                yield f"{folder}/{name}", size, zipfile.ZIP_STORED, content
            finally:
                self._disk.io.close(fd)

    def _info(self, name: str, method: int) -> zipfile.ZipInfo:
        at = self._loaded.record.snapshot.updated_at.astimezone(UTC)
        year = max(at.year, 1980)  # the zip format knows no earlier one
        info = zipfile.ZipInfo(name, (year, at.month, at.day, at.hour, at.minute, at.second))
        info.compress_type = method
        info.external_attr = (stat.S_IFREG | 0o600) << 16
        return info
