"""The one error of a world pack that cannot be played."""


class PackError(ValueError):
    """A world pack is wrong; the message names the pack, the place in it and the fault."""

    def __init__(self, where: str, fault: str) -> None:
        super().__init__(f"{where}: {fault}")
        self.where = where
        self.fault = fault
