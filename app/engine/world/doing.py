"""Doing what was chosen: the roll, the consequence and its text, for every source of actions."""

from collections.abc import Callable
from types import MappingProxyType
from typing import Final

from app.engine import rules
from app.engine.world import agents, small_deeds
from app.engine.world.compiled import Action, Result, Source, Way
from app.engine.world.consequence import tell_consequence
from app.engine.world.deeds import Deed, risk_of, roll
from app.engine.world.draft import Draft
from app.engine.world.effects import apply
from app.engine.world.furnish import furnish
from app.engine.world.prose import AGAIN, Page, Rank
from app.engine.world.small_deeds import walk_up
from app.engine.world.words import definite, upper_first
from app.models.vocabulary import Fate, Movement, Tier

SPENT: Final = 1_000_000
"""A cooldown that never ends."""
RETRY = 3
"""Turns after which what went badly may be tried again."""
_HEALING_TAGS = frozenset(["heal", "healing", "medical", "bandage"])
_REST, _TREAT = 6, 18
_REST_AGAIN, _HIDE_AGAIN = 3, 2
_HIDE_HERE, _HIDE_NEAR, _HIDE_COVER = 0.2, 0.5, 0.15
_FALL = 7
_ASIDE, _ABOUT = 0.4, 2.0
_FOLLOW_AGAIN = 4
_FOLLOWED: Final = (
    "{} goes ahead without looking round, and you keep the distance that is kept.",
    "You let {} go first, and step where you are shown to step.",
    "{} goes on. You go after, and are neither asked to nor told not to.",
)
_STAYING: Final = frozenset[Source](["hide", "rest", "watch", "listen"])


def do(draft: Draft, page: Page, action: Action, fate: Fate) -> Deed:
    """Resolve one action: effects on the draft, texts on the page."""
    tier, fateless = roll(draft, action.id, risk_of(draft, action), fate)
    done = Deed(kind=action.kind, tier=tier, fateless=fateless)
    draft.facts["tier"] = tier
    draft.facts["fate"] = fate
    draft.facts["kind"] = action.kind
    if action.source in _STAYING and draft.place in draft.cameras:
        draft.step_back()
    _DO[action.source](draft, page, action, done)
    return done


# -- ways


def _go(draft: Draft, page: Page, action: Action, done: Deed) -> None:
    way = action.way
    if way is None:
        return
    draft.noise = way.noise + (done.tier == "bad")
    draft.change_quality("heat", max(0, way.noise - 1) + (done.tier != "ok") + (done.tier == "bad"))
    tell_consequence(draft, page, action, done.tier, way.told[done.tier])
    if done.tier == "bad":
        draft.change_health(-_FALL)
        done.fell = True
    leave(draft, page, done)
    if rules.is_dead(draft.health):
        # Whoever is killed on leaving does not arrive.
        return
    draft.pass_minutes(way.minutes - draft.world.pack.meta.minutes_per_turn)
    done.movement = _heading(draft, way)
    draft.go_to(way.to)
    arrive(draft, page)


def _heading(draft: Draft, way: Way) -> Movement:
    """How leaving looks. Where one looks on arriving is the next place's own affair."""
    if abs(way.camera.turn) >= _ABOUT or way.to == draft.came_from:
        return "back"
    if abs(way.camera.turn) >= _ASIDE:
        return "right" if way.camera.turn > 0 else "left"
    return "forward"


def leave(draft: Draft, page: Page, done: Deed) -> None:
    """Somebody who is here strikes at a player who leaves badly, and else loses them."""
    for body in draft.world.bodies.values():
        if draft.agents[body.id].state != "here" or body.id in done.handled:
            continue
        done.handled.add(body.id)
        if done.tier == "bad":
            agents.strike(draft, page, body, rank=Rank.PARTING)
        else:
            agents.escape(draft, body)


