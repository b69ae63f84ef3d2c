"""How much a session may add to its world, by what the pack says of growing."""

from dataclasses import dataclass

from app.models.world import (
    MAX_GROWN_FACTS,
    MAX_GROWN_ITEMS,
    MAX_GROWN_PEOPLE,
    MAX_GROWN_PLACES,
    MAX_GROWN_PROPS,
    Grown,
)


@dataclass(frozen=True, slots=True)
class Limits:
    """The most of each kind."""

    facts: int
    props: int
    people: int
    places: int
    items: int
    hostile: int


def limits_of(grows: bool | None) -> Limits:  # noqa: FBT001 (as the pack has it)
    """A world that its author wrote out has room for details; a premise, for a world."""
    if grows:
        return Limits(
            facts=MAX_GROWN_FACTS,
            props=MAX_GROWN_PROPS,
            people=MAX_GROWN_PEOPLE,
            places=MAX_GROWN_PLACES,
            items=MAX_GROWN_ITEMS,
            hostile=3,
        )
    if grows is None:
        return Limits(facts=20, props=14, people=3, places=0, items=6, hostile=1)
    return Limits(facts=0, props=0, people=0, places=0, items=4, hostile=0)


def wanted(grows: bool | None, grown: Grown) -> tuple[str, ...]:  # noqa: FBT001
    """The kinds of proposals for which there is room, as `Proposals` names them."""
    limits = limits_of(grows)
    room = {
        "facts": limits.facts - len(grown.facts),
        "props": limits.props - len(grown.props),
        "people": limits.people - len(grown.people),
        "places": limits.places - len(grown.places),
    }
    found = [kind for kind, left in room.items() if left > 0]
    return (*found, "threads", "closes", "choices")
