"""Compiles what can be done: exits, affordances, answers, and what every place allows."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any
from zlib import crc32

from app.engine.world.compiled import Action, Lock, Result, Said, Source, Way
from app.engine.world.conditions import Condition, compile_condition
from app.engine.world.effects import Ops, compile_effects
from app.engine.world.locks import compile_lock
from app.engine.world.names import Names
from app.engine.world.pack import (
    Affordance,
    Exit,
    Outcome,
    Outcomes,
    Pack,
    Place,
    Storylet,
    TextWhen,
)
from app.engine.world.pack_error import PackError
from app.engine.world.vocabulary import KIND_VERBS, THEM, VERBS, all_keys, key, keys
from app.engine.world.words import bare, count_words, definite, has_alternatives
from app.models.vocabulary import ActionKind, Tier

PERSON = "person"
"""The tag of a prop that is somebody: nobody is looked over like a thing."""
_STRANGE = 2
"""An action that may add this much chaos is offered as a weird one."""


class ActionCompiler:
    """Compiles one pack's actions; the names of the pack check every reference."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self.names = Names.of(pack)

    # -- the small parts

    def condition(self, source: Mapping[str, Any], where: str) -> Condition:
        compiled = compile_condition(source, f"{self.names.pack}: {where}")
        for fact in sorted(compiled.keys):
            fault = self.names.fault_of_fact(fact)
            if fault is not None:
                raise PackError(f"{self.names.pack}: {where}", fault)
        return compiled

    def ops(self, source: Mapping[str, Any], where: str) -> Ops:
        return compile_effects(source, self.names, f"{self.names.pack}: {where}")

    def said(
        self,
        text_id: str,
        text: str,
        when: Mapping[str, Any] | None = None,
        where: str = "",
        *,
        excl: frozenset[str] = frozenset(),
    ) -> Said:
        return Said(
            id=text_id,
            text=text,
            when=self.condition(when or {}, where or text_id),
            words=count_words(text),
            excl=excl,
            varies=has_alternatives(text),
        )

    def said_list(self, text_id: str, texts: Iterable[TextWhen]) -> tuple[Said, ...]:
        """The most specific first, as they are looked for."""
        said = [self.said(f"{text_id}:{at}", one.text, one.when) for at, one in enumerate(texts)]
        return tuple(sorted(said, key=lambda one: -one.when.specificity))

    def plain_list(self, text_id: str, texts: Iterable[str]) -> tuple[Said, ...]:
        return tuple(self.said(f"{text_id}:{at}", text) for at, text in enumerate(texts))

    def seed_of(self, place_id: str) -> int:
        # A checksum, since `hash()` differs from process to process.
        return crc32(f"{self.pack.id}:{place_id}".encode())

    # -- affordances

    def prop_actions(self, prop_id: str) -> tuple[Action, ...]:
        prop = self.pack.props[prop_id]
        return tuple(
            self._affordance(one, f"do:{prop_id}:{one.id}", "prop", prop_id, prop.nouns)
            for one in prop.affordances
        )

    def item_actions(self, item_id: str) -> tuple[Action, ...]:
        item = self.pack.items[item_id]
        return tuple(
            self._affordance(one, f"item:{item_id}:{one.id}", "item", item_id, item.nouns)
            for one in item.affordances
        )

    def event_actions(self, spec: Storylet) -> tuple[Action, ...]:
        weird = "chaos" in spec.when
        return tuple(
            self._affordance(one, f"event:{spec.id}:{one.id}", "event", spec.id, [], weird=weird)
            for one in spec.choices
        )

    def _affordance(
        self,
        one: Affordance,
        action_id: str,
        source: Source,
        target: str,
        nouns: list[str],
        *,
        weird: bool = False,
    ) -> Action:
        where = action_id.replace(":", ".")
        own = frozenset(key(verb) for verb in one.verbs)
        label_words = frozenset().union(*(keys(label.text) for label in one.label))
        return Action(
            id=action_id,
            source=source,
            kind=one.kind,
            risk=one.risk,
            labels=self.said_list(f"{action_id}:label", one.label),
            needs=self.condition(one.needs, f"{where}.needs"),
            target=target,
            results=self.results(one.outcomes, action_id),
            once=one.once,
            cooldown=one.cooldown,
            goal=one.goal,
            ttl=one.ttl,
            gated=bool(one.needs),
            item=source == "item" or any(fact.startswith("item.") for fact in one.needs),
            weird=(weird or _strange(one.outcomes))
            and one.kind in ("talk", "trick", "investigate", "use"),
            locked_label=one.locked_label,
            lock=self._lock(one, where),
            verbs=own | KIND_VERBS[one.kind],
            own=own,
            nouns=all_keys(nouns) if source != "event" else label_words - VERBS,
            words=label_words,
        )

    def _lock(self, one: Affordance, where: str) -> Lock | None:
        def compile_(source: Mapping[str, Any]) -> Condition:
            return self.condition(source, f"{where}.needs")

        return compile_lock(one.locked_label, one.needs, self.pack, compile_)

    def results(self, outcomes: Outcomes, action_id: str) -> Mapping[Tier, tuple[Result, ...]]:
        """A tier that is not written comes out as the next better one."""
        ok = self._tier(outcomes.ok, f"{action_id}:ok")
        mixed = self._tier(outcomes.mixed, f"{action_id}:mixed") or ok
        bad = self._tier(outcomes.bad, f"{action_id}:bad") or mixed
        return MappingProxyType({"ok": ok, "mixed": mixed, "bad": bad})

    def _tier(self, outcomes: list[Outcome], text_id: str) -> tuple[Result, ...]:
        compiled: list[Result] = []
        for at, outcome in enumerate(outcomes):
            effects = dict(outcome.fx)
            if outcome.reveals is not None:
                effects.setdefault("fact", outcome.reveals)
            compiled.append(
                Result(
                    said=self.said(f"{text_id}:{at}", outcome.text, outcome.when),
                    ops=self.ops(effects, text_id),
                    wounds=isinstance(effects.get("health"), int) and effects["health"] < 0,
                )
            )
        return tuple(sorted(compiled, key=lambda one: -one.said.when.specificity))

    # -- ways

    def exit_actions(self, place_id: str, place: Place) -> tuple[Action, ...]:
        seen: dict[str, int] = {}
        actions: list[Action] = []
        for exit_ in place.exits:
            if exit_.to not in self.pack.places:
                where = f"{self.names.pack}: places.{place_id}.exits"
                raise PackError(where, f"there is no place {exit_.to!r}")
            seen[exit_.to] = seen.get(exit_.to, 0) + 1
            tail = f":{seen[exit_.to]}" if seen[exit_.to] > 1 else ""
            actions.append(self._exit(place_id, exit_, tail))
        return tuple(actions)

    def _exit(self, place_id: str, exit_: Exit, tail: str) -> Action:
        action_id = f"go:{place_id}:{exit_.to}{tail}"
        text_id = f"{place_id}>{exit_.to}{tail}"
        needs = self.condition(exit_.needs, f"places.{place_id}.exits.{exit_.to}")
        to = self.pack.places[exit_.to]
        words = keys(f"{exit_.label} {exit_.back_label or ''}")
        way = Way(
            to=exit_.to,
            minutes=exit_.minutes or self.pack.meta.minutes_per_turn,
            noise=exit_.noise,
            camera=exit_.camera,
            back_label=exit_.back_label,
            closed_text=exit_.closed_text,
            told=MappingProxyType(
                {
                    "ok": self.plain_list(f"{text_id}:ok", exit_.ok),
                    "mixed": self.plain_list(f"{text_id}:mixed", exit_.mixed),
                    "bad": self.plain_list(f"{text_id}:bad", exit_.bad),
                }
            ),
            open_to_bodies=needs.without("item."),
        )
        return Action(
            id=action_id,
            source="exit",
            kind="move",
            risk=exit_.risk,
            labels=(self.said(f"{text_id}:label", exit_.label),),
            needs=needs,
            target=exit_.to,
            place=place_id,
            way=way,
            gated=bool(exit_.needs),
            item=any(fact.startswith("item.") for fact in exit_.needs),
            verbs=KIND_VERBS["move"] | frozenset([key(exit_.label.split()[0].lower())]),
            nouns=all_keys([to.name, exit_.to.replace("_", " ")]) | (words - VERBS),
            words=words,
        )

    # -- agents

    def answer_actions(self, agent_id: str) -> tuple[Action, ...]:
        agent = self.pack.agents[agent_id]
        return tuple(
            Action(
                id=f"answer:{agent_id}:{one.id}",
                source="answer",
                kind=one.kind,
                risk=one.risk,
                labels=(self.said(f"answer:{agent_id}:{one.id}:label", one.label),),
                needs=self.condition(one.needs, f"agents.{agent_id}.weakness.{one.id}"),
                target=agent_id,
                results=self.results(one.outcomes, f"answer:{agent_id}:{one.id}"),
                gated=True,
                item=any(fact.startswith("item.") for fact in one.needs),
                verbs=KIND_VERBS[one.kind] | frozenset([key(one.label.split()[0].lower())]),
                own=frozenset([key(one.label.split()[0].lower())]),
                nouns=all_keys(agent.nouns) | THEM | (keys(one.label) - VERBS),
                words=keys(one.label),
            )
            for one in agent.weakness
        )

    def flee_action(self, agent_id: str) -> Action:
        agent = self.pack.agents[agent_id]
        return self._simple(
            f"flee:{agent_id}",
            "flee",
            "flee",
            agent.flee_label,
            target=agent_id,
            risk=1,
            results=self.results(agent.flee, f"flee:{agent_id}"),
            nouns=all_keys(agent.nouns) | THEM,
        )

    def follow_action(self, person_id: str, name: str) -> Action:
        """Going where somebody goes who means no harm."""
        return self._simple(
            f"follow:{person_id}",
            "follow",
            "move",
            f"Follow {definite(name)}",
            target=person_id,
            nouns=all_keys([bare(name)]) | THEM,
        )

    # -- what every place allows

    def stay_actions(self, place_id: str, place: Place) -> tuple[Action, ...]:
        return (
            self._simple(f"hide:{place_id}", "hide", "hide", place.hide_label, place=place_id),
            self._simple(f"rest:{place_id}", "rest", "rest", place.rest_label, place=place_id),
            self._simple(
                f"watch:{place_id}", "watch", "investigate", place.watch_label, place=place_id
            ),
        )

    def spare_actions(
        self, place_id: str, place: Place, exits: tuple[Action, ...]
    ) -> tuple[Action, ...]:
        looks = [
            self._simple(
                f"look:{place_id}:{prop_id}",
                "look",
                "investigate",
                f"Look {definite(self.pack.props[prop_id].name)} over once more",
                target=prop_id,
                place=place_id,
                nouns=all_keys(self.pack.props[prop_id].nouns),
            )
            for prop_id in place.props
            if PERSON not in self.pack.props[prop_id].tags
        ]
        targets = dict.fromkeys(action.target for action in exits)
        listens = [
            self._simple(
                f"listen:{place_id}:{to}",
                "listen",
                "investigate",
                f"Listen toward {definite(self.pack.places[to].name)}",
                target=to,
                place=place_id,
                nouns=all_keys([bare(self.pack.places[to].name)]),
            )
            for to in targets
        ]
        name = definite(place.name)
        always = (
            self._simple(
                f"pace:{place_id}", "pace", "investigate", f"Walk the edges of {name}",
                place=place_id,
            ),
            self._simple(
                f"stock:{place_id}", "stock", "investigate", "Go through what you carry",
                place=place_id,
            ),
            self._simple(
                f"call:{place_id}", "call", "talk", "Call out, and listen for an answer",
                place=place_id, risk=1,
            ),
        )  # fmt: skip
        return (*looks, *listens, *always)

    def _simple(
        self,
        action_id: str,
        source: Source,
        kind: ActionKind,
        label: str,
        *,
        target: str = "",
        place: str = "",
        risk: int = 0,
        results: Mapping[Tier, tuple[Result, ...]] | None = None,
        nouns: frozenset[str] = frozenset(),
    ) -> Action:
        return Action(
            id=action_id,
            source=source,
            kind=kind,
            risk=risk,
            labels=(self.said(f"{action_id}:label", label),),
            needs=self.condition({}, action_id),
            target=target,
            place=place,
            results=results,
            verbs=KIND_VERBS[kind],
            nouns=nouns or (keys(label) - VERBS),
            words=keys(label),
        )


def _strange(outcomes: Outcomes) -> bool:
    return any(
        isinstance(outcome.fx.get("chaos"), int) and outcome.fx["chaos"] >= _STRANGE
        for outcome in outcomes.ok
    )
