"""A tape deck in a process of its own: a task is a folder with a script, and gets a film there.

What it says on the way is how far it is: thousandths, as text. The answer is empty.
"""

import errno
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from app.engine.providers.offline.film.encoding import Film, encode
from app.engine.providers.offline.serving import CannotDo, Say, serve
from app.engine.providers.offline.tape import stills
from app.engine.providers.offline.tape.deck import NO_SPACE
from app.engine.providers.offline.tape.reel import Reel, Script
from app.models.tape import FILM, SCRIPT, STILLS

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
_NICENESS: Final = 15
"""Nobody waits for a film as people wait for a turn or its picture."""
_FILM_SHARE: Final = 900
_THOUSAND: Final = 1000
_CRF: Final = 30
_GOP_S: Final = 8
_THREADS: Final = 2


def record(folder: Path, say: Callable[[int], None]) -> None:
    """Make the film and the animated WebP of the script in `folder`.

    Raises `ValueError` for a script that is none, and `OSError`.
    """
    script = Script(folder / SCRIPT)
    reel = Reel(script)
    opening = script.opening
    film = Film(
        width=reel.width,
        height=reel.height,
        fps=opening.fps,
        gop=_GOP_S * opening.fps,
        crf=_CRF,
        threads=_THREADS,
        title=opening.title,
    )
    total = reel.frames_in_all
    encode(
        folder / FILM,
        reel.frames(),
        film,
        chapters=tuple(reel.chapters()),
        captions=tuple(reel.captions()),
        progress=lambda done: say(done * _FILM_SHARE // total),
    )
    seen = _Counter(say, script.stills)
    stills.write(
        folder / STILLS,
        reel.stills,
        count=script.stills,
        fps=opening.fps,
        limit=opening.stills_bytes,
        progress=seen.one,
    )


class _Counter:
    """Tells of the stills; those of a step that did not fit count for nothing."""

    def __init__(self, say: Callable[[int], None], total: int) -> None:
        self._say, self._total, self._seen = say, max(1, total), 0

    def one(self) -> None:
        self._seen = min(self._seen + 1, self._total)
        self._say(_FILM_SHARE + (_THOUSAND - _FILM_SHARE) * self._seen // self._total)


def work(task: bytes, say: Say) -> bytes:
    """One task."""
    told = -1

    def tell(thousandths: int) -> None:
        nonlocal told
        if thousandths != told:
            told = thousandths
            say(str(thousandths).encode())

    try:
        record(Path(task.decode()), tell)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise CannotDo(NO_SPACE if error.errno in _FULL else "the disk cannot be used") from error
    except (ValidationError, ValueError) as error:
        raise CannotDo("the run cannot be read") from error
    return b""


if __name__ == "__main__":
    serve(work, sys.stdin.buffer, sys.stdout.buffer, niceness=_NICENESS)
