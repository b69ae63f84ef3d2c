"""The worlds as sessions have them: made when something was added, and kept while in use."""

from collections import OrderedDict
from typing import Final

from app.engine.world.compiled import Compiled
from app.engine.world.kept_parts import Parts
from app.engine.world.overlay import Overlay
from app.models.world import Grown

_WORLDS: Final = 32
"""Grown worlds that are kept; the one longest unused goes first."""


class Overlays:
    """The grown worlds over one compiled pack. Bounded; holds nothing that cannot be made again."""

    def __init__(self, base: Compiled) -> None:
        self._base = base
        self._made: OrderedDict[int, tuple[Grown, Compiled]] = OrderedDict()
        self._parts = Parts()

    def of(self, grown: Grown | None) -> Compiled:
        """The world with these additions."""
        if grown is None:
            return self._base
        found = self._made.get(id(grown))
        if found is not None:
            self._made.move_to_end(id(grown))
            return found[1]
        made = Overlay(self._base, grown, self._parts).compile()
        # The additions are held too, so that no other object can have their id meanwhile.
        self._made[id(grown)] = (grown, made)
        if len(self._made) > _WORLDS:
            self._made.popitem(last=False)
        return made
