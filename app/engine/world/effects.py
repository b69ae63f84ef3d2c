"""Effects: the closed set of what an outcome may change. Checked at load, applied to a draft."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol

from app.engine.world.names import AGENT_STATES, WEATHERS, Names
from app.engine.world.pack_error import PackError
from app.models.world import FlagValue, Injury


class Changeable(Protocol):
    """What effects need of a world in the making (`draft.Draft`)."""

    def change_health(self, by: int) -> None: ...
    def change_quality(self, name: str, by: int) -> None: ...
    def gain(self, item: str) -> None: ...
    def lose(self, item: str) -> None: ...
    def set_flag(self, name: str, value: FlagValue) -> None: ...
    def hurt(self, injury: Injury) -> None: ...
    def heal(self, injury: str) -> None: ...
    def go_to(self, place: str) -> None: ...
    def tick(self, clock: str, by: int) -> None: ...
    def rouse(self, agent: str, state: str) -> None: ...
    def set_prop(self, prop: str, state: str) -> None: ...
    def learn(self, fact: str) -> None: ...
    def pan(self, forward: float, turn: float) -> None: ...
    def set_weather(self, weather: str) -> None: ...
    def pass_minutes(self, minutes: int) -> None: ...
    def set_arc(self, arc: str, stage: int) -> None: ...
    def add_thread(self, text: str) -> None: ...
    def note(self, text: str) -> None: ...


Yaml = Any


class Op(NamedTuple):
    """One checked effect."""

    kind: str
    key: str
    value: Any


Ops = tuple[Op, ...]
_ROUSED = frozenset(AGENT_STATES[:3])
"""No outcome puts somebody at the player's throat: coming near takes the ladder."""


def compile_effects(source: Mapping[str, Any], names: Names, where: str) -> Ops:
    """Raises `PackError` for an effect that is not of the closed set, or an unknown name."""
    ops: list[Op] = []
    for key, value in source.items():
        ops.extend(_compile(str(key), value, names, f"{where}.{key}"))
    # Being elsewhere comes last: a camera or a hurt belongs to the place where it happened.
    return tuple(sorted(ops, key=lambda op: op.kind == "place"))


def _compile(key: str, value: Yaml, names: Names, where: str) -> list[Op]:
    if key == "health" or key in names.qualities:
        return [Op("health" if key == "health" else "quality", key, _whole(value, where))]
    prefix, _, rest = key.partition(".")
    if rest:
        return [_compile_dotted(prefix, rest, value, names, where)]
    plain = _plain(key)
    if plain is None:
        raise PackError(where, "is not an effect")
    return plain(value, names, where)


def _compile_dotted(prefix: str, rest: str, value: Yaml, names: Names, where: str) -> Op:
    if prefix == "flag":
        if not isinstance(value, bool | int | str):
            raise PackError(where, "a flag is true, false, a number or a word")
        return Op("flag", rest, value)
    if prefix == "clock":
        return Op("clock", _known(rest, names.hazards, where), _whole(value, where))
    if prefix == "prop":
        return Op("prop", _known(rest, names.props, where), str(value))
    if prefix == "agent":
        state = _known(str(value), _ROUSED, where)
        return Op("agent", _known(rest, names.agents, where), state)
    if prefix == "arc":
        return Op("arc", rest, _whole(value, where))
    raise PackError(where, "is not an effect")


def _gain(value: Yaml, names: Names, where: str) -> list[Op]:
    return [Op("gain", _known(one, names.items, where), None) for one in _several(value)]


def _lose(value: Yaml, names: Names, where: str) -> list[Op]:
    return [Op("lose", _known(one, names.items, where), None) for one in _several(value)]


def _hurt(value: Yaml, _names: Names, where: str) -> list[Op]:
    if isinstance(value, str):
        value = {"id": value.replace(" ", "_"), "text": value}
    if not isinstance(value, dict) or not value.get("id") or value.keys() - {"id", "part", "text"}:
        raise PackError(where, "an injury is {id, part, text}")
    text = str(value.get("text") or str(value["id"]).replace("_", " "))
    part = str(value.get("part") or "")
    return [Op("hurt", str(value["id"]), Injury(id=str(value["id"]), part=part, text=text))]


def _heal(value: Yaml, _names: Names, _where: str) -> list[Op]:
    return [Op("heal", one, None) for one in _several(value)]


def _place(value: Yaml, names: Names, where: str) -> list[Op]:
    return [Op("place", _known(str(value), names.places, where), None)]


def _fact(value: Yaml, names: Names, where: str) -> list[Op]:
    return [Op("fact", _known(one, names.facts, where), None) for one in _several(value)]


def _camera(value: Yaml, _names: Names, where: str) -> list[Op]:
    if not isinstance(value, dict) or value.keys() - {"forward", "turn"}:
        raise PackError(where, "a camera moves {forward, turn}")
    return [Op("camera", "", (float(value.get("forward") or 0.0), float(value.get("turn") or 0.0)))]


def _weather(value: Yaml, _names: Names, where: str) -> list[Op]:
    return [Op("weather", _known(str(value), frozenset(WEATHERS), where), None)]


def _minutes(value: Yaml, _names: Names, where: str) -> list[Op]:
    return [Op("minutes", "", _whole(value, where))]


def _thread(value: Yaml, _names: Names, _where: str) -> list[Op]:
    return [Op("thread", one, None) for one in _several(value)]


def _summary(value: Yaml, _names: Names, _where: str) -> list[Op]:
    return [Op("summary", one, None) for one in _several(value)]


def _several(value: Yaml) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]


def _known(name: str, known: frozenset[str], where: str) -> str:
    if name not in known:
        raise PackError(where, f"there is no {name!r}")
    return name


def _whole(value: Yaml, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise PackError(where, f"{value!r} is not a whole number")
    return value


def _plain(key: str) -> Callable[[Any, Names, str], list[Op]] | None:
    match key:
        case "item+":
            return _gain
        case "item-":
            return _lose
        case "injury":
            return _hurt
        case "injury-":
            return _heal
        case "place":
            return _place
        case "fact":
            return _fact
        case "camera":
            return _camera
        case "weather":
            return _weather
        case "minutes":
            return _minutes
        case "thread":
            return _thread
        case "summary":
            return _summary
    return None


def apply(ops: Ops, draft: Changeable) -> None:  # noqa: C901 (one case for each effect)
    """Change the draft. Everything is kept within its range by the draft itself."""
    for kind, key, value in ops:
        match kind:
            case "health":
                draft.change_health(value)
            case "quality":
                draft.change_quality(key, value)
            case "flag":
                draft.set_flag(key, value)
            case "gain":
                draft.gain(key)
            case "lose":
                draft.lose(key)
            case "hurt":
                draft.hurt(value)
            case "heal":
                draft.heal(key)
            case "place":
                draft.go_to(key)
            case "clock":
                draft.tick(key, value)
            case "agent":
                draft.rouse(key, value)
            case "prop":
                draft.set_prop(key, value)
            case "fact":
                draft.learn(key)
            case "camera":
                draft.pan(*value)
            case "weather":
                draft.set_weather(key)
            case "minutes":
                draft.pass_minutes(value)
            case "arc":
                draft.set_arc(key, value)
            case "thread":
                draft.add_thread(key)
            case "summary":
                draft.note(key)
