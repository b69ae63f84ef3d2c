"""A player's own words: what they come to, from a plain match down to a true attempt.

Of several things said the first is done. The ladder for each: what is possible here (noun and
verb, or verb alone), a way that is closed, a thing that is not here, what nobody can do, and
else an attempt that costs what it costs. What is only asked is told.
"""

from dataclasses import dataclass, replace
from typing import Final, Literal

from app.engine.world.bearings import LEAVE_KEYS, way_meant
from app.engine.world.compiled import SPARE, Action
from app.engine.world.draft import Draft
from app.engine.world.heard import Heard, Here, hear, here_and_now
from app.engine.world.locks import teaches
from app.engine.world.phrases import (
    About,
    Clause,
    asked,
    clauses,
    is_never,
    is_question,
    plain,
    unheard_of,
)
from app.engine.world.things import is_of_another, missing_noun, use_of_item
from app.engine.world.vocabulary import (
    ALIKE,
    CALL_KEYS,
    GENERIC_KEYS,
    HARM_KEYS,
    IMPOSSIBLE_KEYS,
    KIND_VERBS,
    LOOK_KEYS,
    MOVE_KEYS,
    RESTING_KEYS,
    SELF,
    SIGHT_KEYS,
    THEM,
    WAIT_KEYS,
    key,
)
from app.models.vocabulary import ActionKind

LONGEST = 300
"""Characters of a custom action that are read."""
_NOUN, _VERB, _LABEL, _ENOUGH = 2.0, 1.0, 0.4, 2.4
_GENERIC, _EXACT, _OWN, _ALIKE, _SMALL, _POINTS, _SHUT = 0.5, 0.3, 0.4, 0.1, 0.5, 0.6, 0.2
_STAYS: Final = frozenset({"hide", "rest", "watch"})
_BEFORE_SOMEBODY: Final = frozenset({"flee", "answer", "hide", "exit"})
_FIRM: Final = frozenset[ActionKind](["use", "trick", "move", "fight"])
"""Kinds that change the world: they are done as the pack has it, or not at all."""
_LOOSE: Final = frozenset[ActionKind](["talk", "use", "trick", "fight"])
"""Kinds too wide for a verb of theirs alone to mean just any action."""
_POSTURES: Final = frozenset(
    ["kneel", "sit", "stand", "lean", "turn", "bend", "stop", "crouch", "lie"]
)
_MANNERS: Final = frozenset(
    ["jump", "climb", "swim", "wad", "crawl", "leap", "hop", "vault", "drop", "slip", "reach"]
)
"""Ways of going that ask for somewhere to go like that."""
_DOORS: Final = frozenset(["door", "gat", "gate", "hatch", "entranc"])

Verdict = Literal[
    "action", "closed", "absent", "never", "refuse", "wait", "none", "try", "told", "locked"
]


@dataclass(frozen=True, slots=True)
class Reading:
    """What the words come to."""

    verdict: Verdict
    action: Action | None = None
    noun: str = ""
    kind: ActionKind | None = None
    about: About | None = None
    words: str = ""
    """The part of what was typed that is meant."""


def read(draft: Draft, text: str) -> Reading:
    """Total: any text comes to something."""
    text = plain(text[:LONGEST])
    about = asked(text)
    if about is not None:
        return Reading("told", about=about)
    if is_never(text):
        return Reading("never")
    said = list(clauses(text))
    if any("suicide" in clause.wanted for clause in said):
        return Reading("refuse")
    asking = is_question(text)
    reading = _read_all(here_and_now(draft), said, asking=asking)
    if asking and reading.verdict == "none":
        return Reading("told", about="where")
    return replace(reading, words=reading.words or text)


def _read_all(here: Here, said: list[Clause], *, asking: bool) -> Reading:
    """The first clause that comes to something, past what only leads up to the next one."""
    nothing = Reading("none")
    before: tuple[str, ...] = ()
    refused, lead = False, ""
    for clause in said:
        rest = clause is not said[-1]
        refused = refused or bool(clause.unwanted)
        words = hear(here, clause.wanted, before, asking=asking)
        before = tuple(words.things) or before
        if clause.unwanted:
            unwanted = hear(here, clause.unwanted, (), asking=False)
            before = tuple(unwanted.things) or before
        if not words.content and not words.headings and not words.back:
            continue
        reading = replace(_ladder(here, words, clause.text), words=f"{lead}{clause.text}")
        if rest and _leads_up(here, reading, words):
            lead = f"{reading.words} and " if reading.verdict == "try" else ""
            nothing = reading if nothing.verdict == "none" else nothing
            continue
        return reading
    return Reading("refuse") if refused and nothing.verdict == "none" else nothing


