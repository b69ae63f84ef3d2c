"""How one server is asked for a picture, and what was learnt of what it does not take."""

import math
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Literal

from app.engine.providers.openai_compatible.endpoint import Endpoint
from app.engine.providers.openai_compatible.failures import Trouble
from app.models.narration import PictureRequest

Way = Literal["edit", "generate", "chat"]
"""`/images/edits`, `/images/generations`, or a chat whose answer holds a picture."""

WAYS: Final[tuple[Way, ...]] = ("edit", "generate", "chat")

_AREA: Final = 1024 * 768
"""Pixels below which models paint badly, or refuse to."""
_STEP: Final = 16
_STANDARD: Final = ("1536x1024", "1024x1024")
"""The sizes of the older models, the one that loses less to a 4:3 frame first."""
_COMPRESSION: Final = 90
NOT_THERE: Final = frozenset({404, 405, 415, 501})
"""Statuses of a server that has no such address."""
_TOO_LARGE: Final = 413
_INVALID: Final = frozenset({400, 422})
_NO_MODEL: Final = re.compile(r"model\b.{0,200}?(not found|not exist|no access)", re.DOTALL)
_ABOUT_CONTENT: Final = re.compile(r"safety|moderat|content.?polic|billing|quota")
"""Refusals that say nothing of what the server can do."""


STRIKES: Final = 3
"""Pictures in a row for which a way seemed to lead nowhere, after which it is given up: an answer
that merely holds no picture may be a proxy's page, and the next one may be a picture."""


class Learnt:
    """What one server refused, remembered for a while: servers are updated."""

    def __init__(self, *, keeps: float = 3600.0, now: Callable[[], float] = time.monotonic) -> None:
        self._keeps = keeps
        self._now = now
        self._refused: dict[str, float] = {}
        self._strikes: Counter[str] = Counter()

    def refuses(self, what: str) -> bool:
        """Whether the server refused it not long ago."""
        at = self._refused.get(what)
        return at is not None and self._now() - at < self._keeps

    def note(self, refused: Iterable[str]) -> None:
        now = self._now()
        for what in refused:
            if not self.refuses(what):  # The time runs from when it was learnt.
                self._refused[what] = now

    def suspect(self, seemed: Iterable[str]) -> None:
        """It seemed refused; it is once that was so a few times in a row."""
        for what in seemed:
            self._strikes[what] += 1
            if self._strikes[what] >= STRIKES:
                del self._strikes[what]
                self.note([what])

    def took(self, what: str) -> None:
        """It worked, whatever it seemed before."""
        del self._strikes[what]


class Trial:
    """What one order finds refused, on top of what is known. Kept only once it has led to a
    picture: a server that stumbles over everything refuses nothing."""

    def __init__(self, learnt: Learnt) -> None:
        self._learnt = learnt
        self._refused: set[str] = set()
        self._seemed: set[str] = set()

    def refuses(self, what: str) -> bool:
        return what in self._refused | self._seemed or self._learnt.refuses(what)

    def note(self, refused: Iterable[str]) -> None:
        self._refused.update(refused)

    def suspect(self, seemed: Iterable[str]) -> None:
        """The server did not say so, but it looks like it: this order does without."""
        self._seemed.update(seemed)

    def keep(self, way: Way) -> None:
        """Remember it for later orders; this way led to a picture."""
        self._learnt.note(self._refused)
        self._learnt.suspect(self._seemed)
        self._learnt.took(way)


def wishes(
    endpoint: Endpoint, learnt: Learnt | Trial, request: PictureRequest, way: Way
) -> dict[str, Any]:
    """What we would like beyond a prompt, as far as the server is known to take it."""
    quality = "low" if request.quality == "fast" else "medium"
    wanted: dict[str, Any] = {"image_config": {"aspect_ratio": "4:3"}}
    if way != "chat":
        wanted = {"size": _size(learnt, request), "quality": quality}
        if endpoint.is_openai:
            wanted |= {"output_format": "webp", "output_compression": _COMPRESSION}
        else:
            wanted["response_format"] = "b64_json"
    return {
        name: value
        for name, value in wanted.items()
        if value is not None and name not in endpoint.extra and not learnt.refuses(name)
    }


def size_of(wanted: Mapping[str, Any]) -> tuple[int, int]:
    """Width and height of the size that is asked for; the square that servers start from."""
    width, _, height = str(wanted.get("size", "")).partition("x")
    return (int(width), int(height)) if width.isdecimal() and height.isdecimal() else (1024, 1024)


def objections(
    trouble: Trouble, way: Way, wanted: Mapping[str, Any], references: int
) -> frozenset[str]:
    """What to do without from now on. Empty: there is nothing to learn, the failure stands."""
    if trouble.status in NOT_THERE:
        return frozenset() if _NO_MODEL.search(trouble.reason) else frozenset({way})
    if trouble.status == _TOO_LARGE:
        return _fewer(way, references) if references else frozenset()
    if trouble.status not in _INVALID or _ABOUT_CONTENT.search(trouble.reason):
        return frozenset()
    named = re.split(r"[.\[]", trouble.param)[0]
    if named.startswith("image") and references:
        return _fewer(way, references)
    told = named if named in wanted else _told(trouble.reason, wanted)
    if told is not None:
        return frozenset({_as_noted(told, wanted)})
    if references > 1:
        return _fewer(way, references)
    if wanted:
        return frozenset(_as_noted(name, wanted) for name in wanted)
    return _fewer(way, references) if references else frozenset({way})


def _fewer(way: Way, references: int) -> frozenset[str]:
    if references > 1:
        return frozenset({f"{way} of two"})
    return frozenset({way if way == "edit" else f"{way} of one"})


def _told(reason: str, wanted: Mapping[str, Any]) -> str | None:
    """Which of the wishes a message speaks of; `quality` is a word that others contain too."""
    names = sorted(wanted, key=len, reverse=True)
    return next((name for name in names if re.search(rf"\b{name}\b", reason)), None)


def _as_noted(name: str, wanted: Mapping[str, Any]) -> str:
    return f"size {wanted[name]}" if name == "size" else name


def _size(learnt: Learnt | Trial, request: PictureRequest) -> str | None:
    sizes = (_best_size(request.scene.width, request.scene.height), *_STANDARD)
    return next((size for size in sizes if not learnt.refuses(f"size {size}")), None)


def _best_size(width: int, height: int) -> str:
    """The frame's own shape, in steps that models take and at an area that they paint well."""
    scale = math.sqrt(max(1.0, _AREA / (width * height)))
    return "x".join(
        str(max(_STEP, round(side * scale / _STEP) * _STEP)) for side in (width, height)
    )
