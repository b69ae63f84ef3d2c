"""A filmmaker in a process of its own: pictures come in, a poster and an MP4 go out.

A task is JSON (`task.py`) and pictures, an answer the poster (WebP) and the clip (MP4).
"""

import io
import sys
from collections.abc import Iterator
from typing import Annotated, Final

from PIL import Image
from pydantic import Field, TypeAdapter, ValidationError

from app.engine.providers.offline.film.encoding import Film, encoded
from app.engine.providers.offline.film.fitting import fitted
from app.engine.providers.offline.film.shots import frames, own_from
from app.engine.providers.offline.film.task import Fitting, Shot, packed, unpacked
from app.engine.providers.offline.painter.arrays import Array
from app.engine.providers.offline.serving import CannotDo, Say, serve

_NICENESS: Final = 10
"""A clip never holds a turn: the server and its painters come first."""
_CRF: Final = 24
_POSTER_QUALITY: Final = 76


def work(task: bytes, say: Say) -> bytes:
    """One clip. Raises `CannotDo`; and `BrokenPipeError` soon after nobody waits for it."""
    try:
        head, *pictures = unpacked(task)
        wanted = TypeAdapter(Annotated[Shot | Fitting, Field(discriminator="kind")])
        ordered: Shot | Fitting = wanted.validate_json(head)
    except (ValidationError, ValueError) as error:
        raise CannotDo("The order of a clip cannot be understood.") from error
    if isinstance(ordered, Fitting):
        return _filmed(fitted(pictures[0], ordered), ordered, say, poster_at=0)
    previous = pictures[1] if len(pictures) > 1 else None
    dissolves = ordered.dissolves and previous is not None
    made = frames(ordered, pictures[0], previous)
    return _filmed(made, ordered, say, poster_at=own_from(ordered, dissolves=dissolves))


def _filmed(made: Iterator[Array], form: Shot | Fitting, say: Say, *, poster_at: int) -> bytes:
    poster: list[bytes] = []

    def watched() -> Iterator[Array]:
        for number, frame in enumerate(made):
            if number == poster_at:
                poster.append(_webp(frame))
            say(b"")
            yield frame

    film = Film(form.width, form.height, fps=form.fps, gop=2 * form.fps, crf=_CRF)
    clip = encoded(watched(), film)
    return packed(poster[0], clip)


def _webp(frame: Array) -> bytes:
    out = io.BytesIO()
    Image.fromarray(frame).save(out, "WEBP", quality=_POSTER_QUALITY, method=2)
    return out.getvalue()


if __name__ == "__main__":
    serve(work, sys.stdin.buffer, sys.stdout.buffer, niceness=_NICENESS)