def _leads_up(here: Here, reading: Reading, words: Heard) -> bool:
    """Getting a carried thing out, stepping up to something, opening a door that stands open."""
    if reading.verdict in ("none", "wait"):
        return True
    if reading.verdict == "absent":
        return words.verb == "open" and reading.noun in _DOORS
    action = reading.action
    if action is not None and words.verb in _POSTURES and action.source in _STAYS:
        return True
    if action is not None and words.verb == "go" and action.way is None:
        return True
    if reading.verdict != "try":
        return (
            reading.action is not None and reading.action.source == "watch" and _only_looks(words)
        )
    carried = (here.draft.world.item_nouns[item] for item in here.draft.items)
    if words.things and words.things <= frozenset().union(*carried):
        return words.verb in GENERIC_KEYS
    return (
        words.verb in MOVE_KEYS | _POSTURES
        or words.verb in GENERIC_KEYS
        or (words.verb == "open" and not words.things.isdisjoint(_DOORS))
    )


def _only_looks(words: Heard) -> bool:
    """A look round before the deed is no deed."""
    return not words.things and words.verb in LOOK_KEYS and len(words.content) == 1


# -- the ladder


def _ladder(here: Here, words: Heard, text: str) -> Reading:
    draft = here.draft
    if words.verbs & HARM_KEYS and not SELF.isdisjoint(words.said):
        return Reading("refuse")
    if not (words.content & IMPOSSIBLE_KEYS).isdisjoint(words.content - draft.world.lexicon.nouns):
        return Reading("never")
    if words.content and words.content <= WAIT_KEYS:
        return Reading("wait")
    thing = unheard_of(text)
    if thing is not None and key(thing) not in draft.world.lexicon.nouns:
        return Reading("absent", noun=thing)
    theirs = missing_noun(here, words, anyway=True) if is_of_another(here, words) else None
    if theirs is not None:
        return Reading("absent", noun=theirs)
    best = _best(here, words)
    if best is not None:
        return Reading("closed" if best in here.shut else "action", action=best)
    return (
        _locked(here, words)
        or _by_another_verb(here, words)
        or _way(here, words)
        or _verb_alone(here, words)
        or _approach(here, words)
        or _with_item(here, words)
        or _absent(here, words)
        or _attempt(words)
    )


def _best(here: Here, words: Heard) -> Action | None:
    headings = here.draft.world.lexicon.headings
    best: tuple[float, Action] | None = None
    for action in (*here.options, *here.shut):
        if words.through and action.source == "pace":
            continue
        score = match(action, words)
        if score and action.way is not None:
            score -= _SHUT * (action in here.shut)
            score += _POINTS * (not words.headings.isdisjoint(headings[action.id]))
        if score >= _ENOUGH and (best is None or score > best[0]):
            best = (score, action)
    return best[1] if best else None


def _by_another_verb(here: Here, words: Heard) -> Reading | None:
    """`pull the drawer open`: the first verb is not always the one that matters."""
    for verb in words.said:
        if verb in words.verbs and verb != words.verb and verb not in GENERIC_KEYS:
            best = _best(here, replace(words, verb=verb))
            if best is not None and best not in here.shut and best.source not in SPARE:
                return Reading("action", action=best)
    return None


def _locked(here: Here, words: Heard) -> Reading | None:
    """What is plainly meant and cannot be done now: no try may pretend that it came off."""
    meant = [
        action
        for action in here.gated
        if _is_own(action, words.verb) and match(action, words) >= _ENOUGH
    ]
    best = max(meant, key=lambda action: match(action, words), default=None)
    if best is None:
        return None
    if best.kind in _FIRM or (best.lock is not None and teaches(here.draft, best.lock)):
        return Reading("locked", action=best)
    return Reading("try", kind=best.kind)


def _is_own(action: Action, verb: str | None) -> bool:
    if verb is None or verb in GENERIC_KEYS:
        return False
    return verb in action.own | action.words or not ALIKE.get(verb, frozenset()).isdisjoint(
        action.own
    )


