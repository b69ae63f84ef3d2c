"""Adding one thing to what has grown: an id, a spot to stand on, a cell of the map. Pure.

`world` may lag behind `grown`: many things are added before a world is made of them.
"""

from typing import Final

from app.engine.world.compiled import Compiled
from app.engine.world.grown_parts import AS_FOUND
from app.engine.world.kit import KIT, look_of
from app.engine.world.spots import free_spot
from app.engine.world.words import bare, definite
from app.models.vocabulary import Biome
from app.models.world import (
    Grown,
    GrownFact,
    GrownItem,
    GrownPerson,
    GrownPlace,
    GrownProp,
    GrownWay,
)

_AROUND: Final = ((1, 0), (0, 1), (-1, 0), (0, -1), (1, 1), (-1, 1), (-1, -1), (1, -1))


def next_id(grown: Grown) -> str:
    return f"grown_{grown.count + 1}"


def add_prop(
    world: Compiled,
    grown: Grown,
    *,
    name: str,
    text: str,
    look: str,
    place: str,
    portable: bool = False,
    state: str = "",
    kit: str = "",
) -> Grown:
    """A thing in a place. `look` may be any word for what it resembles."""
    look = look_of(look, name)
    far = look in KIT.looks and KIT.looks[look].far
    x, z = free_spot(world, grown, place, far=far)
    prop = GrownProp(
        id=next_id(grown),
        name=name,
        text=text,
        place=place,
        look=look,
        portable=portable,
        states=(state or AS_FOUND,),
        x=x,
        z=z,
        kit=kit,
    )
    return grown.model_copy(update={"count": grown.count + 1, "props": (*grown.props, prop)})


def add_place(
    world: Compiled,
    grown: Grown,
    *,
    origin: str,
    name: str,
    biome: Biome,
    indoor: bool,
    way: str,
    text: str,
    turn: int,
    kit: str = "",
) -> Grown:
    """A neighbour of a place, and the way there and back."""
    place_id = next_id(grown)
    col, row = _free_cell(world, grown, origin)
    place = GrownPlace(
        id=place_id,
        name=name,
        biome=biome,
        indoor=indoor,
        text=text,
        kit=kit,
        col=col,
        row=row,
        turn=turn,
    )
    to = GrownWay(origin=origin, to=place_id, label=way, kit=kit)
    return grown.model_copy(
        update={
            "count": grown.count + 1,
            "places": (*grown.places, place),
            "ways": (*grown.ways, to),
        }
    )


def add_way(world: Compiled, grown: Grown, *, origin: str, to: str, label: str = "") -> Grown:
    """A way between two places that are there already."""
    label = label or f"Cut across to {definite(world.settings[to].name)}"
    way = GrownWay(origin=origin, to=to, label=label)
    return grown.model_copy(update={"ways": (*grown.ways, way)})


def _free_cell(world: Compiled, grown: Grown, origin: str) -> tuple[int, int]:
    """A cell of the map beside the place from where the way leads."""
    places = world.pack.places
    taken = {(place.map.col, place.map.row) for place in places.values()}
    taken |= {(place.col, place.row) for place in grown.places}
    here = places[origin].map
    around = [(here.col + col, here.row + row) for col, row in _AROUND]
    return next((cell for cell in around if cell not in taken), around[len(taken) % len(around)])


def add_person(
    world: Compiled, grown: Grown, *, name: str, text: str, manner: str, figure: str, place: str
) -> tuple[Grown, str]:
    """Somebody in a place, and the id that they got."""
    x, z = (0.0, 0.0) if manner == "hostile" else free_spot(world, grown, place)
    person = GrownPerson(
        id=next_id(grown),
        name=name,
        text=text,
        manner=manner,
        place=place,
        figure=figure,
        x=x,
        z=z,
    )
    more = {"count": grown.count + 1, "people": (*grown.people, person)}
    return grown.model_copy(update=more), person.id


def add_item(grown: Grown, name: str) -> tuple[Grown, str]:
    """A small thing that is carried, and the id that it got."""
    item = GrownItem(id=next_id(grown), name=name)
    return grown.model_copy(
        update={"count": grown.count + 1, "items": (*grown.items, item)}
    ), item.id


def add_fact(grown: Grown, text: str, about: str, turn: int) -> Grown:
    fact = GrownFact(text=text, about=about, turn=turn)
    return grown.model_copy(update={"facts": (*grown.facts, fact)})


def named(world: Compiled, grown: Grown) -> frozenset[str]:
    """Every name of the world, in small letters and without its article."""
    pack = world.pack
    every = (pack.places, pack.props, pack.agents, pack.items)
    names = [one.name for known in every for one in known.values()]
    names += [one.name for one in grown.places]
    names += [one.name for one in grown.props]
    names += [one.name for one in grown.people]
    names += [one.name for one in grown.items]
    return frozenset(bare(name).casefold() for name in names)
