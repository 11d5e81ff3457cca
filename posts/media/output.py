"""A file as the API shows it."""

from typing import Any

from openpost.api.times import moment
from posts.models import Media

from .links import link


def render_media(media: Media) -> dict[str, Any]:
    """This will give one file as every answer shows it, a post's `media` included; it asks the database for nothing.

    `id` and `name` (what its owner calls it) · `file_url`, absolute and signed, good for a day · `kind`, one of
    image, gif, video · `file_type`, MIME · `file_size`, bytes · `width` and `height`, pixels as people see it ·
    `duration`, seconds, null of what does not move · `alt_text` · `created_at`, `updated_at`.
    """
    return {
        "id": str(media.id),
        "name": media.name,
        "file_url": link(media),
        "kind": media.kind,
        "file_type": media.file_type,
        "file_size": media.file_size,
        "width": media.width,
        "height": media.height,
        "duration": round(media.duration, 3) if media.duration else None,
        "alt_text": media.alt_text,
        "created_at": moment(media.created_at),
        "updated_at": moment(media.updated_at),
    }
