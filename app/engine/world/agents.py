"""Agents: bodies on the graph of places that hear, see, come nearer and strike.

The ladder is asleep, roaming, alert, near, here, and then a hit. One rung up a turn at most, and
a text at each of the last ones: whoever is hit had a turn in which to answer. After a hit or an
escape there is a time of grace.
"""

import math

from app.engine.world.compiled import Body
from app.engine.world.deeds import Deed
from app.engine.world.draft import Draft
from app.engine.world.graph import FAR, distances, ways_out
from app.engine.world.names import AGENT_STATES
from app.engine.world.prose import AGAIN, Page, Rank
from app.engine.world.words import definite, upper_first
from app.models.world import AgentState

ASLEEP, ROAMING, ALERT, NEAR, HERE = range(5)
HEARD = "heard"
"""The beat of a turn in which somebody was heard and no more: it leaves room for an event."""
GRACE = 4
"""Turns after a hit or an escape in which nobody comes nearer than alert."""
_EARSHOT = 3
_FIRST_NEAR, _PRELUDE = 5, 7
"""Turns from which somebody may be near, and here."""
_LULL = 5
"""Turns without an encounter after which hunters find their way more surely."""
_DRIFT_HEAT, _DRIFT_LULL, _DRIFT_BEST = 0.1, 0.07, 0.92
_WAKING_NOISE = 2
_EAR_REST = 6
"""Turns between two times that the same one is heard: there is more to tell of than steps."""
_PATIENCE = 3
"""Turns for which somebody waits close by before giving up."""

_NEAR_METRES = 24.0
_HERE_METRES, _HERE_METRES_INDOORS = 12.0, 9.0


def advance(draft: Draft, page: Page, deed: Deed, *, steps: int = 1) -> str | None:
    """Let everybody move and notice. At most one of them is told of; returns that beat, if any."""
    if not draft.world.bodies:
        return None
    away = draft.away()
    order = sorted(
        draft.world.bodies.values(),
        key=lambda body: (
            -AGENT_STATES.index(draft.agents[body.id].state),
            away.get(draft.agents[body.id].place, FAR),
        ),
    )
    beat: str | None = None
    for body in order:
        if body.id in deed.handled:
            continue
        beat = _Turn(draft, page, deed, body, away, free=beat is None).play(steps) or beat
    draft.refresh_agents()
    return beat


