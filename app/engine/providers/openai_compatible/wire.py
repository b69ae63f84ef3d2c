"""The form of an answer: the schema that is asked for, and a lenient reading of what comes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, get_args

from app.models.proposals import MAX_NAME, MAX_SENTENCE
from app.models.vocabulary import Biome, ChoiceKind, ChoiceRisk

NAME: Final = "turn"
"""Of the schema."""

_BOUNDS: Final = frozenset({"minLength", "maxLength", "minItems", "maxItems", "minimum", "maximum"})
_WRAPPERS: Final = ("turn", "response", "answer", "result", "output", "data")
_MOST_CHOICES: Final = 12
_ID: Final = 64
_MOST_READ: Final = 6000
"""Characters of a text that are looked at: more than any that will do."""
_LONGEST: Final = 1000
"""Characters of a dispatch, for grammars that count them."""

Schema = dict[str, Any]


def schema_of(*, words: tuple[int, int], proposals: bool, effects: bool, bounded: bool) -> Schema:
    """The JSON schema of one turn: flat, every field required, `dispatch` first.

    `bounded`: with lengths and counts. OpenAI's strict mode refuses them; a grammar is the
    better for them.
    """
    fewest, most = words
    dispatch = _text(min(_LONGEST, max(160, most * 7)), fewest * 3)
    fields: Schema = {
        "dispatch": dispatch,
        "vision_dispatch": _text(300),
        "situation": _text(120),
        "choices": _many(_object({"slot": _text(8), "text": _text(90, 4)}), 6),
        "summary": _text(200),
    }
    if proposals or effects:
        fields["proposed"] = _nullable(_object(_proposed(proposals=proposals, effects=effects)))
    schema = _object(fields)
    return schema if bounded else _unbounded(schema)


@dataclass(frozen=True, slots=True)
class Said:
    """An answer as read: what is missing or of the wrong kind is None."""

    dispatch: str
    vision_dispatch: str | None
    situation: str | None
    summary: str | None
    choices: tuple[tuple[str, str], ...]
    """Slot and text."""
    proposed: Mapping[str, Any]
    complete: bool
    """Whether every field was there, as a server that holds to the schema would have it."""


def read(data: object) -> Said | str:
    """An answer, or what is wrong with it in words that a model can act on."""
    data = _unwrapped(data)
    if not isinstance(data, Mapping):
        return "It is not a JSON object."
    dispatch = data.get("dispatch")
    if not isinstance(dispatch, str) or not dispatch.strip():
        return 'The field "dispatch" is missing, empty or not a text.'
    choices = data.get("choices")
    proposed = data.get("proposed")
    texts = {name: _str(data.get(name)) for name in ("vision_dispatch", "situation", "summary")}
    return Said(
        dispatch=dispatch[:_MOST_READ],
        **texts,
        choices=_choices(choices),
        proposed=proposed if isinstance(proposed, Mapping) else {},
        complete=isinstance(choices, list) and None not in texts.values(),
    )


def _unwrapped(data: object) -> object:
    """Some models answer a list of one object, or put the object under a name."""
    if isinstance(data, list) and len(data) == 1:
        data = data[0]
    if isinstance(data, Mapping) and "dispatch" not in data:
        for name in _WRAPPERS:
            if isinstance(data.get(name), Mapping):
                return data[name]
    return data


def _choices(said: object) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    for one in said if isinstance(said, list) else ():
        if isinstance(one, Mapping) and len(found) < _MOST_CHOICES:
            slot, text = one.get("slot"), one.get("text")
            if isinstance(slot, str) and isinstance(text, str):
                found.append((slot.strip(), text[:_MOST_READ]))
    return tuple(found)


def _str(value: object) -> str | None:
    return value[:_MOST_READ] if isinstance(value, str) and value.strip() else None


def _proposed(*, proposals: bool, effects: bool) -> Schema:
    name, sentence, target = _text(MAX_NAME, 2), _text(MAX_SENTENCE, 2), _text(_ID)
    fields: Schema = {}
    if proposals:
        manner = _one_of(("friendly", "wary", "hostile"))
        prop = {"name": name, "looks": _text(MAX_NAME), "text": sentence, "portable": _yes_or_no()}
        place = {"name": name, "biome": _one_of(get_args(Biome)), "indoor": _yes_or_no()}
        choice = {"text": _text(90, 4), "kind": _one_of(get_args(ChoiceKind))}
        fields = {
            "facts": _many(_object({"text": sentence, "about": target}), 2),
            "props": _many(_object(prop), 2),
            "people": _many(_object({"name": name, "text": sentence, "manner": manner}), 1),
            "places": _many(_object(place | {"way": sentence, "text": sentence}), 1),
            "threads": _many(sentence, 1),
            "closes": _many(sentence, 1),
            "choices": _many(
                _object(choice | {"risk": _one_of(get_args(ChoiceRisk)), "target": target}), 2
            ),
        }
    if effects:
        kinds = ("health", "gain", "lose", "injury", "heal", "prop", "flag")
        amount = {"type": "integer", "minimum": -15, "maximum": 10}
        effect = {"kind": _one_of(kinds), "target": target, "amount": amount}
        fields["effects"] = _many(_object(effect | {"text": _text(MAX_SENTENCE)}), 2)
    return fields


def _yes_or_no() -> Schema:
    return {"type": "boolean"}


def _text(longest: int, shortest: int = 0) -> Schema:
    return {"type": "string", "minLength": shortest, "maxLength": longest}


def _one_of(values: Sequence[str]) -> Schema:
    return {"type": "string", "enum": list(values)}


def _many(items: Schema, most: int) -> Schema:
    return {"type": "array", "items": items, "maxItems": most}


def _nullable(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _object(fields: Schema) -> Schema:
    return {
        "type": "object",
        "properties": fields,
        "required": list(fields),
        "additionalProperties": False,
    }


def _unbounded(schema: Schema) -> Schema:
    return {
        key: _unbounded(one) if isinstance(one, dict) else _each(one)
        for key, one in schema.items()
        if key not in _BOUNDS
    }


def _each(value: object) -> object:
    if isinstance(value, list):
        return [_unbounded(one) if isinstance(one, dict) else one for one in value]
    return value
