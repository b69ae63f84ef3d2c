"""The choices that are possible here and now, and the four of them that are offered."""

from collections.abc import Iterable
from dataclasses import dataclass
from string import ascii_lowercase

from app.engine import rules
from app.engine.world.compiled import Action
from app.engine.world.consequence import label_of
from app.engine.world.deeds import risk_of
from app.engine.world.draft import Draft
from app.models.session import Choice
from app.models.world import Offer

OFFERED = 4
FLOOR = 3
_SAFE_REST = 80
"""Above this health nobody needs a rest."""
_HIDE_HEAT = 2

_NOISE, _EVENT, _PHOTO, _NEW, _OLD = 0.8, 2.2, 1.2, 1.0, -0.6
_ANSWER, _UNLOCKED, _GOAL = 2.5, 1.6, 3.0
_SAME_KIND, _SAME_TARGET, _RECENT = 1.1, 1.5, 0.9
_STALE, _PER_PASS, _MOST_PASSES = 1.7, 0.5, 4
_RECENTLY = 4
_TWO = 2
_ANSWERS: frozenset[str] = frozenset({"flee", "answer"})


@dataclass(slots=True, eq=False)
class Candidate:
    """Something that could be offered; its score falls as others like it are picked."""

    action: Action
    text: str
    risk: int
    score: float


def candidates(draft: Draft) -> list[Action]:
    """Everything that is worth offering now; each one is possible."""
    setting = draft.setting
    found = [action for action in setting.exits if action.needs.holds(draft.facts)]
    found += [action for action in setting.actions if is_open(draft, action)]
    for item in draft.items:
        found += [one for one in draft.world.carried[item] if is_open(draft, one)]
    found += open_event_choices(draft)
    here = _agent_here(draft)
    if here is not None:
        body = draft.world.bodies[here]
        found += [one for one in body.answers if one.needs.holds(draft.facts)]
        found.append(body.flee)
    found += [action for action in setting.stays if _worth_staying(draft, action, here)]
    return found


def everything(draft: Draft) -> list[Action]:
    """What a player may name, worth offering or not."""
    found = candidates(draft)
    known = {action.id for action in found}
    more = (*draft.setting.stays, *draft.setting.spare)
    return found + [action for action in more if action.id not in known]


def is_open(draft: Draft, action: Action) -> bool:
    return draft.cooldowns.get(action.id, 0) <= draft.turn + 1 and action.needs.holds(draft.facts)


def open_event_choices(draft: Draft) -> list[Action]:
    """What pending events still allow: each choice has its own time to live."""
    found: list[Action] = []
    for pending in draft.pending:
        event = draft.world.events.get(pending.storylet)
        if event is None:
            continue
        age = draft.turn - draft.storylets.get(pending.storylet, draft.turn)
        found += [one for one in event.choices if age < one.ttl and is_open(draft, one)]
    return found


def _agent_here(draft: Draft) -> str | None:
    return next((name for name, agent in draft.agents.items() if agent.state == "here"), None)


def _worth_staying(draft: Draft, action: Action, here: str | None) -> bool:
    near = here is not None or bool(draft.facts.get("agent_near"))
    fresh = draft.cooldowns.get(action.id, 0) <= draft.turn + 1
    if action.source == "hide":
        return near or (fresh and draft.heat >= _HIDE_HEAT)
    if action.source == "rest":
        return fresh and not near and (draft.health < _SAFE_REST or bool(draft.injuries))
    if here is not None:
        return False
    return any(
        one.said.id not in draft.used and one.said.when.holds(draft.facts)
        for one in draft.setting.observe
    )


def offer(
    draft: Draft, *, series: int = 0, without: Iterable[Offer] = (), purpose: str = "choices"
) -> tuple[Offer, ...]:
    """Four choices, three at the least; none of `without`, neither as action nor as text.

    The best way on comes first. One at least is without risk, and somebody who is here can be
    answered in two ways.
    """
    gone = list(without)
    actions = {one.action for one in gone}
    texts = {one.choice.text.casefold() for one in gone}
    pool = _scored(draft, candidates(draft), actions, texts, purpose)
    if len(pool) < OFFERED or not any(one.risk == 0 for one in pool):
        spare = _scored(draft, _spare(draft), actions, texts, f"{purpose}:spare", below=4.0)
        known = {one.text.casefold() for one in pool}
        pool += [one for one in spare if one.text.casefold() not in known]
    picked = _pick(draft, pool)
    return tuple(
        _offer(draft, candidate, series * OFFERED + at) for at, candidate in enumerate(picked)
    )


def _spare(draft: Draft) -> list[Action]:
    """Small and true: for when there is nothing better to offer."""
    spare = [one for one in draft.setting.spare if not _unseen(draft, one)]
    return [*spare, *(one for one in draft.setting.stays if one.source != "watch")]


def _unseen(draft: Draft, action: Action) -> bool:
    """To look a thing over once more, one must have done so before."""
    return (
        action.source == "look"
        and action.target in draft.world.grown_props
        and f"do:{action.target}:look" not in draft.cooldowns
    )