class _Turn:
    """One agent's turn."""

    def __init__(
        self,
        draft: Draft,
        page: Page,
        deed: Deed,
        body: Body,
        away: dict[str, int],
        *,
        free: bool,
    ) -> None:
        self.draft = draft
        self.page = page
        self.deed = deed
        self.body = body
        self.away = away
        self.free = free
        """Whether the page still has its one event to give."""
        self.agent: AgentState = draft.agents[body.id]
        self.rung = AGENT_STATES.index(self.agent.state)
        self.goal, self.post = self._goal()

    def _goal(self) -> tuple[str, str | None]:
        for when, goal, target in self.body.goals:
            if when.holds(self.draft.facts):
                return goal, target
        return "roam", None

    def play(self, steps: int) -> str | None:
        draft = self.draft
        if self.agent.since == draft.turn:
            # What the player did has just moved it; that was its turn.
            return None
        if self.rung == HERE:
            return self._at_hand()
        noticed = self._notices()
        if self.rung == ASLEEP:
            if self.goal == "sleep" and not (noticed and draft.noise >= _WAKING_NOISE):
                return None
            self._become(ROAMING)
            return None
        if self.goal == "sleep" and not noticed and self.agent.target is None:
            self._become(ASLEEP)
            return None
        target = draft.place if noticed else self.agent.target
        place = self._walk(target, steps * self.body.spec.speed)
        if place == target and place != draft.place:
            target = None
        return self._climb(place, target, noticed=noticed)

    # -- noticing

    def _notices(self) -> bool:
        draft, senses = self.draft, self.body.spec.senses
        distance = self.away.get(self.agent.place, FAR)
        if draft.noise > 0 and distance <= senses.sound + draft.noise - _WAKING_NOISE:
            return True
        if self.deed.hidden:
            return False
        if distance == 0:
            return self.rung > ASLEEP
        setting = draft.setting
        return distance <= senses.sight and not setting.indoor and setting.cover == 0

    # -- walking

    def _walk(self, target: str | None, steps: int) -> str:
        place = self.agent.place
        for step in range(steps):
            following = self._step(place, target, step)
            if following is None:
                break
            place = following
        return place

    def _step(self, place: str, target: str | None, step: int) -> str | None:
        draft = self.draft
        ways = ways_out(draft.world, draft.facts, place, self.body.avoids)
        if not self._may_close_in():
            ways = [way for way in ways if way != draft.place]
        if not ways:
            return None
        if self.goal == "flee":
            return max(ways, key=lambda way: self.away.get(way, FAR))
        if self.goal == "guard" and target is None:
            return self._toward(place, self.post, ways)
        if target is not None:
            return self._toward(place, target, ways)
        random = draft.random(f"walk:{self.body.id}:{step}")
        if self.goal == "hunt" and random.random() < self._drift():
            return self._toward(place, draft.place, ways)
        return random.choice(ways) if random.random() < 0.6 else None

    def _toward(self, place: str, target: str | None, ways: list[str]) -> str | None:
        if target is None or place == target:
            return None
        if target in ways:
            return target
        if target == self.draft.place:
            best = min(ways, key=lambda way: self.away.get(way, FAR))
            return best if self.away.get(best, FAR) < self.away.get(place, FAR) else None
        steps = distances(self.draft.world, self.draft.facts, target)
        best = min(ways, key=lambda way: steps.get(way, FAR))
        return best if steps.get(best, FAR) < steps.get(place, FAR) else None

    def _drift(self) -> float:
        """How surely a hunter that perceives nothing comes the right way all the same."""
        quiet = self.draft.turn - self.draft.encounter
        return min(
            _DRIFT_BEST,
            _DRIFT_HEAT * self.draft.heat + _DRIFT_LULL * max(0, quiet - _LULL),
        )

    def _may_close_in(self) -> bool:
        early = self.draft.turn < _PRELUDE
        return self.rung >= NEAR and self.free and not early and not self._in_grace()

    def _in_grace(self) -> bool:
        return self.draft.turn < self.agent.grace

    # -- the ladder

    def _climb(self, place: str, target: str | None, *, noticed: bool) -> str | None:
        distance = self.away.get(place, FAR)
        aware = noticed or target is not None or self.goal == "hunt"
        wanted = ROAMING
        if aware and self.goal != "flee":
            wanted = (HERE, NEAR, ALERT, ALERT)[distance] if distance <= _EARSHOT else ROAMING
        rung = min(self.rung + 1, wanted)
        if self._in_grace():
            rung = min(rung, ALERT)
        elif self.draft.turn < _PRELUDE:
            # The first turns belong to the place: nobody is met before it has been seen.
            rung = min(rung, NEAR if self.draft.turn >= _FIRST_NEAR else ALERT)
        if not self.free:
            rung = min(rung, max(ALERT, self.rung))
        if rung == self.rung == NEAR and self.draft.turn - self.agent.since >= _PATIENCE:
            # It cannot or will not come in: then it goes and looks elsewhere.
            escape(self.draft, self.body)
            return None
        self._become(rung, place=place, target=target)
        return self._told(rung) if rung > self.rung and self.free else None

    def _told(self, rung: int) -> str | None:
        page, lines = self.page, self.body.lines
        name = upper_first(definite(self.body.spec.name))
        if rung == ALERT:
            used = self.draft.used
            last = max((used.get(said.id, -_EAR_REST) for said in lines["heard"]), default=0)
            if self.draft.turn - last < _EAR_REST:
                return None
            heard = page.tell_one(Rank.EVENT, lines["heard"], f"heard:{self.body.id}")
            return HEARD if heard else None
        if rung == NEAR:
            if not page.tell_one(
                Rank.EVENT, lines["near"], f"near:{self.body.id}", again=AGAIN, keep=True
            ):
                page.put(Rank.EVENT, f"{name} is close by.")
            return "tension"
        if rung == HERE:
            self.draft.encounter = self.draft.turn
            if not page.tell_one(
                Rank.EVENT, lines["seen"], f"seen:{self.body.id}", again=AGAIN, keep=True
            ):
                page.put(Rank.EVENT, f"{name} is here, and has seen you.")
            return "shock"
        return None

    def _at_hand(self) -> str | None:
        """It stood here when the player acted, and was not answered."""
        distance = self.away.get(self.agent.place, FAR)
        if distance == 0:
            strike(self.draft, self.page, self.body)
            return "shock"
        escape(self.draft, self.body, rung=NEAR if distance == 1 else ALERT)
        return None

    def _become(self, rung: int, *, place: str | None = None, target: str | None = None) -> None:
        place = place or self.agent.place
        state = AGENT_STATES[rung]
        changed = state != self.agent.state
        still = place == self.agent.place and target == self.agent.target
        if still and not changed and (rung < NEAR or not self.draft.moved):
            return
        x, z = (
            stand(self.draft, self.body, rung)
            if changed or self.draft.moved
            else (
                self.agent.x,
                self.agent.z,
            )
        )
        self.draft.set_agent(
            self.body.id,
            state=state,
            place=place,
            target=target,
            since=self.draft.turn if changed else self.agent.since,
            x=x,
            z=z,
        )


