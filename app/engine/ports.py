"""The ports behind which models, or the built-in ones, work."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Protocol

from app.models.ledger import Capability, Units
from app.models.narration import Brief, Clip, ClipRequest, Picture, PictureRequest, Telling

Hear = Callable[[str], None]
"""Told more of the dispatch as it is written; called on the event loop, and never waits."""


class Hold(Protocol):
    """Money set aside for one call. Exactly one of the two is called, even when the call fails
    or is cancelled; both act at once and never wait, so that they fit a `finally`."""

    def settle(
        self, units: Units, micros: int | None, *, estimated: bool = False, request_id: str = ""
    ) -> None:
        """The call was (or may have been) billed: `micros` millionths of a dollar; None when
        the price is unknown. `estimated` when the server did not say what it counted."""
        ...

    def release(self) -> None:
        """The call was never made."""
        ...


class Purse(Protocol):
    """What one session may spend on one turn, as a provider sees it."""

    async def reserve(
        self, capability: Capability, *, provider: str, model: str, at_most: int | None
    ) -> Hold:
        """Set aside `at_most` millionths of a dollar (None: the price is unknown) for one call.

        One reservation a call: retries and repairs reserve again. On the disk before it returns.
        Raises `BudgetExhausted`.
        """
        ...


class Narrator(Protocol):
    """Words what the rules resolved."""

    priced: bool
    """Whether a call may cost money, so that a budget applies."""
    grounded: bool
    """Whether it needs `Brief.grounding`; the built-in one does not, and it costs time."""

    async def tell(self, brief: Brief, *, hear: Hear, purse: Purse) -> Telling:
        """Word one turn.

        Raises `ProviderError`, `ProviderTimeout` or `BudgetExhausted`, and never anything that
        became story. What was heard is provisional: the telling that is returned is what counts.
        """
        ...


class Illustrator(Protocol):
    """Shows what can be seen."""

    priced: bool
    wants_previous: bool
    """Whether `PictureRequest.previous` is of use to it."""

    async def paint(self, request: PictureRequest, *, purse: Purse) -> Picture:
        """Paint one frame as WebP of the scene's size, off the event loop.

        Raises `ProviderError`, `ProviderTimeout` or `BudgetExhausted`.
        """
        ...


class Filmmaker(Protocol):
    """Sets a moment in motion."""

    @property
    def priced(self) -> bool:
        """Whether a call may cost money, so that a budget applies."""
        ...

    async def film(self, request: ClipRequest, *, purse: Purse) -> Clip:
        """Make one clip, off the event loop; it may take minutes.

        Raises `ProviderError`, `ProviderTimeout` or `BudgetExhausted`.
        """
        ...


Fit = Callable[[bytes, ClipRequest], Awaitable[Clip]]
"""Makes of an MP4 from elsewhere the clip that was asked for. Raises `ProviderError` for what is
no clip; nothing else of the file reaches anybody."""


class TapeDeck(Protocol):
    """Puts a whole run on film."""

    async def record(self, folder: Path, *, heard: Callable[[float], None]) -> None:
        """Make `FILM` and `STILLS` of the `SCRIPT` in `folder` (`app.models.tape`), off the event
        loop; `heard` is told how far it is, 0 to 1. Cancelled, it is over when this returns.

        Raises `ProviderError`, `StorageFull`.
        """
        ...


def unheard(_: str) -> None:
    """Nobody listens."""
