"""Where clients find a session's files. Urls are made when shown and never stored, so that a
fork, an import or an archive has its own without rewriting anything."""

from app.models.session import Image, Video
from app.models.vocabulary import MediaFolder


def media_url(session_id: str, folder: MediaFolder, name: str) -> str:
    """The address of a file of a running session."""
    return f"/api/sessions/{session_id}/{folder}/{name}"


def archive_media_url(archive: str, folder: MediaFolder, name: str) -> str:
    """The address of a file of an ended run."""
    return f"/api/archives/{archive}/{folder}/{name}"


def image_file(image: Image) -> str:
    """The file that holds this image, once it is ready."""
    return f"{image.id}.webp"


def video_file(video: Video) -> str:
    """The file that holds this clip, once it is ready."""
    return f"{video.id}.mp4"


def poster_file(video: Video) -> str:
    """The frame that stands for this clip, in the same folder."""
    return f"{video.id}.webp"
