"""What X allows. Pure facts."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ..base import Draft, MediaKind, MediaLimits, Medium, Problem, Question, Rules
from .settings import LONGEST_OPTION, POST_ADDRESS, made_with_ai, poll, quote, reply_to, who_can_reply
from .weight import has_url, weight

# Twitter-text calls a text with one of these invalid: two noncharacters and the byte order mark.
# https://github.com/twitter/twitter-text/blob/master/js/src/regexp/invalidCharsGroup.js
INVALID = "\ufffe\ufeff\uffff"

# https://github.com/twitter/twitter-text/blob/master/js/src/regexp/validCashtag.js
CASHTAG = re.compile(r"(?:^|(?<=\s))\$[A-Za-z]{1,6}(?:[._][A-Za-z]{1,2})?(?=$|[\s!'#%&()*+,\\\-./:;<=>?@\[\]^_{|}~$])")

# Dollars for "Content: Create" and "Content: Create (with URL)".
# https://docs.x.com/x-api/getting-started/pricing
PRICE, LINK_PRICE = "0.015", "0.20"

# Per post, from apps without an Enterprise plan.
# https://docs.x.com/x-api/posts/manage-tweets/integrate
CASHTAGS = 1

MEDIA = MediaLimits(
    # Up to four photos, or one animated GIF, or one video. X's MB are of 1,048,576 bytes.
    # https://docs.x.com/x-api/media/quickstart/best-practices
    images=4,
    image_types=("image/jpeg", "image/png", "image/webp", "image/gif"),
    image_bytes=5 * 1024**2,
    gifs=1,
    gif_bytes=15 * 1024**2,
    videos=1,
    types=("video/mp4", "video/quicktime"),
    video_bytes=8 * 1024**3,
    shortest=0.5,
    longest=20 * 60,
    # https://docs.x.com/x-api/media/create-media-metadata
    alt_text=1000,
)
# https://docs.x.com/x-api/media/quickstart/best-practices
PREMIUM_MEDIA = replace(MEDIA, video_bytes=16 * 1024**3, longest=125 * 60)

# What X's documentation says that a video must be.
# https://docs.x.com/x-api/media/quickstart/best-practices
CODECS = {"video_codec": "h264", "audio_codec": "aac"}
MOST_FRAMES_A_SECOND = 60
LEAST_SIDE = 32
MOST_ASPECT = 3
# Beyond these X may refuse a file, or may not: the largest video and GIF that its documentation speaks of.
# https://docs.x.com/x-api/media/quickstart/best-practices
LARGE_VIDEO = (1920, 1080)
LARGE_GIF = (1280, 1080)
MOST_GIF_FRAMES, MOST_GIF_PIXELS = 350, 300_000_000


class X(Rules):
    name = "twitter"
    label = "X"
    colour = "#0f1419"
    aliases = ("x",)
    client = "integrations.platforms.twitter.client:build"
    connect = "integrations.platforms.twitter.connect:refresh"
    sign_in = "integrations.platforms.twitter.connect:connect_with_tokens"
    oauth = "integrations.platforms.twitter.connect"
    revoke = "integrations.platforms.twitter.connect:revoke"
    check = "integrations.platforms.twitter.connect:check"
    picture = "integrations.platforms.twitter.connect:picture"
    # Enough to post with pictures, to read back what we posted, and to stay connected.
    scopes = ("tweet.read", "tweet.write", "users.read", "media.write", "offline.access")
    clock = "https://api.x.com"
    threads = True
    questions = (
        Question("access_token", "OAuth 2.0 user access token", secret=True),
        Question("refresh_token", "OAuth 2.0 refresh token (scope offline.access)", secret=True),
    )

    # Each refresh gives a new refresh token and ends the old one; a replay was seen to end the whole family.
    # https://docs.x.com/fundamentals/authentication/oauth-2-0/authorization-code
    refresh_works_once = True

    # https://docs.x.com/fundamentals/counting-characters
    text_limit = 280
    text_unit = "weighted characters"
    # Of accounts with Premium, through the API since 20 August 2024.
    # https://developer.x.com/en/updates/changelog
    premium_text_limit = 25_000

    media = MEDIA
    settings = (who_can_reply, poll, made_with_ai, reply_to, quote)

    address = POST_ADDRESS
    address_like = "https://x.com/name/status/1234567890"

    def id_in(self, url: str, *, account: str) -> str:
        found = re.search(r"/status(?:es)?/(\d+)", url)
        return found[1] if found else super().id_in(url, account=account)

    def count(self, text: str) -> int:
        return weight(text)

    def media_limits(self, draft: Draft) -> MediaLimits | None:
        return PREMIUM_MEDIA if draft.premium else MEDIA

    def problems(self, *parts: Draft) -> Sequence[Problem]:
        return [*super().problems(*parts), *self._poll_problems(parts[0]), *self._conflicts(parts[0])]

    def cautions(self, *parts: Draft) -> Sequence[Problem]:
        return [*super().cautions(*parts), *self._setting_cautions(parts[0])]

    def text_problems(self, draft: Draft) -> Sequence[Problem]:
        problems = list(super().text_problems(draft))
        if any(char in draft.text for char in INVALID):
            problems.append(self.bad_characters("U+FEFF, U+FFFE and U+FFFF"))
        return problems

    def warnings(self, draft: Draft) -> Sequence[Problem]:
        cautions = []
        if has_url(draft.text):
            dearer = f"{self.label} charges ${LINK_PRICE} for a post with a link, and ${PRICE} for one without."
            cautions.append(self._caution("link_costs_more", dearer, "/content"))
        if len(CASHTAG.findall(draft.text)) > CASHTAGS:
            one = (
                f"{self.label} refuses more than one cashtag ($NAME) in a post, save from apps with an Enterprise plan."
            )
            cautions.append(self._caution("too_many_cashtags", one, "/content"))
        for index, medium in enumerate(draft.media):
            if doubt := _doubt(medium):
                cautions.append(self._caution("media_may_be_refused", doubt, f"/media_ids/{index}"))
        return cautions

    def _file_problems(self, medium: Medium, limits: MediaLimits, field: str) -> Iterator[Problem]:
        yield from super()._file_problems(medium, limits, field)
        if medium.kind == MediaKind.VIDEO:
            for message in _wrong_with_video(medium):
                yield self.media_problem("media_format_not_supported", message, field=field)

    def _poll_problems(self, first: Draft) -> Iterator[Problem]:
        for index, option in enumerate(first.settings.get("poll", {}).get("options", ())):
            if len(option) > LONGEST_OPTION:
                yield Problem(
                    code="poll_option_too_long",
                    message=f"This answer has {len(option)} characters; the limit of X is {LONGEST_OPTION}.",
                    field=f"/platform_settings/{self.name}/poll/options/{index}",
                    details={
                        "platform": self.name,
                        "count": len(option),
                        "limit": LONGEST_OPTION,
                        "unit": "characters",
                    },
                )

    def _conflicts(self, first: Draft) -> Iterator[Problem]:
        """Media, a poll and a quote exclude each other. https://docs.x.com/x-api/posts/create-post"""
        beside = [name for name in ("poll", "quote") if name in first.settings]
        what = [*(["media"] if first.media else []), *beside]
        if len(what) > 1:
            yield Problem(
                code="settings_conflict",
                message=f"X takes media, a poll or a quote beside one text; these are {' and '.join(what)}. "
                "Leave some out, or move the media to another part.",
                field=f"/platform_settings/{self.name}/{beside[-1]}",
                details={"platform": self.name},
            )

    def _setting_cautions(self, first: Draft) -> Iterator[Problem]:
        """What apps without an Enterprise plan may do only now and then.

        https://docs.x.com/x-api/posts/manage-tweets/integrate
        https://docs.x.com/x-api/posts/create-post
        """
        if "reply_to" in first.settings:
            yield self._caution(
                "replies_are_limited",
                f"{self.label} lets apps without an Enterprise plan reply only to posts that mention or quote the "
                "account, and to the account's own.",
                f"/platform_settings/{self.name}/reply_to",
            )
        if "quote" in first.settings:
            yield self._caution(
                "quotes_are_limited",
                f"{self.label} lets only apps with an Enterprise plan quote posts.",
                f"/platform_settings/{self.name}/quote",
            )

    def _caution(self, code: str, message: str, field: str) -> Problem:
        return Problem(code=code, message=message, field=field, details={"platform": self.name})


