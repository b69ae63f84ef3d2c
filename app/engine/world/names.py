"""What a pack may name: the closed sets that conditions and effects are checked against."""

from dataclasses import dataclass

from app.engine.world.pack import Pack

AGENT_STATES: tuple[str, ...] = ("asleep", "roaming", "alert", "near", "here")
"""The ladder of a hunt, from below; a hit is beyond its last rung."""

WEATHERS: tuple[str, ...] = ("clear", "dust", "rain", "fog", "snow")

PLAIN_FACTS: frozenset[str] = frozenset(
    {
        "place", "biome", "indoor", "cover", "danger", "turn", "hour", "tod", "day", "weather",
        "health", "injuries", "items", "prev", "prev_kind", "tier", "fate", "moved", "timeout",
        "agent_here", "agent_near", "hidden", "kind", "torch",
    }
)  # fmt: skip
PREFIXES: frozenset[str] = frozenset(
    {
        "item", "flag", "injury", "clock", "agent", "prop", "fact", "arc", "storylet",
        "visited", "uses",
    }
)  # fmt: skip
AGENT_FACTS: frozenset[str] = frozenset({"dist", "state", "place"})


@dataclass(frozen=True, slots=True)
class Names:
    """Every id of a pack, by kind."""

    pack: str
    qualities: frozenset[str]
    items: frozenset[str]
    places: frozenset[str]
    props: frozenset[str]
    hazards: frozenset[str]
    agents: frozenset[str]
    facts: frozenset[str]
    storylets: frozenset[str]
    arcs: frozenset[str]

    @staticmethod
    def of(pack: Pack) -> "Names":
        return Names(
            pack=pack.id,
            qualities=frozenset(pack.qualities),
            items=frozenset(pack.items),
            places=frozenset(pack.places),
            props=frozenset(pack.props),
            hazards=frozenset(pack.hazards),
            agents=frozenset(pack.agents),
            facts=frozenset(fact.id for fact in pack.bible),
            storylets=frozenset(storylet.id for storylet in pack.storylets),
            arcs=frozenset(storylet.arc for storylet in pack.storylets if storylet.arc),
        )

    def fault_of_fact(self, key: str) -> str | None:
        """What is wrong with a condition's key, if anything."""
        if key in PLAIN_FACTS or key in self.qualities:
            return None
        prefix, _, rest = key.partition(".")
        if prefix not in PREFIXES or not rest:
            return f"{key!r} is no fact of this world"
        name, _, field = rest.partition(".")
        known = {
            "item": self.items, "clock": self.hazards, "agent": self.agents, "prop": self.props,
            "fact": self.facts, "storylet": self.storylets,
            "visited": self.places, "uses": self.items,
        }.get(prefix)  # fmt: skip
        if known is not None and name not in known:
            return f"{key!r}: there is no {prefix} {name!r}"
        if field and (prefix != "agent" or field not in AGENT_FACTS):
            return f"{key!r}: {field!r} is not known of {prefix} {name!r}"
        return None
