"""The one envelope in which every answer under `/api` leaves."""

from typing import Annotated, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

T = TypeVar("T")


class Envelope(BaseModel, Generic[T]):
    """What worked."""

    model_config = ConfigDict(frozen=True)

    success: Literal[True] = True
    message: Annotated[str, Field(description="One line for a person.")]
    data: T


class Failure(BaseModel):
    """What did not, in the same shape for every error."""

    model_config = ConfigDict(frozen=True)

    success: Literal[False] = False
    error: Annotated[str, Field(description="One line for a person.")]
    details: Annotated[str | None, Field(description="More of it, where there is more.")] = None
    code: Annotated[
        str, Field(description="Stable; programs decide by it.", examples=["session_not_found"])
    ]
