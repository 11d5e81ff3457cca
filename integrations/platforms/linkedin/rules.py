"""What LinkedIn allows. Pure facts."""

from ..base import Look, MediaLimits, Rules


class LinkedIn(Rules):
    name = "linkedin"
    label = "LinkedIn"
    letter = "in"
    colour = "#0a5fa8"
    look = Look.FEED

    # The length of `commentary`. Unverified: that it is counted in code points, before the escaping of "little" text.
    # https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/posts-api
    text_limit = 3000

    # Up to twenty images in one post, JPEG, PNG or GIF. Unverified: 5 MB each, which LinkedIn's own page does not name.
    # https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/multiimage-post-api
    # One MP4 of 3 s to 30 min and up to 500 MB.
    # https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/videos-api
    media = MediaLimits(
        images=20,
        gifs=1,
        videos=1,
        types=("video/mp4",),
        video_bytes=500_000_000,
        gif_bytes=5_000_000,
        shortest=3,
        longest=30 * 60,
        image_bytes=5_000_000,
    )