def arrive(draft: Draft, page: Page) -> None:
    """Tell the place: at length the first time, in passing afterwards."""
    furnish(draft)
    setting = draft.setting
    first = setting.id not in draft.visited
    draft.visited[setting.id] = draft.turn
    draft.facts["visited." + setting.id] = True
    pool = setting.first if first else setting.back
    page.tell_one(Rank.ARRIVAL, pool, f"arrive:{setting.id}", keep=first)


# -- affordances of props, things, events


def _affordance(draft: Draft, page: Page, action: Action, done: Deed) -> None:
    place = draft.place
    draft.noise = rules.noise_of(action.kind, done.tier)
    if action.source == "prop":
        walk_up(draft, action.target)
        grown = draft.world.grown_props.get(action.target)
        done.open = grown is not None and not grown.kit
    _take_result(draft, page, action, done)
    _cool(draft, action, done.tier)
    if action.kind == "hide" and done.tier != "bad":
        conceal(draft, page, done)
    if action.source == "event":
        draft.pending = [one for one in draft.pending if one.storylet != action.target]
    if draft.place != place:
        arrive(draft, page)


def _take_result(draft: Draft, page: Page, action: Action, done: Deed) -> Result | None:
    """Pick an outcome of the tier, tell it and make it so."""
    results = (action.results or {}).get(done.tier, ())
    said = page.pick([result.said for result in results], f"do:{action.id}", again=0)
    result = next((one for one in results if one.said is said), None)
    if said is None or result is None:
        tell_consequence(draft, page, action, done.tier)
        return None
    told = draft.used.get(said.id)
    if told is None or draft.turn - told >= AGAIN:
        page.tell(Rank.CONSEQUENCE, said, keep=True)
    else:
        tell_consequence(draft, page, action, done.tier)
    apply(result.ops, draft)
    return result


def _cool(draft: Draft, action: Action, tier: Tier) -> None:
    if action.once and tier != "bad":
        draft.cooldowns[action.id] = SPENT
    else:
        wait = max(action.cooldown, RETRY if tier == "bad" else 1)
        draft.cooldowns[action.id] = draft.turn + 1 + wait


# -- agents


def _answer(draft: Draft, page: Page, action: Action, done: Deed) -> None:
    body = draft.world.bodies[action.target]
    done.handled.add(body.id)
    draft.noise = rules.noise_of(action.kind, done.tier)
    result = _take_result(draft, page, action, done)
    if done.tier == "bad":
        _struck(draft, page, action, result)
        return
    draft.encounter = draft.turn
    agents.escape(draft, body, grace=agents.GRACE + (done.tier == "ok"))


def _struck(draft: Draft, page: Page, action: Action, result: Result | None) -> None:
    """Going wrong before somebody is a hit; an outcome that wounds has told it already."""
    body = draft.world.bodies[action.target]
    if result is not None and result.wounds:
        draft.encounter = draft.turn
        agents.escape(draft, body)
    else:
        agents.strike(draft, page, body)


def _flee(draft: Draft, page: Page, action: Action, done: Deed) -> None:
    body = draft.world.bodies[action.target]
    done.handled.add(body.id)
    draft.noise = 1
    place = draft.place
    result = _take_result(draft, page, action, done)
    if done.tier == "bad":
        _struck(draft, page, action, result)
        return
    draft.change_quality("heat", -2 if done.tier == "ok" else 0)
    leave(draft, page, done)
    if draft.place == place:
        _run_somewhere(draft)
    # Whoever was fled from stays behind, or goes off if there was nowhere to run.
    agents.escape(draft, body, grace=agents.GRACE + (done.tier == "ok"))
    if draft.place != place:
        arrive(draft, page)


def _run_somewhere(draft: Draft) -> None:
    """Any way that is open, and rather one that nobody stands in."""
    ways = [action.target for action in draft.setting.exits if action.needs.holds(draft.facts)]
    taken = {agent.place for agent in draft.agents.values()}
    free = [way for way in ways if way not in taken]
    if ways:
        draft.go_to(draft.random("flee:where").choice(list(dict.fromkeys(free or ways))))


# -- people


