"""What a service is, whether it can work, and which worlds it has."""

from pydantic import ValidationError

from clients.game_client.calls import Calls, not_ours, segment
from clients.game_client.models import Health, Info, Ready, WorldDetail, WorldList


class ServiceCalls(Calls):
    """The service itself."""

    async def worlds(self) -> WorldList:
        """The worlds that a story can be in."""
        return await self._get(WorldList, "/api/worlds")

    async def world(self, world_id: str) -> WorldDetail:
        """A world before it is played."""
        return await self._get(WorldDetail, f"/api/worlds/{segment(world_id)}")

    async def health(self) -> Health:
        """Is the process up? The one answer that comes in no envelope."""
        response = await self._send("GET", "/api/health", repeatable=True)
        try:
            return Health.model_validate_json(response.content)
        except ValidationError as error:
            raise not_ours(response) from error

    async def ready(self) -> Ready:
        """Can it work? Raises `NotReady`, or `StorageFailed` while the store does not answer."""
        return await self._get(Ready, "/api/ready")

    async def info(self) -> Info:
        """Its version, worlds, models and limits."""
        return await self._get(Info, "/api/info")
