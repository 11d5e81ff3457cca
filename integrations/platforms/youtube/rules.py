"""What YouTube allows. Pure facts."""

from collections.abc import Sequence

from ..base import Draft, Look, MediaLimits, Problem, Rules, Shown, choice, flag, text, text_list, url
from ..counting import utf8_bytes

# "May contain all valid UTF-8 characters except < and >": title and description alike.
# https://developers.google.com/youtube/v3/docs/videos#snippet.description
FORBIDDEN = "<>"


class YouTube(Rules):
    name = "youtube"
    label = "YouTube"
    colour = "#c4001a"
    look = Look.VIDEO
    media_required = True

    # The text becomes the video's description: 5000 bytes.
    # https://developers.google.com/youtube/v3/docs/videos#snippet.description
    text_limit = 5000
    text_unit = "UTF-8 bytes"

    # One video of any type, of up to 256 GB.
    # https://developers.google.com/youtube/v3/docs/videos/insert
    # Of verified channels 12 hours.
    # https://support.google.com/youtube/answer/71673
    media = MediaLimits(
        videos=1,
        types=("video/mp4", "video/quicktime", "video/webm"),
        video_bytes=256 * 1024**3,
        longest=12 * 60 * 60,
    )

    settings = (
        # https://developers.google.com/youtube/v3/docs/videos#snippet.title
        text("title", required=True, limit=100, without=FORBIDDEN, shown=Shown.TITLE),
        choice("privacy", "public", "private", "unlisted", label="Who can watch"),
        flag("made_for_kids"),
        text_list("youtube_tags", label="Tags at YouTube"),
        url("thumbnail_url", label="Thumbnail", help="The address of a picture."),
    )

    def count(self, text: str) -> int:
        return utf8_bytes(text)

    def text_problems(self, draft: Draft) -> Sequence[Problem]:
        problems = list(super().text_problems(draft))
        if any(char in draft.text for char in FORBIDDEN):
            problems.append(self.bad_characters("< and >"))
        return problems
