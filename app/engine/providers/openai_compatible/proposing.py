"""What a model proposes, each on its own: what is invalid is dropped and harms nothing else."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from pydantic import BaseModel, TypeAdapter, ValidationError

from app.engine.providers.openai_compatible.plain import line
from app.models.proposals import (
    MAX_SENTENCE,
    Proposals,
    ProposedChoice,
    ProposedEffect,
    ProposedFact,
    ProposedPerson,
    ProposedPlace,
    ProposedProp,
    Sentence,
)

_KINDS: Final[Mapping[str, tuple[type[BaseModel], int]]] = MappingProxyType(
    {
        "facts": (ProposedFact, 2),
        "props": (ProposedProp, 2),
        "people": (ProposedPerson, 1),
        "places": (ProposedPlace, 1),
        "choices": (ProposedChoice, 2),
    }
)
_EFFECTS: Final = 2
_LOOKED_AT: Final = 8
"""How many of one kind are looked at; a list may be of any length."""
_SENTENCE: Final = TypeAdapter(Sentence)


def proposals_of(
    said: Mapping[str, Any],
    *,
    grows: bool,
    custom: bool,
    threads: tuple[str, ...],
    clean: Callable[[str], bool],
) -> Proposals:
    """The proposals that are well-formed and were asked for, at most as many as there may be."""
    kept: dict[str, tuple[Any, ...]] = {}
    if grows:
        for name, (kind, most) in _KINDS.items():
            kept[name] = tuple(_valid(said.get(name), kind, clean))[:most]
        opened = (line(text) for text in _texts(said.get("threads")))
        kept["threads"] = tuple(one for one in opened if _is_sentence(one) and clean(one))[:1]
        closed = {line(text) for text in _texts(said.get("closes"))}
        kept["closes"] = tuple(
            thread for thread in threads if thread in closed and _is_sentence(thread)
        )[:1]
    if custom:
        kept["effects"] = tuple(_valid(said.get("effects"), ProposedEffect, clean))[:_EFFECTS]
    return Proposals(**kept)


def names_in(said: Mapping[str, Any]) -> tuple[str, ...]:
    """The names that proposals bring: a dispatch may speak of what it proposes."""
    named: list[str] = []
    for kind in ("props", "people", "places"):
        items = said.get(kind)
        for one in items[:_LOOKED_AT] if isinstance(items, list) else ():
            name = one.get("name") if isinstance(one, Mapping) else None
            if isinstance(name, str):
                named.append(name[:MAX_SENTENCE])
    return tuple(named)


def _valid(
    items: object, kind: type[BaseModel], clean: Callable[[str], bool]
) -> Iterator[BaseModel]:
    for one in items[:_LOOKED_AT] if isinstance(items, list) else ():
        if not isinstance(one, Mapping):
            continue
        fields = {
            name: line(value) if isinstance(value, str) else value
            for name, value in one.items()
            if name in kind.model_fields and value is not None
        }
        if not all(clean(value) for value in fields.values() if isinstance(value, str)):
            continue
        try:
            yield kind.model_validate(fields, strict=False)
        except ValidationError:
            continue


def _texts(items: object) -> list[str]:
    return (
        [one for one in items[:_LOOKED_AT] if isinstance(one, str)]
        if isinstance(items, list)
        else []
    )


def _is_sentence(text: str) -> bool:
    try:
        _SENTENCE.validate_python(text)
    except ValidationError:
        return False
    return True
