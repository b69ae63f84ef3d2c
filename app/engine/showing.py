"""What is kept of a session, put together as clients read it. Pure."""

from collections.abc import Callable

from app.engine.checks import deadline_of
from app.engine.views import Archive, HistoryPage
from app.models.media_urls import archive_media_url, image_file, poster_file, video_file
from app.models.record import SessionRecord
from app.models.session import Cost, HistoryEntry, Image, Meta, State, Video
from app.storage.store import ArchiveSummary


def state_of(
    record: SessionRecord,
    meta: Meta,
    image: Image | None,
    video: Video | None,
    *,
    spent_usd: float,
    making: bool = False,
) -> State:
    """What is true now; `making`: a turn is being made."""
    snapshot, hold = record.snapshot, record.hold
    cost = Cost(spent_usd=spent_usd, budget_usd=meta.settings.budget_usd)
    return State(
        **{
            **snapshot.__dict__,
            "phase": "resolving" if making else snapshot.phase,
            "image": image,
            "video": video,
            "spent_usd": spent_usd,
            "deadline_at": deadline_of(snapshot, meta.settings),
            "held_by": hold.by if hold else None,
            "held_seconds": hold.seconds if hold else None,
            "settings": meta.settings,
            "cost": cost,
        }
    )


def page_of(
    record: SessionRecord, entries: list[HistoryEntry], next_before: int | None
) -> HistoryPage:
    """A page of a history of which `record` is the end."""
    return HistoryPage(
        total=record.snapshot.turn + 1, items=tuple(entries), next_before=next_before
    )


def older_than(entries: list[HistoryEntry]) -> int | None:
    """Where the page after this one begins."""
    return (entries[-1].turn or None) if entries else None


def archive_of(summary: ArchiveSummary) -> Archive:
    """An ended run in the list."""
    return Archive(
        name=summary.name,
        session_id=summary.session_id,
        archived_at=summary.archived_at,
        turns=summary.turns,
    )


def archived_image(name: str, image: Image | None) -> Image | None:
    """An image of an ended run; one that was still to come never came."""
    if image is None or image.status == "off":
        return image
    if image.status != "ready":
        return image.model_copy(update={"status": "failed"})
    url = archive_media_url(name, "images", image_file(image))
    return image.model_copy(update={"url": url})


def archived_video(name: str, video: Video | None, *, there: bool) -> Video | None:
    """A clip of an ended run; `there`: its file is. One that was still to come never came."""
    if video is None or video.status == "off":
        return video
    if not there:
        return video.model_copy(update={"status": "failed", "url": None, "poster": None})
    return at_address(video, lambda file: archive_media_url(name, "videos", file))


def at_address(video: Video, address: Callable[[str], str]) -> Video:
    """The clip as one that is there; `address` makes urls of file names."""
    return video.model_copy(
        update={
            "status": "ready",
            "url": address(video_file(video)),
            "poster": address(poster_file(video)),
        }
    )
