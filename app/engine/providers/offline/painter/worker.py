"""A painter in a process of its own: a task is the JSON of scene facts, an answer the WebP."""

import sys
from typing import Final

from pydantic import ValidationError

from app.engine.providers.offline.painter import paint
from app.engine.providers.offline.serving import CannotDo, Say, serve
from app.models.scene import SceneFacts

_NICENESS: Final = 5
"""Painting takes whole cores; the server that answers people comes first."""


def work(task: bytes, _: Say) -> bytes:
    """One picture. Raises `CannotDo` for what are no facts."""
    try:
        facts = SceneFacts.model_validate_json(task)
    except ValidationError as error:
        raise CannotDo("The facts of a scene cannot be understood.") from error
    return paint(facts)


if __name__ == "__main__":
    serve(work, sys.stdin.buffer, sys.stdout.buffer, niceness=_NICENESS)
