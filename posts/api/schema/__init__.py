"""What /v1/posts, /v1/media and one account of /v1/integrations mean, for the API's description."""

from openpost.api.openapi.calls import Description

from . import accounts, imports, media, post, posts

DESCRIPTION = Description(
    sections=[posts.POSTS, imports.IMPORTS, posts.GROUPS, media.MEDIA, accounts.ACCOUNTS],
    parts={**media.PARTS, **post.PARTS, **imports.PARTS, **accounts.PARTS},
    path={**post.PATH, **media.PATH},
)
