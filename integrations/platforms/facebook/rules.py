"""What a Facebook Page allows. Pure facts."""

from ..base import Look, MediaLimits, Rules


class Facebook(Rules):
    name = "facebook"
    label = "Facebook"
    letter = "f"
    colour = "#0b5fcc"
    look = Look.FEED

    # Unverified: everybody's number since 2011, but Meta's reference of the feed names none, nor the unit.
    # https://developers.facebook.com/docs/pages-api/posts
    text_limit = 63_206

    # Photos of up to 10 MB, as JPEG, PNG or others; videos of up to 10 GB and 4 hours, alone.
    # Unverified: that ten photos stand in one post. A GIF would become a still photo.
    # https://developers.facebook.com/docs/graph-api/reference/page/photos
    # https://developers.facebook.com/docs/video-api/guides/publishing
    media = MediaLimits(images=10, videos=1, image_bytes=10_000_000, video_bytes=10 * 1024**3, longest=4 * 60 * 60)
