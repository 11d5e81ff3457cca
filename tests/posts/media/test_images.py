"""Images: what stays of them, what goes, and what is refused before it can hurt."""

import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageOps

from integrations.platforms.draft import MediaKind
from posts.media.images import apart
from posts.media.images.gif import MOST_FRAMES
from posts.media.images.pixels import MOST_PIXELS
from posts.media.types import Facts, Unusable, type_of

from . import pictures
from .pictures import SECRET, SIZE, quarters


class Cleaned:
    def __init__(self, data: bytes, folder: Path) -> None:
        source, target = folder / "source", folder / "target"
        source.write_bytes(data)
        self.facts: Facts = apart.clean(type_of(data[:64]), source, target)
        self.data = target.read_bytes()
        self.image = Image.open(BytesIO(self.data))


def refused(data: bytes, folder: Path, file_type: str = "") -> Unusable:
    source = folder / "source"
    source.write_bytes(data)
    with pytest.raises(Unusable) as caught:
        apart.clean(file_type or type_of(data[:64]), source, folder / "target")
    assert caught.value.sentence.endswith(".")
    return caught.value


FILES: dict[str, tuple[Callable[..., bytes], str]] = {
    "jpeg": (pictures.jpeg, "image/jpeg"),
    "png": (pictures.png, "image/png"),
    "webp": (pictures.webp, "image/webp"),
    "heic": (pictures.heic, "image/jpeg"),
}


@pytest.mark.parametrize("kind", FILES)
def test_it_keeps_nothing_that_tells_of_its_maker(kind: str, tmp_path: Path) -> None:
    make, file_type = FILES[kind]
    assert SECRET in make()

    cleaned = Cleaned(make(), tmp_path)

    assert cleaned.facts == Facts(MediaKind.IMAGE, file_type, *SIZE)
    assert SECRET not in cleaned.data
    assert b"http://ns.adobe.com" not in cleaned.data
    assert not cleaned.image.getexif()
    assert not {"exif", "xmp", "XML:com.adobe.xmp", "comment", "photoshop"} & set(cleaned.image.info)


@pytest.mark.parametrize("kind", FILES)
def test_it_keeps_the_colour_profile(kind: str, tmp_path: Path) -> None:
    cleaned = Cleaned(FILES[kind][0](), tmp_path)
    turned = Cleaned(FILES[kind][0](6), tmp_path)

    assert cleaned.image.info["icc_profile"] == pictures.profile()
    assert turned.image.info["icc_profile"] == pictures.profile()


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp"])
def test_it_leaves_the_picture_alone_byte_for_byte(kind: str, tmp_path: Path) -> None:
    before = FILES[kind][0]()
    cleaned = Cleaned(before, tmp_path)

    assert cleaned.image.convert("RGBA").tobytes() == Image.open(BytesIO(before)).convert("RGBA").tobytes()
    if kind == "jpeg":  # the scan as it was
        assert cleaned.data[cleaned.data.index(b"\xff\xda") :] in before
    assert Cleaned(cleaned.data, tmp_path).data == cleaned.data


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["jpeg", "png", "webp"])
def test_it_turns_the_picture_upright(kind: str, orientation: int, tmp_path: Path) -> None:
    before = FILES[kind][0](orientation)
    seen = ImageOps.exif_transpose(Image.open(BytesIO(before)))

    cleaned = Cleaned(before, tmp_path)

    assert quarters(cleaned.image) == quarters(seen)
    assert cleaned.image.size == seen.size == (cleaned.facts.width, cleaned.facts.height)
    assert SECRET not in cleaned.data
    assert (quarters(cleaned.image) == "rgbw") == (orientation == 1)


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_it_makes_an_upright_jpeg_of_a_heic(orientation: int, tmp_path: Path) -> None:
    before = pictures.heic(orientation)

    cleaned = Cleaned(before, tmp_path)

    assert cleaned.data.startswith(b"\xff\xd8\xff")
    assert (cleaned.image.format, cleaned.facts.file_type) == ("JPEG", "image/jpeg")
    # The one who wrote the HEIC has turned its pixels, or said in it how to: either way it is seen like this.
    assert quarters(cleaned.image) == {1: "rgbw", 3: "wbgr", 6: "brwg", 8: "gwrb"}[orientation]