def match(action: Action, words: Heard) -> float:
    """How well an action fits: 2 for the thing, 1 for the verb, a little for the label."""
    shared = action.words & words.content
    known = not action.nouns.isdisjoint(words.things)
    verb = words.verb
    said = action.words if action.way is None else action.verbs
    exact = verb is not None and (verb in action.own or verb in said)
    alike = verb is not None and not ALIKE.get(verb, frozenset()).isdisjoint(action.own)
    kindred = action.kind not in _LOOSE and verb in action.verbs
    if verb in SIGHT_KEYS and action.own and action.own.isdisjoint(SIGHT_KEYS):
        # Looking at a radio is no way of listening to it.
        kindred = False
    # What only its label names is meant only by its own verbs.
    named = known or ((exact or alike or verb is None) and not shared.isdisjoint(words.things))
    generic = known and not words.verbs.isdisjoint(GENERIC_KEYS) and verb in GENERIC_KEYS
    if words.verbs and not (exact or alike or kindred or generic):
        # Kicking a door is no way of listening at it.
        return 0.0
    score = _NOUN * named + (_VERB if exact or alike or kindred else _GENERIC * generic)
    if generic and action.way is not None and not exact:
        # `take the stairs`
        score += _VERB - _GENERIC + _EXACT
    score += _LABEL * len(shared) + _ALIKE * alike
    if exact:
        score += _EXACT * (verb in action.words) + _OWN * (verb in action.own)
    return score - _SMALL * (action.source in SPARE)


def _way(here: Here, words: Heard) -> Reading | None:
    way = way_meant(here, words)
    if way is None:
        return None
    return Reading("closed" if way in here.shut else "action", action=way)


def _approach(here: Here, words: Heard) -> Reading | None:
    """Going up to a thing that is here is to look at it; going through it, to search it."""
    props = here.draft.world.lexicon.props[here.draft.place]
    if words.verb != "go" or words.things.isdisjoint(props):
        return None
    verb = "search" if words.through else "look"
    best = _best(here, replace(words, verb=verb, verbs=frozenset([verb]), headings=frozenset()))
    return Reading("action", action=best) if best is not None else None


def _verb_alone(here: Here, words: Heard) -> Reading | None:
    """`hide`, `run`, `look around`: the plainest and least risky thing of that kind."""
    verb, draft = words.verb, here.draft
    known = words.things & (here.at_hand | draft.world.lexicon.nouns)
    if (
        verb is None
        or verb in GENERIC_KEYS
        or known - THEM
        or (words.things - THEM and verb not in _EASY)
    ):
        return None
    fitting = [
        action
        for action in here.options
        if action.source not in SPARE
        and _fits_alone(action, verb)
        and not (here.threatened and action.source not in _BEFORE_SOMEBODY)
    ]
    looking = verb in LOOK_KEYS
    back = draft.came_from if words.back else None
    best = min(
        fitting,
        key=lambda action: (
            here.threatened and action.source not in ("flee", "answer", "hide"),
            back is not None and action.target != back,
            looking and action.source not in _STAYS,
            verb not in action.own,
            verb not in action.words and action.source not in _STAYS,
            action.risk,
        ),
        default=None,
    )
    return Reading("action", action=best) if best is not None else None


_EASY: Final = KIND_VERBS["hide"] | RESTING_KEYS | KIND_VERBS["flee"] | LOOK_KEYS | CALL_KEYS
"""What anybody can do anywhere, whatever else is said of it."""


def _fits_alone(action: Action, verb: str) -> bool:
    if verb in action.own | action.words or action.kind in _LOOSE or verb in _MANNERS:
        return verb in action.own | action.words
    if action.source == "rest":
        return verb in RESTING_KEYS
    return verb in action.verbs or (verb in LEAVE_KEYS and action.way is not None)


# -- what is not


def _with_item(here: Here, words: Heard) -> Reading | None:
    use = use_of_item(here, words)
    return Reading("action", action=use) if use is not None else None


def _absent(here: Here, words: Heard) -> Reading | None:
    noun = missing_noun(here, words)
    return Reading("absent", noun=noun) if noun is not None else None


def _attempt(words: Heard) -> Reading:
    if words.verb is None:
        return Reading("none")
    return Reading(
        "try",
        kind=next((kind for kind, verbs in KIND_VERBS.items() if words.verb in verbs), "use"),
    )
