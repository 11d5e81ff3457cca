"""What TikTok allows. Pure facts."""

from ..base import Look, MediaLimits, Rules, Shown, choice, flag, text
from ..counting import utf16_units


class TikTok(Rules):
    name = "tiktok"
    label = "TikTok"
    colour = "#1f6f75"
    look = Look.REEL
    media_required = True

    # The length of a video's `title`, "in UTF-16 runes". (A photo post has a title of 90 and a description of 4000.)
    # https://developers.tiktok.com/doc/content-posting-api-reference-direct-post
    text_limit = 2200
    text_unit = "UTF-16 units"

    # Up to 35 photos, WebP or JPEG of up to 20 MB, or one video of up to 4 GB and 10 minutes.
    # https://developers.tiktok.com/doc/content-posting-api-media-transfer-guide
    media = MediaLimits(
        images=35,
        videos=1,
        types=("video/mp4", "video/quicktime", "video/webm"),
        video_bytes=4 * 1024**3,
        longest=10 * 60,
        image_types=("image/jpeg", "image/webp"),
        image_bytes=20_000_000,
    )

    settings = (
        text("tiktok_title", limit=text_limit, count=utf16_units, label="Title", shown=Shown.TITLE),
        choice("privacy_level", "PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY", label="Who can watch"),
        flag("allow_duet"),
        flag("allow_stitch"),
        flag("allow_comment"),
    )

    def count(self, text: str) -> int:
        return utf16_units(text)