def _wrong_with_video(video: Medium) -> Iterator[str]:
    for name, wanted in CODECS.items():
        found = getattr(video, name)
        if found and found != wanted:
            yield f"X takes videos of H.264 with AAC sound; this one's {name.replace('_', ' ')} is {found}."
    if round(video.frame_rate) > MOST_FRAMES_A_SECOND:
        yield f"The video has {video.frame_rate:g} frames a second; the limit of X is {MOST_FRAMES_A_SECOND}."
    sides = sorted((video.width, video.height))
    if 0 < sides[0] < LEAST_SIDE:
        yield f"The video has {video.width} × {video.height} pixels; X takes none of fewer than {LEAST_SIDE} a side."
    if sides[1] > MOST_ASPECT * sides[0] > 0:
        yield f"The video has {video.width} × {video.height} pixels; X takes none that is thinner than 1:{MOST_ASPECT}."


def _doubt(medium: Medium) -> str:
    """Why X may refuse the file although no rule of its is broken; "" if there is no such reason."""
    match medium.kind:
        case MediaKind.VIDEO if _larger(medium, LARGE_VIDEO):
            return (
                f"The video has {medium.width} × {medium.height} pixels; "
                f"beyond {LARGE_VIDEO[0]} × {LARGE_VIDEO[1]} X may refuse it."
            )
        case MediaKind.GIF if (
            _larger(medium, LARGE_GIF)
            or medium.frames > MOST_GIF_FRAMES
            or medium.width * medium.height * medium.frames > MOST_GIF_PIXELS
        ):
            return (
                f"X may refuse the GIF: it advises at most {LARGE_GIF[0]} × {LARGE_GIF[1]} pixels, {MOST_GIF_FRAMES} "
                f"frames, {MOST_GIF_PIXELS // 1_000_000} million pixels in all."
            )
    return ""


def _larger(medium: Medium, size: tuple[int, int]) -> bool:
    """Whether it fits the frame neither upright nor lying."""
    return min(medium.width, medium.height) > min(size) or max(medium.width, medium.height) > max(size)
