"""Writes the small world that an author starts from."""

from pathlib import Path
from typing import Final

STARTER: Final = Path(__file__).with_name("starter")
BARE_STARTER: Final = Path(__file__).with_name("starter_bare")
_NAME: Final = "starter_world"


def plant(folder: Path, *, bare: bool = False) -> None:
    """Write the starter pack into a new folder, under the folder's name; or a bare premise."""
    folder.mkdir(parents=True)
    for path in sorted((BARE_STARTER if bare else STARTER).glob("*.yaml")):
        text = path.read_text(encoding="utf-8").replace(_NAME, folder.name)
        (folder / path.name).write_text(text, encoding="utf-8")
