"""A message of ours before it is sent: its components, and the files in it."""

import io
from dataclasses import dataclass
from typing import Final

import discord
from discord import ui

ALT: Final = 250
"""Characters; Discord takes 256 in a gallery."""
COMPONENTS: Final = 40
CHARACTERS: Final = 4000
LABEL: Final = 80
GALLERY: Final = 10
"""Pictures a gallery, and files a message."""


@dataclass(frozen=True, slots=True)
class Attached:
    """A file, in memory: an edit that fails can be sent again."""

    name: str
    content: bytes
    alt: str

    def file(self) -> discord.File:
        return discord.File(io.BytesIO(self.content), filename=self.name, description=self.alt)


@dataclass(frozen=True, slots=True)
class Page:
    """A message. Its files are new; pictures that the message already has are named in the view."""

    view: ui.LayoutView
    attached: tuple[Attached, ...] = ()

    def files(self) -> list[discord.File]:
        return [one.file() for one in self.attached]


def layout(*items: ui.Item[ui.LayoutView]) -> ui.LayoutView:
    """A view of these. It never expires: nothing of it is kept in memory."""
    view = ui.LayoutView(timeout=None)
    for item in items:
        view.add_item(item)
    return view
