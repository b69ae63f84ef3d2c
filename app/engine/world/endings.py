"""How a run ends: death before everything, then the most important ending that is due."""

from app.engine import rules
from app.engine.world.compiled import Compiled, End
from app.engine.world.deeds import Deed
from app.engine.world.draft import Draft
from app.engine.world.prose import Page, Rank
from app.engine.world.slots import DEAD, death_by
from app.models.narration import Ending

_NAMELESS = "death"
_PLAIN = "This is where it ends."


def due(draft: Draft) -> End | str | None:
    """The ending that the present facts call for; `death` when the pack has no words for it.

    The author's priority decides between two, then the tone: death before the others."""
    dead = rules.is_dead(draft.health)
    found = [
        end
        for end in draft.world.ends
        if end.when.holds(draft.facts) and (not dead or _covers_death(end))
    ]
    if found:
        return min(found, key=_order)
    if not dead:
        return None
    # Nobody survives for want of a text.
    deaths = [end for end in draft.world.ends if end.spec.tone == "death"]
    return min(deaths, key=_order) if deaths else _NAMELESS


def _covers_death(end: End) -> bool:
    """Nobody wins while dying, unless the ending is about just that."""
    return end.spec.tone == "death" or "health" in end.when.keys


def _order(end: End) -> tuple[int, int, int, str]:
    spec = end.spec
    return (-spec.priority, rules.tone_rank(spec.tone), -end.when.specificity, spec.id)


def finish(draft: Draft, page: Page, deed: Deed, end: End | str) -> Ending:
    """Tell the ending, and kill whoever it kills."""
    if draft.health <= 0:
        _last_moment(draft, page, deed)
    if isinstance(end, str):
        page.put(Rank.ENDING, _PLAIN)
        return Ending(id=end, title="The end", text=_PLAIN, epitaph="", tone="death")
    if end.spec.tone == "death" or end.spec.kills:
        draft.change_health(-draft.health)
    said = page.pick(end.texts, f"ending:{end.spec.id}", again=0) or end.texts[-1]
    page.tell(Rank.ENDING, said, keep=True)
    return _told(end, said.text)


def _last_moment(draft: Draft, page: Page, deed: Deed) -> None:
    """What it was, in one line, when the pack has a line for it."""
    for cause in _causes(draft, deed):
        if page.line(Rank.EVENT, death_by(cause), keep=True):
            return
    page.line(Rank.EVENT, DEAD, keep=True)


def _causes(draft: Draft, deed: Deed) -> list[str]:
    """What killed the player, the nearest cause first."""
    found = [name for name, agent in draft.agents.items() if agent.state == "here"]
    if deed.fell:
        found.append("fall")
    elif deed.kind == "move":
        found.append("move")
    if draft.facts.get("timeout"):
        found.append("time")
    if draft.weather == "dust" and not draft.setting.indoor:
        found.append("dust")
    if draft.injuries:
        found.append("wound")
    return [*found, "any"]


def _told(end: End, text: str) -> Ending:
    spec = end.spec
    return Ending(id=spec.id, title=spec.title, text=text, epitaph=spec.epitaph, tone=spec.tone)


def ending_of(world: Compiled, ending_id: str) -> Ending:
    """An ending by its id, for a state that has ended."""
    for end in world.ends:
        if end.spec.id == ending_id:
            return _told(end, end.texts[0].text)
    return Ending(id=ending_id, title="The end", text=_PLAIN, epitaph="", tone="death")
