"""The ports behind which models, or the built-in ones, work."""

from typing import Protocol

from app.models.narration import Brief, Picture, PictureRequest, Telling


class Narrator(Protocol):
    """Words what the rules resolved."""

    priced: bool
    """Whether a call may cost money, so that a budget applies."""

    async def tell(self, brief: Brief) -> Telling:
        """Word one turn.

        Raises `ProviderError` or `ProviderTimeout` and never anything that became story.
        """
        ...


class Illustrator(Protocol):
    """Shows what can be seen."""

    priced: bool

    async def paint(self, request: PictureRequest) -> Picture:
        """Paint one frame as WebP of the scene's size, off the event loop.

        Raises `ProviderError` or `ProviderTimeout`.
        """
        ...
