"""Conditions as fast predicates over the flat table of facts. Nothing is ever evaluated."""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.engine.world.pack_error import PackError

Fact = bool | int | float | str | None
Facts = Mapping[str, Fact]
Test = Callable[[Fact], bool]

_OPERATORS = frozenset("<>=!")


@dataclass(frozen=True, slots=True)
class Condition:
    """A compiled condition. Total: an unknown fact counts as absent, false and 0."""

    tests: tuple[tuple[str, Test], ...] = ()
    groups: tuple[tuple["Condition", ...], ...] = ()
    """Of each group at least one must hold."""
    specificity: int = 0
    """How many criteria it has: the most specific text wins."""
    places: frozenset[str] | None = None
    """The places that it names, when it names any."""

    def holds(self, facts: Facts) -> bool:
        # The busiest line of a turn, and hardly any condition has a group.
        get = facts.get
        for key, test in self.tests:
            if not test(get(key)):
                return False
        return not self.groups or all(
            any(one.holds(facts) for one in group) for group in self.groups
        )

    @property
    def keys(self) -> frozenset[str]:
        own = {key for key, _ in self.tests}
        return frozenset(own.union(*(one.keys for group in self.groups for one in group)))

    def given(self, known: Facts) -> "Condition | None":
        """The same where `known` is true: None if it cannot hold, else without those tests."""
        if any(key in known and not test(known[key]) for key, test in self.tests):
            return None
        return Condition(
            tests=tuple(test for test in self.tests if test[0] not in known),
            groups=self.groups,
            specificity=self.specificity,
            places=self.places,
        )

    def without(self, prefix: str) -> "Condition":
        """The same, blind to facts of one kind."""
        return Condition(
            tests=tuple(test for test in self.tests if not test[0].startswith(prefix)),
            groups=self.groups,
            specificity=sum(not key.startswith(prefix) for key, _ in self.tests) + len(self.groups),
            places=self.places,
        )


ALWAYS = Condition()


def compile_condition(source: Mapping[str, Any], where: str) -> Condition:
    """Raises `PackError` for an unknown operator or a value that cannot be compared."""
    if not source:
        return ALWAYS
    tests: list[tuple[str, Test]] = []
    groups: list[tuple[Condition, ...]] = []
    for key, wanted in source.items():
        if key == "any":
            groups.append(_compile_any(wanted, where))
        elif key in ("not_used", "used"):
            names = wanted if isinstance(wanted, list) else [wanted]
            tests.extend((f"storylet.{name}", _is_bool(key == "used")) for name in names)
        else:
            tests.append((str(key), _compile_test(wanted, f"{where}.{key}")))
    return Condition(tuple(tests), tuple(groups), len(tests) + len(groups), _places(source))


def _compile_any(wanted: object, where: str) -> tuple[Condition, ...]:
    if not isinstance(wanted, list) or not wanted:
        raise PackError(f"{where}.any", "must be a list of conditions")
    if not all(isinstance(one, dict) for one in wanted):
        raise PackError(f"{where}.any", "every entry must be a condition")
    return tuple(compile_condition(one, f"{where}.any") for one in wanted)


def _places(source: Mapping[str, Any]) -> frozenset[str] | None:
    named = source.get("place")
    if isinstance(named, str):
        return frozenset([named])
    return frozenset(named) if isinstance(named, list) else None


def _compile_test(wanted: object, where: str) -> Test:
    if isinstance(wanted, list):
        if not wanted:
            raise PackError(where, "an empty list holds for nothing")
        return _compile_any_of(wanted, where)
    if isinstance(wanted, bool):
        return _is_bool(wanted)
    if isinstance(wanted, str):
        return _compile_text(wanted, where)
    if isinstance(wanted, int | float):
        return lambda value: (value or 0) == wanted
    raise PackError(where, f"cannot be compared with {type(wanted).__name__}")


def _compile_any_of(wanted: list[object], where: str) -> Test:
    plain = all(isinstance(one, str) and one[:1] not in _OPERATORS for one in wanted)
    if plain:
        names = frozenset(str(one) for one in wanted)
        return lambda value: value in names
    tests = tuple(_compile_test(one, where) for one in wanted)
    return lambda value: any(test(value) for test in tests)


def _is_bool(wanted: bool) -> Test:  # noqa: FBT001 (the value itself is the argument)
    return operator.truth if wanted else operator.not_


def _compile_text(wanted: str, where: str) -> Test:
    if wanted[:1] not in _OPERATORS:
        return lambda value: value == wanted
    try:
        bound = float(wanted[2:])
    except ValueError:
        raise PackError(where, f"{wanted!r} is not a comparison") from None
    if wanted[:2] == ">=":
        return lambda value: _number(value) >= bound
    if wanted[:2] == "<=":
        return lambda value: _number(value) <= bound
    raise PackError(where, f"{wanted!r}: the only operators are >= and <=")


def _number(value: Fact) -> float:
    return value if isinstance(value, int | float) else 0
