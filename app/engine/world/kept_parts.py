"""Parts of grown worlds, kept while they are in use."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Final, TypeVar

T = TypeVar("T")
_PARTS: Final = 2048


class Parts:
    """What overlays are made of, for as long as it was used lately."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, tuple[tuple[object, ...], Any]] = OrderedDict()

    def get(self, kind: Hashable, of: tuple[object, ...], make: Callable[[], T]) -> T:
        """The part that is made of these objects, by identity, made once."""
        key = (kind, *map(id, of))
        found = self._kept.get(key)
        if found is None:
            found = (of, make())
            self._kept[key] = found
            if len(self._kept) > _PARTS:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(key)
        made: T = found[1]
        return made
