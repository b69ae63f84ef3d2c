"""Things that are carried and what they are good for; things that are asked for and not here."""

from typing import Final

from app.engine.world.compiled import Action
from app.engine.world.heard import Heard, Here
from app.engine.world.vocabulary import (
    AFAR_KEYS,
    AIM_KEYS,
    ALIKE,
    GENERIC_KEYS,
    KIND_VERBS,
)

_OFFERED: Final = frozenset(["show", "wav", "wave", "point", "aim"])
_HEALING: Final = frozenset(["bandag", "wrap", "bind", "treat", "dress", "heal", "use"])


def use_of_item(here: Here, words: Heard) -> Action | None:
    """`use the cutters`: what a carried thing is good for here."""
    draft = here.draft
    for item in draft.items:
        if draft.world.item_nouns[item].isdisjoint(words.content):
            continue
        wanted = [one for one in here.options if f"item.{item}" in one.needs.keys]
        verbs = draft.world.lexicon.item_verbs[item] | GENERIC_KEYS
        fitting = [
            one
            for one in wanted
            if _uses(one, words, verbs, others=words.things - draft.world.item_nouns[item])
        ]
        best = min(fitting, key=lambda one: (one.source != "answer", one.risk), default=None)
        if best is not None:
            return best
        if not words.verbs.isdisjoint(_HEALING) and "heal" in draft.world.pack.items[item].tags:
            return next((one for one in here.options if one.source == "rest"), None)
    return None


def _uses(action: Action, words: Heard, verbs: frozenset[str], *, others: frozenset[str]) -> bool:
    named = not (action.nouns | action.words).isdisjoint(others)
    if action.source == "answer":
        if not action.nouns.isdisjoint(others) and words.verb not in AFAR_KEYS - _OFFERED:
            return True
        meant = words.verbs.union(*(ALIKE.get(verb, frozenset()) for verb in words.verbs))
        return not (verbs | action.verbs | action.own).isdisjoint(meant)
    if words.verb is None or words.verb in KIND_VERBS["investigate"] - GENERIC_KEYS:
        return False
    if named:
        return words.verb not in AIM_KEYS and words.verb not in KIND_VERBS["photograph"]
    fits = action.words if action.way is not None else action.own - verbs
    return not others and (words.verb in GENERIC_KEYS or words.verb in fits)


def missing_noun(here: Here, words: Heard, *, anyway: bool = False) -> str | None:
    """A thing that this world knows and that is neither here nor carried."""
    lexicon = here.draft.world.lexicon
    missing = (words.things & lexicon.nouns) - _present(here, words)
    if not anyway and not words.things.isdisjoint(lexicon.props[here.draft.place]):
        # Something that is here is meant; a thing that could be carried is missed all the same.
        missing &= frozenset[str]().union(*here.draft.world.item_nouns.values())
    if words.verb in KIND_VERBS["talk"]:
        # What is said may be about anything; only whom it is said to must be there.
        missing &= lexicon.people
    missing -= words.own.difference(*here.draft.world.item_nouns.values())
    noun = next((word for word in words.said if word in missing), None)
    if noun is None:
        return None
    return lexicon.surfaces.get(noun, noun)


def _present(here: Here, words: Heard) -> set[str]:
    """Every noun that means something here and now, to somebody who does this."""
    draft, lexicon = here.draft, here.draft.world.lexicon
    present = set(lexicon.near[draft.place] | lexicon.names[draft.place])
    if words.verb is None or words.verb in AFAR_KEYS:
        present |= draft.setting.nouns
    for item in draft.items:
        present |= draft.world.item_nouns[item]
    for name, agent in draft.agents.items():
        if agent.place == draft.place or agent.state in ("near", "here"):
            present |= draft.world.bodies[name].nouns
    for pending in draft.pending:
        event = draft.world.events[pending.storylet]
        for choice in event.choices:
            present |= choice.words
    return present


def is_of_another(here: Here, words: Heard) -> bool:
    """`the medicine cabinet`, where there is a cabinet, but not that one."""
    world = here.draft.world
    if len(words.things) < 2:
        return False
    here_most = max(
        (len(world.prop_nouns[prop] & words.things) for prop in here.draft.setting.props), default=0
    )
    if not here_most:
        return False
    theirs = max(len(nouns & words.things) for nouns in world.prop_nouns.values())
    missing = words.things & world.nouns - here.at_hand
    return theirs > here_most and bool(missing)
