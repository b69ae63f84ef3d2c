"""`python -m bench [FIGURE ...]`: run the rows and print the table."""

import os
import platform
import sys

import uvloop

from bench.row import Row
from bench.rows import ROWS

HEAD = Row("#", "what", "reference", "ours", "ratio", "reach")


def _line(row: Row) -> str:
    cells = (row.figure, row.what, row.reference, row.ours, row.ratio, row.reach)
    return "| " + " | ".join(cells) + " |"


async def main(wanted: list[str]) -> None:
    cores = os.cpu_count()
    print(
        f"{platform.python_implementation()} {platform.python_version()}, {cores} cores, "
        f"{platform.system()} {platform.machine()}\n"
    )
    print(_line(HEAD))
    print("|---|---|---|---|---|---|")
    for figure, measure in ROWS.items():
        if not wanted or figure in wanted:
            for row in await measure():
                print(_line(row), flush=True)


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1:]))
