"""Starts the service again and again without importing it again: fork, serve, be killed.

    python -m tests.kill.zygote SESSIONS_DIR [wordy | moving]

Reads a port a line from standard input; for each, forks a child that serves real HTTP on it and
writes the child's pid. The child is an ordinary service process; only imports and packs are
loaded once, so that hundreds of kills fit into minutes.
"""

import gc
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import uvicorn

from app.engine import clip_orders
from app.engine.world.loader import load_worlds
from app.engine.world.world import World
from app.main import SHIPPED_WORLDS, create_app
from app.settings import ServiceSettings
from app.tuning import composing
from tests.doubles import QuickIllustrator, WordyNarrator


def serve(folder: Path, port: int, worlds: Mapping[str, World], how: str) -> None:
    wordy = how == "wordy"
    if how == "moving":  # small clips that still take a while
        vars(clip_orders)["_WIDTH_AND_SECONDS"] = {"fast": (160, 5)}
    settings = ServiceSettings(sessions_dir=folder, log_level="error", tapes=False)
    narrator = WordyNarrator() if wordy else None
    with composing():
        app = create_app(settings, narrator=narrator, illustrator=QuickIllustrator(), worlds=worlds)
    uvicorn.run(app, port=port, log_level="error", access_log=False)


def main() -> None:
    folder = Path(sys.argv[1])
    with composing():
        worlds = load_worlds(SHIPPED_WORLDS)
    # As a service does: a collector that looked at all this would copy it for each child.
    gc.freeze()
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            serve(folder, int(line), worlds, "".join(sys.argv[2:]))
            os._exit(0)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()
        os.waitpid(child, 0)
        sys.stdout.write("dead\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