def _follow(draft: Draft, page: Page, action: Action, done: Deed) -> None:
    """Whoever is followed goes on by a way that is open, and the player after them."""
    ways = [way for way in draft.setting.exits if way.needs.holds(draft.facts)]
    person = draft.world.grown_people.get(action.target)
    draft.cooldowns[action.id] = draft.turn + 1 + _FOLLOW_AGAIN
    if not ways or person is None:
        tell_consequence(draft, page, action, done.tier)
        return
    fresh = [way for way in ways if way.target not in draft.visited]
    way = draft.random(f"follow:{action.target}").choice(fresh or ways)
    draft.noise = 1
    text = draft.random("followed").choice(_FOLLOWED)
    page.put(Rank.CONSEQUENCE, upper_first(text.format(definite(person.name))))
    leave(draft, page, done)
    draft.lead(person.id, way.target)
    done.movement = "forward"
    draft.go_to(way.target)
    arrive(draft, page)


# -- staying


def _hide(draft: Draft, page: Page, action: Action, done: Deed) -> None:
    tell_consequence(draft, page, action, done.tier)
    draft.change_quality("heat", -2)
    draft.cooldowns[action.id] = draft.turn + 1 + _HIDE_AGAIN
    conceal(draft, page, done)


def conceal(draft: Draft, page: Page, done: Deed) -> None:
    """Out of sight: those who are near may lose the player, the better the cover."""
    done.hidden = True
    draft.facts["hidden"] = True
    chance = draft.random("hide").random()
    cover = draft.setting.cover
    for body in draft.world.bodies.values():
        state = draft.agents[body.id].state
        if body.id in done.handled:
            continue
        if state == "here":
            # Hiding from somebody who is here buys a turn; only good cover is an escape.
            done.handled.add(body.id)
            if chance < _HIDE_HERE + _HIDE_HERE * cover:
                _lost(draft, page, body.id)
            else:
                agents.back_off(draft, body)
                page.tell_one(
                    Rank.EVENT, body.lines["near"], f"near:{body.id}", again=AGAIN, keep=True
                )
        elif state == "near" and chance < _HIDE_NEAR + _HIDE_COVER * cover:
            done.handled.add(body.id)
            _lost(draft, page, body.id)


def _lost(draft: Draft, page: Page, agent_id: str) -> None:
    body = draft.world.bodies[agent_id]
    agents.escape(draft, body)
    page.tell_one(Rank.EVENT, body.lines["lost"], f"lost:{agent_id}", keep=True)


def _rest(draft: Draft, page: Page, action: Action, done: Deed) -> None:
    pack = draft.world.pack
    remedy = next(
        (item for item in draft.items if not _HEALING_TAGS.isdisjoint(pack.items[item].tags)), None
    )
    tell_consequence(draft, page, action, done.tier)
    draft.cooldowns[action.id] = draft.turn + 1 + _REST_AGAIN
    if remedy is None:
        draft.change_health(_REST)
        return
    draft.change_health(_TREAT)
    if draft.injuries:
        draft.heal(draft.injuries[0].id)
    draft.lose(remedy)


def _watch(draft: Draft, page: Page, action: Action, done: Deed) -> None:
    seen = next(
        (
            one
            for one in draft.setting.observe
            if one.said.id not in draft.used and one.said.when.holds(draft.facts)
        ),
        None,
    )
    draft.change_quality("heat", -1)
    if seen is None:
        tell_consequence(draft, page, action, done.tier)
        return
    page.tell(Rank.CONSEQUENCE, seen.said, keep=True)
    apply(seen.ops, draft)


_Doer = Callable[[Draft, Page, Action, Deed], None]
_DO: Final = MappingProxyType[Source, _Doer](
    {
        "exit": _go,
        "prop": _affordance,
        "item": _affordance,
        "event": _affordance,
        "answer": _answer,
        "flee": _flee,
        "hide": _hide,
        "rest": _rest,
        "watch": _watch,
        "look": small_deeds.look,
        "listen": small_deeds.listen,
        "stock": small_deeds.stock,
        "pace": small_deeds.pace,
        "call": small_deeds.call,
        "follow": _follow,
    }
)
