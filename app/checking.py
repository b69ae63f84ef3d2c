"""`elsewhere check`: is every session whole, and what can be done about one that is not."""

import argparse
import contextlib
import json
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from app.storage.sick_bay import SET_ASIDE, Kind, Report, SickBay

WELL: Final = 0
DAMAGED: Final = 1
MISUSED: Final = 2
_SAID: Final = 5
"""Problems of one session in readable output; `--json` names them all."""


def add_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """`elsewhere check [SESSION...] [--salvage]`"""
    command = commands.add_parser(
        "check",
        help="verify every session, and mend what can be mended",
        description="Verifies sessions, archives and ledgers: every checksum, every turn, every "
        "picture and film. Changes nothing and may run beside the service. One line each; the "
        "exit status is 1 if something is damaged, and 2 if that could not be found out.",
    )
    command.add_argument("session", nargs="*", help="ids, or names of archives; all unless given")
    command.add_argument(
        "--salvage",
        action="store_true",
        help="make damaged sessions playable again, from what their history still has; the "
        "service must be stopped. The damaged files stay beside, with the time in their name",
    )
    command.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    command.add_argument("--sessions-dir", type=Path, help="where sessions are kept (sessions)")
    command.add_argument("--archives-dir", type=Path, help="where ended runs are kept (archives)")


def run(asked: argparse.Namespace, sessions: Path, archives: Path) -> int:
    """Look, mend if asked to, and say it; returns the exit status."""
    if not sessions.is_dir():
        return _refuse(f"there is no folder {sessions}")
    bay = SickBay(sessions, archives, lambda: datetime.now(UTC))
    try:
        patients = _named(bay, asked.session) if asked.session else list(bay.patients())
        if isinstance(patients, str):
            return _refuse(patients)
        with _taken(bay, wanted=asked.salvage) as may_write:
            page = _Page(as_json=asked.json)
            for kind, name in patients:
                if (report := _treated(bay, kind, name, may_write=may_write)) is not None:
                    page.add(report)
            page.end(bay)
    except OSError as error:
        return _refuse(f"{sessions} cannot be read: {error.strerror or type(error).__name__}")
    if asked.salvage and not may_write:
        return _refuse("the service is running, so nothing was salvaged: stop it first")
    return DAMAGED if page.damaged else WELL


def _named(bay: SickBay, names: Sequence[str]) -> list[tuple[Kind, str]] | str:
    found = [bay.find(name) for name in names]
    for name, one in zip(names, found, strict=True):
        if one is None:
            return f"there is no session or archive {name!r}"
    return [one for one in found if one is not None]


@contextlib.contextmanager
def _taken(bay: SickBay, *, wanted: bool) -> Iterator[bool]:
    """Whether the folders are ours to write to, for as long as this lasts."""
    with contextlib.ExitStack() as held:
        if wanted:
            try:
                held.enter_context(bay.taken())
            except BlockingIOError:
                wanted = False
        yield wanted


def _treated(bay: SickBay, kind: Kind, name: str, *, may_write: bool) -> Report | None:
    report = bay.look(kind, name)
    if report is not None and report.damaged and may_write:
        return bay.salvage(report)
    return report


class _Page:
    """What is printed: a line at a time, or one object in the end."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._reports: list[dict[str, object]] = []
        self._counts: dict[Kind, int] = {"session": 0, "archive": 0, "ledger": 0}
        self._salvaged = 0
        self.damaged = 0

    def add(self, report: Report) -> None:
        self._counts[report.kind] += 1
        self._salvaged += report.beside is not None
        self.damaged += report.damaged
        if self._as_json:
            self._reports.append(_as_json(report))
        else:
            _say(_line(report))

    def end(self, bay: SickBay) -> None:
        remains, running, aside = bay.remains(), bay.in_use(), bay.set_aside()
        if self._as_json:
            summary = {
                "checked": self._counts,
                "damaged": self.damaged,
                "salvaged": self._salvaged,
                "set_aside": aside,
                "service_running": running,
                "remains": remains,
            }
            _say(json.dumps({"reports": self._reports, "summary": summary}, indent=1))
            return
        for name in remains:
            _say(f"{name}: left behind by something that was cut off; harmless")
        _say(self._summary(aside, running=running))

    def _summary(self, aside: int, *, running: bool) -> str:
        counted = ", ".join(
            f"{count} {kind}{'' if count == 1 else 's'}" for kind, count in self._counts.items()
        )
        parts = [f"{self.damaged} damaged" if self.damaged else "all well"]
        if self._salvaged:
            parts.append(f"{self._salvaged} salvaged")
        if aside:
            parts.append(f"{aside} set aside (*{SET_ASIDE}*)")
        if running:
            parts.append("the service is running: nothing was changed")
        return f"{counted}: {'; '.join(parts)}"


def _line(report: Report) -> str:
    name = report.name if report.kind == "session" else f"{report.kind} {report.name}"
    told = []
    if report.hopeless is not None:
        told.append(f"cannot be salvaged: {report.hopeless}")
    if report.beside is not None:
        lost = "; ".join(report.lost) or "nothing"
        told.append(f"salvaged; lost: {lost}; the damaged files are in {report.beside}")
    if report.problems:
        problems = [str(problem) for problem in report.problems]
        more = [f"and {len(problems) - _SAID} more"] if len(problems) > _SAID else []
        told.append(f"DAMAGED: {'; '.join([*problems[:_SAID], *more])}")
    if not told:
        told.append("well")
    if report.turns is not None:
        told.append(f"{_counted(report.turns, 'turn')}, {_counted(report.media, 'media file')}")
    if report.remains:
        told.append(f"left behind, harmless: {'; '.join(report.remains)}")
    return f"{name}: {'; '.join(told)}"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _as_json(report: Report) -> dict[str, object]:
    return {
        "kind": report.kind,
        "name": report.name,
        "well": not report.damaged,
        "turns": report.turns,
        "media": report.media,
        "problems": [{"file": problem.file, "what": problem.what} for problem in report.problems],
        "remains": report.remains,
        "beside": report.beside,
        "lost": report.lost,
        "hopeless": report.hopeless,
    }


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def _refuse(why: str) -> int:
    sys.stderr.write(f"elsewhere: {why}\n")
    return MISUSED
