"""Which maker each token has, and the nearest kin of tokens that nobody has drawn."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from app.engine.providers.offline.painter import (
    props_apparatus,
    props_bodies,
    props_buildings,
    props_camp,
    props_coast,
    props_indoor,
    props_keeper,
    props_nature,
    props_perimeter,
    props_street,
)
from app.engine.providers.offline.painter.setting import Maker

_OUTDOORS: Final[Mapping[str, Maker]] = MappingProxyType(
    {
        "fence": props_perimeter.fence,
        "gate": props_perimeter.gate,
        "sign": props_perimeter.sign,
        "watchtower": props_perimeter.watchtower,
        "searchlight": props_perimeter.searchlight,
        "floodlight": props_perimeter.floodlight,
        "mast": props_perimeter.mast,
        "antenna": props_perimeter.antenna,
        "dish": props_perimeter.dish,
        "poles": props_street.poles,
        "street_lamp": props_street.street_lamp,
        "car": props_street.car,
        "truck": props_street.truck,
        "fire": props_street.fire,
        "bench": props_street.bench,
        "phone_booth": props_street.phone_booth,
        "mailbox": props_street.mailbox,
        "pump": props_street.pump,
        "bodybag": props_bodies.bodybag,
        "bags": props_bodies.bags,
        "body": props_bodies.body,
        "barrels": props_camp.barrels,
        "crates": props_camp.crates,
        "tent": props_camp.tent,
        "tank": props_camp.tank,
        "water_tower": props_camp.water_tower,
        "culvert": props_camp.culvert,
        "drain": props_camp.drain,
        "generator": props_camp.generator,
        "well": props_camp.well,
        "boat": props_camp.boat,
        "helicopter": props_camp.helicopter,
        "sheep": props_bodies.sheep,
        "trees": props_nature.pines,
        "pines": props_nature.pines,
        "tree": props_nature.tree,
        "cactus": props_nature.cactus,
        "rocks": props_nature.rocks,
        "stump": props_nature.stump,
        "bale": props_nature.bale,
        "buildings": props_buildings.buildings,
        "lab": props_buildings.lab,
        "shed": props_buildings.shed,
        "barn": props_buildings.barn,
        "church": props_buildings.church,
        "lighthouse": props_coast.lighthouse,
        "croft": props_coast.croft,
        "crofts": props_coast.crofts,
        "stone_wall": props_coast.stone_wall,
        "flagstaff": props_coast.flagstaff,
        "notice_board": props_coast.notice,
        "bell": props_coast.bell,
        "railing": props_coast.railing,
        "grave": props_coast.grave,
        "cairn": props_coast.cairn,
        "jetty": props_coast.jetty,
        "derrick": props_coast.derrick,
    }
)
_INDOORS: Final[Mapping[str, Maker]] = MappingProxyType(
    {
        "door": props_indoor.door,
        "desk": props_indoor.desk,
        "phone": props_apparatus.phone,
        "gurney": props_apparatus.gurney,
        "tank_glass": props_apparatus.tank_glass,
        "cabinet": props_indoor.cabinet,
        "shelves": props_indoor.shelves,
        "window": props_indoor.window,
        "bed": props_indoor.bed,
        "chair": props_indoor.chair,
        "lamp": props_apparatus.lamp,
        "pipe": props_apparatus.pipe,
        "crate": props_camp.crate,
        "sink": props_apparatus.sink,
        "board": props_indoor.board,
        "terminal": props_apparatus.terminal,
        "locker": props_indoor.locker,
        "cart": props_apparatus.cart,
        "table": props_indoor.table,
        "lens": props_keeper.lens,
        "stove": props_keeper.stove,
        "dresser": props_keeper.dresser,
        "clock": props_keeper.clock,
        "cask": props_keeper.cask,
        "casks": props_keeper.casks,
        "lantern": props_keeper.lantern,
        "standing_lantern": props_keeper.standing_lantern,
        "apparatus": props_keeper.apparatus,
    }
)
MAKERS: Final[Mapping[str, Maker]] = MappingProxyType({**_OUTDOORS, **_INDOORS})
"""Every token that is drawn as itself."""

HUNG: Final = frozenset(
    (
        "door",
        "phone",
        "window",
        "board",
        "pipe",
        "sink",
        "locker",
        "cabinet",
        "shelves",
        "dresser",
        "clock",
        "stove",
    )
)
"""Indoors these stand against the nearest wall."""

_KINDRED: Final = MappingProxyType(
    {
        "fence": "wire mesh",
        "gate": "barrier bridge arch",
        "crates": "barricade stairs",
        "buildings": "wall house building shop motel station",
        "watchtower": "tower lookout",
        "church": "chapel",
        "floodlight": "light",
        "searchlight": "spotlight",
        "lamp": "candle",
        "lighthouse": "beacon lightship",
        "croft": "bothy cottage",
        "crofts": "village hamlet",
        "stone_wall": "dyke drystone",
        "railing": "rail banister",
        "flagstaff": "flag flagpole",
        "bell": "gong foghorn",
        "grave": "tomb cross headstone graves",
        "jetty": "pier slip wharf quay",
        "derrick": "crane hoist winch",
        "lens": "optic fresnel",
        "stove": "range hearth oven fireplace",
        "dresser": "sideboard",
        "cask": "keg hogshead tun",
        "apparatus": "clockwork machine mechanism weights",
        "street_lamp": "lamppost streetlight",
        "terminal": "radio computer console switch panel screen monitor projector",
        "poles": "pole",
        "mast": "pylon",
        "antenna": "aerial speaker ladder",
        "car": "sedan wreck taxi",
        "truck": "jeep van bus ambulance lorry tractor train",
        "helicopter": "plane chopper",
        "body": "corpse dead remains",
        "bodybag": "coffin bag sack",
        "rocks": "stone rock boulder rubble bones",
        "pines": "forest pine",
        "tree": "oak",
        "cactus": "bush scrub",
        "stump": "log",
        "bale": "hay haystack",
        "shed": "cabin hut kennel pump_house",
        "lab": "barracks factory hangar hospital block",
        "drain": "ditch hatch grate manhole",
        "culvert": "tunnel cave mine",
        "water_tower": "silo",
        "tank": "reservoir cistern",
        "pump": "gas",
        "barrels": "barrel drum",
        "crate": "box chest case trunk",
        "tent": "camp",
        "generator": "engine",
        "fire": "campfire flame flare",
        "phone": "telephone",
        "phone_booth": "booth",
        "mailbox": "postbox letterbox",
        "boat": "raft ship canoe dinghy",
        "dish": "satellite",
        "sheep": "animal cattle cow horse goat",
        "gurney": "stretcher",
        "cart": "trolley",
        "tank_glass": "vat aquarium tube pod",
        "cabinet": "cupboard fridge",
        "locker": "wardrobe safe",
        "shelves": "bookcase shelf rack books",
        "window": "mirror blind curtain",
        "bed": "bunk mattress cot sofa",
        "chair": "stool seat wheelchair",
        "pipe": "valve duct vent",
        "sink": "basin bath toilet",
        "board": "notice map poster chart blackboard painting",
        "desk": "book piano counter",
        "table": "altar bench_work",
        "sign": "statue monument billboard post",
        "door": "lift elevator",
    }
)
_KIN: Final = MappingProxyType(
    {word: token for token, words in _KINDRED.items() for word in words.split()}
)


def kindred(token: str) -> tuple[str, ...]:
    """The other words by which a token is known."""
    return tuple(_KINDRED.get(token, "").split())


def nearest_token(token: str, *, indoors: bool) -> str:
    """The token itself, or the kin it has by name, or by a word in it, or by its letters."""
    name = token.lower().strip().replace("-", "_").replace(" ", "_")
    if name in MAKERS:
        return name
    for word in (name, *reversed(name.split("_"))):
        for form in (word, word.removesuffix("s"), word + "s"):
            if form in MAKERS:
                return form
            if form in _KIN:
                return _KIN[form]
    known = sorted(_INDOORS if indoors else _OUTDOORS)
    shared = {k: len(_pairs(name) & _pairs(k)) / (1 + len(_pairs(k))) for k in known}
    best = max(known, key=lambda k: (shared[k], k))
    return best if shared[best] > 0.3 else ("crate" if indoors else "crates")


def _pairs(word: str) -> set[str]:
    return {word[k : k + 2] for k in range(len(word) - 1)}
