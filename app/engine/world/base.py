"""Stands a bare premise on what ships for it, so that what is left is a whole pack.

The author writes how it sounds, what is true and where it begins; lines, events, endings and the
words of places come from `base/bare`. What the author does write comes before what stands there.
"""

from typing import Any, Final

import yaml

from app.engine.world.kit import BASE, KIT, LOADER, filled
from app.engine.world.pack_error import PackError

BARE: Final = "bare"
_FACTS: Final = 3
"""Facts of the bible that open a story which has no intro of its own."""
_JOINED: Final = frozenset({"bible", "lines", "storylets", "items", "banned_words"})
"""Lists that an author's own lengthen; any other is replaced by the author's."""
Raw = dict[str, Any]


def on_base(raw: Raw, where: str) -> Raw:
    """The fields of a pack with all that they leave out, if they ask for a base. Raises
    `PackError` for a base that does not exist; a pack without one is handed back as it is."""
    base = raw.get("base")
    if base is None:
        return raw
    if base != BARE:
        raise PackError(f"{where}: base", f"there is no base {base!r}; there is {BARE!r}")
    own = dict(raw)
    own["places"] = _each(raw.get("places"), _placed)
    own["agents"] = _each(raw.get("agents"), _hunter)
    whole: Raw = _over(_bare(), own)
    whole.setdefault("intros", _intros(raw))
    meta = whole["meta"]
    if isinstance(meta, dict) and isinstance(own["places"], dict) and own["places"]:
        meta.setdefault("start_place", next(iter(own["places"])))
    for field in ("props", "hazards"):
        whole.setdefault(field, {})
    whole.setdefault("schema_version", 1)
    return whole


def _bare() -> Raw:
    # Read anew each time: what is merged into it belongs to one pack.
    whole: Raw = {}
    for path in sorted((BASE / BARE).glob("*.yaml")):
        whole |= yaml.load(path.read_text(encoding="utf-8"), Loader=LOADER)  # noqa: S506 (one of the two safe ones)
    return whole


def _over(base: Raw, own: Raw) -> Raw:
    """The author's fields over the base's: maps key by key, long lists one after the other."""
    merged = dict(base)
    for key, value in own.items():
        known = merged.get(key)
        if isinstance(known, dict) and isinstance(value, dict):
            merged[key] = _over(known, value)
        elif isinstance(known, list) and isinstance(value, list) and key in _JOINED:
            merged[key] = [*value, *known]
        else:
            merged[key] = value
    return merged


def _each(named: object, fill: Any) -> Any:  # noqa: ANN401 (whatever an author wrote there)
    if not isinstance(named, dict):
        return named if named is not None else {}
    return {key: fill(key, one) if isinstance(one, dict) else one for key, one in named.items()}


def _placed(place_id: str, place: Raw) -> Raw:
    """A place with words of its kind for what its author left out."""
    del place_id
    indoor = place.get("indoor") is True
    words = KIT.words_of(str(place.get("biome", "")), indoor=indoor)
    # Told here and nowhere else: places that grow have words of their own.
    start = KIT.words["start"]
    return {
        "exits": [],
        "back": start.back,
        "observe": [{"text": text} for text in start.observe],
        "watch_label": words.watch[0],
        "hide_label": words.hide[0],
        "rest_label": words.rest[0],
        "map": {"col": 0, "row": 0},
        **place,
    }


def _hunter(agent_id: str, agent: Raw) -> Raw:
    """Somebody of whom the author may have written no more than a name."""
    name = str(agent.get("name", agent_id.replace("_", " ")))
    return {
        **filled(KIT.hostile, name),
        "name": name,
        "nouns": [name.casefold().removeprefix("the ").removeprefix("a ")],
        "start": [],
        **agent,
    }


def _intros(raw: Raw) -> list[Raw]:
    """The first facts of the bible open the story, in the author's own words."""
    facts = [
        str(fact["text"]).strip()
        for fact in raw.get("bible") or []
        if isinstance(fact, dict) and fact.get("text") and not fact.get("secret")
    ]
    return [{"id": "premise", "text": " ".join(facts[:_FACTS])}] if facts else []
