"""Real images of every awkward kind, brought to size and looked at again."""

import io
import random
import subprocess
import sys
import zlib
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from PIL import Image, ImageCms, ImageDraw

from integrations.platforms import images
from integrations.platforms.base import Draft, MediaKind, Medium
from integrations.platforms.images import Fitted, Unusable, fit, square
from integrations.platforms.registry import PLATFORMS

TYPES = ("image/jpeg", "image/png", "image/webp")
LIMIT = 2_000_000


def noise(width: int, height: int, mode: str = "RGB") -> Image.Image:
    """What no format can pack."""
    size = width * height * len(Image.new(mode, (1, 1)).tobytes())
    return Image.frombytes(mode, (width, height), random.Random(7).randbytes(size))


def photo(width: int, height: int) -> Image.Image:
    """Soft colours with edges and a little grain, as a camera sees."""
    small = noise(width // 40 + 2, height // 40 + 2).resize((width, height), Image.Resampling.BICUBIC)
    grain = noise(width // 4 + 1, height // 4 + 1).resize((width, height))
    picture = Image.blend(small, grain, 0.1)
    ImageDraw.Draw(picture).ellipse((width // 4, height // 4, width // 2, height // 2), fill=(200, 30, 30))
    return picture


def saved(picture: Image.Image, name: str, **how: object) -> bytes:
    target = io.BytesIO()
    picture.save(target, name, **how)
    return target.getvalue()


def fitted(data: bytes, *, most_bytes: int = LIMIT, types: tuple[str, ...] = TYPES, side: int | None = None) -> Fitted:
    """What comes out, after everything that must be true of it was checked."""
    made = fit(io.BytesIO(data), most_bytes=most_bytes, types=types, most_side=side)
    assert made
    assert len(made.data) <= most_bytes
    assert made.type in types
    with Image.open(io.BytesIO(made.data)) as picture:
        assert Image.MIME[picture.format or ""] == made.type
        assert picture.size == (made.width, made.height)
        picture.load()
    return made


def pixel(made: Fitted, at: tuple[float, float]) -> tuple[int, ...]:
    """The colour at a place, given as shares of width and height."""
    with Image.open(io.BytesIO(made.data)) as picture:
        colour = picture.convert("RGBA").getpixel((int(at[0] * made.width), int(at[1] * made.height)))
    assert isinstance(colour, tuple)
    return colour


def near(one: tuple[int, ...], other: tuple[int, ...], by: int = 12) -> bool:
    return all(abs(left - right) <= by for left, right in zip(one, other, strict=True))


def test_it_leaves_an_image_alone_to_the_last_byte_and_changes_it_one_byte_beyond() -> None:
    data = saved(photo(800, 600), "JPEG", quality=90)
    file = io.BytesIO(data)
    assert fit(file, most_bytes=len(data), types=TYPES) is None
    made = fitted(data, most_bytes=len(data) - 1)
    assert (made.width, made.height, made.type) == (800, 600, "image/jpeg")


def test_it_leaves_an_image_alone_to_the_last_pixel() -> None:
    data = saved(photo(800, 600), "PNG")
    assert fit(io.BytesIO(data), most_bytes=len(data), types=TYPES, most_side=800) is None
    made = fitted(data, side=799)
    assert (made.width, made.height) == (799, 599)


@pytest.mark.parametrize("types", [("image/jpeg",), ("image/webp",), ("image/png",)])
def test_it_changes_what_is_of_a_type_that_is_not_taken(types: tuple[str, ...]) -> None:
    made = fitted(saved(photo(300, 200), "GIF"), types=types)
    assert (made.width, made.height, made.type) == (300, 200, types[0])


def test_it_believes_the_bytes_about_their_type() -> None:
    assert fitted(saved(photo(30, 20), "PNG"), types=("image/jpeg",)).type == "image/jpeg"


def test_it_brings_a_noisy_png_of_twenty_megabytes_under_two() -> None:
    data = saved(noise(2600, 2600), "PNG", compress_level=1)
    assert len(data) > 20_000_000
    made = fitted(data)
    assert made.width == made.height
    assert len(made.data) > LIMIT * 0.8, "it could have been better"


def test_it_keeps_all_pixels_of_a_large_photo_that_fits_by_quality_alone() -> None:
    data = saved(photo(4000, 3000), "PNG", compress_level=1)
    made = fitted(data, most_bytes=LIMIT * 4)
    assert (made.width, made.height, made.type) == (4000, 3000, "image/jpeg")


def test_it_brings_twenty_four_megapixels_to_what_anybody_shows_in_bounded_memory() -> None:
    data = saved(photo(6000, 4000), "JPEG", quality=98)
    assert len(data) > LIMIT
    code = (
        "import io, resource, sys\n"
        "from integrations.platforms.images import fit\n"
        "data = io.BytesIO(sys.stdin.buffer.read())\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        f"made = fit(data, most_bytes={LIMIT}, types={TYPES!r})\n"
        "print(made.width, made.height, len(made.data), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], input=data, capture_output=True, check=True)
    width, height, size, kilobytes = map(int, done.stdout.split())
    assert (width <= images.MOST_SIDE, size <= LIMIT) == (True, True)
    assert abs(width / height - 1.5) < 0.01
    assert kilobytes < 250_000


@pytest.mark.parametrize(("size", "side"), [((1, 5000), 1000), ((5000, 1), 1000), ((1, 1), None)])
def test_it_never_loses_the_last_pixel_of_a_side(size: tuple[int, int], side: int | None) -> None:
    made = fitted(saved(noise(*size), "PNG"), types=("image/jpeg",), side=side)
    assert min(made.width, made.height) == 1
    assert max(made.width, made.height) == (side or 1)


def see_through(mode: str) -> Image.Image:
    picture = noise(900, 900, "RGBA")
    picture.putalpha(255)
    picture.paste((0, 0, 0, 0), (0, 0, 450, 900))
    return picture.convert(mode)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA", "P"])
def test_it_keeps_transparency_where_the_platform_does(mode: str) -> None:
    data = saved(see_through("RGBA").quantize() if mode in ("P", "PA") else see_through(mode), "PNG")
    made = fitted(data, most_bytes=len(data) // 2)
    assert made.type == "image/webp"
    assert pixel(made, (0.2, 0.5))[3] == 0
    assert pixel(made, (0.8, 0.5))[3] == 255


def test_it_puts_what_is_transparent_on_white_where_the_platform_has_jpeg_only() -> None:
    made = fitted(saved(see_through("RGBA"), "PNG"), types=("image/jpeg",))
    assert near(pixel(made, (0.2, 0.5)), (255, 255, 255, 255))


def test_it_takes_a_screenshot_that_nothing_shines_through_for_what_it_is() -> None:
    picture = photo(1500, 1500)
    picture.putalpha(255)
    assert fitted(saved(picture, "PNG"), most_bytes=400_000).type == "image/jpeg"


def test_it_reads_cmyk_as_colours_that_a_screen_shows() -> None:
    picture = Image.new("CMYK", (400, 300), (0, 255, 255, 0))
    made = fitted(saved(picture, "JPEG"), types=("image/png",))
    red, green, blue, _ = pixel(made, (0.5, 0.5))
    assert red > 200
    assert green < 80
    assert blue < 80


@pytest.mark.parametrize("levels", [(0, 0), (32768, 128), (65535, 255)])
def test_it_reads_sixteen_bits_as_shades_and_not_as_white(levels: tuple[int, int]) -> None:
    picture = Image.new("I;16", (300, 200), levels[0])
    made = fitted(saved(picture, "PNG"), types=("image/jpeg",))
    assert near(pixel(made, (0.5, 0.5))[:1], (levels[1],), by=2)


def test_it_keeps_the_colour_profile() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    made = fitted(saved(photo(600, 400), "PNG", icc_profile=profile), types=("image/jpeg",))
    with Image.open(io.BytesIO(made.data)) as picture:
        assert picture.info["icc_profile"] == profile


def test_it_leaves_behind_a_profile_that_is_larger_than_any() -> None:
    data = saved(photo(600, 400), "PNG", icc_profile=b"x" * 200_000)
    made = fitted(data, types=("image/jpeg",), most_bytes=200_000)
    with Image.open(io.BytesIO(made.data)) as picture:
        assert "icc_profile" not in picture.info


def test_it_turns_the_image_upright_and_leaves_the_rest_of_its_exif_behind() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    exif[0x010F] = "a camera"
    picture = Image.new("RGB", (400, 200), "white")
    picture.paste((255, 0, 0), (0, 0, 200, 200))
    made = fitted(saved(picture, "JPEG", exif=exif), types=("image/png",))
    assert (made.width, made.height) == (200, 400)
    assert near(pixel(made, (0.5, 0.1)), (255, 0, 0, 255))
    with Image.open(io.BytesIO(made.data)) as upright:
        assert not upright.getexif()


def test_it_takes_the_first_picture_of_what_moves() -> None:
    first, second = Image.new("RGB", (60, 40), "red"), Image.new("RGB", (60, 40), "blue")
    data = saved(first, "GIF", save_all=True, append_images=[second], duration=100)
    made = fitted(data, types=("image/jpeg",))
    assert near(pixel(made, (0.5, 0.5)), (255, 0, 0, 255))


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few kilobytes that says it has many pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([8, 6, 0, 0, 0])
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(5000))) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("data", [bomb(8000, 8000), bomb(12000, 12000), bomb(60000, 60000)], ids=len)
def test_it_refuses_a_bomb_before_it_goes_off(data: bytes) -> None:
    with pytest.raises(Unusable, match="pixels"):
        fit(io.BytesIO(data), most_bytes=LIMIT, types=("image/jpeg",))


def test_it_refuses_a_jpeg_of_a_few_kilobytes_that_would_be_read_for_hours() -> None:
    whole = saved(Image.new("L", (3000, 3000)), "JPEG", progressive=True)
    scan = whole[whole.rindex(b"\xff\xda") : -2]
    assert fitted(whole[:-2] + scan * 10 + whole[-2:], side=500)
    with pytest.raises(Unusable, match="scans"):
        fit(io.BytesIO(whole[:-2] + scan * 5000 + whole[-2:]), most_bytes=LIMIT, types=TYPES, most_side=500)


def test_it_refuses_a_jpeg_that_would_be_held_in_gigabytes() -> None:
    data = bytearray(saved(Image.new("L", (8, 8)), "JPEG", progressive=True))
    frame = data.index(b"\xff\xc2")
    data[frame + 5 : frame + 9] = (10_000).to_bytes(2, "big") + (10_001).to_bytes(2, "big")
    with pytest.raises(Unusable, match="pixels"):
        fit(io.BytesIO(data), most_bytes=LIMIT, types=TYPES, most_side=500)


@pytest.mark.parametrize("platform", ["bluesky", "twitter"])
def test_the_rules_refuse_first_what_could_not_be_changed(platform: str) -> None:
    def codes(**facts: Any) -> list[str]:
        picture = Medium(uuid4(), MediaKind.IMAGE, **{"type": "image/png", "size": 9_000_000, "width": 10_000, **facts})
        return [problem.code for problem in PLATFORMS[platform].problems(Draft("look", media=(picture,)))]

    assert codes(height=5000) == []
    assert codes(height=5001) == ["media_too_large"]
    assert codes(height=5001, size=1000) == [], "it is sent as it is"
    assert codes(height=5001, type="image/jpeg") == []


def test_it_reads_a_jpeg_of_more_pixels_than_it_would_hold() -> None:
    data = saved(Image.new("RGB", (16000, 4000), "teal"), "JPEG")
    made = fitted(data, types=("image/webp",))
    assert (made.width, made.height) == (images.MOST_SIDE, images.MOST_SIDE // 4)


@pytest.mark.parametrize(
    "data",
    [b"", b"\0" * 100, b"<svg xmlns='http://www.w3.org/2000/svg'/>", saved(photo(300, 300), "PNG")[:-5000], b"GIF89a"],
    ids=["nothing", "zeros", "svg", "cut off", "a head"],
)
def test_it_says_when_it_cannot_read_it(data: bytes) -> None:
    with pytest.raises(Unusable, match="read"):
        fit(io.BytesIO(data), most_bytes=LIMIT, types=("image/jpeg",))


def test_a_store_that_fails_is_no_image_that_cannot_be_read() -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        fit(Broken(saved(photo(30, 20), "PNG")), most_bytes=LIMIT, types=TYPES)


def test_it_says_when_nothing_is_small_enough() -> None:
    with pytest.raises(Unusable, match="small"):
        fitted(saved(photo(300, 300), "PNG"), most_bytes=100)


@pytest.mark.parametrize("picture", [lambda: photo(6000, 4000), lambda: see_through("RGBA").resize((2000, 2000))])
def test_it_needs_few_encodings(picture: Callable[[], Image.Image], monkeypatch: pytest.MonkeyPatch) -> None:
    encodings = 0
    whole = images._encoded

    def counted(*given: Any) -> bytes:
        nonlocal encodings
        encodings += 1
        return whole(*given)

    monkeypatch.setattr(images, "_encoded", counted)
    fitted(saved(picture(), "PNG", compress_level=1), most_bytes=500_000)
    assert encodings <= 6


def squared(data: bytes) -> Image.Image:
    """The small square that is made of an image, as a browser reads it."""
    with Image.open(io.BytesIO(square(data, side=96))) as image:
        assert image.format == "WEBP"
        assert not {"exif", "icc_profile", "xmp"} & image.info.keys()
        return image.convert("RGBA")


def test_a_square_is_the_middle_of_an_image() -> None:
    wide = Image.new("RGB", (900, 300), "red")
    wide.paste("blue", (300, 0, 600, 300))
    made = squared(saved(wide, "PNG"))
    assert made.size == (96, 96)
    for x in (3, 92):
        assert near(made.getpixel((x, 48)), (0, 0, 255, 255))  # type: ignore[arg-type]


def test_a_square_is_no_larger_than_its_image() -> None:
    assert squared(saved(Image.new("RGB", (48, 31), "red"), "GIF")).size == (31, 31)
    assert squared(saved(Image.new("L", (1, 1), 7), "PNG")).size == (1, 1)


def test_a_square_stands_upright_on_white() -> None:
    lying = Image.new("RGB", (200, 200), "red")
    lying.paste("blue", (0, 0, 200, 100))
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: its top is on the right
    made = squared(saved(lying, "JPEG", exif=exif))
    assert near(made.getpixel((90, 48)), (0, 0, 255, 255), 25)  # type: ignore[arg-type]
    clear = squared(saved(Image.new("RGBA", (200, 200), (0, 0, 0, 0)), "PNG"))
    assert near(clear.getpixel((48, 48)), (255, 255, 255, 255))  # type: ignore[arg-type]


def test_a_square_has_the_colours_that_its_profile_means() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    for mode in ("RGB", "L", "RGBA"):
        srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
        grey = Image.new(mode, (96, 96), "grey")
        assert near(squared(saved(grey, "PNG", icc_profile=srgb)).getpixel((9, 9)), (128, 128, 128, 255))  # type: ignore[arg-type]
        assert near(squared(saved(grey, "PNG", icc_profile=profile)).getpixel((9, 9)), (128, 128, 128, 255))  # type: ignore[arg-type]
