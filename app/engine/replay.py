"""A game played again from what was recorded of it, without any model.

The rules are pure: the seed, the actions, the fates and what was taken on of a narrator's
proposals give every state again. Only the words of a model cannot be made again, so they are
taken from the record; the built-in ones are made again too. One turn after the other is played
from the state before it and compared with what is recorded; the first difference is what matters,
since everything after it may follow from it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from string import ascii_lowercase
from typing import Any, Final

from app.engine.records import worded
from app.engine.world.choices import OFFERED
from app.engine.world.resolution import Resolution
from app.engine.world.world import World
from app.errors import SessionOver
from app.models.base import Model
from app.models.narration import Telling
from app.models.proposals import Proposals
from app.models.record import StoredEntry
from app.models.session import Choice, HistoryEntry
from app.models.world import Offer, WorldState

MOST_REGENERATED: Final = 1000
"""Times in one turn. Nobody asks so often for other choices."""
ABSENT: Final = "(nothing)"


@dataclass(frozen=True, slots=True)
class Difference:
    """Where the record and the game that was played again part."""

    turn: int
    field: str
    recorded: str
    got: str


class _Parted(Exception):
    def __init__(self, field: str, recorded: object, got: object) -> None:
        super().__init__(field)
        self.field, self.recorded, self.got = field, recorded, got


class Replay:
    """Plays one history again, turn by turn from the intro on."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._before: StoredEntry | None = None

    def turn(self, stored: StoredEntry) -> Difference | None:
        """Play the next turn, and say where it first differs from the recorded one."""
        try:
            resolution = self._resolved(stored)
            self._compare(stored, resolution)
        except _Parted as parted:
            shown = _shown(parted.recorded), _shown(parted.got)
            return Difference(stored.entry.turn, parted.field, *shown)
        self._before = stored
        return None

    def _resolved(self, stored: StoredEntry) -> Resolution:
        entry, seed = stored.entry, stored.entry.state.seed
        if self._before is None:
            return self._world.begin(seed)
        was = self._before.entry.state.seed
        if seed != was:
            raise _Parted("seed", seed, was)
        before = self._offering(self._before, entry)
        try:
            if entry.is_timeout:
                return self._world.penalty(before, seed=seed, turn=entry.turn)
            return self._acted(before, entry, seed)
        except SessionOver:
            raise _Parted("action", entry.action, "nothing: the run was over") from None

    def _acted(self, before: WorldState, entry: HistoryEntry, seed: int) -> Resolution:
        if entry.fate is None or entry.action is None:
            raise _Parted("fate and action", (entry.fate, entry.action), "a fate and an action")
        if entry.is_custom_action:
            return self._world.act(
                before, seed=seed, turn=entry.turn, fate=entry.fate, words=entry.action
            )
        offer = next((one for one in before.offers if one.choice.text == entry.action), None)
        if offer is None:
            raise _Parted("action", entry.action, [one.choice.text for one in before.offers])
        return self._world.act(before, seed=seed, turn=entry.turn, fate=entry.fate, offer=offer)

    def _offering(self, before: StoredEntry, entry: HistoryEntry) -> WorldState:
        """The state before the turn, after as many regenerations as there were."""
        state, turn = before.world, before.entry.turn
        if entry.offered == tuple(offer.choice for offer in state.offers):
            return state
        for _ in range(_series(entry)):
            state = self._world.regenerate(state, seed=before.entry.state.seed, turn=turn)
        got = [offer.choice.model_dump() for offer in state.offers]
        _same("offered", [choice.model_dump() for choice in entry.offered], got)
        return state

    def _compare(self, stored: StoredEntry, resolution: Resolution) -> None:
        entry, seed = stored.entry, stored.entry.state.seed
        if entry.source == "offline":
            _same_words(entry, resolution)
        told = _telling(stored, resolution)
        resolution, told, accepted = self._world.accept(resolution, told, seed=seed)
        _same("accepted", _dumped(stored.accepted), _dumped(accepted))
        after = worded(resolution.world, told)
        if after != stored.world:
            _same("world", _dumped(stored.world), _dumped(after))
        _same_view(entry, resolution)
        _same(
            "choices", [_dumped(one) for one in entry.choices], [_dumped(c) for c in told.choices]
        )


