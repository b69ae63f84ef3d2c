"""One turn of the world, from the deed to the next four choices."""

from collections.abc import Callable
from functools import partial

from app.engine.world import agents, endings, hazards, memory, seeing, storylets
from app.engine.world.briefing import grounding_of
from app.engine.world.choices import offer
from app.engine.world.deeds import Deed
from app.engine.world.draft import Draft
from app.engine.world.facts import time_of_day
from app.engine.world.furnish import furnish
from app.engine.world.locks import locked
from app.engine.world.prose import Page, Rank
from app.engine.world.resolution import Resolution
from app.engine.world.slots import AMBIENT, BODY, CALM, HOURS, WEATHER
from app.models.narration import Ending, Wording
from app.models.vocabulary import Fate, Movement, Tier
from app.models.world import WorldState

_BATTERY_TURNS = 3
_QUIET_TURNS = 3
_ENOUGH_PARTS, _ENOUGH_WORDS = 3, 42
_TURNED = 0.25
_FALL_PITCH = 20.0

Play = Callable[[Draft, Page], tuple[Deed, str, str]]
"""Does the turn's deed; returns it, the id it is remembered by, and its label."""


def play(
    draft: Draft, fate: Fate, act: Play, *, steps: int = 1, timeout: bool = False
) -> Resolution:
    """Resolve one turn. The world after it, and everything said and seen of it."""
    page = Page(draft)
    heat = draft.heat
    deed, action_id, label = act(draft, page)
    _fate_line(draft, page, deed, fate)
    _upkeep(draft, deed, heat)
    beat = _world_moves(draft, page, deed, steps)
    ending = _ending(draft, page, deed)
    if ending is None and beat in (None, agents.HEARD):
        beat = _event(draft, page) or beat
        agents.part(draft)
        ending = _ending(draft, page, deed)
    if ending is None:
        _change_of_light(draft, page)
        _fill(draft, page)
    beat = "tension" if beat == agents.HEARD else beat or "quiet"
    return _resolve(
        draft, page, deed, fate, ending,
        action_id=action_id, label=label, beat=beat, timeout=timeout,
    )  # fmt: skip


# -- the steps of a turn


def _fate_line(draft: Draft, page: Page, deed: Deed, fate: Fate) -> None:
    """Luck is only spoken of when it made the difference."""
    if deed.tier == deed.fateless or fate == "NORMAL":
        return
    pool = draft.world.lucky if fate == "LUCKY" else draft.world.unlucky
    told = page.tell_one(Rank.FATE, pool, "fate:line")
    if not told:
        page.line(Rank.FATE, fate.lower())


def _upkeep(draft: Draft, deed: Deed, heat: int) -> None:
    """Time passes, the light burns down, and what was stirred up settles."""
    draft.pass_minutes(draft.world.pack.meta.minutes_per_turn)
    if draft.facts.get("torch"):
        draft.torch += 1
        if draft.torch >= _BATTERY_TURNS:
            draft.torch = 0
            draft.change_quality("battery", -1)
    if draft.heat <= heat and draft.turn % _QUIET_TURNS == 0:
        draft.change_quality("heat", -1)
    draft.pending = [one for one in draft.pending if one.expires > draft.turn]
    if deed.fell:
        random = draft.random("fall")
        draft.tilt(random.choice((-1, 1)) * random.uniform(0.06, 0.1), _FALL_PITCH)
    else:
        draft.tilt(draft.random("sway").gauss(0.0, 0.012), 0.0)


def _world_moves(draft: Draft, page: Page, deed: Deed, steps: int) -> str | None:
    """Clocks and agents; returns the beat that they took from the storylets, if any."""
    struck = page.has(Rank.EVENT) or page.has(Rank.PARTING)
    beat = agents.advance(draft, page, deed, steps=steps)
    if struck:
        beat = "shock"
    told = hazards.advance(draft, page, quiet=beat is not None)
    return beat or ("tension" if told else None)


def _event(draft: Draft, page: Page) -> str | None:
    """What had to wait comes first; then a storylet, if it fits on the page."""
    if hazards.tell_waiting(draft, page):
        return "tension"
    return storylets.happen(draft, page)


def _ending(draft: Draft, page: Page, deed: Deed) -> Ending | None:
    end = endings.due(draft)
    return endings.finish(draft, page, deed, end) if end is not None else None


def _change_of_light(draft: Draft, page: Page) -> None:
    """The hour and the sky, in the turn in which they change; hazards may have told of it."""
    if len(page) >= _ENOUGH_PARTS:
        return
    hour = str(draft.facts["tod"])
    if hour != time_of_day(draft.before.minutes) and hour in HOURS:
        page.line(Rank.AMBIENT, HOURS[hour])
    elif (
        draft.weather != draft.before.weather
        and not draft.setting.indoor
        and not page.has(Rank.EVENT)
    ):
        page.line(Rank.AMBIENT, WEATHER[draft.weather])


