"""What a telling proposes, taken on or dropped by the rules, each on its own.

What is taken on is fact from then on: it is in the state, in the facts of later prompts, in what
can be done, named, seen and told. Nothing here is a matter of chance, so the accepted proposals,
applied to the same resolution again, give the same world.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Final, TypeVar

from app.engine.world import seeing
from app.engine.world.additions import (
    add_fact,
    add_person,
    add_place,
    add_prop,
    named,
    next_id,
)
from app.engine.world.briefing import facts_of, targets_of
from app.engine.world.draft import Draft, Grow
from app.engine.world.grown_parts import nouns_of
from app.engine.world.growth_choices import take_choices
from app.engine.world.growth_effects import take_effects
from app.engine.world.growth_text import (
    Truths,
    is_of_the_player,
    name_of,
    plain,
    proper_names,
    says,
    sentence,
)
from app.engine.world.kit import look_of
from app.engine.world.limits import limits_of
from app.engine.world.memory import MAX_DISPATCH, trim
from app.engine.world.naming import secret_names, unspoken
from app.engine.world.resolution import Resolution
from app.engine.world.vocabulary import VERBS, all_keys, key
from app.engine.world.words import shorten
from app.models.narration import Telling
from app.models.proposals import (
    MAX_SENTENCE,
    Proposals,
    ProposedFact,
    ProposedPerson,
    ProposedPlace,
    ProposedProp,
)
from app.models.vocabulary import Biome
from app.models.world import MAX_GROWN_WAYS, AgentState, WorldState

T = TypeVar("T")
MAX_WAYS: Final = 5
"""Ways from one place."""
_CROWD: Final = 2
"""People who stand in one place."""
_THINGS: Final = 7
_FIRST_HARM: Final = 5
"""The turn from which somebody hostile may come in."""
_THREAD: Final = 120
_SUMMARY: Final = 240
_LONGEST_WAY: Final = 80
_INDOORS: Final[frozenset[Biome]] = frozenset(["lab", "bunker", "cave"])


def take_on(
    grow: Grow, resolution: Resolution, telling: Telling, *, seed: int
) -> tuple[Resolution, Telling, Proposals | None]:
    """The resolution with what is now fact, the telling with the choices on offer, and what was
    accepted; `grow` gives a world with additions."""
    resolution = _read(resolution, telling)
    proposed = telling.proposed
    if not proposed:
        return resolution, telling, None
    if resolution.ending is not None:
        return resolution, telling.model_copy(update={"proposed": Proposals()}), None
    return _Taking(grow, resolution, telling, seed).all()


def _read(resolution: Resolution, telling: Telling) -> Resolution:
    """What the player read is what the story goes on from, whoever worded it."""
    wording, state = resolution.wording, resolution.world
    changes: dict[str, object] = {}
    if telling.dispatch != wording.dispatch and state.last_dispatches:
        read = shorten(" ".join(telling.dispatch.split()), MAX_DISPATCH)
        changes["last_dispatches"] = (*state.last_dispatches[:-1], read)
    said = sentence(telling.summary, _SUMMARY) if telling.summary != wording.summary else None
    if said is not None and state.summary.endswith(wording.summary):
        before = state.summary[: len(state.summary) - len(wording.summary)]
        changes["summary"] = trim(before + said)
    if not changes:
        return resolution
    return replace(resolution, world=state.model_copy(update=changes))


class _Taking:
    """One telling's proposals, gone through one by one on a working copy of the world."""

    def __init__(self, grow: Grow, resolution: Resolution, telling: Telling, seed: int) -> None:
        state = resolution.world
        self.resolution = resolution
        self.telling = telling
        self.draft = Draft(
            grow(state.grown), state, seed=seed, turn=resolution.scene.turn, grow=grow
        )
        pack = self.draft.world.pack
        self.limits = limits_of(pack.meta.grows)
        self.banned = tuple(pack.meta.banned_words)
        said = [*facts_of(self.draft), *resolution.outcome]
        said += [fact.text for fact in self.draft.grown.facts]
        self.truth = Truths(dict.fromkeys([*said, *(fact.text for fact in pack.bible)]))
        told = "\n".join((*said, *state.last_dispatches))
        hidden = secret_names(self.draft.world, state)
        self.hidden = (*hidden, *unspoken(self.draft.world, state, told))
        known = frozenset().union(*(proper_names(fact.text) for fact in pack.bible))
        self.proper = known | frozenset(hidden)
        self.grown = self.draft.grown
        """What has grown, with what was taken on so far; a world is made of it once."""
        self.ids: dict[str, str] = {}
        """What was added now: its name, to the target that it is."""

    def all(self) -> tuple[Resolution, Telling, Proposals | None]:
        proposed = self.telling.proposed
        facts = _each(self._fact, proposed.facts)
        props = _each(self._prop, proposed.props)
        people = _each(self._person, proposed.people)
        places = _each(self._place, proposed.places)
        closes = _each(self._close, proposed.closes)
        threads = _each(self._thread, proposed.threads)
        if self.grown is not self.draft.grown:
            self.draft.regrow(self.grown)
        effects = take_effects(
            self.draft, self.resolution, proposed.effects, self.limits.items, self._names
        )
        choices, offers, worded = take_choices(
            self.draft, proposed.choices, self.telling.choices, self.ids, self._is_sayable
        )
        accepted = Proposals(
            facts=facts, props=props, people=people, places=places, threads=threads,
            closes=closes, effects=effects, choices=choices,
        )  # fmt: skip
        telling = self.telling.model_copy(update={"choices": worded, "proposed": accepted})
        if not accepted:
            return self.resolution, telling, None
        return self._resolution(self.draft.freeze(offers=offers)), telling, accepted

    def _resolution(self, after: WorldState) -> Resolution:
        draft = self.draft
        return replace(
            self.resolution,
            world=after,
            view=seeing.view(draft.world, after),
            scene=seeing.scene(draft.world, after, seed=draft.seed, turn=draft.turn),
            outcome=(*self.resolution.outcome, *draft.outcome),
        )

    # -- what may be said at all

    def _is_sayable(self, text: str) -> bool:
        """Whether it has no banned word, and speaks of nobody and nothing that is hidden."""
        return not any(says(word, text) for word in self.banned) and not any(
            says(name, text) for name in self.hidden
        )

    def _true(self, text: str) -> str | None:
        """The sentence, if nothing known speaks against it."""
        said = sentence(text, MAX_SENTENCE)
        if said is None or not self._is_sayable(said) or is_of_the_player(said):
            return None
        return None if self.truth.deny(said) else said

    def _name(self, text: str, *, proper: bool) -> str | None:
        """A name that nobody and nothing has, and that says nothing hidden."""
        name = name_of(text, proper=proper)
        return name if name is not None and self._names(name) else None

    def _names(self, name: str) -> bool:
        """Whether this may be the name of something new."""
        if name.casefold() in named(self.draft.world, self.grown) or not self._is_sayable(name):
            return False
        return self.proper.isdisjoint(name.split()) and not all_keys([name]) <= _PLAYER

    # -- one of each

    def _fact(self, fact: ProposedFact) -> ProposedFact | None:
        draft = self.draft
        about = {target.id: target.id for target in targets_of(draft)}
        about |= {"here": f"place:{draft.place}", "": f"place:{draft.place}"}
        said = self._true(fact.text)
        if said is None or fact.about not in about or self.truth.hold(said):
            return None
        if len(self.grown.facts) >= self.limits.facts:
            return None
        self.grown = add_fact(self.grown, said, about[fact.about], draft.turn)
        self.truth.add(said)
        return ProposedFact(text=said, about=fact.about)

    def _prop(self, prop: ProposedProp) -> ProposedProp | None:
        draft = self.draft
        name, text = self._name(prop.name, proper=False), self._true(prop.text)
        if name is None or text is None or len(self.grown.props) >= self.limits.props:
            return None
        if len(draft.setting.props) >= _THINGS or self._is_there(name):
            return None
        look = look_of(prop.looks, name)
        self.ids[name.casefold()] = f"prop:{next_id(self.grown)}"
        self.grown = add_prop(
            draft.world, self.grown, name=name, text=text, look=look,
            place=draft.place, portable=prop.portable,
        )  # fmt: skip
        self.truth.add(text)
        return ProposedProp(name=name, looks=look, text=text, portable=prop.portable)

    def _is_there(self, name: str) -> bool:
        """Whether something here is called the same: which would be meant?"""
        called, place = all_keys(nouns_of(name)), self.draft.place
        new = [one.name for one in self.grown.props if one.place == place]
        new += [one.name for one in self.grown.people if one.place == place]
        known = all_keys(noun for one in new for noun in nouns_of(one))
        return not called.isdisjoint(self.draft.world.lexicon.props[place] | known)

    def _person(self, person: ProposedPerson) -> ProposedPerson | None:
        draft = self.draft
        name, text = self._name(person.name, proper=True), self._true(person.text)
        if name is None or text is None or len(self.grown.people) >= self.limits.people:
            return None
        if len(draft.setting.people) >= _CROWD or self._is_there(name):
            return None
        if not all_keys(nouns_of(name)).isdisjoint(draft.world.lexicon.people):
            return None
        hostile = person.manner == "hostile"
        if hostile and not self._may_threaten():
            return None
        figure = "_".join(name.casefold().split())
        self.grown, person_id = add_person(
            draft.world, self.grown, name=name, text=text, manner=person.manner,
            figure=figure, place=draft.place,
        )  # fmt: skip
        if hostile:
            # It has come in sight and no nearer: the player has a turn before it is here.
            draft.agents[person_id] = AgentState(
                place=draft.place, state="alert", target=draft.place, since=draft.turn
            )
        self.ids[name.casefold()] = f"{'agent' if hostile else 'person'}:{person_id}"
        self.truth.add(text)
        return ProposedPerson(name=name, text=text, manner=person.manner)

    def _may_threaten(self) -> bool:
        draft = self.draft
        hostile = sum(one.manner == "hostile" for one in self.grown.people)
        near = draft.facts.get("agent_here") or draft.facts.get("agent_near")
        return hostile < self.limits.hostile and draft.turn >= _FIRST_HARM and not near

    def _place(self, place: ProposedPlace) -> ProposedPlace | None:
        draft = self.draft
        name, text = self._name(place.name, proper=True), self._true(place.text)
        if name is None or text is None or len(self.grown.places) >= self.limits.places:
            return None
        opened = sum(draft.place in (way.origin, way.to) for way in self.grown.ways)
        opened -= sum(draft.place in (way.origin, way.to) for way in draft.grown.ways)
        if len(draft.setting.exits) + opened >= MAX_WAYS:
            return None
        if len(self.grown.ways) >= MAX_GROWN_WAYS:
            return None
        way = self._way(place.way) or f"Go on to {name if name[0].isupper() else f'the {name}'}"
        # What is under a roof is painted as a room.
        biome: Biome = "lab" if place.indoor and place.biome not in _INDOORS else place.biome
        indoor = biome in ("lab", "bunker") or (biome == "cave" and place.indoor)
        self.ids[name.casefold()] = f"place:{next_id(self.grown)}"
        self.grown = add_place(
            draft.world, self.grown, origin=draft.place, name=name, biome=biome,
            indoor=indoor, way=way, text=text, turn=draft.turn,
        )  # fmt: skip
        return ProposedPlace(name=name, biome=biome, indoor=indoor, way=way, text=text)

    def _way(self, text: str) -> str | None:
        """The label of a way, if it can be one."""
        said = plain(text.strip(" ."), _LONGEST_WAY)
        if said is None or not self._is_sayable(said) or len(said.split()) < 2:
            return None
        said = said[0].upper() + said[1:]
        labels = {way.labels[-1].text.casefold() for way in self.draft.setting.exits}
        doable = key(said.split()[0].casefold()) in VERBS
        return said if doable and said.casefold() not in labels else None

    def _thread(self, text: str) -> str | None:
        said = sentence(text, _THREAD)
        if said is None or not self._is_sayable(said) or Truths(self.draft.threads).hold(said):
            return None
        self.draft.add_thread(said)
        return said

    def _close(self, text: str) -> str | None:
        if text not in self.draft.threads:
            return None
        self.draft.threads = [one for one in self.draft.threads if one != text]
        return text


def _each(take: Callable[[T], T | None], proposed: tuple[T, ...]) -> tuple[T, ...]:
    """What is left of these when each was taken on or dropped, in order."""
    return tuple(taken for one in proposed if (taken := take(one)) is not None)


_PLAYER: Final = all_keys(["you", "player", "yourself", "me", "narrator"])