def stand(draft: Draft, body: Body, rung: int) -> tuple[float | None, float | None]:
    """Where somebody stands who comes into view: fixed in the world from then on."""
    indoor = draft.setting.indoor
    if rung < NEAR or (rung == NEAR and indoor):
        return None, None
    metres = _NEAR_METRES
    if rung == HERE:
        metres = _HERE_METRES_INDOORS if indoor else _HERE_METRES
    camera = draft.camera()
    yaw = camera.yaw
    if not indoor:
        yaw += draft.random(f"stand:{body.id}").uniform(-0.3, 0.3)
    return (
        round(camera.x + metres * math.sin(yaw), 1),
        round(camera.z + metres * math.cos(yaw), 1),
    )


def strike(draft: Draft, page: Page, body: Body, *, rank: Rank = Rank.EVENT) -> None:
    """A hit: the damage, its text, and grace. Whoever hit withdraws a step."""
    draft.change_health(-body.spec.damage)
    draft.change_quality("heat", -2)
    draft.encounter = draft.turn
    draft.outcome.append(f"{upper_first(definite(body.spec.name))} hits the player.")
    if not page.tell_one(rank, body.lines["hit"], f"hit:{body.id}", again=AGAIN, keep=True):
        page.put(rank, f"{upper_first(definite(body.spec.name))} reaches you, and it hurts.")
    if draft.health > 0:
        escape(draft, body, rung=ROAMING)


def escape(draft: Draft, body: Body, *, rung: int = ALERT, grace: int = GRACE) -> None:
    """It has lost the player for now, and goes off a step if it stands where the player is."""
    agent = draft.agents[body.id]
    if agent.state == "asleep":
        # The outcome put it to sleep: then that is how it was got rid of.
        draft.set_agent(body.id, grace=draft.turn + grace)
        return
    place = agent.place
    if place == draft.place and body.spec.speed > 0:
        ways = [
            way
            for way in ways_out(draft.world, draft.facts, place, body.avoids)
            if way != draft.place
        ]
        if ways:
            place = draft.random(f"off:{body.id}").choice(ways)
    draft.set_agent(
        body.id,
        state=AGENT_STATES[min(rung, ALERT)],
        place=place,
        target=None,
        since=draft.turn,
        grace=draft.turn + grace,
        x=None,
        z=None,
    )
    draft.refresh_agents()


def part(draft: Draft) -> None:
    """An event may have taken the player away from whoever was here."""
    for body in draft.world.bodies.values():
        agent = draft.agents[body.id]
        if agent.state == "here" and agent.place != draft.place:
            escape(draft, body)


def back_off(draft: Draft, body: Body) -> None:
    """It loses sight of the player without leaving: one rung down, no grace."""
    x, z = stand(draft, body, NEAR)
    draft.set_agent(body.id, state="near", since=draft.turn, x=x, z=z)
    draft.refresh_agents()
