"""Uploading media: in one call, or in pieces; then processing, for what moves; and the words that describe it.

https://docs.x.com/x-api/media/quickstart/media-upload-chunked
https://docs.x.com/x-api/media/quickstart/best-practices
"""

import hashlib
import io
from typing import Any

from PIL import Image

from . import limits
from .forms import form_of, json_of
from .messages import Answer, Refuse, Request, invalid
from .oauth import speaker
from .parameters import only
from .schema import APPEND_MEDIA_UPLOAD, CREATE_MEDIA_METADATA, ID, INITIALIZE_MEDIA_UPLOAD, MEDIA_UPLOAD
from .world import Media, World

#: Bytes, by the category's last word.
MOST_BYTES = {"image": 5 * 1024**2, "gif": 15 * 1024**2, "video": 8 * 1024**3}
MOST_BYTES_OF_PREMIUM = MOST_BYTES | {"video": 16 * 1024**3}
#: Of one piece. https://developer.x.com/en/docs/x-api/v1/media/upload-media/api-reference/post-media-upload-append
MOST_PIECE = 5 * 1024**2
#: The number before the id in a media key.
KEYS = {"image": "3", "video": "7", "gif": "16"}
IMAGES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "GIF": "image/gif"}


def upload(world: World, request: Request) -> Answer:
    """The whole file in one call: images only."""
    user_id, headers = asker(world, request, "POST /2/media/upload")
    form = form_of(request)
    MEDIA_UPLOAD("$", form)
    if not form["media_category"].endswith("_image"):
        raise invalid("Videos and animated GIFs must be uploaded in pieces.")
    media = new(world, user_id, form["media_category"], len(form["media"]))
    accept(media, form["media"])
    return Answer(200, {"data": told(world, media)}, headers)


def initialize(world: World, request: Request) -> Answer:
    user_id, headers = asker(world, request, "POST /2/media/upload/initialize")
    body = json_of(request)
    INITIALIZE_MEDIA_UPLOAD("$", body)
    if not body.get("total_bytes") or "media_type" not in body:
        raise invalid("$: total_bytes and media_type are required")
    family, _, exact = body["media_type"].partition("/")
    usual = "tweet_gif" if exact == "gif" else f"tweet_{family}"
    category = body.get("media_category", usual)
    if kind_of(category) != kind_of(usual) and (exact, kind_of(category)) != ("gif", "image"):
        raise invalid("media_category does not go with media_type", media_category=category)
    media = new(world, user_id, category, body["total_bytes"], body["media_type"])
    answer = {"id": media.id, "media_key": media.key, "expires_after_secs": world.settings.media_life_s}
    return Answer(200, {"data": answer}, headers)


def append(world: World, request: Request, media_id: str) -> Answer:
    user_id, headers = asker(world, request, "POST /2/media/upload/:id/append")
    form = form_of(request)
    APPEND_MEDIA_UPLOAD("$", form)
    media = own(world, user_id, media_id)
    if media.finalized:
        raise invalid("The upload is finalized.")
    if len(form["media"]) > MOST_PIECE:
        raise invalid(f"The segment size must be < {MOST_PIECE} bytes.")
    media.pieces[int(form["segment_index"])] = form["media"]
    return Answer(200, {"data": {"expires_at": int(media.ends)}}, headers)


def finalize(world: World, request: Request, media_id: str) -> Answer:
    user_id, headers = asker(world, request, "POST /2/media/upload/:id/finalize")
    if request.body:
        raise invalid("A body is not allowed here.")
    media = own(world, user_id, media_id)
    data = b"".join(media.pieces[number] for number in sorted(media.pieces))
    if len(data) != media.size or sorted(media.pieces) != list(range(len(media.pieces))):
        raise invalid("Segments do not add up to provided total file size.")
    media.pieces.clear()
    accept(media, data)
    media.ends = world.now() + world.settings.media_life_s
    if media.kind != "image":
        media.steps = list(world.settings.processing)
    return Answer(200, {"data": told(world, media)}, headers)


