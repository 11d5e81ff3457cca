"""/v1/media."""

from integrations.platforms.draft import MediaKind
from openpost.api.openapi import shapes
from openpost.api.openapi.calls import Answer, Body, Call, Section
from openpost.api.openapi.manners import PAGING
from posts.api.media import AddressInput, MediaInput, MediaListViewSet, MediaViewSet
from posts.media.types import SUFFIXES, TAKEN
from posts.models.media import LONGEST_ALT_TEXT

EXAMPLE = {
    "id": "5b0f6c3e-6f0c-4c3c-8f5e-0d1f2a3b4c5d",
    "name": "picture.png",
    "file_url": "https://posts.example.com/files/eyJtIjoiNWIwZjZjM2Ui/picture.png",
    "kind": "image",
    "file_type": "image/png",
    "file_size": 48213,
    "width": 1200,
    "height": 675,
    "duration": None,
    "alt_text": "A red dot",
    "created_at": "2026-04-16T10:20:01Z",
    "updated_at": "2026-04-16T10:20:01Z",
}

PARTS = {
    "Media": shapes.obj(
        id=shapes.uuid("What `media_ids` of a post takes."),
        name=shapes.text("What its owner calls it."),
        file_url=shapes.address("Where the file can be read, for a day at the least; ask again for a new one."),
        kind=shapes.choice(MediaKind),
        file_type=shapes.choice(SUFFIXES, "As it is kept: MIME."),
        file_size=shapes.number("Bytes, as it is kept."),
        width=shapes.number("Pixels, as people see it."),
        height=shapes.number("Pixels, as people see it."),
        duration=shapes.nullable({"type": "number", "description": "Seconds; null of what does not move."}),
        alt_text=shapes.text("What it shows, for people who cannot see it."),
        created_at=shapes.moment(),
        updated_at=shapes.moment(),
    ),
}
PATH = {"media_id": shapes.uuid()}

_WARNINGS = shapes.array(shapes.ref("Warning"), "Fields that do not exist here.")
_SAID = shapes.also(shapes.ref("Media"), warnings=_WARNINGS)
_KEPT = {"media": {**EXAMPLE, "warnings": []}}
_ALT_TEXT = {"alt_text": "What it shows, for people who cannot see it."}

#: What may be wrong with a file, wherever it comes from.
_WRONG = ["file_empty", "file_broken", "image_too_large", "image_unreadable", "too_many_frames"]
_FILE = {
    409: ["storage_full"],
    413: ["file_too_large"],
    415: ["unsupported_media_type"],
    429: ["too_many_uploads"],
    503: ["too_many_uploads"],
}

MEDIA = Section(
    "Media",
    f"Files that posts show: {TAKEN}. What a file is, is read from its bytes; where it was taken is removed.",
    {
        MediaListViewSet: {
            "list": Call(
                name="listMedia",
                summary="List files",
                query=PAGING,
                answers={
                    200: Answer(
                        "The files, newest first.",
                        shapes.page(shapes.ref("Media")),
                        {"data": [EXAMPLE], "next_cursor": None},
                    )
                },
            ),
            "create": Call(
                name="uploadMedia",
                summary="Upload a file",
                description="The alt text may stand before or after the file.",
                body=Body(
                    shapes.obj(
                        file={
                            "description": "The file, with its name.",
                            "contentMediaType": "application/octet-stream",
                        },
                        alt_text=shapes.text(_ALT_TEXT["alt_text"], maxLength=LONGEST_ALT_TEXT),
                        optional=["alt_text"],
                    ),
                    media_type="multipart/form-data",
                ),
                answers={201: Answer("It is kept.", shapes.obj(media=_SAID), _KEPT, leads={"media_id": "/media/id"})},
                refusals={
                    400: [
                        *_WRONG,
                        "invalid_text",
                        "unknown_field",
                        "too_many_files",
                        "invalid_multipart",
                        "upload_broken_off",
                        "too_slow",
                    ],
                    411: ["length_required"],
                    **_FILE,
                },
            ),
        },
        MediaViewSet: {
            "from_url": Call(
                name="fetchMedia",
                summary="Have a file fetched",
                description="From a public `https` address, within 30 seconds.",
                body=Body(
                    AddressInput,
                    notes={"url": "Where the file is.", **_ALT_TEXT},
                    examples={"A picture": {"url": "https://www.example.com/picture.png", "alt_text": "A red dot"}},
                ),
                answers={201: Answer("It is kept.", shapes.obj(media=_SAID), _KEPT, leads={"media_id": "/media/id"})},
                refusals={
                    400: [
                        *_WRONG,
                        *("invalid_address", "address_not_public", "unreachable", "too_slow", "too_large", "packed"),
                        "too_many_redirects",
                    ],
                    **_FILE,
                },
            ),
            "retrieve": Call(
                name="getMedia",
                summary="Get a file",
                answers={200: Answer("The file.", shapes.data(shapes.ref("Media")), {"data": EXAMPLE})},
            ),
            "partial_update": Call(
                name="updateMedia",
                summary="Change a file's alt text",
                body=Body(
                    MediaInput, notes=_ALT_TEXT, examples={"Another alt text": {"alt_text": "A red dot on white"}}
                ),
                answers={200: Answer("As it is now.", shapes.data(_SAID), {"data": {**EXAMPLE, "warnings": []}})},
            ),
            "destroy": Call(
                name="deleteMedia",
                summary="Delete a file",
                answers={204: Answer("It is gone.")},
                refusals={409: ["media_in_use"]},
            ),
        },
    },
)
