"""The world in the making: one turn's working copy of the state, with its table of facts.

Every change goes through here, is kept within its range, and is written into the table and, as
a hard fact, into `outcome`. `freeze` gives the next state.
"""

import math
from collections.abc import Callable
from random import Random
from typing import Any

from app.engine import rules
from app.engine.seeds import stream
from app.engine.world import facts as fact_table
from app.engine.world.compiled import Compiled, Setting
from app.engine.world.graph import distances
from app.engine.world.spots import free_spot
from app.engine.world.words import definite
from app.models.scene import Camera
from app.models.world import AgentState, FlagValue, Grown, Injury, PendingEvent, WorldState

MAX_THREADS = 8
MAX_INJURIES = 6
MAX_THREAD = 120
_ROAM_METRES = 40.0
"""A camera never strays further from where a place is entered."""
_STEPS_METRES = 6.0
_GLANCE = 0.6
"""How far looking at a thing leads away from there, and turns."""


Grow = Callable[[Grown | None], Compiled]
"""The world with these additions (`overlays.Overlays.of`)."""
NOTHING_GROWN = Grown()


class Draft:
    """One turn in the making. Never shared, never kept."""

    def __init__(
        self,
        world: Compiled,
        before: WorldState,
        *,
        seed: int,
        turn: int,
        grow: Grow | None = None,
    ) -> None:
        """`world` is the world as `before` has it. Without `grow` nothing can be added to it."""
        self.world = world
        self.grown = before.grown or NOTHING_GROWN
        self._grow = grow
        self.before = before
        self.seed = seed
        self.turn = turn
        self.place = before.place
        self.minutes = before.minutes
        self.health = before.health
        self.weather = before.weather
        self.qualities = dict(before.qualities)
        self.items = list(before.items)
        self.uses = dict(before.uses)
        self.flags = dict(before.flags)
        self.injuries = list(before.injuries)
        self.props = dict(before.props)
        self.clocks = dict(before.clocks)
        self.agents = dict(before.agents)
        self.cameras = dict(before.cameras)
        self.visited = dict(before.visited)
        self.used = dict(before.used)
        self.cooldowns = dict(before.cooldowns)
        self.storylets = dict(before.storylets)
        self.arcs = dict(before.arcs)
        self.known = list(before.known)
        self.threads = list(before.threads)
        self.pending: list[PendingEvent] = list(before.pending)
        self.queue = list(before.queue)
        self.came_from = before.came_from
        self.encounter = before.encounter
        self.torch = before.torch
        self._away: dict[str, int] | None = None
        """Forgotten whenever the player moves or a way may have opened or closed."""
        self.facts = fact_table.compute(world, before, turn)
        self.refresh_agents()
        self.outcome: list[str] = []
        """What changed, as hard facts."""
        self.due: list[str] = []
        """Clocks that were moved and may have reached a stage."""
        self.noise = 0
        self.notes: list[str] = []
        """What the run's summary should remember of this turn."""

    # -- reading

    @property
    def setting(self) -> Setting:
        return self.world.settings[self.place]

    @property
    def moved(self) -> bool:
        return self.place != self.before.place

    @property
    def heat(self) -> int:
        return self.qualities.get("heat", 0)

    @property
    def chaos(self) -> int:
        return self.qualities.get("chaos", 0)

    def random(self, purpose: str) -> Random:
        return stream(self.seed, self.turn, purpose)

    def away(self) -> dict[str, int]:
        """Steps from each place to the player."""
        if self._away is None:
            self._away = distances(self.world, self.facts, self.place)
        return self._away

    def camera(self) -> Camera:
        return self.cameras.get(self.place) or self.setting.camera

    # -- effects

    def change_health(self, by: int) -> None:
        after = rules.health_after(self.health, by)
        if after != self.health:
            lost = self.health - after
            self.outcome.append(
                f"The player loses {lost} health." if lost > 0 else f"The player regains {-lost}."
            )
            self.health = self.facts["health"] = after

    def change_quality(self, name: str, by: int) -> None:
        spec = self.world.pack.qualities.get(name)
        if spec is None:
            return
        now = self.qualities.get(name, spec.start)
        after = rules.clamp(now + by, spec.min, spec.max)
        if after != now:
            self.qualities[name] = self.facts[name] = after
            if spec.visible:
                self.outcome.append(f"{spec.label} is now {after}.")

    def gain(self, item: str) -> None:
        spec = self.world.pack.items[item]
        if item not in self.items:
            self.items.append(item)
            self.facts["item." + item] = True
            self.facts["items"] = len(self.items)
            self.outcome.append(f"The player now carries {spec.name}.")
            self._take_up(item)
        if spec.uses is not None:
            self.uses[item] = self.facts["uses." + item] = spec.uses

    def lose(self, item: str) -> None:
        """Use one up; what has several uses goes with the last one."""
        if item not in self.items:
            return
        left = self.uses.get(item, 1) - 1
        if left > 0:
            self.uses[item] = self.facts["uses." + item] = left
            return
        self.items.remove(item)
        self.uses.pop(item, None)
        self.facts.pop("uses." + item, None)
        self.facts["item." + item] = False
        self.facts["items"] = len(self.items)
        self.outcome.append(f"The player no longer carries {self.world.pack.items[item].name}.")

    def set_flag(self, name: str, value: FlagValue) -> None:
        if self.flags.get(name) != value:
            self.outcome.append(f"It is now so: {name.replace('_', ' ')} = {value}.")
        self.flags[name] = self.facts["flag." + name] = value
        self._away = None

    def hurt(self, injury: Injury) -> None:
        if any(one.id == injury.id for one in self.injuries):
            return
        if len(self.injuries) >= MAX_INJURIES:
            self.heal(self.injuries[0].id)
        self.injuries.append(injury)
        self.outcome.append(f"The player is hurt: {injury.text}.")
        self._count_injuries()

    def heal(self, injury: str) -> None:
        kept = [one for one in self.injuries if one.id != injury]
        if len(kept) == len(self.injuries):
            return
        for one in self.injuries:
            self.facts.pop("injury." + one.id, None)
            self.facts.pop("injury." + one.part, None)
        self.injuries = kept
        self._count_injuries()

    def _count_injuries(self) -> None:
        self.facts["injuries"] = len(self.injuries)
        for one in self.injuries:
            self.facts["injury." + one.id] = True
            if one.part:
                self.facts["injury." + one.part] = True

    def go_to(self, place: str) -> None:
        if place == self.place:
            return
        self.came_from = self.place
        self.place = place
        self._away = None
        # Coming in, one stands where the place is seen best; old steps in it are forgotten.
        self.cameras = {}
        self.facts.update(self.setting.facts)
        self.facts["moved"] = True
        self.pending = []
        self.outcome.append(f"The player is now at {definite(self.setting.name)}.")
        self._refresh_light()
        self.refresh_agents()

    def tick(self, clock: str, by: int) -> None:
        segments = self.world.pack.hazards[clock].segments
        self.clocks[clock] = rules.clamp(self.clocks.get(clock, 0) + by, 0, segments)
        self.facts["clock." + clock] = self.clocks[clock]
        self.due.append(clock)

    def rouse(self, agent: str, state: str) -> None:
        self.set_agent(agent, state=state, since=self.turn, target=None, x=None, z=None)
        self.refresh_agents()

    def set_agent(self, agent: str, **changes: Any) -> None:  # noqa: ANN401 (fields of AgentState)
        # Built anew: three times as fast as a copy, on the busiest path there is.
        self.agents[agent] = AgentState(**{**self.agents[agent].__dict__, **changes})

    def refresh_agents(self) -> None:
        """Bring the table up to date after somebody moved."""
        if self.world.bodies:
            fact_table.add_agents(self.agents, self.away(), self.facts)

    def set_prop(self, prop: str, state: str) -> None:
        self.props[prop] = self.facts["prop." + prop] = state
        self._away = None
        name = definite(self.world.pack.props[prop].name)
        self.outcome.append(f"Now {name}: {state.replace('_', ' ')}.")

    def learn(self, fact: str) -> None:
        if fact not in self.known:
            self.known.append(fact)
            self.facts["fact." + fact] = True
            text = next(one.text for one in self.world.pack.bible if one.id == fact)
            self.outcome.append(f"The player learns: {text}")

    def set_weather(self, weather: str) -> None:
        if weather != self.weather:
            self.weather = weather  # type: ignore[assignment]  # checked when it was compiled
            self.facts["weather"] = weather
            self.outcome.append(f"The weather turns: {weather}.")

    def pass_minutes(self, minutes: int) -> None:
        self.minutes = max(self.minutes, self.minutes + minutes)
        self.facts["tod"] = fact_table.time_of_day(self.minutes)
        self.facts["hour"] = self.minutes % fact_table.DAY / 60
        self.facts["day"] = self.minutes // fact_table.DAY
        self._refresh_light()

    def _refresh_light(self) -> None:
        self.facts["torch"] = fact_table.has_light(
            self.setting.indoor,
            fact_table.time_of_day(self.minutes),
            self.qualities.get("battery"),
        )

    def set_arc(self, arc: str, stage: int) -> None:
        """An arc goes forward only: what comes late does not undo what has happened."""
        stage = max(stage, self.arcs.get(arc, 0))
        self.arcs[arc] = self.facts["arc." + arc] = stage

    def add_thread(self, text: str) -> None:
        if text not in self.threads:
            self.threads = [*self.threads, text[:MAX_THREAD]][-MAX_THREADS:]

    def note(self, text: str) -> None:
        self.notes.append(text)
        self.outcome.append(f"The player {text}.")

    # -- what is added to the world

    @property
    def may_grow(self) -> bool:
        return self._grow is not None

    def regrow(self, grown: Grown) -> None:
        """Go on in a world with these additions. New agents are given to `agents` beforehand."""
        if self._grow is None:
            return
        self.grown = grown
        self.world = self._grow(grown)
        for name, state in self.world.base_facts.items():
            self.facts.setdefault(name, state)
        self._away = None
        self.refresh_agents()

    def _take_up(self, item: str) -> None:
        """What stood in a place and is carried now stands there no longer."""
        prop = self.world.grown_props.get(item)
        if prop is None or not prop.place:
            return
        seen = self.cooldowns.get(f"do:{item}:look")
        if seen is not None:
            # What was looked at as it lay there is not news in the hand.
            self.cooldowns[f"item:{item}:look"] = seen
        taken = prop.model_copy(update={"place": ""})
        props = tuple(taken if one.id == item else one for one in self.grown.props)
        self.regrow(self.grown.model_copy(update={"props": props}))

    def lead(self, person: str, place: str) -> None:
        """Somebody goes to another place, and stands there from then on."""
        x, z = free_spot(self.world, self.grown, place)
        people = tuple(
            one.model_copy(update={"place": place, "x": x, "z": z}) if one.id == person else one
            for one in self.grown.people
        )
        self.regrow(self.grown.model_copy(update={"people": people}))

    # -- the camera

    def pan(self, forward: float, turn: float) -> None:
        """Turn, then walk where one looks. The place stays what it is; only the camera moves."""
        camera = self.camera()
        yaw = camera.yaw + turn
        self._put_camera(
            camera.x + forward * math.sin(yaw), camera.z + forward * math.cos(yaw), yaw
        )

    def look_at(self, x: float, z: float, *, stop_at: float) -> None:
        """Turn to a thing and walk some of the way up to it.

        Only so far that what makes the place this place stays in the picture.
        """
        camera, home = self.camera(), self.setting.camera
        distance = math.hypot(x - camera.x, z - camera.z)
        share = max(0.0, min(distance - stop_at, distance / 2)) / max(distance, 1.0)
        at_x = _near(camera.x + share * (x - camera.x), home.x, _STEPS_METRES)
        at_z = _near(camera.z + share * (z - camera.z), home.z, _STEPS_METRES)
        bearing = math.atan2(x - at_x, z - at_z)
        aside = (bearing - home.yaw + math.pi) % math.tau - math.pi
        self._put_camera(at_x, at_z, home.yaw + _near(aside, 0.0, _GLANCE))

    def step_back(self) -> None:
        """Half of the way back to where the place is seen best."""
        camera, home = self.camera(), self.setting.camera
        aside = (camera.yaw - home.yaw + math.pi) % math.tau - math.pi
        self._put_camera((camera.x + home.x) / 2, (camera.z + home.z) / 2, home.yaw + aside / 2)

    def tilt(self, roll: float, pitch: float) -> None:
        camera = self.camera()
        self.cameras[self.place] = Camera(
            x=camera.x, z=camera.z, yaw=camera.yaw, roll=round(roll, 3), pitch=pitch
        )

    def _put_camera(self, x: float, z: float, yaw: float) -> None:
        home = self.setting.camera
        yaw = (yaw + math.pi) % math.tau - math.pi
        self.cameras[self.place] = Camera(
            x=round(min(max(x, home.x - _ROAM_METRES), home.x + _ROAM_METRES), 2),
            z=round(min(max(z, home.z - _ROAM_METRES), home.z + _ROAM_METRES), 2),
            yaw=round(yaw, 3),
        )

    # -- the end of it

    def freeze(self, **more: Any) -> WorldState:  # noqa: ANN401 (fields of WorldState)
        """The next state. Copied, not validated: every part of it was checked on its way in."""
        return self.before.model_copy(
            update={
                "place": self.place,
                "minutes": self.minutes,
                "health": self.health,
                "weather": self.weather,
                "qualities": self.qualities,
                "items": tuple(self.items),
                "uses": self.uses,
                "flags": self.flags,
                "injuries": tuple(self.injuries),
                "props": self.props,
                "clocks": self.clocks,
                "agents": self.agents,
                "cameras": self.cameras,
                "visited": self.visited,
                "used": self.used,
                "cooldowns": self.cooldowns,
                "storylets": self.storylets,
                "arcs": self.arcs,
                "known": tuple(self.known),
                "threads": tuple(self.threads),
                "pending": tuple(self.pending),
                "queue": tuple(self.queue),
                "came_from": self.came_from,
                "encounter": self.encounter,
                "torch": self.torch,
                "grown": None if self.grown is NOTHING_GROWN else self.grown,
                **more,
            }
        )


def _near(value: float, home: float, most: float) -> float:
    return min(max(value, home - most), home + most)