def test_it_puts_a_clear_heic_on_white(tmp_path: Path) -> None:
    assert quarters(Cleaned(pictures.heic(mode="RGBA"), tmp_path).image) == "rgbw"


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_it_keeps_the_colours_of_other_jpegs(mode: str, tmp_path: Path) -> None:
    before = pictures.saved(pictures.picture(mode=mode), "JPEG", quality=95, exif=b"Exif\0\0" + pictures.exif(3))
    seen = Image.open(BytesIO(before)).rotate(180)

    cleaned = Cleaned(before, tmp_path)

    assert cleaned.image.mode == mode
    assert quarters(cleaned.image) == quarters(seen)


@pytest.mark.parametrize("mode", ["P", "L", "LA", "1", "I;16"])
def test_it_keeps_the_colours_of_other_pngs(mode: str, tmp_path: Path) -> None:
    made = pictures.picture(mode="L" if mode == "I;16" else mode).convert(mode)
    cleaned = Cleaned(pictures.saved(made, "PNG"), tmp_path)

    assert cleaned.image.convert("RGB").tobytes() == made.convert("RGB").tobytes()


def test_it_keeps_a_progressive_jpeg_and_one_with_restarts(tmp_path: Path) -> None:
    for options in ({"progressive": True}, {"restart_marker_blocks": 1}):
        assert quarters(Cleaned(pictures.jpeg(**options), tmp_path).image) == "rgbw"


def test_it_refuses_a_jpeg_of_more_scans_than_any_program_writes(tmp_path: Path) -> None:
    whole = pictures.jpeg(progressive=True)
    end = whole.rindex(b"\xff\xd9")
    scan = whole[whole.rindex(b"\xff\xda", 0, end) : end]
    Cleaned(whole[:end] + scan * 10 + whole[end:], tmp_path)
    assert "scans" in refused(whole[:end] + scan * 100 + whole[end:], tmp_path).sentence


def test_it_keeps_a_lossless_webp_lossless(tmp_path: Path) -> None:
    before = pictures.webp(6, lossless=True)

    turned = Cleaned(before, tmp_path)

    seen = ImageOps.exif_transpose(Image.open(BytesIO(before)))
    assert turned.image.convert("RGBA").tobytes() == seen.convert("RGBA").tobytes()


@pytest.mark.parametrize(
    "exif", [b"", b"II", b"II*\0\xff\xff\xff\xff", b"MM\0*\0\0\0\x08\xff\xff" + b"\x01" * 99, b"x" * 999]
)
def test_it_takes_exif_that_makes_no_sense_for_upright(exif: bytes, tmp_path: Path) -> None:
    cleaned = Cleaned(pictures.saved(pictures.picture(), "JPEG", exif=b"Exif\0\0" + exif), tmp_path)

    assert quarters(cleaned.image) == "rgbw"


# GIF ----------------------------------------------------------------------------------------------------------------


def test_it_tells_how_a_gif_moves(tmp_path: Path) -> None:
    cleaned = Cleaned(pictures.gif(3), tmp_path)

    assert cleaned.facts == Facts(MediaKind.GIF, "image/gif", *SIZE, duration=0.6, frames=3, frame_rate=5)
    assert SECRET not in cleaned.data
    assert cleaned.image.info["loop"] == 0
    before = Image.open(BytesIO(pictures.gif(3)))
    for number in range(3):
        before.seek(number)
        cleaned.image.seek(number)
        assert cleaned.image.convert("RGB").tobytes() == before.convert("RGB").tobytes()


def test_it_takes_a_gif_of_one_frame_for_an_image(tmp_path: Path) -> None:
    assert Cleaned(pictures.gif(1), tmp_path).facts == Facts(MediaKind.IMAGE, "image/gif", *SIZE)


def test_it_counts_frames_without_a_time_as_browsers_show_them(tmp_path: Path) -> None:
    assert Cleaned(pictures.endless_gif(20), tmp_path).facts.duration == 2


# What is refused ----------------------------------------------------------------------------------------------------


def test_it_refuses_more_pixels_than_it_holds_without_making_them(tmp_path: Path) -> None:
    began = time.monotonic()

    error = refused(pictures.png_bomb(30_000, 30_000), tmp_path)

    assert (error.code, error.status) == ("image_too_large", 400)
    assert "900,000,000" in error.sentence
    assert time.monotonic() - began < 20


def test_it_refuses_a_jpeg_that_says_it_is_large(tmp_path: Path) -> None:
    before = bytearray(pictures.jpeg())
    frame = before.index(b"\xff\xc0")
    before[frame + 5 : frame + 9] = b"\xff\xdc" * 2

    assert refused(bytes(before), tmp_path).code == "image_too_large"


