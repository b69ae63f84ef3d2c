"""Walks a pack: every condition, every effect and every text in it, with where it stands."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel

from app.engine.world.pack import Pack, Place

Named = tuple[str, Mapping[str, Any]]
Role = Literal["told", "label", "fact"]

_CONDITIONS = frozenset({"when", "needs", "c"})
_EFFECTS = frozenset({"fx", "full"})
_TOLD = frozenset({"text", "t", "first", "back", "ok", "mixed", "bad", "closed_text", "epitaph"})
_LABELS = frozenset(
    {"label", "back_label", "hide_label", "rest_label", "watch_label", "flee_label", "locked_label"}
)
_MAY_BE_EMPTY = frozenset({"epitaph"})


@dataclass(frozen=True, slots=True)
class Text:
    """A text of the pack, how it is used, and what must hold for it."""

    where: str
    role: Role
    text: str
    when: Mapping[str, Any]


class Walk:
    """What an author's effects lead to."""

    def __init__(self, pack: Pack) -> None:
        self._pack = pack

    def leads_to(self, place: Place) -> set[str]:
        """Places that an affordance here puts the player into."""
        found: set[str] = set()
        for prop in place.props:
            for _, source in _effects_in(self._pack.props[prop], ""):
                if "place" in source:
                    found.add(str(source["place"]))
        return found


def conditions(pack: Pack) -> Iterator[Named]:
    """Every condition, those inside of `any` too."""
    for where, source in _maps_in(pack, "", _CONDITIONS):
        yield where, source
        for one in source.get("any", []) if isinstance(source.get("any"), list) else []:
            if isinstance(one, dict):
                yield where, one


def effects(pack: Pack) -> Iterator[Named]:
    yield from _effects_in(pack, "")


def _effects_in(model: BaseModel, where: str) -> Iterator[Named]:
    yield from _maps_in(model, where, _EFFECTS)


def _maps_in(value: object, where: str, fields: frozenset[str]) -> Iterator[Named]:
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            inner = getattr(value, name)
            inside = f"{where}.{name}".lstrip(".")
            if name in fields and isinstance(inner, dict):
                yield where, inner
            else:
                yield from _maps_in(inner, inside, fields)
    else:
        for name, inner in _inside(value):
            yield from _maps_in(inner, f"{where}.{name}", fields)


def _inside(value: object) -> Iterable[tuple[str, object]]:
    if isinstance(value, dict):
        return [(str(name), inner) for name, inner in value.items()]
    if isinstance(value, list):
        return [(str(getattr(one, "id", at)), one) for at, one in enumerate(value)]
    return []


def texts(pack: Pack) -> Iterator[Text]:
    """Every text that a player may read."""
    for section in ("places", "props", "items", "hazards", "agents", "storylets", "lines"):
        yield from _texts_in(getattr(pack, section), section, {})
    for section in ("endings", "intros", "fates"):
        yield from _texts_in(getattr(pack, section), section, {})
    for fact in pack.bible:
        yield Text(f"bible.{fact.id}", "fact", fact.text, {})


def _texts_in(value: object, where: str, when: Mapping[str, Any]) -> Iterator[Text]:
    if not isinstance(value, BaseModel):
        for name, inner in _inside(value):
            yield from _texts_in(inner, f"{where}.{name}", when)
        return
    for name in _CONDITIONS:
        own = getattr(value, name, None)
        if isinstance(own, dict):
            when = {**when, **own}
    for name in type(value).model_fields:
        inner = getattr(value, name)
        inside = f"{where}.{name}"
        role: Role | None = "told" if name in _TOLD else "label" if name in _LABELS else None
        optional = name in _MAY_BE_EMPTY
        for text in _strings(inner) if role else ():
            if optional and not text:
                continue
            yield Text(where, role or "told", text, when)
        if role is None or not _strings(inner):
            yield from _texts_in(inner, inside, when)


def _strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [one for one in value if isinstance(one, str)]
    return []
