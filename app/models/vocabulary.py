"""The closed word lists of the game (DESIGN.md section 2, OFFLINE.md section a)."""

from typing import Literal

Phase = Literal["new", "choosing", "resolving", "awaiting_choices", "over"]
Fate = Literal["LUCKY", "NORMAL", "UNLUCKY"]
Tier = Literal["ok", "mixed", "bad"]
"""How an action came out: as meant, at a cost, or badly."""

Biome = Literal[
    "desert",
    "fence",
    "road",
    "forest",
    "snowfield",
    "shore",
    "town",
    "lab",
    "bunker",
    "field",
    "cave",
    "rooftop",
]
Weather = Literal["clear", "dust", "rain", "fog", "snow"]
Surroundings = Literal["desert", "country", "snow", "sea", "city"]
"""What lies beyond a place and follows from the world it is in, not from the place itself."""
TimeOfDay = Literal["night", "dawn", "day", "dusk"]
Movement = Literal["still", "forward", "back", "left", "right", "fall"]

ChoiceKind = Literal["bold", "clever", "weird", "careful", "investigate", "move", "item"]
ChoiceRisk = Literal["low", "medium", "high"]
ActionKind = Literal[
    "move",
    "investigate",
    "photograph",
    "search",
    "use",
    "talk",
    "hide",
    "rest",
    "fight",
    "flee",
    "trick",
]
"""What a world pack calls an action; clients see the coarser `ChoiceKind`."""

Quality = Literal["fast", "high"]
Source = Literal["ai", "offline"]
MediaStatus = Literal["pending", "ready", "failed", "off"]
MediaFolder = Literal["images", "videos", "tapes"]
EndingTone = Literal["win", "bittersweet", "loss", "death"]