def test_it_holds_and_turns_the_largest_image_that_it_takes(tmp_path: Path) -> None:
    size = (12_500, MOST_PIXELS // 12_500)
    before = pictures.saved(Image.new("RGB", size), "JPEG", quality=10, exif=b"Exif\0\0" + pictures.exif(6))

    assert Cleaned(before, tmp_path).facts == Facts(MediaKind.IMAGE, "image/jpeg", size[1], size[0])


@pytest.mark.parametrize("frames", [MOST_FRAMES + 1, 1_000_000])
def test_it_refuses_a_gif_of_too_many_frames(frames: int, tmp_path: Path) -> None:
    began = time.monotonic()

    assert refused(pictures.endless_gif(frames), tmp_path).code == "too_many_frames"
    assert time.monotonic() - began < 20


def test_it_refuses_a_gif_whose_frames_are_too_large_together(tmp_path: Path) -> None:
    before = bytearray(pictures.endless_gif(1000))
    before[6:10] = (5000).to_bytes(2, "little") * 2

    assert refused(bytes(before), tmp_path).code == "image_too_large"


@pytest.mark.parametrize("make", [pictures.apng, pictures.moving_webp])
def test_it_refuses_what_platforms_would_show_as_a_still(make: Callable[[], bytes], tmp_path: Path) -> None:
    error = refused(make(), tmp_path)

    assert (error.code, error.status) == ("unsupported_media_type", 415)
    assert "animated" in error.sentence


@pytest.mark.parametrize("kind", [*FILES, "gif"])
@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
def test_it_refuses_a_file_that_is_not_whole(kind: str, part: float, tmp_path: Path) -> None:
    clean = FILES[kind][0]() if kind in FILES else pictures.gif()
    if kind in ("jpeg", "png", "webp"):
        clean = Cleaned(clean, tmp_path).data  # nothing in it but the picture

    assert refused(clean[: int(len(clean) * part)], tmp_path).code in ("file_broken", "image_unreadable")


@pytest.mark.parametrize("kind", [*FILES, "gif"])
def test_it_survives_any_byte_that_is_wrong(kind: str, tmp_path: Path) -> None:
    """Whatever is wrong with a file, it is taken or refused, and nothing else happens."""
    data = FILES[kind][0]() if kind in FILES else pictures.gif()
    source = tmp_path / "source"
    for at in range(12, len(data), max(1, len(data) // 12)):
        source.write_bytes(data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :])
        with suppress(Unusable):
            apart.clean(type_of(data[:64]), source, tmp_path / "target")


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xd8\xff\xd9", b"\xff\xd8\xff\xe0\xff\xff", b"\xff\xd8" + b"\xff" * 5000, b"\x89PNG\r\n\x1a\n",
        b"RIFF\xff\xff\xff\xffWEBP", b"RIFF\x04\0\0\0WEBP", b"RIFF\x0c\0\0\0WEBPVP8X\0\0\0\0",
        b"GIF89a" + bytes(7) + b";", b"GIF89a" + b"\xff" * 5000,
        b"\0\0\0\x18ftypheic" + bytes(12) + b"\xff" * 500,
    ],
)  # fmt: skip
def test_it_refuses_what_only_begins_as_an_image(data: bytes, tmp_path: Path) -> None:
    assert refused(data, tmp_path).code in ("file_broken", "image_unreadable")


def test_it_refuses_an_image_of_another_kind_than_it_begins_as(tmp_path: Path) -> None:
    assert refused(pictures.png(), tmp_path, "image/jpeg").code == "file_broken"


# Apart --------------------------------------------------------------------------------------------------------------


def test_it_gives_up_on_an_image_that_takes_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "SECONDS", 0.01)

    assert refused(pictures.jpeg(), tmp_path).code == "image_unreadable"


def test_it_has_none_of_our_secrets_where_images_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, given = subprocess.run, []

    def run(*args: object, **kwargs: Any) -> object:
        given.append(kwargs["env"])
        return real(*args, **kwargs)  # type: ignore[call-overload]

    monkeypatch.setattr(subprocess, "run", run)

    Cleaned(pictures.jpeg(), tmp_path)

    assert [set(env) for env in given] == [{"MALLOC_ARENA_MAX", "PYTHONDONTWRITEBYTECODE"}]