def _scored(
    draft: Draft,
    actions: Iterable[Action],
    without: set[str],
    texts: set[str],
    purpose: str,
    below: float = 0.0,
) -> list[Candidate]:
    random = draft.random(purpose)
    found: list[Candidate] = []
    seen = set(texts)
    for action in actions:
        chance = random.random()
        if action.id in without:
            continue
        text = _label(draft, action)
        if text.casefold() in seen:
            continue
        seen.add(text.casefold())
        score = _NOISE * chance + _appeal(draft, action) - below
        found.append(Candidate(action, text, risk_of(draft, action), score))
    return found


def _label(draft: Draft, action: Action) -> str:
    way = action.way
    if way is not None and way.back_label is not None and way.to in draft.visited:
        return way.back_label
    return label_of(draft, action).text


def _appeal(draft: Draft, action: Action) -> float:
    score = 0.0
    if action.source == "event":
        score += _EVENT
    if action.kind == "photograph":
        score += _PHOTO
    if action.goal:
        score += _GOAL
    if action.gated and action.source != "answer":
        score += _UNLOCKED
    if draft.facts.get("agent_here") and (action.source in _ANSWERS or action.kind == "hide"):
        score += _ANSWER
    recent = draft.before.recent
    new = action.id not in recent and (action.way is None or action.way.to not in draft.visited)
    score += _NEW if new else _OLD
    if action.id in recent[-_RECENTLY:]:
        score -= _RECENT
    passed = draft.before.passed_over.get(action.id, 0)
    if passed and action.source not in ("event", *_ANSWERS):
        score -= _PER_PASS * min(passed, _MOST_PASSES)
        if any(one.action == action.id for one in draft.before.offers):
            score -= _STALE
    return score


def _pick(draft: Draft, pool: list[Candidate]) -> list[Candidate]:
    left = list(pool)
    picked: list[Candidate] = []
    ways = [one for one in left if one.action.kind == "move" and one.action.way is not None]
    if ways:
        _take(max(ways, key=lambda one: one.score), left, picked)
    while left and len(picked) < OFFERED:
        _take(max(left, key=lambda one: one.score), left, picked)
    threatened = bool(draft.facts.get("agent_here"))
    if threatened:
        _ensure_answers(left, picked)
    _ensure_safe(left, picked, threatened=threatened)
    return picked


def _take(one: Candidate, left: list[Candidate], picked: list[Candidate]) -> None:
    """Move it over; what is like it becomes less worth offering."""
    left.remove(one)
    picked.append(one)
    kind, target = one.action.kind, one.action.target
    for other in left:
        if other.action.kind == kind:
            other.score -= _SAME_KIND
        if target and other.action.target == target:
            other.score -= _SAME_TARGET


def _answers(one: Candidate) -> bool:
    return is_answer(one.action)


def is_answer(action: Action | None) -> bool:
    """Whether it is a way to meet somebody who is here."""
    return action is not None and (action.source in _ANSWERS or action.kind == "hide")


def _ensure_answers(left: list[Candidate], picked: list[Candidate]) -> None:
    """Two different ways to meet somebody who is here, in place of what appeals least."""
    spare = sorted((one for one in left if _answers(one)), key=lambda one: one.score)
    while spare and sum(map(_answers, picked)) < _TWO:
        weakest = next((one for one in reversed(picked) if not _answers(one)), None)
        if weakest is None:
            return
        one = spare.pop()
        left.remove(one)
        left.append(weakest)
        picked[picked.index(weakest)] = one


def _ensure_safe(left: list[Candidate], picked: list[Candidate], *, threatened: bool) -> None:
    """One choice at least that needs no luck; before somebody, rather one that answers them."""
    safe = [one for one in left if one.risk == 0]
    if not safe or any(one.risk == 0 for one in picked):
        return
    best = max(safe, key=lambda one: (threatened and _answers(one), one.score))
    if len(picked) < OFFERED:
        picked.append(best)
        return
    enough = sum(map(_answers, picked)) + _answers(best) > _TWO
    weakest = next(
        (one for one in reversed(picked) if not threatened or enough or not _answers(one)),
        picked[-1],
    )
    picked[picked.index(weakest)] = best


def _offer(draft: Draft, candidate: Candidate, number: int) -> Offer:
    action = candidate.action
    return Offer(
        choice=Choice(
            id=f"{draft.turn}{letters(number)}",
            text=candidate.text,
            kind=rules.choice_kind(
                action.kind, risk=action.risk, item=action.item, weird=action.weird
            ),
            risk=rules.choice_risk(candidate.risk),
        ),
        action=action.id,
        target=action.target,
    )


def letters(number: int) -> str:
    """0 is `a`, 25 `z`, 26 `aa`: ids that never end and never repeat."""
    text = ""
    number += 1
    while number:
        number, at = divmod(number - 1, len(ascii_lowercase))
        text = ascii_lowercase[at] + text
    return text
