"""A painter in a process of its own: facts come in on stdin, pictures go out on stdout.

A request is a line of JSON. An answer is four bytes of length and the WebP; a length of zero says
that the facts were not valid. The end of stdin is the end of the worker, however its parent went.
"""

import os
import struct
import sys
from typing import BinaryIO

from pydantic import ValidationError

from app.engine.providers.offline.painter import paint
from app.models.scene import SceneFacts

_NICENESS = 5
"""Painting takes whole cores; the server that answers people comes first."""


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Paint until there are no more requests."""
    for line in requests:
        try:
            picture = paint(SceneFacts.model_validate_json(line))
        except ValidationError:
            picture = b""
        answers.write(struct.pack(">I", len(picture)))
        answers.write(picture)
        answers.flush()


if __name__ == "__main__":
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    serve(sys.stdin.buffer, sys.stdout.buffer)
