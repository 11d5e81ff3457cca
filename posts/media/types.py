"""What files we take, told by their first bytes: a name or a Content-Type is somebody's word. No Django here."""

from dataclasses import dataclass

from integrations.platforms.draft import MediaKind

#: Bytes that are enough to tell.
HEAD = 64
MIB = 1024 * 1024
MOST_IMAGE_BYTES = 30 * MIB
MOST_VIDEO_BYTES = 1024 * MIB
#: The largest file, and what stands beside it in a form.
MOST_BODY_BYTES = MOST_VIDEO_BYTES + MIB
#: What people are told.
TAKEN = "JPEG, PNG, WebP, GIF and HEIC images, and MP4 and QuickTime videos"


class Unusable(Exception):
    """Why a file is not taken: a stable code, a sentence for whoever sent it, and the HTTP status they deserve."""

    def __init__(self, code: str, sentence: str, *, status: int = 400) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.status = status


@dataclass(frozen=True, slots=True)
class Facts:
    """What was read from a file's bytes, after it was cleaned; the fields are those of the model of the same names."""

    kind: MediaKind
    file_type: str
    width: int
    height: int
    duration: float = 0
    frames: int = 0
    frame_rate: float = 0
    video_codec: str = ""
    audio_codec: str = ""


#: How files end that are kept; HEIC is not among them, since it is kept as JPEG.
SUFFIXES = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "image/gif": ".gif",
    "video/mp4": ".mp4",
    "video/quicktime": ".mov",
}

# ISO base media files name their brands after `ftyp`. https://mp4ra.org/registered-types/brands
_HEIC = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
_AVIF = {b"avif", b"avis"}
_MP4 = {b"isom", b"mp41", b"mp42", b"avc1", b"M4V ", b"M4VP", b"M4VH", b"dash", b"MSNV", b"XAVC"} | {
    f"iso{number}".encode() for number in range(2, 10)
}


def type_of(head: bytes) -> str:
    """This will give the MIME type of a file that begins so; raises Unusable when we do not take it."""
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[:6] in (b"GIF87a", b"GIF89a"):
        return "image/gif"
    if head[4:8] == b"ftyp":
        return _type_of_brands(head)
    raise unsupported()


def _type_of_brands(head: bytes) -> str:
    size = min(int.from_bytes(head[:4], "big"), len(head))
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, size, 4))]
    if _AVIF & set(brands):
        raise unsupported()
    if brands[0] == b"qt  ":
        return "video/quicktime"
    if _HEIC & set(brands[:1]) or (_HEIC & set(brands) and not _MP4 & set(brands)):
        return "image/heic"
    if _MP4 & set(brands):
        return "video/mp4"
    raise unsupported()


def unsupported() -> Unusable:
    return Unusable("unsupported_media_type", f"This is no file that we take: {TAKEN}.", status=415)


def most_bytes(file_type: str) -> int:
    return MOST_VIDEO_BYTES if file_type.startswith("video/") else MOST_IMAGE_BYTES


def too_large(file_type: str) -> Unusable:
    what = "A video" if file_type.startswith("video/") else "An image"
    return Unusable("file_too_large", f"{what} may have at most {spelled(most_bytes(file_type))}.", status=413)


def spelled(limit: int) -> str:
    """A limit of bytes as people say it."""
    return f"{limit // (1024 * MIB)} GB" if limit >= 1024 * MIB else f"{limit // MIB} MB"


def broken(what: str) -> Unusable:
    """This will make the error for a file that is not what it begins as, or not whole."""
    return Unusable("file_broken", f"The file is damaged or not whole: {what}.")
