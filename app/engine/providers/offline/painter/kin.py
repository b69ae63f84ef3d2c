"""Which maker each token has, and the nearest kin of tokens that nobody has drawn."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from app.engine.providers.offline.painter import (
    props_buildings,
    props_camp,
    props_indoor,
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
        "bodybag": props_camp.bodybag,
        "bags": props_camp.bags,
        "body": props_camp.body,
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
        "sheep": props_camp.sheep,
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
    }
)
_INDOORS: Final[Mapping[str, Maker]] = MappingProxyType(
    {
        "door": props_indoor.door,
        "desk": props_indoor.desk,
        "phone": props_indoor.phone,
        "gurney": props_indoor.gurney,
        "tank_glass": props_indoor.tank_glass,
        "cabinet": props_indoor.cabinet,
        "shelves": props_indoor.shelves,
        "window": props_indoor.window,
        "bed": props_indoor.bed,
        "chair": props_indoor.chair,
        "lamp": props_indoor.lamp,
        "pipe": props_indoor.pipe,
        "crate": props_camp.crate,
        "sink": props_indoor.sink,
        "board": props_indoor.board,
        "terminal": props_indoor.terminal,
        "locker": props_indoor.locker,
        "cart": props_indoor.cart,
        "table": props_indoor.table,
    }
)
MAKERS: Final[Mapping[str, Maker]] = MappingProxyType({**_OUTDOORS, **_INDOORS})
"""Every token that is drawn as itself."""

HUNG: Final = frozenset(("door", "phone", "window", "board", "pipe", "sink", "locker", "cabinet", "shelves"))
"""Indoors these stand against the nearest wall."""

_KIN: Final = MappingProxyType(
    {
        "wire": "fence", "mesh": "fence", "barrier": "gate", "barricade": "crates", "wall": "buildings",
        "tower": "watchtower", "lookout": "watchtower", "lighthouse": "watchtower", "chapel": "church",
        "light": "floodlight", "spotlight": "searchlight", "lantern": "lamp", "candle": "lamp", "clock": "lamp",
        "lamppost": "street_lamp", "streetlight": "street_lamp", "radio": "terminal", "computer": "terminal",
        "console": "terminal", "switch": "terminal", "panel": "terminal", "screen": "terminal", "monitor": "terminal",
        "pole": "poles", "pylon": "mast", "crane": "mast", "aerial": "antenna", "speaker": "antenna", "flag": "antenna",
        "sedan": "car", "wreck": "car", "taxi": "car", "jeep": "truck", "van": "truck", "bus": "truck",
        "ambulance": "truck", "lorry": "truck", "tractor": "truck", "train": "truck", "plane": "helicopter",
        "corpse": "body", "dead": "body", "remains": "body", "coffin": "bodybag", "bag": "bodybag",
        "sack": "bodybag", "grave": "rocks", "tomb": "rocks", "stone": "rocks", "rock": "rocks", "boulder": "rocks",
        "cairn": "rocks", "rubble": "rocks", "bones": "rocks", "forest": "pines", "pine": "pines", "oak": "tree",
        "bush": "cactus", "scrub": "cactus", "log": "stump", "hay": "bale", "haystack": "bale",
        "house": "buildings", "building": "buildings", "shop": "buildings", "motel": "buildings",
        "station": "buildings", "cabin": "shed", "hut": "shed", "kennel": "shed", "barracks": "lab", "factory": "lab",
        "hangar": "lab", "hospital": "lab", "block": "lab", "ditch": "drain", "hatch": "drain", "grate": "drain",
        "manhole": "drain", "tunnel": "culvert", "cave": "culvert", "mine": "culvert", "silo": "water_tower",
        "reservoir": "tank", "cistern": "tank", "gas": "pump", "barrel": "barrels", "drum": "barrels",
        "box": "crate", "chest": "crate", "case": "crate", "trunk": "crate", "camp": "tent", "engine": "generator",
        "machine": "generator", "pump_house": "shed", "campfire": "fire", "flame": "fire", "flare": "fire",
        "stove": "fire", "telephone": "phone", "booth": "phone_booth", "postbox": "mailbox", "letterbox": "mailbox",
        "raft": "boat", "ship": "boat", "canoe": "boat", "dinghy": "boat", "jetty": "boat", "chopper": "helicopter",
        "satellite": "dish", "animal": "sheep", "cattle": "sheep", "cow": "sheep", "horse": "sheep", "goat": "sheep",
        "stretcher": "gurney", "trolley": "cart", "vat": "tank_glass", "aquarium": "tank_glass",
        "tube": "tank_glass", "pod": "tank_glass", "cupboard": "cabinet", "fridge": "cabinet", "wardrobe": "locker",
        "safe": "locker", "bookcase": "shelves", "shelf": "shelves", "rack": "shelves", "books": "shelves",
        "mirror": "window", "blind": "window", "bunk": "bed", "mattress": "bed", "cot": "bed", "sofa": "bed",
        "stool": "chair", "seat": "chair", "wheelchair": "chair", "valve": "pipe", "duct": "pipe", "vent": "pipe",
        "basin": "sink", "bath": "sink", "toilet": "sink", "notice": "board", "map": "board", "poster": "board",
        "chart": "board", "blackboard": "board", "painting": "board", "book": "desk", "piano": "desk",
        "counter": "desk", "altar": "table", "bench_work": "table", "projector": "terminal", "statue": "sign",
        "monument": "sign", "billboard": "sign", "post": "sign", "ladder": "antenna", "bridge": "gate", "arch": "gate",
        "stairs": "crates", "lift": "door", "elevator": "door", "curtain": "window",
    }
)  # fmt: skip


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
