"""The built-in narrator: the world words its own turns."""

from app.engine.ports import Hear, Purse
from app.models.narration import Brief, Telling


class OfflineNarrator:
    """Hands on what the world composed (`engine.world.prose`): no model, no cost, no failure."""

    priced = False
    grounded = False

    async def tell(self, brief: Brief, *, hear: Hear, purse: Purse) -> Telling:
        del hear, purse  # All of it is there at once, and costs nothing.
        wording = brief.wording
        return Telling(
            dispatch=wording.dispatch,
            vision_dispatch=wording.vision_dispatch,
            situation=wording.situation,
            summary=wording.summary,
            choices=brief.choices,
            source="offline",
        )