def _fill(draft: Draft, page: Page) -> None:
    """The body, then the place, when the page is short; nothing rather than the same again."""
    slots = (BODY, AMBIENT, AMBIENT)
    after_a_scare = bool(draft.before.beats) and draft.before.beats[-1] == "shock"
    if after_a_scare and not page.has(Rank.EVENT) and not threatened(draft):
        slots = (CALM, BODY, AMBIENT)
    for slot in slots:
        if page.words >= page.limits[0] and (
            len(page) >= _ENOUGH_PARTS or page.words >= _ENOUGH_WORDS
        ):
            return
        page.line(Rank.AMBIENT, slot)


def threatened(draft: Draft) -> bool:
    return bool(draft.facts.get("agent_here") or draft.facts.get("agent_near"))


# -- the end of a turn


def _movement(draft: Draft, deed: Deed) -> Movement:
    if deed.fell:
        return "fall"
    if deed.movement is not None:
        return deed.movement
    if draft.moved:
        return "back" if draft.place == draft.before.came_from else "forward"
    old, new = draft.before.cameras.get(draft.place), draft.camera()
    origin = old or draft.setting.camera
    turned = new.yaw - origin.yaw
    if abs(turned) > _TURNED:
        return "right" if turned > 0 else "left"
    walked = abs(new.x - origin.x) + abs(new.z - origin.z)
    return "forward" if walked > 1.0 else "still"


def _resolve(
    draft: Draft,
    page: Page,
    deed: Deed,
    fate: Fate,
    ending: Ending | None,
    *,
    action_id: str,
    label: str,
    beat: str,
    timeout: bool,
) -> Resolution:
    furnish(draft)
    dispatch, queue = page.compose()
    draft.queue = list(queue)
    before = draft.before
    place = draft.setting.name if draft.moved else None
    evolution = memory.sentence(
        label, deed.tier, place, [*draft.notes, ending.title] if ending else draft.notes
    )
    after = draft.freeze(
        prev_kind=deed.kind,
        excl=page.tags,
        beats=(*before.beats, beat)[-memory.MAX_BEATS :],
        recent=(*before.recent, action_id)[-memory.MAX_RECENT :],
        passed_over=passed_over(before, action_id),
        summary=memory.remember(before.summary, evolution),
        last_dispatches=memory.dispatches(before, dispatch),
        ending=ending.id if ending else None,
        offers=() if ending else offer(draft),
        offered_series=0,
        cooldowns=_live(draft),
    )
    return resolution(
        draft,
        after,
        dispatch,
        fate=fate,
        tier=None if timeout else deed.tier,
        movement=_movement(draft, deed),
        ending=ending,
        evolution=evolution,
        improvised=label if deed.open and not timeout else None,
    )


def _live(draft: Draft) -> dict[str, int]:
    """Cooldowns that still hold anything back."""
    return {name: until for name, until in draft.cooldowns.items() if until > draft.turn}


def passed_over(before: WorldState, taken: str) -> dict[str, int]:
    """How often each action was offered in vain; what is no longer offered fades from it."""
    counts = dict(before.passed_over)
    offered = dict.fromkeys(one.action for one in before.offers)
    for action in list(counts):
        if action not in offered:
            counts[action] -= 1
            if counts[action] <= 0:
                del counts[action]
    for action in offered:
        counts[action] = counts.get(action, 0) + 1
    counts.pop(taken, None)
    return counts


def resolution(
    draft: Draft,
    after: WorldState,
    dispatch: str,
    *,
    fate: Fate | None,
    tier: Tier | None,
    movement: Movement,
    ending: Ending | None,
    evolution: str,
    improvised: str | None = None,
) -> Resolution:
    """Everything that a turn shows of the state after it."""
    world = draft.world
    seen = seeing.view(world, after)
    return Resolution(
        world=after,
        view=seen,
        fate=fate,
        tier=tier,
        movement=movement,
        hard_transition=draft.moved,
        grounding=partial(
            grounding_of, draft, after, alive=seen.player.alive, improvised=improvised is not None
        ),
        outcome=tuple(draft.outcome),
        wording=Wording(
            dispatch=dispatch,
            vision_dispatch=seeing.in_words(world, after),
            situation=seen.situation,
            summary=evolution,
        ),
        scene=seeing.scene(world, after, seed=draft.seed, turn=draft.turn),
        ending=ending,
        improvised=improvised,
        locked=() if ending else locked(draft),
    )
