"""What a Facebook Page allows. Pure facts."""

from ..base import Rules


class Facebook(Rules):
    name = "facebook"
    label = "Facebook"

    # Unverified: everybody's number since 2011, but Meta's reference of the feed names none, nor the unit.
    # https://developers.facebook.com/docs/pages-api/posts
    text_limit = 63_206
