"""/v1/posts/import."""

from openpost.api.openapi import shapes
from openpost.api.openapi.calls import Answer, Body, Call, Parameter, Section
from posts.api.imports import ImportViewSet
from posts.models import PostStatus
from posts.table import LISTS, MOST_ROWS, TEXTS

from .examples import POST
from .posts import NOT_TO_BE_SCHEDULED, NOT_UNDERSTOOD

PARTS = {
    "ImportedLine": shapes.obj(
        "What would become of a line.",
        line=shapes.number("Of the file: the one on which the post ends."),
        valid=shapes.flag(),
        status=shapes.nullable(shapes.choice(PostStatus.values)),
        scheduled_at=shapes.nullable(shapes.moment()),
        problems=shapes.array(shapes.ref("Problem"), "Why it cannot be made."),
        warnings=shapes.array(shapes.ref("Warning")),
    )
}

_TABLE = 'content,platforms,schedule_at,tags\nSpring is here,"twitter, bluesky",2026-05-01T14:00:00Z,spring\n'
_LINE = {
    "line": 2,
    "valid": True,
    "status": "scheduled",
    "scheduled_at": "2026-05-01T14:00:00Z",
    "problems": [],
    "warnings": [],
}

IMPORTS = Section(
    "Posts",
    "",
    {
        ImportViewSet: {
            "create": Call(
                name="importPosts",
                summary="Import a table of posts",
                description=f"CSV: a first line with the names of the columns ({', '.join((*TEXTS, *LISTS))}), and up "
                f"to {MOST_ROWS} posts below, all of them or none. Of {', '.join(LISTS)}, the items of a cell stand "
                "between commas.",
                query=(
                    Parameter(
                        "dry_run",
                        shapes.choice(["true", "false"]),
                        "`true` makes the posts and takes them back, and says what would become of each.",
                    ),
                ),
                body=Body(shapes.text(), examples={"One post": _TABLE}, media_type="text/csv"),
                answers={
                    200: Answer(
                        "What would become of each line.",
                        shapes.obj(data=shapes.array(shapes.ref("ImportedLine"))),
                        {"data": [_LINE]},
                    ),
                    201: Answer(
                        "The posts, in the order of the table.",
                        shapes.obj(data=shapes.array(shapes.ref("Post"))),
                        {"data": [POST]},
                    ),
                },
                refusals={400: [*NOT_UNDERSTOOD, *NOT_TO_BE_SCHEDULED, "invalid_csv", "invalid_utf8", "invalid_text"]},
            )
        }
    },
)
