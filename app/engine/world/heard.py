"""What was said, heard here and now: its words mended, stemmed and sorted."""

from dataclasses import dataclass
from typing import Final

from app.engine.world.choices import everything
from app.engine.world.compiled import Action
from app.engine.world.draft import Draft
from app.engine.world.lexicon import headings_of
from app.engine.world.vocabulary import (
    ARTICLES,
    FILLER,
    GENERIC_KEYS,
    IMPOSSIBLE_KEYS,
    SMALL,
    VERBS,
    key,
)

_IT: Final = frozenset(["it", "them", "there"])


@dataclass(frozen=True, slots=True)
class Heard:
    """One clause as read: content words, the verbs among them, and the first of those."""

    said: tuple[str, ...]
    """The content words, in order."""
    content: frozenset[str]
    things: frozenset[str]
    """The content words that are no verbs."""
    verbs: frozenset[str]
    verb: str | None
    own: frozenset[str]
    """What is the player's: `my bag`, whatever bags there are elsewhere."""
    back: bool
    through: bool
    headings: frozenset[str]


@dataclass(frozen=True, slots=True)
class Here:
    """What can be done and named at this moment."""

    draft: Draft
    options: tuple[Action, ...]
    shut: tuple[Action, ...]
    """The ways that are closed."""
    gated: tuple[Action, ...]
    """What could be done here at another time, or by somebody with other things."""
    verbs: frozenset[str]
    at_hand: frozenset[str]

    @property
    def threatened(self) -> bool:
        return bool(self.draft.facts.get("agent_here"))


def here_and_now(draft: Draft) -> Here:
    options = tuple(everything(draft))
    possible = {action.id for action in options}
    own = (one for item in draft.items for one in draft.world.carried[item])
    gated = tuple(one for one in (*draft.setting.actions, *own) if one.id not in possible)
    return Here(
        draft=draft,
        options=options,
        shut=tuple(way for way in draft.setting.exits if not way.needs.holds(draft.facts)),
        gated=gated,
        verbs=VERBS.union(IMPOSSIBLE_KEYS, *(action.own for action in (*options, *gated))),
        at_hand=draft.setting.nouns.union(*(draft.world.item_nouns[item] for item in draft.items)),
    )


def hear(here: Here, said: tuple[str, ...], before: tuple[str, ...], *, asking: bool) -> Heard:
    """Mend, stem and sort the words of one clause. `it` is what was named before."""
    nouns = here.draft.world.lexicon.nouns
    mend = here.draft.world.lexicon.speller.mend
    content: list[str] = []
    nounish: set[str] = set()
    own: set[str] = set()
    article = mine = False
    for token in said:
        if token in SMALL and token != "go" and not (article and token in nouns):  # noqa: S105
            article, mine = token in ARTICLES, token == "my"  # noqa: S105
            if token in _IT and len(content) <= 1:
                content += before
            continue
        word = mend(token)
        if len(word) > 1 and (word not in SMALL or word in here.verbs or word in nouns & FILLER):
            content.append(word)
            if article:
                nounish.add(word)
            if mine:
                own.add(word)
        article = mine = False
    every = frozenset(content)
    verbs = _verbs(here, content, nounish)
    if not verbs and content and _is_done_to_something(said, content[0]):
        verbs = [content[0]]
    if asking:
        verbs = ["look"]
    meant = [word for word in verbs if word not in here.at_hand] or verbs
    meant = [word for word in meant if word not in GENERIC_KEYS] or meant
    return Heard(
        said=tuple(content),
        content=every,
        things=every - frozenset(verbs) | (frozenset(verbs[1:]) & here.at_hand),
        verbs=frozenset(verbs),
        verb=meant[0] if meant else None,
        own=frozenset(own),
        back="back" in said,
        through="through" in said,
        headings=headings_of(said),
    )


def _is_done_to_something(said: tuple[str, ...], first: str) -> bool:
    """`water the fern`: what comes first and is followed by an article is a verb."""
    return len(said) > 1 and said[1] in ARTICLES and key(said[0])[:2] == first[:2]


def _verbs(here: Here, content: list[str], nounish: set[str]) -> list[str]:
    """The verbs in order. In `filling station` there is none, if that is where a way leads."""
    known = [word for word in content if word in here.verbs]
    names = here.draft.world.lexicon.names
    named = [names[way.target] for way in here.draft.setting.exits if len(names[way.target]) > 1]
    part = frozenset[str]().union(*(name for name in named if name.issubset(content)))
    if part:
        return [word for word in known if word not in part and word not in nounish]
    return [word for word in known if word not in nounish] or known[:1]
