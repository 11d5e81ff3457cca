"""What a video is, and what of it must go, found in one walk over its boxes."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from integrations.platforms.draft import MediaKind
from posts.media.types import Facts, Unusable, broken

from .boxes import Box, Boxes
from .samples import MOST_ENTRIES, extents

#: What each box may hold; all else says where, when or by whom a video was made, or is of no use to anybody.
KEPT: dict[bytes, set[bytes]] = {
    b"": {b"ftyp", b"pdin", b"moov", b"mdat", b"wide"},
    b"moov": {b"mvhd", b"trak", b"iods"},
    b"trak": {b"tkhd", b"edts", b"mdia", b"tapt"},
    b"mdia": {b"mdhd", b"hdlr", b"minf", b"elng"},
    b"minf": {b"vmhd", b"smhd", b"hdlr", b"dinf", b"stbl", b"gmhd", b"nmhd"},
}
#: What our database counts, and a file of 1 GB cannot hold.
MOST_FRAMES = 2**31 - 1
#: Tracks that are seen and heard. Others hold places, captions, time codes.
SHOWN = (b"vide", b"soun")
# https://mp4ra.org/registered-types/sampleentries
CODECS = {
    b"avc1": "h264", b"avc3": "h264", b"hvc1": "hevc", b"hev1": "hevc", b"dvh1": "hevc", b"dvhe": "hevc",
    b"av01": "av1", b"vp08": "vp8", b"vp09": "vp9", b"mp4v": "mpeg4", b"jpeg": "mjpeg", b"apch": "prores",
    b"apcn": "prores", b"apcs": "prores", b"apco": "prores", b"ap4h": "prores", b"ap4x": "prores",
    b"mp4a": "aac", b"ac-3": "ac3", b"ec-3": "eac3", b"Opus": "opus", b"fLaC": "flac", b".mp3": "mp3",
    b"lpcm": "pcm", b"sowt": "pcm", b"twos": "pcm", b"in24": "pcm", b"fl32": "pcm",
}  # fmt: skip


@dataclass
class Track:
    """One track, with the fields that are asked for."""

    kind: bytes = b""
    codec: str = ""
    width: int = 0
    height: int = 0
    seconds: float = 0
    samples: int = 0
    table: Box | None = None


@dataclass
class Film:
    """`hide`: boxes that must go. `blank`: begin and end of what must be zeroed where it stands."""

    tracks: list[Track] = field(default_factory=list)
    seconds: float = 0
    films: list[Box] = field(default_factory=list)
    hide: list[Box] = field(default_factory=list)
    blank: list[tuple[int, int]] = field(default_factory=list)

    def facts(self, file_type: str) -> Facts:
        """What the rules want to know; raises Unusable when it is no video."""
        shown = next((track for track in self.tracks if track.kind == b"vide"), None)
        if shown is None:
            sentence = "There is no video in this file; it may be sound alone."
            raise Unusable("unsupported_media_type", sentence, status=415)
        duration = self.seconds or shown.seconds
        if not (duration and shown.width and shown.height):
            raise broken("the video has no size or no length")
        if shown.samples > MOST_FRAMES:
            raise broken("the video has more frames than fit into a file")
        return Facts(
            MediaKind.VIDEO,
            file_type,
            shown.width,
            shown.height,
            duration=round(duration, 3),
            frames=shown.samples,
            frame_rate=round(shown.samples / shown.seconds, 3) if shown.seconds else 0,
            video_codec=shown.codec,
            audio_codec=next((track.codec for track in self.tracks if track.kind == b"soun"), ""),
        )


def look(boxes: Boxes) -> Film:
    """This will walk over a video's boxes; raises Unusable when they are not a whole film."""
    film, seen = Film(), set()
    for box in boxes.of_file():
        seen.add(box.name)
        if box.name == b"moof":
            raise _fragmented()
        if box.name == b"moov":
            _look_at_head(boxes, box, film)
        elif box.name == b"mdat":
            film.films.append(box)
        elif box.name not in KEPT[b""]:
            film.hide.append(box)
    if b"moov" not in seen or b"mdat" not in seen:
        raise broken("the video has no head (moov) or no film (mdat)")
    _blank_what_is_not_shown(boxes, film)
    return film


