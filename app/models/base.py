"""The base of every model, and the small types that all of them share."""

from datetime import datetime
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

SESSION_ID_PATTERN = r"^[A-Za-z0-9_-]{1,64}$"
SAFE_INTEGER = 2**53 - 1
"""The largest integer that JavaScript holds exactly; seeds stay below it."""


class Model(BaseModel):
    """Frozen, and an unknown field is an error rather than a surprise."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("a time needs its zone")
    return at


def _whole(number: object) -> object:
    return int(number) if isinstance(number, float) and number.is_integer() else number


WHOLE = BeforeValidator(_whole)
"""Beside an `int` that clients send: JSON knows one kind of number, and 3.0 is 3."""

SessionId = Annotated[
    str,
    StringConstraints(pattern=SESSION_ID_PATTERN),
    Field(description="Names one isolated game.", examples=["default", "user_12345"]),
]
Seed = Annotated[
    int,
    Field(ge=0, le=SAFE_INTEGER, description="Same seed, same choices, same game."),
    WHOLE,
]
UtcTime = Annotated[datetime, AfterValidator(_aware)]
