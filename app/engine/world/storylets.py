"""Storylets: at most one event a turn, picked by salience."""

from random import Random

from app.engine.world.compiled import Event
from app.engine.world.draft import Draft
from app.engine.world.effects import apply
from app.engine.world.prose import Page, Rank
from app.models.world import PendingEvent

_OFTEN, _SELDOM = 0.9, 0.4
_OPEN = 2
"""Events whose choices can be open at once."""
"""How likely an event is, without and with another one's choices still open."""
_WANTED, _PLACE_BOUND, _NOISE = 1.5, 1.2, 1.5
_RECENT = 20
_PEAKS = ("shock", "tension")


def wanted_beats(beats: tuple[str, ...], turn: int) -> tuple[str, ...]:
    """Build, peak, relax: after two hard beats of three, relief; every fifth turn a peak."""
    if sum(beat in _PEAKS for beat in beats[-3:]) >= 2:
        return ("relief", "quiet")
    return ("shock", "reveal") if turn % 5 == 0 else ("tension",)


def happen(draft: Draft, page: Page) -> str | None:
    """Let one event happen, if any fits; returns its beat."""
    random = draft.random("event")
    if random.random() >= (_SELDOM if draft.pending else _OFTEN):
        return None
    event = choose(draft, page, random)
    if event is None:
        return None
    said = page.pick(event.texts, f"event:{event.spec.id}", again=0)
    if said is None:
        return None
    page.tell(Rank.EVENT, said, keep=True)
    page.tag(event.excl)
    _record(draft, event)
    apply(event.ops, draft)
    return event.spec.beat


def choose(draft: Draft, page: Page, noise: Random) -> Event | None:
    """The most salient event that may happen now."""
    wanted = wanted_beats(draft.before.beats, draft.turn)
    best: Event | None = None
    best_score = 0.0
    for event in draft.setting.events:
        # Drawn for each in the pack's order, whether it may happen or not.
        chance = noise.random()
        if not may_happen(draft, page, event):
            continue
        score = (
            event.when.specificity
            + event.spec.weight
            + (_WANTED if event.spec.beat in wanted else 0.0)
            + (_PLACE_BOUND if event.place_bound else 0.0)
            + _NOISE * chance
            - _staleness(draft, event)
        )
        if best is None or score > best_score:
            best, best_score = event, score
    return best


def may_happen(draft: Draft, page: Page, event: Event) -> bool:
    spec = event.spec
    last = draft.storylets.get(spec.id)
    if last is not None and (spec.once or draft.turn - last < max(1, spec.cooldown)):
        return False
    if spec.arc is not None and spec.stage is not None:
        reached = draft.arcs.get(spec.arc, 0)
        if not event.follows <= reached < spec.stage:
            return False
    if event.longest > page.room or page.clashes(event.excl):
        return False
    return event.when.holds(draft.facts) and (
        spec.needs_presence is None or is_present(draft, spec.needs_presence)
    )


def is_present(draft: Draft, entity: str) -> bool:
    """Whether an agent, a prop or a thing that an event is about is here."""
    agent = draft.agents.get(entity)
    if agent is not None:
        return agent.place == draft.place
    return entity in draft.setting.props or entity in draft.items


def _staleness(draft: Draft, event: Event) -> float:
    last = draft.storylets.get(event.spec.id)
    return 0.0 if last is None else max(0.0, 2.0 - (draft.turn - last) / _RECENT)


def _record(draft: Draft, event: Event) -> None:
    spec = event.spec
    draft.storylets[spec.id] = draft.turn
    draft.facts["storylet." + spec.id] = True
    if spec.arc is not None and spec.stage is not None:
        draft.set_arc(spec.arc, spec.stage)
    if event.choices:
        longest = max(choice.ttl for choice in event.choices)
        opened = PendingEvent(storylet=spec.id, expires=draft.turn + longest)
        draft.pending = [*draft.pending, opened][-_OPEN:]
