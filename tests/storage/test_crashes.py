"""A power cut at any moment leaves the last acknowledged state, or the one being made (R2)."""

from pathlib import Path

import pytest

from app.models.record import SessionRecord
from app.storage import history
from app.storage.disk import Disk
from app.storage.history import CLOSING, HISTORY, Head
from app.storage.io import WRITE
from app.storage.session_folder import Loaded, SessionFolder, Turn
from tests.conftest import Measured
from tests.storage.crash_model import check, scripted_run
from tests.storage.memory_disk import MemoryDisk


async def test_no_power_cut_loses_or_mixes_anything(measured: Measured) -> None:
    disk = MemoryDisk()
    verdict = await check(disk, await scripted_run(disk))
    assert verdict.violations == []
    assert verdict.crashes > 500
    measured("crashes", verdict.crashes)
    measured("points", len(disk.log))
    measured("violations", len(verdict.violations))


class NoFolderSync(MemoryDisk):
    def sync_folder(self, path: Path) -> None:
        """Forget it."""


class RenameBeforeSync(MemoryDisk):
    """`state.json.tmp` is synced only after it has become `state.json`."""

    def sync(self, fd: int) -> None:
        tmp = self._at(Path("/sessions/a/state.json.tmp")) if self._has_tmp() else None
        if self._open[fd] != tmp:
            super().sync(fd)

    def rename(self, source: Path, target: Path) -> None:
        super().rename(source, target)
        if target.name == "state.json":
            fd = self.open(target, 0)
            super().sync(fd)
            self.close(fd)

    def _has_tmp(self) -> bool:
        return self.kind(Path("/sessions/a/state.json.tmp")) is not None


class NoFileSync(MemoryDisk):
    def sync(self, fd: int) -> None:
        """Forget it."""


@pytest.mark.parametrize("disk_class", [NoFolderSync, RenameBeforeSync, NoFileSync])
async def test_a_missing_or_late_sync_is_found(disk_class: type[MemoryDisk]) -> None:
    disk = disk_class()
    verdict = await check(disk, await scripted_run(disk), enough=1)
    assert verdict.violations


async def test_a_state_that_is_written_before_its_history_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = SessionFolder.commit

    def state_first(
        self: SessionFolder, before: Loaded, record: SessionRecord, turn: Turn | None
    ) -> Loaded:
        if turn is None:
            return whole(self, before, record, turn)
        data = history.encode_entry(turn.entry)
        self._write_state(record, before.head.after(data))
        return whole(self, before, record, turn)

    monkeypatch.setattr(SessionFolder, "commit", state_first)
    disk = MemoryDisk()
    verdict = await check(disk, await scripted_run(disk), enough=1)
    assert verdict.violations


async def test_a_record_that_does_not_own_its_newline_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def append(disk: Disk, path: Path, head: Head, data: bytes) -> Head:
        with disk.opened(path, WRITE) as fd:
            # The newline of the record before, which is committed, is written once more.
            disk.write_all(fd, b"\n" + data + CLOSING, head.length - 1)
            disk.sync(fd)
        return head.after(data)

    assert HISTORY == "history.json"
    monkeypatch.setattr(history, "append", append)
    disk = MemoryDisk()
    verdict = await check(disk, await scripted_run(disk), enough=1)
    assert verdict.violations
