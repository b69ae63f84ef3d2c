"""The turn that the world plays when a player hesitates too long."""

from app.engine.world import agents
from app.engine.world.deeds import Deed
from app.engine.world.draft import Draft
from app.engine.world.prose import AGAIN, Page, Rank
from app.engine.world.slots import THREAT, TIME, TIMES
from app.models.vocabulary import Fate

STEPS = 2
"""Agents move twice."""
_HEAT = 2
_WORST = 0.5
_STRAY = 5
_QUIET_TURNS = 2
_MISSED = "What you might have answered is gone."


def hesitate(draft: Draft, page: Page, fate: Fate) -> Deed:
    """Its own words, a louder world, and half of the time the worst of what already threatens."""
    draft.facts["timeout"] = True
    draft.facts["fate"] = fate
    done = Deed(kind="rest", tier="bad", fateless="bad")
    threatened = _threatened(draft)
    early = draft.turn < _QUIET_TURNS and not threatened
    luck = {"LUCKY": 0.25, "NORMAL": 0.0, "UNLUCKY": -0.25}[fate]
    if early:
        done.tier = done.fateless = "ok"
    elif draft.random("penalty").random() >= _WORST - luck:
        done.tier = done.fateless = "mixed"
    _tell(draft, page, done, threatened=threatened)
    if early:
        return done
    draft.change_quality("heat", _HEAT)
    draft.noise = 1
    _worst(draft, page, done)
    _withdraw(draft, page)
    return done


def _tell(draft: Draft, page: Page, done: Deed, *, threatened: bool) -> None:
    lines = draft.setting.lines
    pool = (*lines.get(TIME, ()), *lines.get(TIMES[done.tier], ()))
    if threatened and page.line(Rank.CONSEQUENCE, THREAT, keep=True):
        return
    pool = tuple(sorted(pool, key=lambda said: -said.when.specificity))
    if not page.tell_one(Rank.CONSEQUENCE, pool, "line:time", again=AGAIN, keep=True):
        page.put(Rank.CONSEQUENCE, "You hesitate, and the world does not.")


def _threatened(draft: Draft) -> bool:
    return bool(draft.facts.get("agent_here") or draft.facts.get("agent_near"))


def _worst(draft: Draft, page: Page, done: Deed) -> None:
    for body in draft.world.bodies.values():
        if draft.agents[body.id].state != "here":
            continue
        done.handled.add(body.id)
        if done.tier == "bad":
            agents.strike(draft, page, body)
        else:
            # It takes its time: the player has one more moment, and it is still here.
            page.tell_one(Rank.EVENT, body.lines["here"], f"here:{body.id}", keep=True)
        return
    if done.tier == "bad" and draft.setting.danger > 1:
        draft.change_health(-_STRAY)


def _withdraw(draft: Draft, page: Page) -> None:
    """What was on offer for a moment is gone."""
    if draft.pending:
        draft.pending = []
        told = draft.used.get(_MISSED)
        if told is None or draft.turn - told >= AGAIN:
            draft.used[_MISSED] = draft.turn
            page.put(Rank.EVENT, _MISSED, keep=False)
