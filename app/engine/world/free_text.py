"""A player's own words: what they come to, from a plain match down to a true attempt.

The ladder: what is possible here (noun and verb, or verb alone), a way that is closed, a thing
that is not here, what nobody can do, and else an attempt that costs what it costs.
"""

from dataclasses import dataclass
from typing import Literal

from app.engine.world import vocabulary
from app.engine.world.choices import everything
from app.engine.world.compiled import Action
from app.engine.world.draft import Draft
from app.engine.world.vocabulary import FILLER, IMPOSSIBLE_KEYS, KIND_VERBS, NEGATIONS, VERBS
from app.models.vocabulary import ActionKind

MAX_WORDS = 300
"""Characters of a custom action that are read."""
_NOUN, _VERB, _LABEL, _ENOUGH = 2.0, 1.0, 0.4, 2.4
_SHORT = 2
_AND = frozenset(["but", "and", "instead", "just", "then", "only", "rather"])

Verdict = Literal["action", "closed", "absent", "never", "none", "try", "wait"]


@dataclass(frozen=True, slots=True)
class Reading:
    """What the words come to."""

    verdict: Verdict
    action: Action | None = None
    noun: str = ""
    kind: ActionKind | None = None


@dataclass(frozen=True, slots=True)
class _Words:
    """The words as read: their keys in order, and the first verb."""

    keys: tuple[str, ...]
    content: frozenset[str]
    verb: str | None
    verbs: frozenset[str]
    refused: bool


def read(draft: Draft, text: str) -> Reading:
    """Total: any text comes to something."""
    words = _words(draft, text[:MAX_WORDS])
    if words.refused:
        return Reading("wait")
    if words.verb in IMPOSSIBLE_KEYS:
        return Reading("never")
    options = everything(draft)
    best = _best(options, words)
    if best is not None:
        return Reading("action", action=best)
    if len(words.content) <= _SHORT and words.verb is not None:
        short = _verb_alone(draft, options, words)
        if short is not None:
            return Reading("action", action=short)
    return (
        _closed(draft, words)
        or _with_item(draft, options, words)
        or _absent(draft, text, words)
        or _attempt(words)
    )


def _words(draft: Draft, text: str) -> _Words:
    kept: list[str] = []
    refusing = refused = False
    for token in vocabulary.tokens(text):
        if token.replace("'", "") in NEGATIONS:
            refusing = refused = True
            continue
        if refusing and token in _AND:
            refusing = False
            continue
        if not refusing:
            kept.append(token)
    speller = draft.world.speller
    content = [
        speller.mend(vocabulary.key(token))
        for token in kept
        if token not in FILLER or token == "go"  # noqa: S105 (a word, not a secret)
    ]
    verbs = [word for word in content if word in VERBS or word in IMPOSSIBLE_KEYS]
    return _Words(
        keys=tuple(content),
        content=frozenset(content),
        verb=verbs[0] if verbs else None,
        verbs=frozenset(verbs),
        refused=refused and not verbs,
    )


def _best(options: list[Action], words: _Words) -> Action | None:
    best: tuple[float, Action] | None = None
    for action in options:
        score = _match(action, words)
        if score >= _ENOUGH and (best is None or score > best[0]):
            best = (score, action)
    return best[1] if best else None


def _match(action: Action, words: _Words) -> float:
    named = not action.nouns.isdisjoint(words.content)
    meant = not action.verbs.isdisjoint(words.verbs)
    if words.verbs and not meant:
        # Kicking a door is no way of listening at it.
        return 0.0
    label = vocabulary.keys(action.labels[-1].text)
    shared = len(label & words.content)
    small = 0.5 if action.source in ("look", "listen") else 0.0
    exact = 0.3 if words.verb is not None and words.verb in label else 0.0
    return _NOUN * named + _VERB * meant + _LABEL * shared + exact - small


def _verb_alone(draft: Draft, options: list[Action], words: _Words) -> Action | None:
    """`hide`, `run`: the least risky thing of that kind."""
    nouns = (words.content - words.verbs) & draft.world.nouns
    if nouns:
        return None
    here = bool(draft.facts.get("agent_here"))
    fitting = [
        action
        for action in options
        if words.verb is not None
        and words.verb in action.verbs
        and action.source not in ("look", "listen")
        and not (here and action.source == "watch")
    ]
    if here:
        fitting.sort(key=lambda action: action.source not in ("flee", "answer", "hide"))
        fitting = fitting[:1]
    return min(fitting, key=lambda action: action.risk, default=None)


def _closed(draft: Draft, words: _Words) -> Reading | None:
    for action in draft.setting.exits:
        if action.way is None or action.needs.holds(draft.facts):
            continue
        if _match(action, words) >= _ENOUGH:
            return Reading("closed", action=action)
    return None


def _with_item(draft: Draft, options: list[Action], words: _Words) -> Reading | None:
    """`use the cutters`: what a carried thing opens here."""
    for item in draft.items:
        if draft.world.item_nouns[item].isdisjoint(words.content):
            continue
        for action in options:
            wanted = f"item.{item}" in action.needs.keys
            if wanted and (not action.verbs.isdisjoint(words.verbs) or "use" in words.content):
                return Reading("action", action=action)
    return None


def _absent(draft: Draft, text: str, words: _Words) -> Reading | None:
    """A thing that this world knows and that is neither here nor carried."""
    present = set(draft.setting.nouns)
    for item in draft.items:
        present |= draft.world.item_nouns[item]
    for name, agent in draft.agents.items():
        if agent.place == draft.place or agent.state in ("near", "here"):
            present |= draft.world.bodies[name].nouns
    for pending in draft.pending:
        event = draft.world.events[pending.storylet]
        present |= frozenset().union(*(choice.nouns for choice in event.choices))
        present |= frozenset().union(*(vocabulary.keys(said.text) for said in event.texts))
    missing = (words.content & draft.world.nouns) - present - words.verbs
    if not missing:
        return None
    speller = draft.world.speller
    for token in vocabulary.tokens(text):
        mended = speller.mend(vocabulary.key(token))
        if mended in missing:
            whole = token if vocabulary.key(token) == mended else mended
            return Reading("absent", noun=whole)
    return None


def _attempt(words: _Words) -> Reading:
    if words.verb is None:
        return Reading("none")
    kind = next(kind for kind, verbs in KIND_VERBS.items() if words.verb in verbs)
    return Reading("try", kind=kind)
