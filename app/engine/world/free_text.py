"""A player's own words: what they come to, from a plain match down to a true attempt.

The ladder: what is possible here (noun and verb, or verb alone), a way that is closed, a thing
that is not here, what nobody can do, and else an attempt that costs what it costs.
"""

import re
from dataclasses import dataclass
from typing import Literal

from app.engine.world import vocabulary
from app.engine.world.choices import everything
from app.engine.world.compiled import SPARE, Action
from app.engine.world.draft import Draft
from app.engine.world.vocabulary import (
    ADVERBS,
    FILLER,
    GENERIC_KEYS,
    IMPOSSIBLE_KEYS,
    KIND_VERBS,
    NEGATIONS,
    SELF,
    THEM,
    VERBS,
    WAIT_KEYS,
)
from app.models.vocabulary import ActionKind

LONGEST = 300
"""Characters of a custom action that are read."""
_NOUN, _VERB, _LABEL, _ENOUGH = 2.0, 1.0, 0.4, 2.4
_GENERIC, _EXACT, _OWN, _SMALL = 0.5, 0.3, 0.2, 0.5
_CLAUSE = re.compile(r"[,.;:!?\n]+|\b(?:but|and|instead|rather|then)\b", re.IGNORECASE)
_HARM = frozenset(vocabulary.key(verb) for verb in ("kill", "hurt", "stab", "shoot", "cut"))
_STAYS = frozenset({"hide", "rest", "watch"})
_LOOSE: frozenset[ActionKind] = frozenset({"talk", "use", "trick", "fight"})
"""Kinds too wide for a verb of theirs alone to mean just any action."""

Verdict = Literal["action", "closed", "absent", "never", "refuse", "wait", "none", "try"]


@dataclass(frozen=True, slots=True)
class Reading:
    """What the words come to."""

    verdict: Verdict
    action: Action | None = None
    noun: str = ""
    kind: ActionKind | None = None


@dataclass(frozen=True, slots=True)
class _Words:
    """The words as read: content words, the verbs among them, and the first of those."""

    content: frozenset[str]
    things: frozenset[str]
    """The content words that are no verbs."""
    verbs: frozenset[str]
    verb: str | None
    back: bool
    refused: bool
    """There was nothing but what not to do."""


def read(draft: Draft, text: str) -> Reading:
    """Total: any text comes to something."""
    text = text[:LONGEST]
    words = _words(draft, text)
    if words.refused or _harms_self(text, words):
        return Reading("refuse")
    if words.verb in IMPOSSIBLE_KEYS:
        return Reading("never")
    if words.content and words.content <= WAIT_KEYS:
        return Reading("wait")
    options = everything(draft)
    shut = [action for action in draft.setting.exits if not action.needs.holds(draft.facts)]
    best = _best([*options, *shut], words)
    if best in shut:
        return Reading("closed", action=best)
    action = best or _verb_alone(draft, options, words)
    if action is not None:
        return Reading("action", action=action)
    return _with_item(draft, options, words) or _absent(draft, text, words) or _attempt(words)


def _words(draft: Draft, text: str) -> _Words:
    speller = draft.world.lexicon.speller
    kept: list[str] = []
    refused = False
    for clause in _CLAUSE.split(text):
        tokens = vocabulary.tokens(clause)
        no = next((at for at, one in enumerate(tokens) if one.replace("'", "") in NEGATIONS), None)
        refused = refused or no is not None
        kept += tokens if no is None else tokens[:no]
    content = [
        speller.mend(vocabulary.key(token))
        for token in kept
        if token == "go" or token not in FILLER | ADVERBS  # noqa: S105 (a word, no secret)
    ]
    verbs = [word for word in content if word in VERBS or word in IMPOSSIBLE_KEYS]
    every = frozenset(verbs)
    # `use the bolt cutters` bolts nowhere, and `get some rest` is about the rest.
    things = _nouns_at_hand(draft)
    verbs = [word for word in verbs if word not in things] or verbs
    verbs = [word for word in verbs if word not in GENERIC_KEYS] or verbs
    return _Words(
        content=frozenset(content),
        things=frozenset(content) - every | every & things,
        verbs=frozenset(verbs),
        verb=verbs[0] if verbs else None,
        back="back" in kept,
        refused=refused and not verbs,
    )


