"""What TikTok allows. Pure facts."""

from ..base import Rules, choice, flag, text
from ..counting import utf16_units


class TikTok(Rules):
    name = "tiktok"
    label = "TikTok"
    media_required = True

    # The length of a video's `title`, "in UTF-16 runes". (A photo post has a title of 90 and a description of 4000.)
    # https://developers.tiktok.com/doc/content-posting-api-reference-direct-post
    text_limit = 2200
    text_unit = "UTF-16 units"

    settings = (
        text("tiktok_title", limit=text_limit, count=utf16_units),
        choice("privacy_level", "PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"),
        flag("allow_duet"),
        flag("allow_stitch"),
        flag("allow_comment"),
    )

    def count(self, text: str) -> int:
        return utf16_units(text)
