"""Who may do what: words for it that settings, the edge and the pages share."""

from typing import Annotated, Final, Literal

from pydantic import Field

from app.models.base import Model

Role = Literal["play", "watch"]
"""`play` may do everything with one session, `watch` may only read it."""

ROLES: Final[tuple[Role, ...]] = ("play", "watch")


class ServiceKey(Model):
    """A key of a bot or a server, as settings hold it: nobody can use what stands there."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,31}$")]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
