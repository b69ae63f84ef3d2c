"""The inside of a worker process (`processes.py`): tasks come on stdin, answers go out on stdout.

A task is four bytes of length and its bytes. A message is a letter, four bytes of length and its
bytes: any number of `s` (said on the way), then one `y` (the answer) or `n` (why there is none).
The end of stdin is the end of the worker, however its parent went.
"""

import os
import struct
from collections.abc import Callable
from typing import BinaryIO

Say = Callable[[bytes], None]
"""Tell the parent how the work goes. Raises `BrokenPipeError` when nobody listens any more."""


class CannotDo(Exception):
    """This task cannot be done, for a reason in one line; the next one may be."""


def serve(
    work: Callable[[bytes, Say], bytes], requests: BinaryIO, answers: BinaryIO, *, niceness: int
) -> None:
    """Work until there are no more tasks, after the server and everybody who is less nice."""
    if hasattr(os, "nice"):
        os.nice(niceness)
    try:
        _serve(work, requests, answers)
    except BrokenPipeError:
        # The server is gone. What is still buffered would be tried, and fail, once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), answers.fileno())


def _serve(work: Callable[[bytes, Say], bytes], requests: BinaryIO, answers: BinaryIO) -> None:

    def say(message: bytes) -> None:
        _send(answers, b"s", message)

    while len(head := requests.read(4)) == 4:
        (size,) = struct.unpack(">I", head)
        task = requests.read(size)
        if len(task) < size:
            return
        try:
            answer = work(task, say)
        except CannotDo as error:
            _send(answers, b"n", str(error).encode())
        else:
            _send(answers, b"y", answer)


def _send(answers: BinaryIO, kind: bytes, message: bytes) -> None:
    answers.write(struct.pack(">cI", kind, len(message)))
    answers.write(message)
    answers.flush()