def status(world: World, request: Request) -> Answer:
    """How far processing has got; asking moves it on."""
    user_id, headers = asker(world, request, "GET /2/media/upload")
    only(request.query, ("command", "media_id"))
    if request.query.get("command", "STATUS") != "STATUS" or not ID.fullmatch(request.query.get("media_id", "")):
        raise invalid("command must be STATUS and media_id an id")
    media = own(world, user_id, request.query["media_id"])
    if not media.steps:
        raise unknown(media.id)  # seen of images: https://github.com/xdevplatform/xurl/issues/18
    if len(media.steps) > 1:
        media.steps.pop(0)
    return Answer(200, {"data": told(world, media)}, headers)


def describe(world: World, request: Request) -> Answer:
    user_id, headers = asker(world, request, "POST /2/media/metadata")
    body = json_of(request)
    CREATE_MEDIA_METADATA("$", body)
    media = own(world, user_id, body["id"])
    if not media.finalized:
        raise unknown(media.id)
    media.alt_text = body.get("metadata", {}).get("alt_text", {}).get("text", "")
    return Answer(200, {"data": {"id": media.id, "associated_metadata": body.get("metadata", {})}}, headers)


def asker(world: World, request: Request, endpoint: str) -> tuple[str, dict[str, str]]:
    """Whose media this is about, and the headers of the answer."""
    family = speaker(world, request, "media.write")
    return family.user_id, limits.count(world, endpoint, family.user_id)


def kind_of(category: str) -> str:
    return category.rpartition("_")[2]


def new(world: World, user_id: str, category: str, size: int, mime_type: str = "") -> Media:
    kind = kind_of(category)
    most = (MOST_BYTES_OF_PREMIUM if user_id in world.settings.premium else MOST_BYTES)[kind]
    if not 0 < size <= most:
        raise invalid(f"File size exceeds {most} bytes.")
    at = world.now()
    media_id = world.new_id(int(at * 1000))
    key = f"{KEYS[kind]}_{media_id}"
    media = Media(media_id, key, user_id, category, kind, mime_type, size, at + world.settings.media_life_s)
    world.media[media_id] = media
    return media


def accept(media: Media, data: bytes) -> None:
    """This will take the whole file for what its bytes say it is."""
    if media.kind == "video":
        if data[4:8] != b"ftyp":
            raise invalid("media type unrecognized.")
    else:
        try:
            with Image.open(io.BytesIO(data)) as image:
                found, media.width, media.height = IMAGES.get(image.format or "", ""), image.width, image.height
        except OSError:
            raise invalid("media type unrecognized.") from None
        if not found or (media.type and found != media.type) or (media.kind == "gif" and found != "image/gif"):
            raise invalid("media type unrecognized.")
        media.type = found
    media.sha256 = hashlib.sha256(data).hexdigest()
    media.finalized = True


def own(world: World, user_id: str, media_id: str) -> Media:
    media = world.media.get(media_id)
    if media is None or media.user_id != user_id or media.ends <= world.now():
        raise unknown(media_id)
    return media


def unknown(media_id: str) -> Refuse:
    return invalid("BadRequest: Not found", media_id=media_id)


def told(world: World, media: Media) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "id": media.id,
        "media_key": media.key,
        "size": media.size,
        "expires_after_secs": int(media.ends - world.now()),
    }
    if media.kind == "image":
        answer["image"] = {"image_type": media.type, "w": media.width, "h": media.height}
    if media.steps:
        answer["processing_info"] = processing(world, media)
    return answer


def processing(world: World, media: Media) -> dict[str, Any]:
    state = media.steps[0]
    match state:
        case "pending":
            return {"state": state, "check_after_secs": world.settings.check_after_s}
        case "in_progress":
            return {"state": state, "check_after_secs": world.settings.check_after_s, "progress_percent": 50}
        case "failed":
            why = {"error": world.settings.processing_error} if world.settings.processing_error else {}
            return {"state": state, "progress_percent": 100} | why
    return {"state": state, "progress_percent": 100}
