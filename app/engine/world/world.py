"""A world: one loaded pack, and the pure functions from a state to the next one."""

import hashlib

from app.engine.fate import draw
from app.engine.seeds import stream
from app.engine.world import seeing, timeout
from app.engine.world.choices import offer as offer_choices
from app.engine.world.compiled import Compiled, Opening
from app.engine.world.compiler import compile_pack
from app.engine.world.deeds import Deed
from app.engine.world.doing import arrive, do
from app.engine.world.draft import Draft
from app.engine.world.effects import apply
from app.engine.world.fitting import fit
from app.engine.world.furnish import furnish
from app.engine.world.growth import take_on
from app.engine.world.improvising import improvise, own_idea
from app.engine.world.overlays import Overlays
from app.engine.world.pack import Pack
from app.engine.world.prose import Page, Rank
from app.engine.world.resolution import Resolution, View
from app.engine.world.trying import attempt
from app.engine.world.turn import play, resolution
from app.engine.world.words import told_back
from app.errors import SessionOver
from app.models.narration import Telling
from app.models.proposals import Proposals
from app.models.scene import SceneFacts
from app.models.vocabulary import Fate
from app.models.world import AgentState, Offer, WorldState

_INTRO_WORDS = 100
_HESITATED = "hesitate"


class World:
    """One loaded pack with its compiled conditions and indexes; immutable, shared by all."""

    __slots__ = ("_compiled", "_edition", "_overlays")

    def __init__(self, pack: Pack) -> None:
        """Raises `PackError` for a pack that cannot be played."""
        self._compiled = compile_pack(pack)
        self._edition = hashlib.sha256(pack.model_dump_json().encode()).hexdigest()[:16]
        self._overlays = Overlays(self._compiled)

    @property
    def pack(self) -> Pack:
        return self._compiled.pack

    @property
    def edition(self) -> str:
        """A digest of the pack: another one, and the same choices may be another game."""
        return self._edition

    @property
    def compiled(self) -> Compiled:
        """The world as its author wrote it."""
        return self._compiled

    def at(self, state: WorldState) -> Compiled:
        """The world as a session has it: with what was added while it was played."""
        return self._overlays.of(state.grown)

    def begin(self, seed: int) -> Resolution:
        """Turn 0: an opening and the place where it begins, both drawn from the seed."""
        opening = stream(seed, 0, "opening").choice(self._compiled.openings)
        draft = self._draft(self._nothing_yet(opening, seed), seed=seed, turn=0)
        page = Page(draft)
        page.tell(Rank.CONSEQUENCE, opening.text, keep=True)
        apply(opening.ops, draft)
        furnish(draft)
        self._scatter(draft)
        if page.words + sum(said.words for said in draft.setting.first[:1]) <= _INTRO_WORDS:
            arrive(draft, page)
        else:
            draft.visited[draft.place] = 0
        dispatch, _ = page.compose()
        after = draft.freeze(
            summary="",
            last_dispatches=(dispatch,),
            offers=offer_choices(draft),
        )
        return resolution(
            draft,
            after,
            dispatch,
            fate=None,
            tier=None,
            movement="still",
            ending=None,
            evolution="It begins.",
        )

    def act(
        self,
        before: WorldState,
        *,
        seed: int,
        turn: int,
        fate: Fate,
        offer: Offer | None = None,
        words: str | None = None,
    ) -> Resolution:
        """Resolve turn number `turn`: exactly one of an offered choice and a player's own words.

        Raises `SessionOver`: the dead do not act.
        """
        if (offer is None) == (words is None):
            raise ValueError("a turn is made of an offer or of words, and of one of them only")
        _check_open(before)
        draft = self._draft(before, seed=seed, turn=turn)
        text = offer.choice.text if offer is not None else words or ""
        action = draft.world.actions.get(offer.action) if offer is not None else None
        own = own_idea(offer) if offer is not None else None

        def act(draft: Draft, page: Page) -> tuple[Deed, str, str]:
            if own is not None:
                deed = improvise(draft, page, own, fate)
                return deed, own.action, told_back(text) or "do something"
            if action is not None:
                return do(draft, page, action, fate), action.id, text
            deed, remembered = attempt(draft, page, text, fate)
            return deed, remembered, told_back(text) or "do something"

        return play(draft, fate, act)

    def penalty(self, before: WorldState, *, seed: int, turn: int) -> Resolution:
        """The world plays a turn because the player did not. It may kill. Raises `SessionOver`."""
        _check_open(before)
        draft = self._draft(before, seed=seed, turn=turn)
        fate = draw(seed, turn)

        def act(draft: Draft, page: Page) -> tuple[Deed, str, str]:
            return timeout.hesitate(draft, page, fate), _HESITATED, _HESITATED

        return play(draft, fate, act, steps=timeout.STEPS, timeout=True)

    def regenerate(self, before: WorldState, *, seed: int, turn: int) -> WorldState:
        """Other choices for the same turn: none of those on offer, three at the least."""
        if before.ending is not None:
            return before
        before = fit(self.at(before), before)
        series = before.offered_series + 1
        draft = self._draft(before, seed=seed, turn=turn)
        offers = offer_choices(
            draft, series=series, without=before.offers, purpose=f"choices:{series}"
        )
        return before.model_copy(update={"offers": offers, "offered_series": series})

    def accept(
        self, resolution: Resolution, telling: Telling, *, seed: int
    ) -> tuple[Resolution, Telling, Proposals | None]:
        """Take on what the rules allow of what a telling proposes, and drop the rest.

        The resolution with what is now fact, the telling with the choices that are offered, and
        what was accepted (None when nothing was).
        """
        return take_on(self._overlays.of, resolution, telling, seed=seed)

    def view(self, state: WorldState, *, turn: int) -> View:
        """What a player may know of this state."""
        del turn
        world = self.at(state)
        return seeing.view(world, fit(world, state))

    def scene(self, state: WorldState, *, seed: int, turn: int) -> SceneFacts:
        """The frame of this state."""
        world = self.at(state)
        return seeing.scene(world, fit(world, state), seed=seed, turn=turn)

    def _draft(self, before: WorldState, *, seed: int, turn: int) -> Draft:
        world = self.at(before)
        return Draft(world, fit(world, before), seed=seed, turn=turn, grow=self._overlays.of)

    def _scatter(self, draft: Draft) -> None:
        """Agents of whom nobody wrote where they start begin somewhere else than the player."""
        for name, agent in self._compiled.pack.agents.items():
            if not agent.start:
                places = [place for place in draft.world.settings if place != draft.place]
                start = draft.random(f"start:{name}").choice(places or [draft.place])
                draft.set_agent(name, place=start)
        draft.refresh_agents()

    def _nothing_yet(self, opening: Opening, seed: int) -> WorldState:
        """The world before its first word."""
        pack = self._compiled.pack
        agents = {
            name: AgentState(
                place=stream(seed, 0, f"start:{name}").choice(agent.start or [opening.place]),
                state="asleep",
            )
            for name, agent in pack.agents.items()
        }
        return WorldState(
            place=opening.place,
            minutes=opening.minutes,
            health=pack.player.health,
            qualities={name: quality.start for name, quality in pack.qualities.items()},
            items=tuple(pack.player.items),
            uses={
                item: uses
                for item in pack.player.items
                if (uses := pack.items[item].uses) is not None
            },
            agents=agents,
        )


def _check_open(state: WorldState) -> None:
    if state.ending is not None or state.health <= 0:
        raise SessionOver
