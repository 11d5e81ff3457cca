"""What Instagram allows. Pure facts."""

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

from ..base import Draft, Look, MediaLimits, Rules, choice, text_list


class Instagram(Rules):
    name = "instagram"
    label = "Instagram"
    colour = "#b92f7d"
    look = Look.PHOTO
    media_required = True

    # The length of `caption`. Unverified: that it is counted in code points.
    # https://developers.facebook.com/documentation/instagram-platform/content-publishing
    text_limit = 2200

    # A carousel of up to ten, images and videos together. Images are JPEG of up to 8 MB; alt text of images only.
    # https://developers.facebook.com/documentation/instagram-platform/content-publishing
    # Videos are published as reels: 3 s to 15 min, up to 300 MB.
    # https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/media
    media = MediaLimits(
        images=10,
        videos=10,
        together=10,
        video_bytes=300 * 1024**2,
        shortest=3,
        longest=15 * 60,
        image_types=("image/jpeg",),
        image_bytes=8_000_000,
    )
    # The same page: a story is one image or one video of up to 60 s and 100 MB, a reel one video.
    one_of_a_kind: ClassVar[Mapping[str, MediaLimits]] = {
        "story": replace(media, images=1, videos=1, together=1, video_bytes=100 * 1024**2, longest=60),
        "reel": replace(media, images=0, videos=1, together=1),
    }

    settings = (
        choice("post_type", "post", "story", "reel"),
        text_list("collaborators", help="Names of accounts that are invited to share the post."),
    )

    def media_limits(self, draft: Draft) -> MediaLimits:
        return self.one_of_a_kind.get(draft.settings.get("post_type", "post"), self.media)
