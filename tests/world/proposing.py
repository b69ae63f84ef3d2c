"""A narrator's double that proposes: some of it good, some of it not, all of it from a seed."""

from dataclasses import dataclass, field
from random import Random
from typing import Literal

from app.engine.fate import draw
from app.engine.world.resolution import Resolution
from app.engine.world.world import World
from app.models.narration import Grounding, Telling
from app.models.proposals import (
    Proposals,
    ProposedChoice,
    ProposedEffect,
    ProposedFact,
    ProposedPerson,
    ProposedPlace,
    ProposedProp,
)
from app.models.session import Choice
from app.models.vocabulary import Biome, ChoiceRisk
from app.models.world import WorldState

Manner = Literal["friendly", "wary", "hostile"]
Effect = Literal["health", "gain", "lose", "injury", "heal", "prop", "flag"]
ADJECTIVES = (
    "rusted", "blue", "leaning", "painted", "hollow", "tarred", "split", "narrow", "second",
    "scorched", "plaited", "waxed", "numbered", "buried", "roped",
)  # fmt: skip
THINGS = (
    "pump", "crate", "lantern", "sledge", "ladder", "ledger", "barrel", "kettle", "bell", "cabinet",
    "stove", "statue", "harness", "mirror", "wheel", "trunk", "doll", "anchor", "bucket",
)  # fmt: skip
PLACES = (
    "boiler house", "goose pond", "rope walk", "signal hill", "lime kiln", "dry dock", "ice house",
    "hop garden", "weighbridge", "old quarry", "bee yard", "tannery", "culvert mouth", "sheepfold",
)  # fmt: skip
PEOPLE = ("lamplighter", "drover", "midwife", "peddler", "deserter", "organist", "poacher", "nun")
BIOMES: tuple[Biome, ...] = ("forest", "shore", "field", "cave", "road", "snowfield", "lab", "town")
RISKS: tuple[ChoiceRisk, ...] = ("low", "medium", "high")
MANNERS: tuple[Manner, ...] = ("friendly", "wary", "hostile")
EFFECTS: tuple[Effect, ...] = ("health", "gain", "injury", "flag", "lose", "heal", "prop")
WORDS = (
    "pick it up and shake it", "sing to the dark", "tie a knot in my sleeve", "count my teeth",
    "kick the nearest thing", "whisper my own name", "take the {thing}", "look at the {thing}",
)  # fmt: skip


def telling_of(resolution: Resolution, proposed: Proposals, dispatch: str | None = None) -> Telling:
    """What a narrator would hand back of this turn."""
    wording = resolution.wording
    return Telling(
        dispatch=wording.dispatch if dispatch is None else dispatch,
        vision_dispatch=wording.vision_dispatch,
        situation=wording.situation,
        summary=wording.summary,
        choices=tuple(offer.choice for offer in resolution.world.offers),
        source="offline" if dispatch is None else "ai",
        proposed=proposed,
    )


def propose(grounding: Grounding, turn: int, random: Random) -> Proposals:
    """Whatever comes to mind, within the form."""
    targets = list(grounding.targets)

    def thing() -> str:
        return f"{random.choice(ADJECTIVES)} {random.choice(THINGS)}"

    name, other, target = thing(), thing(), random.choice(targets)
    letters = chr(65 + turn % 26) + chr(65 + turn * 7 % 26)
    state = random.choice(("locked", "open", "wet", "dry", "broken"))
    carved = f"Somebody has cut the letters {letters} into the {random.choice(THINGS)}."
    effect = random.choice(EFFECTS)
    return Proposals(
        facts=(
            ProposedFact(text=carved, about=random.choice(targets).id),
            ProposedFact(text=f"The {thing()} is {state} today.", about=random.choice(targets).id),
        ),
        props=(
            ProposedProp(
                name=name,
                looks=random.choice(grounding.looks or ("box",)),
                text=f"The {name} has been moved here lately.",
                portable=turn % 3 == 0,
            ),
            ProposedProp(name=other, looks="nonsense", text=f"Tar drips from the {other}."),
        ),
        people=(_person(random),) if random.random() < 0.4 else (),
        places=(_place(random),) if random.random() < 0.6 else (),
        threads=(f"Who moved the {name} in the night?",) if random.random() < 0.4 else (),
        closes=grounding.threads[:1] if random.random() < 0.3 else (),
        effects=(
            ProposedEffect(
                kind=effect,
                target=random.choice((f"{random.choice(ADJECTIVES)} thimble", target.id)),
                amount=random.choice((-15, -4, 3, 10)),
                text="a cut thumb",
            ),
        ),
        choices=(
            ProposedChoice(
                text=f"Chalk a cross on the {target.name}"[:90],
                kind="clever",
                risk=random.choice(RISKS),
                target=target.id,
            ),
            ProposedChoice(
                text=f"Knock three times on the {name}", kind="weird", risk="medium", target=name
            ),
        ),
    )


def _person(random: Random) -> ProposedPerson:
    return ProposedPerson(
        name=random.choice(PEOPLE),
        text="Somebody stands there with both hands in view.",
        manner=random.choice(MANNERS),
    )


def _place(random: Random) -> ProposedPlace:
    return ProposedPlace(
        name=f"{random.choice(ADJECTIVES)} {random.choice(PLACES)}",
        biome=random.choice(BIOMES),
        indoor=random.random() < 0.3,
        way=f"Follow the wall to the {random.choice(PLACES)}",
        text="Nothing has been swept here for a long time.",
    )


@dataclass
class Told:
    """One turn of a proposing game."""

    turn: int
    before: WorldState
    resolution: Resolution
    telling: Telling
    accepted: Proposals | None
    proposed: Proposals
    taken: Choice | None
    raw: Resolution
    """As the rules resolved it, before anything was taken on."""


@dataclass
class Game:
    """A game told by the double."""

    world: World
    seed: int
    told: list[Told] = field(default_factory=list)

    @property
    def state(self) -> WorldState:
        return self.told[-1].resolution.world


def play_proposing(world: World, seed: int, turns: int = 40) -> Game:
    """So many turns, own words and own choices among them; a run that ends stays ended."""
    game, random = Game(world, seed), Random(f"proposing|{seed}")
    _tell(game, 0, None, world.begin(seed), None, random)
    for turn in range(1, turns + 1):
        before = game.state
        if before.ending is not None:
            break
        fate = draw(seed, turn)
        if random.random() < 0.2:
            words = random.choice(WORDS).format(thing=random.choice(THINGS))
            made = world.act(before, seed=seed, turn=turn, fate=fate, words=words)
            _tell(game, turn, before, made, None, random)
            continue
        own = [offer for offer in before.offers if offer.own is not None]
        offer = (
            random.choice(own) if own and random.random() < 0.3 else random.choice(before.offers)
        )
        made = world.act(before, seed=seed, turn=turn, fate=fate, offer=offer)
        _tell(game, turn, before, made, offer.choice, random)
    return game


def _tell(
    game: Game,
    turn: int,
    before: WorldState | None,
    made: Resolution,
    taken: Choice | None,
    random: Random,
) -> None:
    proposed = propose(made.grounding(), turn, random)
    telling = telling_of(made, proposed, f"{made.wording.dispatch} So it is told in turn {turn}.")
    after, told, accepted = game.world.accept(made, telling, seed=game.seed)
    game.told.append(Told(turn, before or made.world, after, told, accepted, proposed, taken, made))