def _telling(stored: StoredEntry, resolution: Resolution) -> Telling:
    """What was told, as its narrator may have handed it in."""
    entry = stored.entry
    return Telling(
        dispatch=entry.dispatch,
        vision_dispatch=entry.vision_dispatch,
        situation=entry.situation,
        summary=entry.evolution_summary,
        choices=_worded_choices(stored, resolution.world.offers),
        source=entry.source,
        proposed=stored.accepted or Proposals(),
    )


def _worded_choices(stored: StoredEntry, offers: tuple[Offer, ...]) -> tuple[Choice, ...]:
    """The recorded choices, but for a narrator's own ideas: those are proposed again, and would
    otherwise meet themselves as what is offered already."""
    final = {offer.choice.id: offer.action for offer in stored.world.offers}
    built_in = {
        one.choice.id: one.choice for one in offers if final.get(one.choice.id) != one.action
    }
    return tuple(built_in.get(choice.id, choice) for choice in stored.entry.choices)


def _same_words(entry: HistoryEntry, resolution: Resolution) -> None:
    """The built-in narrator says what the world says."""
    wording = resolution.wording
    _same("dispatch", entry.dispatch, wording.dispatch)
    _same("vision_dispatch", entry.vision_dispatch, wording.vision_dispatch)
    _same("situation", entry.situation, wording.situation)
    _same("evolution_summary", entry.evolution_summary, wording.summary)


def _same_view(entry: HistoryEntry, resolution: Resolution) -> None:
    """What the player was shown of the state."""
    view, state = resolution.view, entry.state
    phase = "over" if resolution.ending is not None else "choosing"
    _same("phase", entry.phase, phase)
    _same("fate", entry.fate, resolution.fate)
    _same("movement", entry.movement, resolution.movement)
    _same("hard_transition", entry.hard_transition, resolution.hard_transition)
    _same("alive", entry.alive, view.player.alive)
    _same("health", entry.health, view.player.health)
    _same("chaos", entry.chaos, view.chaos)
    _same("locked", [_dumped(one) for one in entry.locked], [_dumped(o) for o in resolution.locked])
    _same("state.turn", state.turn, entry.turn)
    _same("state.phase", state.phase, phase)
    for name in ("player", "location"):
        _same(f"state.{name}", _dumped(getattr(state, name)), _dumped(getattr(view, name)))
    for name in ("time_of_day", "weather", "mood", "chaos"):
        _same(f"state.{name}", getattr(state, name), getattr(view, name))
    for name in ("fate", "movement"):
        _same(f"state.{name}", getattr(state, name), getattr(entry, name))
    for name in ("dispatch", "vision_dispatch", "situation", "choices", "locked"):
        _same(f"state.{name}", getattr(state, name), getattr(entry, name))


def _same(field: str, recorded: object, got: object) -> None:
    """Raises `_Parted` at the first place where the two differ, by its path."""
    for path, one, other in _parting(field, recorded, got):
        raise _Parted(path, one, other)


def _parting(path: str, one: object, other: object) -> Iterator[tuple[str, object, object]]:
    if one == other and type(one) is type(other):
        return
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted(one.keys() | other.keys()):
            yield from _parting(f"{path}.{key}", one.get(key, ABSENT), other.get(key, ABSENT))
    elif isinstance(one, list) and isinstance(other, list):
        for at in range(max(len(one), len(other))):
            here, there = _at(one, at), _at(other, at)
            yield from _parting(f"{path}[{at}]", here, there)
    else:
        yield path, one, other


def _at(values: list[Any], at: int) -> object:
    return values[at] if at < len(values) else ABSENT


def _dumped(value: Model | None) -> dict[str, Any] | None:
    return None if value is None else value.model_dump(mode="json")


def _shown(value: object) -> str:
    return value if value is ABSENT and isinstance(value, str) else repr(value)[:400]


def _series(entry: HistoryEntry) -> int:
    """How often choices were made anew before this turn: it is in their ids."""
    first = entry.offered[0].id if entry.offered else ""
    letters = first.lstrip("0123456789")
    if not set(letters) <= set(ascii_lowercase):
        return 0
    number = 0
    for letter in letters[:4]:
        number = number * len(ascii_lowercase) + ascii_lowercase.index(letter) + 1
    return max(0, min((number - 1) // OFFERED, MOST_REGENERATED))
