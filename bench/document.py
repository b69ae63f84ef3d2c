"""docs/figures.md: the cells that a benchmark or a test fills in, so that no figure is typed.

`python -m bench.document` names the tests of the page, for `pytest --figures`.
"""

import os
import platform
import re
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bench.row import Row

PAGE: Final = Path(__file__).parents[1] / "docs" / "figures.md"
BEGIN: Final = "<!-- filled in by python -m bench --write -->"
END: Final = "<!-- until here -->"
MACHINE: Final = "Machine: "
FILLED: Final = 3
"""Cells at the end of a test's line: what was measured, the verdict, and when."""


def now() -> str:
    """When, beside how much else, and of which sources."""
    moment = datetime.now(UTC).strftime("%Y-%m-%d %H:%M")
    return f"{moment}, load {os.getloadavg()[0]:.1f}, {_commit()}"


def machine() -> str:
    python = f"{platform.python_implementation()} {platform.python_version()}"
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{python}, {os.cpu_count()} cores, {memory:.0f} GiB, "
        f"{platform.system()} {platform.release()} {platform.machine()}"
    )


def line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def cells(text: str) -> list[str]:
    return [cell.strip() for cell in text.strip().strip("|").split("|")]


def with_rows(page: str, rows: Sequence[Row], when: str, order: Sequence[str]) -> str:
    """The page with these rows in place of older ones of the same figures."""
    head, begin, rest = page.partition(BEGIN)
    table, end, tail = rest.partition(END)
    assert begin, "the page has no place for the rows"
    assert end, "the page has no place for the rows"
    kept: dict[str, list[str]] = {}
    title, *old = [one for one in table.splitlines() if one.startswith("|")]
    for one in old[1:]:
        kept.setdefault(cells(one)[0], []).append(one)
    for figure in {row.figure for row in rows}:
        kept[figure] = []
    for row in rows:
        told = (row.figure, row.what, row.reference, row.ours, row.ratio, row.reach)
        kept[row.figure].append(line((*told, row.verdict, when)))
    body = [one for figure in sorted(kept, key=order.index) for one in kept[figure]]
    return "\n".join((head + begin, "", title, old[0], *body, "", end + tail))


def with_tests(page: str, told: Mapping[str, tuple[str, str]], when: str) -> str:
    """The page with what was measured and the verdict in the lines that name these tests."""

    def filled(text: str) -> str:
        for name, (measured, verdict) in told.items():
            if f"`{name}`" in text and text.startswith("|"):
                return line((*cells(text)[:-FILLED], measured, verdict, when))
        return text

    return "\n".join(filled(text) for text in page.split("\n"))


def tests_of(page: str) -> list[str]:
    """The tests that the page names in its lines, in their order."""
    lines = [text for text in page.split("\n") if text.startswith("|")]
    return [name for text in lines for name in re.findall(r"`(tests/\S+::\S+)`", text)]


def with_machine(page: str) -> str:
    return "\n".join(
        MACHINE + machine() if text.startswith(MACHINE) else text for text in page.split("\n")
    )


def _commit() -> str:
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],  # noqa: S607
        cwd=PAGE.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() or "no git"


if __name__ == "__main__":
    print("\n".join(tests_of(PAGE.read_text())))
