"""What Instagram allows. Pure facts."""

from ..base import Rules, choice, text_list


class Instagram(Rules):
    name = "instagram"
    label = "Instagram"
    media_required = True

    # The length of `caption`. Unverified: that it is counted in code points.
    # https://developers.facebook.com/documentation/instagram-platform/content-publishing
    text_limit = 2200

    settings = (
        choice("post_type", "post", "story", "reel"),
        text_list("collaborators"),
    )
