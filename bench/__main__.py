"""`python -m bench [--write] [FIGURE ...]`: run the rows and print the table.

`--write` puts them into docs/figures.md as well, each with its time, its load and its commit.
"""

import sys
import traceback

import uvloop

from bench import document
from bench.row import Row
from bench.rows import ROWS

HEAD = ("#", "what", "reference", "ours", "ratio", "reach", "verdict")
WRITE = "--write"


def _line(row: Row) -> str:
    told = (row.figure, row.what, row.reference, row.ours, row.ratio, row.reach, row.verdict)
    return document.line(told)


def _write(rows: list[Row], when: str) -> None:
    page = document.with_machine(document.PAGE.read_text())
    page = document.with_rows(page, rows, when, tuple(ROWS))
    document.PAGE.write_text(page)


async def main(wanted: set[str], *, write: bool) -> int:
    """How many measurements failed: the others are not given up for them."""
    print(document.machine() + "\n")
    print(document.line(HEAD))
    print(document.line(["---"] * len(HEAD)))
    failed = 0
    # One measurement may give several figures.
    for measure in dict.fromkeys(ROWS[one] for one in ROWS if not wanted or one in wanted):
        when = document.now()
        try:
            rows = await measure()
        except Exception:  # noqa: BLE001 (the edge of a process)
            traceback.print_exc()
            failed += 1
            continue
        for row in rows:
            print(_line(row), flush=True)
        if write:
            _write(rows, when)
    return failed


if __name__ == "__main__":
    asked = set(sys.argv[1:])
    if unknown := asked - {WRITE, *ROWS}:
        sys.exit(f"No such figure: {', '.join(sorted(unknown))}. There are {', '.join(ROWS)}.")
    sys.exit(uvloop.run(main(asked - {WRITE}, write=WRITE in asked)))