def _look_at_head(boxes: Boxes, moov: Box, film: Film) -> None:
    if film.tracks:
        raise broken("the video has two heads")
    for box in _kept(boxes, moov, b"moov", film):
        if box.name == b"mvhd":
            film.seconds = _seconds(boxes, box, film)
        elif box.name == b"trak":
            _look_at_track(boxes, box, film)


def _look_at_track(boxes: Boxes, trak: Box, film: Film) -> None:
    track = Track()
    film.tracks.append(track)
    for box in _kept(boxes, trak, b"trak", film):
        if box.name == b"tkhd":
            _read_size(boxes, box, track, film)
        elif box.name == b"mdia":
            for below in _kept(boxes, box, b"mdia", film):
                if below.name == b"mdhd":
                    track.seconds = _seconds(boxes, below, film)
                elif below.name == b"hdlr":
                    track.kind = boxes.read(below, 4, at=8)
                elif below.name == b"minf":
                    track.table = next((b for b in _kept(boxes, below, b"minf", film) if b.name == b"stbl"), None)
    if track.table:
        _read_table(boxes, track.table, track)
    if track.kind not in SHOWN:
        film.hide.append(trak)


def _kept(boxes: Boxes, outer: Box, name: bytes, film: Film) -> list[Box]:
    """The boxes inside one that stay; the others are noted."""
    inside = list(boxes.within(outer))
    if any(box.name in (b"mvex", b"cmov") for box in inside):
        raise _fragmented()
    film.hide += [box for box in inside if box.name not in KEPT[name]]
    return [box for box in inside if box.name in KEPT[name]]


def _seconds(boxes: Boxes, head: Box, film: Film) -> float:
    """The length that `mvhd` or `mdhd` tells, 0 where it does not; the times of its making beside it must go."""
    (version,) = boxes.numbers(head, "B")
    times, form = (16, "IQ") if version else (8, "II")
    film.blank.append((head.body + 4, head.body + 4 + times))
    scale, length = boxes.numbers(head, form, at=4 + times)
    unknown = length in (0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF)
    return length / scale if scale and not unknown else 0


def _read_size(boxes: Boxes, head: Box, track: Track, film: Film) -> None:
    """The size at which the track is shown; lying on its side, width and height change places."""
    (version,) = boxes.numbers(head, "B")
    times, after = (16, 36) if version else (8, 24)
    film.blank.append((head.body + 4, head.body + 4 + times))
    matrix = boxes.numbers(head, "9i", at=after + 16)
    width, height = (number >> 16 for number in boxes.numbers(head, "II", at=after + 52))
    on_its_side = matrix[0] == 0 and matrix[4] == 0
    track.width, track.height = (height, width) if on_its_side else (width, height)


def _read_table(boxes: Boxes, table: Box, track: Track) -> None:
    for box in boxes.within(table):
        if box.name == b"stsd" and boxes.numbers(box, "I", at=4) != (0,):
            code = boxes.read(box, 4, at=12)
            track.codec = CODECS.get(code) or _readable(code)
        elif box.name == b"stsz":
            (track.samples,) = boxes.numbers(box, "I", at=8)


def _readable(code: bytes) -> str:
    name = code.decode("latin-1").strip().lower()
    return name if name.isascii() and name.isprintable() else "unknown"


def _blank_what_is_not_shown(boxes: Boxes, film: Film) -> None:
    for track in film.tracks:
        if track.kind not in SHOWN and track.table:
            film.blank += islice(_inside(film, extents(boxes, track.table)), MOST_ENTRIES)
        if len(film.blank) > MOST_ENTRIES:
            raise broken("the tables of the video are too long")


def _inside(film: Film, extents: Iterator[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The extents, every one of which must lie in the film."""
    begins = [box.body for box in film.films]
    for begin, end in extents:
        at = bisect_right(begins, begin) - 1
        if at < 0 or end > film.films[at].end:
            raise broken("a track of the video lies outside of it")
        yield begin, end


def _fragmented() -> Unusable:
    sentence = "This is a fragmented or compressed MP4, as streams use it; export it as an ordinary MP4 (H.264, AAC)."
    return Unusable("unsupported_media_type", sentence, status=415)
