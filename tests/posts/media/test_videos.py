"""Videos: what is read of them, what is blanked in them, and what is refused."""

import random
import struct
import time
import tracemalloc
from pathlib import Path

import pytest

from integrations.platforms.draft import MediaKind
from posts.media.types import Facts, Unusable, type_of
from posts.media.video import cleaning
from posts.media.video.boxes import MOST_BOXES

from . import films
from .films import box, ftyp, full, moov, numbers, track
from .pictures import SECRET

PLAIN = Facts(
    MediaKind.VIDEO, "video/mp4", 640, 360, duration=2, frames=60, frame_rate=30, video_codec="h264", audio_codec="aac"
)


def clean(data: bytes, folder: Path) -> tuple[Facts, bytes]:
    path = folder / "video"
    path.write_bytes(data)
    return cleaning.clean(path, type_of(data[:64])), path.read_bytes()


def refused(data: bytes, folder: Path, *, status: int = 400) -> str:
    path = folder / "video"
    path.write_bytes(data)
    with pytest.raises(Unusable) as caught:
        cleaning.clean(path, "video/mp4")
    assert caught.value.status == status
    assert path.read_bytes() == data
    return caught.value.sentence


@pytest.mark.parametrize("version", [0, 1])
def test_it_tells_what_a_video_is(version: int, tmp_path: Path) -> None:
    assert clean(films.video(version=version), tmp_path)[0] == PLAIN


def test_it_tells_quicktime_by_its_brand(tmp_path: Path) -> None:
    assert clean(films.video(brand=b"qt  "), tmp_path)[0].file_type == "video/quicktime"


def test_it_changes_width_and_height_of_what_is_filmed_upright(tmp_path: Path) -> None:
    facts, _ = clean(films.video(matrix=films.ON_ITS_SIDE), tmp_path)

    assert (facts.width, facts.height) == (360, 640)


@pytest.mark.parametrize(
    ("code", "codec"),
    [(b"avc1", "h264"), (b"hvc1", "hevc"), (b"hev1", "hevc"), (b"av01", "av1"), (b"vp09", "vp9"), (b"apcn", "prores"),
     (b"xxxx", "xxxx"), (b"XY  ", "xy"), (b"\xff\xffx ", "unknown"), (b"\0\0\0\0", "unknown")],
)  # fmt: skip
def test_it_names_codecs_as_people_do(code: bytes, codec: str, tmp_path: Path) -> None:
    made = ftyp() + box(b"mdat", b"film") + moov(track(b"vide", code))

    assert clean(made, tmp_path)[0].video_codec == codec


def test_it_takes_the_length_of_the_pictures_where_the_whole_tells_none(tmp_path: Path) -> None:
    assert clean(ftyp() + box(b"mdat", b"film") + moov(track(b"vide", b"avc1"), seconds=0), tmp_path)[0].duration == 2


def test_it_changes_nothing_but_the_times_of_a_video_that_tells_nothing(tmp_path: Path) -> None:
    before = films.video()

    _, after = clean(before, tmp_path)

    assert after == before.replace(numbers("II", films.FILMED, films.FILMED), bytes(8))
    assert numbers("I", films.FILMED) not in after


def test_it_keeps_nothing_that_tells_where_and_by_whom(tmp_path: Path) -> None:
    before = films.telltale_video()
    assert before.count(SECRET) == 20

    facts, after = clean(before, tmp_path)

    assert (facts.width, facts.height, facts.video_codec) == (360, 640, "hevc")
    assert len(after) == len(before)
    for told in (SECRET, b"udta", b"uuid", b"location", b"gpmd", numbers("I", films.FILMED)):
        assert told not in after
    # The film stands where it stood, between what was said of places.
    assert b"film" * 300 in after
    assert b"film" * 12 in after
    assert clean(after, tmp_path)[1] == after


def test_it_reads_a_box_of_64_bits_and_one_to_the_end_of_the_file(tmp_path: Path) -> None:
    large = struct.pack(">I4sQ", 1, b"mdat", 20) + b"film"
    last = struct.pack(">I4s", 0, b"mdat") + b"film" * 9
    head = moov(track(b"vide", b"avc1"))

    assert clean(ftyp() + large + head, tmp_path)[0].width == 640
    assert clean(ftyp() + head + last, tmp_path)[0].width == 640


