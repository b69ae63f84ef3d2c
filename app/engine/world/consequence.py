"""How a deed is told: in its own words, in a line for its kind, or by its label."""

from typing import Final

from app.engine.world.compiled import Action, Said
from app.engine.world.draft import Draft
from app.engine.world.prose import AGAIN, Page, Rank
from app.engine.world.slots import KIND
from app.engine.world.words import deed, lower_first
from app.models.vocabulary import Tier

ECHO: Final = "~"
"""Marks, among what was told, an action that was told by its label."""


def label_of(draft: Draft, action: Action) -> Said:
    """The label as it reads now: the most specific that holds, else the last and plainest."""
    for said in action.labels:
        if said.when.holds(draft.facts):
            return said
    return action.labels[-1]


def tell_consequence(
    draft: Draft, page: Page, action: Action, tier: Tier, pool: tuple[Said, ...] = ()
) -> None:
    """The consequence is never silent: own text, the slot's line, else the label as done."""
    if pool and page.tell_one(Rank.CONSEQUENCE, pool, f"do:{action.id}", keep=True):
        return
    if page.line(Rank.CONSEQUENCE, KIND[action.kind, tier], again=AGAIN, keep=True):
        return
    if pool and page.tell_one(Rank.CONSEQUENCE, pool, f"do:{action.id}", again=AGAIN, keep=True):
        return
    tell_plainly(draft, page, action)


def tell_plainly(draft: Draft, page: Page, action: Action) -> None:
    """The label as a sentence; the second time within a while, in fewer words."""
    mark = f"{ECHO}{action.id}"
    text = deed(label_of(draft, action).text)
    if draft.turn - draft.used.get(mark, -AGAIN) < AGAIN:
        text = f"Again {lower_first(text)}"
    draft.used[mark] = draft.turn
    page.put(Rank.CONSEQUENCE, text)


def tell_small(draft: Draft, page: Page, action: Action, *texts: str) -> None:
    """The first of these that was not told of late, for this action; else the label as done."""
    for at, text in enumerate(texts):
        mark = f"{action.id}~{at}"
        if draft.turn - draft.used.get(mark, -AGAIN) >= AGAIN:
            draft.used[mark] = draft.turn
            page.put(Rank.CONSEQUENCE, text)
            return
    tell_plainly(draft, page, action)
