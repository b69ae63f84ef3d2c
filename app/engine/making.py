"""Making one turn: told and painted side by side, then committed as one."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from app.engine.clips import Clips
from app.engine.deadlines import fresh
from app.engine.ledger import Ledger, SessionPurse
from app.engine.pact import Pact
from app.engine.pictures import Painting, Pictures
from app.engine.ports import Hear, Illustrator, Narrator, unheard
from app.engine.records import Move, after_turn, next_lineage
from app.engine.turnstile import Turnstile
from app.engine.world.resolution import Resolution
from app.engine.world.world import World
from app.errors import BudgetExhausted, ProviderError, ProviderTimeout
from app.models.ledger import MICROS
from app.models.media_urls import image_file
from app.models.narration import Brief, Picture, PictureRequest, PictureStyle, Telling
from app.models.proposals import Proposals
from app.models.record import MediaFile
from app.models.session import HistoryEntry, Image, Settings
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


@dataclass(frozen=True, slots=True)
class _Making:
    """One turn: what is to be told and shown, and who does it at whose cost."""

    claim: Claim
    world: World
    resolution: Resolution
    move: Move
    settings: Settings
    narrator: Narrator
    illustrator: Illustrator
    text_purse: SessionPurse
    picture_purse: SessionPurse


class TurnMaker:
    """Turns a resolution into a committed turn."""

    def __init__(
        self,
        store: SessionStore,
        crew: Crew,
        pictures: Pictures,
        clips: Clips,
        ledger: Ledger,
        turnstile: Turnstile,
        *,
        text_deadline: float,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._crew = crew
        self._pictures = pictures
        self._clips = clips
        self._ledger = ledger
        self._turnstile = turnstile
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
        """Tell, paint and commit. Whoever calls is inside the turnstile.

        Raises `ProviderError`, `BudgetExhausted`, `StorageError`; then nothing has changed and
        nothing goes on in the background.
        """
        making = await self._cast(claim, world, resolution, move)
        pact = self._pact(making)
        painting = await self._begin_picture(making)
        if painting is not None and pact is not None:
            painting.task.add_done_callback(lambda _: pact.leave(making.picture_purse))
        try:
            async with self._turnstile.outside():
                telling = await self._tell(making, hear)
            if pact is not None:
                pact.leave(making.text_purse)
            resolution, telling, accepted = world.accept(
                resolution, telling, seed=claim.record.snapshot.seed
            )
            entry = await self._commit(
                replace(making, resolution=resolution), telling, accepted, painting
            )
        except BaseException:
            if painting is not None:
                await painting.abandon()
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
        making: _Making,
        telling: Telling,
        accepted: Proposals | None,
        painting: Painting | None,
    ) -> HistoryEntry:
        resolution, settings = making.resolution, making.settings
        image, picture = await self._settled(painting, resolution)
        now = self._clock()
        record, stored = after_turn(
            making.claim.record,
            resolution,
            telling,
            image,
            self._clips.announced(settings, image),
            move=making.move,
            accepted=accepted,
            pack=making.world.edition,
            cost_usd=(making.text_purse.spent + making.picture_purse.spent) / MICROS,
            deadline_at=fresh(settings, now),
            at=now,
        )
        media = (MediaFile(name=image_file(image), data=picture.data),) if picture else ()
        await making.claim.commit(record, stored, media)
        if painting is not None and image.status == "pending":
            self._pictures.expect(stored.entry.session_id, painting)
        self._clips.expect(stored, settings)
        return stored.entry

    async def _settled(
        self, painting: Painting | None, resolution: Resolution
    ) -> tuple[Image, Picture | None]:
        if painting is None:
            return _no_image(resolution), None
        async with self._turnstile.outside():
            return await painting.settle()

    async def _cast(
        self, claim: Claim, world: World, resolution: Resolution, move: Move
    ) -> _Making:
        """Who makes this turn, given what the session may still spend. Raises `BudgetExhausted`."""
        crew, session_id = self._crew, claim.record.snapshot.session_id
        settings = (await self._store.meta(session_id)).settings
        narrator, illustrator = crew.narrator, crew.illustrator
        priced = narrator.priced or (settings.images and illustrator.priced)
        if priced and await self._ledger.is_exhausted(session_id, settings):
            if settings.on_provider_failure == "error":
                raise BudgetExhausted
            narrator = crew.understudy if narrator.priced else narrator
            illustrator = crew.understudy_illustrator if illustrator.priced else illustrator
        turn = claim.record.snapshot.turn + 1
        return _Making(
            claim=claim,
            world=world,
            resolution=resolution,
            move=move,
            settings=settings,
            narrator=narrator,
            illustrator=illustrator,
            text_purse=self._ledger.purse(session_id, turn, settings),
            picture_purse=self._ledger.purse(session_id, turn, settings),
        )

    def _pact(self, making: _Making) -> Pact | None:
        """Ties words and picture together where a turn that lacks the money for one fails."""
        if (
            making.settings.images
            and making.settings.on_provider_failure == "error"
            and making.narrator.priced
            and making.illustrator.priced
            and self._ledger.is_capped(making.settings)
        ):
            text, picture = making.text_purse, making.picture_purse
            pact = Pact(text, picture, patience=self._pictures.deadline)
            text.join(pact)
            picture.join(pact)
            return pact
        return None

    async def _begin_picture(self, making: _Making) -> Painting | None:
        if not making.settings.images:
            return None
        before, resolution, style = making.claim.record, making.resolution, making.world.pack.style
        turn = before.snapshot.turn + 1
        request = PictureRequest(
            session_id=before.snapshot.session_id,
            turn=turn,
            scene=resolution.scene,
            alt=resolution.wording.vision_dispatch,
            style=PictureStyle(prefix=style.image_prompt_prefix, negative=style.negative),
            quality=making.settings.quality,
            previous=await self._previous(making),
        )
        way = next_lineage(before, making.move, resolution.fate)
        understudy = self._crew.understudy_illustrator
        stands_by = (
            making.settings.on_provider_failure == "offline"
            and making.illustrator is not understudy
        )
        return self._pictures.begin(
            making.illustrator,
            request,
            f"{turn:06d}-{way[:12]}",
            making.picture_purse,
            understudy=understudy if stands_by else None,
        )

    async def _previous(self, making: _Making) -> bytes | None:
        """The last picture, for an illustrator that goes on from it while the scene does."""
        if not making.illustrator.wants_previous or making.resolution.hard_transition:
            return None
        snapshot = making.claim.record.snapshot
        return await self._pictures.bytes_of(snapshot.session_id, snapshot.image)

    async def _tell(self, making: _Making, hear: Hear) -> Telling:
        brief = _brief(making)
        try:
            try:
                async with asyncio.timeout(self._text_deadline):
                    return await making.narrator.tell(brief, hear=hear, purse=making.text_purse)
            except TimeoutError as error:
                raise ProviderTimeout from error
        except (ProviderError, BudgetExhausted) as error:
            if making.settings.on_provider_failure == "error":
                raise
            logger.warning(
                "built-in narrator takes the turn",
                extra={"session_id": brief.session_id, "turn": brief.turn, "code": error.code},
            )
            return await self._crew.understudy.tell(brief, hear=hear, purse=making.text_purse)


def _brief(making: _Making) -> Brief:
    before, resolution, move = making.claim.record, making.resolution, making.move
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
        grounding=resolution.grounding() if making.narrator.grounded else None,
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
