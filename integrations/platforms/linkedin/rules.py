"""What LinkedIn allows. Pure facts."""

from ..base import Rules


class LinkedIn(Rules):
    name = "linkedin"
    label = "LinkedIn"

    # The length of `commentary`. Unverified: that it is counted in code points, before the escaping of "little" text.
    # https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/posts-api
    text_limit = 3000