def _nouns_at_hand(draft: Draft) -> frozenset[str]:
    return draft.setting.nouns.union(*(draft.world.item_nouns[item] for item in draft.items))


def _harms_self(text: str, words: _Words) -> bool:
    tokens = frozenset(vocabulary.tokens(text))
    return "suicide" in tokens or bool(words.verbs & _HARM and tokens & SELF)


# -- what is possible here


def _best(options: list[Action], words: _Words) -> Action | None:
    best: tuple[float, Action] | None = None
    for action in options:
        score = match(action, words)
        if score >= _ENOUGH and (best is None or score > best[0]):
            best = (score, action)
    return best[1] if best else None


def match(action: Action, words: _Words) -> float:
    """How well an action fits: 2 for the thing, 1 for the verb, a little for the label."""
    named = not action.nouns.isdisjoint(words.content)
    meant = not action.verbs.isdisjoint(words.verbs)
    generic = named and not words.verbs.isdisjoint(GENERIC_KEYS)
    if words.verbs and not (meant or generic):
        # Kicking a door is no way of listening at it.
        return 0.0
    score = _NOUN * named + (_VERB if meant else _GENERIC * generic)
    score += _LABEL * len(action.words & words.content)
    if words.verb is not None:
        score += _EXACT * (words.verb in action.words) + _OWN * (words.verb in action.own)
    return score - _SMALL * (action.source in SPARE)


def _verb_alone(draft: Draft, options: list[Action], words: _Words) -> Action | None:
    """`hide`, `run`, `look around`: the plainest and least risky thing of that kind."""
    if words.verb is None or words.things - THEM:
        return None
    here = bool(draft.facts.get("agent_here"))
    fitting = [
        action
        for action in options
        if words.verb in action.verbs
        and action.source not in SPARE
        and (words.verb in action.own | action.words or action.kind not in _LOOSE)
        and not (here and action.source not in ("flee", "answer", "hide", "exit"))
    ]
    back = draft.came_from if words.back else None
    return min(
        fitting,
        key=lambda action: (
            here and action.source not in ("flee", "answer", "hide"),
            back is not None and action.target != back,
            action.source not in _STAYS,
            words.verb not in action.own | action.words,
            action.risk,
        ),
        default=None,
    )


# -- what is not


def _with_item(draft: Draft, options: list[Action], words: _Words) -> Reading | None:
    """`use the cutters`: what a carried thing opens here."""
    for item in draft.items:
        if draft.world.item_nouns[item].isdisjoint(words.content):
            continue
        for action in options:
            wanted = f"item.{item}" in action.needs.keys
            if wanted and not (action.verbs | GENERIC_KEYS).isdisjoint(words.verbs):
                return Reading("action", action=action)
    return None


def _absent(draft: Draft, text: str, words: _Words) -> Reading | None:
    """A thing that this world knows and that is neither here nor carried."""
    missing = (words.things & draft.world.nouns) - _present(draft)
    if not missing:
        return None
    speller = draft.world.lexicon.speller
    carried = frozenset().union(*draft.world.item_nouns.values())
    before = ""
    for token in vocabulary.tokens(text):
        mended = speller.mend(vocabulary.key(token))
        # `my bag` is the player's own, whatever bags there are elsewhere.
        theirs = before == "my" and mended not in carried
        before = token
        if mended in missing and not theirs:
            return Reading("absent", noun=token if vocabulary.key(token) == mended else mended)
    return None


def _present(draft: Draft) -> set[str]:
    """Every noun that means something here and now."""
    world = draft.world
    present = set(draft.setting.nouns)
    for item in draft.items:
        present |= world.item_nouns[item]
    for name, agent in draft.agents.items():
        if agent.place == draft.place or agent.state in ("near", "here"):
            present |= world.bodies[name].nouns
    for pending in draft.pending:
        event = world.events[pending.storylet]
        present.update(*(choice.words for choice in event.choices))
        present.update(*(vocabulary.keys(said.text) for said in event.texts))
    return present


def _attempt(words: _Words) -> Reading:
    if words.verb is None:
        return Reading("none")
    return Reading(
        "try", kind=next(kind for kind, verbs in KIND_VERBS.items() if words.verb in verbs)
    )
