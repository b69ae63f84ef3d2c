"""The built-in tape deck as the server sees it: one process, one film at a time.

Nothing here imports NumPy or an encoder. The process of a film ends with it: days may pass until
another is wanted.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final

from app.engine.providers.offline.processes import Worker, WorkerDied, WorkRefused
from app.errors import ProviderError, StorageFull

NO_SPACE: Final = "no space left on the disk"
_WORKER: Final = "app.engine.providers.offline.tape.worker"
_THOUSAND: Final = 1000


class OfflineTapeDeck:
    """Makes films."""

    def __init__(self) -> None:
        self._closed = False
        self._workers: set[Worker] = set()

    async def record(self, folder: Path, *, heard: Callable[[float], None]) -> None:
        """Make the film of the script in `folder`.

        Raises:
            StorageFull: there is no room for it.
            ProviderError: it cannot be made, or the deck is closed.
        """
        if self._closed:
            raise ProviderError("The tape deck is closed.")
        worker = Worker(_WORKER)
        self._workers.add(worker)
        try:
            await worker.do(_address(folder), heard=lambda said: heard(int(said) / _THOUSAND))
        except WorkRefused as refused:
            if str(refused) == NO_SPACE:
                raise StorageFull from refused
            raise ProviderError("The tape could not be made.", details=str(refused)) from refused
        except (WorkerDied, OSError) as error:
            raise ProviderError("The tape could not be made.") from error
        finally:
            self._workers.discard(worker)
            await asyncio.shield(worker.close())

    async def close(self) -> None:
        """End what is being made; waits for it."""
        self._closed = True
        await asyncio.gather(*(worker.close() for worker in tuple(self._workers)))


def _address(folder: Path) -> bytes:
    """The worker is started elsewhere: a relative one would be of another folder there."""
    return str(folder.absolute()).encode()
