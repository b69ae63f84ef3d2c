"""Small deeds that are possible anywhere and true: for when better choices run out."""

from typing import Final

from app.engine import rules
from app.engine.world.compiled import Action, Lock
from app.engine.world.consequence import tell_small
from app.engine.world.deeds import Deed
from app.engine.world.draft import Draft
from app.engine.world.grammar import be
from app.engine.world.locks import missing, teaches
from app.engine.world.prose import AGAIN, Page, Rank
from app.engine.world.slots import KIND, TRY_KIND, look_at
from app.engine.world.words import definite, listing, upper_first

_CALLED: Final = "You call out. What comes back is your own voice, and late."
_CALLED_AGAIN: Final = "You call again, to the same answer."
_PROP_METRES = 5.0


def look(draft: Draft, page: Page, action: Action, done: Deed) -> None:
    walk_up(draft, action.target)
    name = definite(draft.world.pack.props[action.target].name)
    state = draft.props.get(action.target, "")
    many = action.target in draft.world.plurals
    lock = next(
        (
            one.lock
            for one in draft.setting.actions
            if one.target == action.target and one.lock is not None and teaches(draft, one.lock)
        ),
        None,
    )
    if page.line(Rank.CONSEQUENCE, look_at(action.target), keep=True):
        return
    texts = []
    if lock is not None:
        texts.append(f"{upper_first(name)} again. {_wanting(draft, lock)}")
    elif state:
        texts.append(f"{upper_first(name)} {be(plural=many)} {state.replace('_', ' ')} now.")
    if not texts and page.line(Rank.CONSEQUENCE, KIND["investigate", done.tier], keep=True):
        return
    left = "them" if many else "it"
    texts.append(f"{upper_first(name)} {be(plural=many)} as you left {left}.")
    tell_small(draft, page, action, *texts)


def _wanting(draft: Draft, lock: Lock) -> str:
    """What a thing is good for, and what is missing for it."""
    needs = missing(draft, lock)
    return f"{lock.text.rstrip('.')}: {needs if lock.needs else f'you need {needs}'}."


def listen(draft: Draft, page: Page, action: Action, done: Deed) -> None:
    """What is heard is true: somebody moves there or nobody does."""
    del done
    there = draft.world.settings[action.target]
    moving = [
        body.spec.name
        for body in draft.world.bodies.values()
        if draft.agents[body.id].place == there.id and draft.agents[body.id].state != "asleep"
    ]
    draft.change_quality("heat", -1)
    if moving:
        tell_small(draft, page, action, f"Somebody is moving at {definite(there.name)}.")
    else:
        text = f"Nothing moves at {definite(there.name)} that you can hear."
        tell_small(draft, page, action, text)


def stock(draft: Draft, page: Page, action: Action, done: Deed) -> None:
    del done
    names = [definite(draft.world.pack.items[item].name) for item in draft.items]
    text = f"You have {listing(names)}." if names else "You have nothing but what you stand in."
    tell_small(draft, page, action, text)


def pace(draft: Draft, page: Page, action: Action, done: Deed) -> None:
    del done
    ways = [
        definite(draft.world.settings[one.target].name)
        for one in draft.setting.exits
        if one.needs.holds(draft.facts)
    ]
    edges = f"You walk the edges of {definite(draft.setting.name)}"
    ways = list(dict.fromkeys(ways))
    told = [f"{edges}, and nothing keeps you from {listing(ways)}."] if ways else []
    tell_small(draft, page, action, *told, f"{edges}.")


def call(draft: Draft, page: Page, action: Action, done: Deed) -> None:
    draft.noise = rules.noise_of(action.kind, done.tier)
    draft.change_quality("heat", draft.noise - 1)
    if not page.line(Rank.CONSEQUENCE, TRY_KIND["talk", done.tier], again=AGAIN, keep=True):
        tell_small(draft, page, action, _CALLED, _CALLED_AGAIN)


def walk_up(draft: Draft, prop_id: str) -> None:
    state = draft.props.get(prop_id) or draft.world.prop_states[prop_id]
    view = draft.world.prop_views.get((prop_id, state))
    if view is not None:
        draft.look_at(view.x, view.z, stop_at=_PROP_METRES)
