"""Making one turn: told and painted side by side, then committed as one."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.engine.ledger import MICROS, Ledger
from app.engine.pictures import Painting, Pictures
from app.engine.ports import Hear, Illustrator, Narrator, Purse, unheard
from app.engine.records import Move, after_turn, next_lineage
from app.engine.world.resolution import Resolution
from app.engine.world.world import World
from app.errors import BudgetExhausted, ProviderError, ProviderTimeout
from app.models.media_urls import image_file
from app.models.narration import Brief, PictureRequest, PictureStyle, Telling
from app.models.proposals import Proposals
from app.models.record import MediaFile, SessionRecord
from app.models.session import HistoryEntry, Image, Settings, Snapshot
from app.storage.store import Claim, SessionStore

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Crew:
    """Who tells and paints. The understudies are the built-in ones: they take a turn over when
    a session is set to go on without a failing or too costly model."""

    narrator: Narrator
    illustrator: Illustrator
    understudy: Narrator
    understudy_illustrator: Illustrator


class TurnMaker:
    """Turns a resolution into a committed turn."""

    def __init__(
        self,
        store: SessionStore,
        crew: Crew,
        pictures: Pictures,
        ledger: Ledger,
        *,
        text_deadline: float,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._crew = crew
        self._pictures = pictures
        self._ledger = ledger
        self._text_deadline = text_deadline
        self._clock = clock

    async def make(
        self,
        claim: Claim,
        world: World,
        resolution: Resolution,
        move: Move,
        *,
        hear: Hear = unheard,
    ) -> HistoryEntry:
        """Tell, paint and commit. Raises `ProviderError`, `BudgetExhausted`, `StorageError`;
        then nothing has changed and nothing goes on in the background."""
        before = claim.record
        snapshot = before.snapshot
        settings = (await self._store.meta(snapshot.session_id)).settings
        narrator, illustrator = self._cast(snapshot, settings)
        brief = _brief(before, resolution, move, grounded=narrator.grounded)
        purse = self._ledger.purse(snapshot.session_id, brief.turn, settings)
        painting: Painting | None = None
        if settings.images:
            request = PictureRequest(
                session_id=snapshot.session_id,
                turn=brief.turn,
                scene=resolution.scene,
                alt=resolution.wording.vision_dispatch,
                style=PictureStyle(
                    prefix=world.pack.style.image_prompt_prefix,
                    negative=world.pack.style.negative,
                ),
                quality=settings.quality,
                previous=await self._previous(illustrator, snapshot, resolution),
            )
            way = next_lineage(before, move, resolution.fate)
            painting = self._pictures.begin(
                illustrator, request, f"{brief.turn:06d}-{way[:12]}", purse
            )
        try:
            telling = await self._tell(narrator, brief, settings, hear, purse)
            resolution, telling, accepted = world.accept(resolution, telling, seed=snapshot.seed)
            entry = await self._commit(
                claim, resolution, telling, accepted, painting, move, settings
            )
        except BaseException:
            if painting is not None:
                painting.abandon()
            raise
        logger.info(
            "turn played",
            extra={
                "session_id": entry.session_id,
                "turn": entry.turn,
                "source": entry.source,
                "picture": entry.image.status if entry.image else "off",
            },
        )
        return entry

    async def _commit(
        self,
        claim: Claim,
        resolution: Resolution,
        telling: Telling,
        accepted: Proposals | None,
        painting: Painting | None,
        move: Move,
        settings: Settings,
    ) -> HistoryEntry:
        image, picture = await painting.settle() if painting else (_no_image(resolution), None)
        now = self._clock()
        deadline_at = (
            now + timedelta(seconds=settings.deadline_seconds)
            if settings.deadline_seconds
            else None
        )
        record, stored = after_turn(
            claim.record,
            resolution,
            telling,
            image,
            move=move,
            accepted=accepted,
            cost_usd=(telling.cost_micros + (picture.cost_micros if picture else 0)) / MICROS,
            deadline_at=deadline_at,
            at=now,
        )
        media = (MediaFile(name=image_file(image), data=picture.data),) if picture else ()
        await claim.commit(record, stored, media)
        if painting is not None and image.status == "pending":
            self._pictures.expect(stored.entry.session_id, painting)
        return stored.entry

    def _cast(self, snapshot: Snapshot, settings: Settings) -> tuple[Narrator, Illustrator]:
        """Who may make this turn, given what the session may still spend."""
        crew = self._crew
        spent = settings.budget_usd is not None and snapshot.spent_usd >= settings.budget_usd
        if not spent or not (crew.narrator.priced or crew.illustrator.priced):
            return crew.narrator, crew.illustrator
        if settings.on_provider_failure == "error":
            raise BudgetExhausted
        return crew.understudy, crew.understudy_illustrator

    async def _previous(
        self, illustrator: Illustrator, snapshot: Snapshot, resolution: Resolution
    ) -> bytes | None:
        """The last picture, for an illustrator that goes on from it while the scene does."""
        if not illustrator.wants_previous or resolution.hard_transition:
            return None
        return await self._pictures.bytes_of(snapshot.session_id, snapshot.image)

    async def _tell(
        self, narrator: Narrator, brief: Brief, settings: Settings, hear: Hear, purse: Purse
    ) -> Telling:
        try:
            try:
                async with asyncio.timeout(self._text_deadline):
                    return await narrator.tell(brief, hear=hear, purse=purse)
            except TimeoutError as error:
                raise ProviderTimeout from error
        except ProviderError as error:
            if settings.on_provider_failure == "error":
                raise
            logger.warning(
                "built-in narrator takes the turn",
                extra={"session_id": brief.session_id, "turn": brief.turn, "code": error.code},
            )
            return await self._crew.understudy.tell(brief, hear=hear, purse=purse)


def _brief(before: SessionRecord, resolution: Resolution, move: Move, *, grounded: bool) -> Brief:
    snapshot, world = before.snapshot, resolution.world
    return Brief(
        session_id=snapshot.session_id,
        world=snapshot.world,
        seed=snapshot.seed,
        turn=snapshot.turn + 1,
        action=move.text,
        is_custom_action=move.custom,
        fate=resolution.fate,
        tier=resolution.tier,
        movement=resolution.movement,
        grounding=resolution.grounding() if grounded else None,
        outcome=resolution.outcome,
        last_dispatches=before.world.last_dispatches if before.world else (),
        summary=world.summary,
        choices=tuple(offer.choice for offer in world.offers),
        ending=resolution.ending,
        wording=resolution.wording,
    )


def _no_image(resolution: Resolution) -> Image:
    return Image(
        id="",
        url=None,
        status="off",
        alt=resolution.wording.vision_dispatch,
        width=resolution.scene.width,
        height=resolution.scene.height,
    )
