"""What the server asks of a film worker, and how it is put into bytes. Imports no NumPy."""

import struct
from typing import Annotated, Literal

from pydantic import Field

from app.models.base import Model
from app.models.vocabulary import Movement, Weather


class Shot(Model):
    """A clip to be made of a picture."""

    kind: Literal["shot"] = "shot"
    width: Annotated[int, Field(ge=16, le=4096)]
    height: Annotated[int, Field(ge=16, le=4096)]
    fps: Annotated[int, Field(ge=1, le=60)]
    seconds: Annotated[float, Field(gt=0, le=60)]
    movement: Movement | None = None
    dissolves: bool = False
    """Out of the picture before, where there is one."""
    weather: Weather = "clear"
    indoors: bool = False
    seed: int = 0
    turn: int = 0


class Fitting(Model):
    """A clip that came from elsewhere, to be made what was promised: size, length, codec."""

    kind: Literal["fitting"] = "fitting"
    width: Annotated[int, Field(ge=16, le=4096)]
    height: Annotated[int, Field(ge=16, le=4096)]
    fps: Annotated[int, Field(ge=1, le=60)]
    seconds: Annotated[float, Field(gt=0, le=60)]


def packed(*parts: bytes) -> bytes:
    """Several byte strings as one."""
    return b"".join(struct.pack(">I", len(part)) + part for part in parts)


def unpacked(data: bytes) -> list[bytes]:
    """The byte strings again. Raises `ValueError` for what `packed` did not make."""
    parts: list[bytes] = []
    while data:
        if len(data) < 4:
            raise ValueError("cut off")
        (size,) = struct.unpack(">I", data[:4])
        if len(data) < 4 + size:
            raise ValueError("cut off")
        parts.append(data[4 : 4 + size])
        data = data[4 + size :]
    return parts