SHOWN = track(b"vide", b"avc1")
MOOV = moov(SHOWN)
MDAT = box(b"mdat", b"film")
LIES = {
    "no head": ftyp() + MDAT,
    "no film": ftyp() + MOOV,
    "two heads": ftyp() + MDAT + MOOV + MOOV,
    "breaks off": films.video()[:-1],
    "breaks off in the film": ftyp() + MOOV + MDAT[:-1],
    "a box longer than the file": ftyp() + MOOV + struct.pack(">I4s", 0xFFFFFFF0, b"mdat") + b"film",
    "a box of more than all files": ftyp() + MOOV + struct.pack(">I4sQ", 1, b"mdat", 2**64 - 1) + b"film",
    "a box shorter than its head": ftyp() + MOOV + struct.pack(">I4s", 7, b"mdat") + b"film",
    "a long box shorter than its head": ftyp() + MOOV + struct.pack(">I4sQ", 1, b"mdat", 15) + b"film",
    "a box inside without an end": ftyp() + MDAT + box(b"moov", struct.pack(">I4s", 0, b"trak") + b"x" * 99),
    "a box longer than its own": ftyp() + MDAT + box(b"moov", struct.pack(">I4s", 999, b"trak") + b"x" * 99) + MDAT,
    "a head of nothing": ftyp() + MDAT + box(b"moov", box(b"mvhd")),
    "no size": ftyp() + MDAT + moov(track(b"vide", b"avc1", size=(0, 0))),
    "no length": ftyp() + MDAT + moov(box(b"trak", box(b"mdia", full(b"hdlr", bytes(4), b"vide"))), seconds=0),
    "more frames than fit": ftyp() + MDAT + moov(track(b"vide", b"avc1", samples=2**32 - 1)),
    "too many boxes": ftyp() + MDAT + MOOV + box(b"free") * MOST_BOXES,
    "places outside the film": ftyp() + MDAT + moov(SHOWN, track(b"meta", b"gpmd", offsets=(0,), samples=1)),
    "more places than there are": ftyp() + MDAT + moov(SHOWN, track(b"meta", b"gpmd", offsets=(9,), samples=2**31)),
}  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
def test_it_refuses_boxes_that_lie(lie: str, tmp_path: Path) -> None:
    assert refused(LIES[lie], tmp_path).startswith("The file is damaged or not whole: ")


@pytest.mark.parametrize("made", [box(b"moov", box(b"mvex")), box(b"moof"), box(b"moov", box(b"cmov"))])
def test_it_refuses_what_is_made_for_streams(made: bytes, tmp_path: Path) -> None:
    assert "ordinary MP4" in refused(ftyp() + made + MDAT, tmp_path, status=415)


def test_it_refuses_sound_alone(tmp_path: Path) -> None:
    assert "no video" in refused(ftyp() + MDAT + moov(track(b"soun", b"mp4a")), tmp_path, status=415)


def test_it_survives_any_byte_that_is_wrong(tmp_path: Path) -> None:
    dice, data = random.Random(4), films.telltale_video()
    for _ in range(2000):
        wrong = bytearray(data)
        for _ in range(dice.randint(1, 4)):
            wrong[dice.randrange(len(wrong))] = dice.choice([0, 1, 0x7F, 0xFF, dice.randrange(256)])
        path = tmp_path / "video"
        path.write_bytes(wrong)
        try:
            cleaning.clean(path, "video/mp4")
        except Unusable:
            assert path.read_bytes() == wrong
        assert path.stat().st_size == len(data)


def test_it_reads_a_large_video_in_little_memory(tmp_path: Path) -> None:
    path, gap = tmp_path / "video", 900 * 1024 * 1024
    with path.open("wb") as file:
        file.write(ftyp() + MOOV + struct.pack(">I4s", gap + 8, b"mdat"))
        file.truncate(file.tell() + gap)  # a hole, which takes no disk
    tracemalloc.start()
    began = time.monotonic()
    try:
        facts = cleaning.clean(path, "video/mp4")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert facts.width == 640
    assert peak < 4 * 1024 * 1024
    assert time.monotonic() - began < 20


def test_it_is_not_kept_busy_by_one_place_that_is_named_again_and_again(tmp_path: Path) -> None:
    """A track of places whose every piece is the whole film: blanked once, not a hundred thousand times."""
    film = bytes(20 * 1024 * 1024)
    start = len(ftyp()) + 8
    often = track(b"meta", b"gpmd", offsets=(start,) * 100_000, samples=100_000, each=len(film))
    began = time.monotonic()

    assert clean(ftyp() + box(b"mdat", film) + moov(SHOWN, often), tmp_path)[0].width == 640
    assert time.monotonic() - began < 20


def test_it_is_not_kept_busy_by_many_films(tmp_path: Path) -> None:
    begin = ftyp() + box(b"mdat") * 9_000
    often = track(b"meta", b"gpmd", offsets=(len(begin) + 8,) * 200_000, samples=200_000, each=1)
    began = time.monotonic()

    assert clean(begin + MDAT + moov(SHOWN, often), tmp_path)[0].width == 640
    assert time.monotonic() - began < 20


def test_it_reads_no_more_tables_than_an_honest_file_has(tmp_path: Path) -> None:
    start = len(ftyp()) + 8
    long = track(b"meta", b"gpmd", offsets=(start,) * 200_000, samples=200_000, each=1)

    for number in (3, 40):
        sentence = refused(ftyp() + box(b"mdat", b"film") + moov(SHOWN, *[long] * number), tmp_path)
        assert "too long" in sentence
