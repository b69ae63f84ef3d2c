"""Hazards: clocks that the world runs against the player."""

from collections.abc import Mapping

from app.engine.world.compiled import Clock
from app.engine.world.draft import Draft
from app.engine.world.effects import apply
from app.engine.world.prose import Page, Rank


def advance(draft: Draft, page: Page, *, quiet: bool) -> bool:
    """Tick every clock and reach its stages. `quiet`: the turn has its event; stages wait.

    Returns whether a stage was told of.
    """
    told = False
    for clock in draft.world.clocks:
        by = sum(by for when, by in clock.ticks if when.holds(draft.facts))
        if by:
            draft.tick(clock.id, by)
        told = _reach(draft, page, clock, quiet=quiet or told) or told
    return told


def _reach(draft: Draft, page: Page, clock: Clock, *, quiet: bool) -> bool:
    """Every stage that was passed takes effect once; the furthest of them is told."""
    now, before = draft.clocks.get(clock.id, 0), draft.before.clocks.get(clock.id, 0)
    if now <= before:
        return False
    told = False
    for at, said, ops in clock.stages:
        if not before < at <= now or said.id in draft.used:
            continue
        apply(ops, draft)
        if not noticed(draft, clock):
            draft.used[said.id] = draft.turn
            continue
        draft.outcome.append(said.text)
        if quiet or told:
            draft.used[said.id] = draft.turn
            _overtake(draft, clock)
            draft.queue.append(said.id)
        else:
            _overtake(draft, clock)
            page.tell(Rank.EVENT, said, later=True)
            told = True
    if now >= clock.spec.segments > before:
        apply(clock.full, draft)
    return told


def _overtake(draft: Draft, clock: Clock) -> None:
    """A stage that still waits is old news once a later one of the same clock is reached."""
    own = {said.id for _, said, _ in clock.stages}
    draft.queue = [waiting for waiting in draft.queue if waiting not in own]


def noticed(draft: Draft, clock: Clock) -> bool:
    """Whether a clock's stages can be told of where the player is."""
    return clock.spec.indoors or not draft.setting.indoor


def tell_waiting(draft: Draft, page: Page) -> bool:
    """Tell what had to wait, the oldest first; what cannot be noticed any more is forgotten."""
    while draft.queue:
        waiting = draft.queue[0]
        stage = draft.world.stages.get(waiting)
        if stage is not None and not noticed(draft, stage[1]):
            draft.queue.pop(0)
            continue
        text = stage[0].text if stage is not None else waiting
        if len(text.split()) > page.room:
            return False
        page.put(Rank.EVENT, text)
        draft.queue.pop(0)
        return True
    return False


def threats(
    counts: Mapping[str, int], clocks: tuple[Clock, ...], *, indoor: bool
) -> tuple[str, ...]:
    """The clocks that a player can see running."""
    return tuple(
        clock.words
        for clock in clocks
        if clock.stages
        and clock.stages[0][0] <= counts.get(clock.id, 0) < clock.spec.segments
        and (clock.spec.indoors or not indoor)
    )
