"""What is read of a stranger's page, and that nothing of it can hurt."""

import io
import random
import time
from contextlib import suppress
from typing import Any

import pytest
from PIL import Image
from pytest_django.fixtures import Settings

from integrations.platforms import cards
from integrations.platforms.cards import Card, NoCard, card

from .pages import Page, serving

THUMB = 1_000_000


@pytest.fixture(autouse=True)
def _loopback(settings: Settings) -> None:
    settings.FETCH_FROM_LOOPBACK = True


def picture(size: tuple[int, int] = (1200, 630), name: str = "JPEG") -> bytes:
    target = io.BytesIO()
    Image.new("RGB", size, "teal").save(target, name)
    return target.getvalue()


def noise() -> bytes:
    target = io.BytesIO()
    Image.frombytes("RGB", (1500, 1000), random.Random(7).randbytes(4_500_000)).save(target, "PNG", compress_level=1)
    return target.getvalue()


def made(page: str | bytes | Page, picture: Page | None = None, **how: Any) -> Card:
    """The card of a page at `/`, with a picture at `/picture`."""
    whole = page if isinstance(page, Page) else Page(page.encode() if isinstance(page, str) else page)
    with serving({"/": whole, **({"/picture": picture} if picture else {})}) as site:
        return card(f"{site.base_url}/", **{"most_bytes": THUMB, "most_side": 2000, **how})


HEAD = '<meta property="og:title" content="A &amp; B"><meta name="description" content="What  it\n is">'


@pytest.mark.parametrize(
    ("head", "title", "description"),
    [
        (HEAD, "A & B", "What it is"),
        ("<title>\n Only a\n title </title>", "Only a title", ""),
        ('<meta name="twitter:title" content="T"><meta name="twitter:description" content="D">', "T", "D"),
        ('<title>plain</title><meta property="og:title" content="open">', "open", ""),
        ('<meta property="og:title" content=""><title>plain</title>', "plain", ""),
        ('<meta property="og:description" content="D">', "127.0.0.1", "D"),
        ("<META PROPERTY='OG:TITLE' CONTENT=T>", "T", ""),
        ('<meta property="og:title" content="first"><meta property="og:title" content="second">', "first", ""),
    ],
)
def test_it_reads_what_a_page_says_of_itself(head: str, title: str, description: str) -> None:
    assert made(f"<!doctype html><html><head>{head}</head><body>…</body></html>") == Card(title, description)


@pytest.mark.parametrize(
    "page",
    [
        '<meta charset="iso-8859-1"><title>Grüße</title>'.encode("latin-1"),
        '<meta http-equiv="Content-Type" content="text/html; charset=windows-1252"><title>Grüße</title>'.encode(
            "cp1252"
        ),
        "<title>Grüße</title>".encode(),
        b"\xff\xfe" + "<title>Grüße</title>".encode("utf-16-le"),
        '<meta charset="no-such-thing"><title>Grüße</title>'.encode(),
        '<meta charset="iso-8859-99"><title>Grüße</title>'.encode(),
        '<meta charset="punycode"><title>Grüße</title>'.encode(),
        '<meta charset="idna"><title>Grüße</title>'.encode(),
        '<meta charset="utf-16"><title>Grüße</title>'.encode(),
        '<meta charset="shift_jis"><title>日本語</title>'.encode("shift_jis"),
    ],
)
def test_it_reads_a_page_in_its_own_letters(page: bytes) -> None:
    assert made(page).title in ("Grüße", "日本語")


def test_it_reads_nothing_that_cannot_be_sent() -> None:
    title = made("<title>a&#xD800;b&#0;c\0d</title>").title
    assert title.encode()
    assert "\0" not in title


def test_whatever_a_page_holds_it_says_why_there_is_no_card() -> None:
    dice = random.Random(7)
    pieces = [
        b"<meta", b"<title", b">", b"<!--", b"-->", b"</title>", b' content="', b"og:title", b' property="', b'"', b"'",
        b" charset=", b"utf-8", b"<script", b"</script", b"\xff", b"\x00", b"&#xd800;", b"\r\n", b"/", b"=", b"<",
    ]  # fmt: skip
    for _ in range(100):
        page = b"".join(dice.choice(pieces) for _ in range(dice.randint(1, 40)))
        with suppress(NoCard):
            assert made(page).title.encode()


def test_it_takes_the_picture_as_it_is_when_that_fits() -> None:
    found = made('<meta property="og:image" content="/picture"><title>T</title>', Page(picture(), "image/jpeg"))
    assert found.picture == cards.Picture(picture(), "image/jpeg")


def test_it_brings_a_larger_picture_to_size() -> None:
    found = made('<meta property="og:image" content="picture"><title>T</title>', Page(noise(), "image/png"))
    assert found.picture
    assert len(found.picture.data) <= THUMB
    assert found.picture.type == "image/jpeg"


@pytest.mark.parametrize(
    ("thumb", "why"),
    [
        (None, "404"),
        (Page(b"<html>", "image/jpeg"), "cannot be read"),
        (Page(b"x" * 1000, "image/jpeg", endless=True), "larger"),
        (Page(b"", "image/jpeg", status=302, headers={"Location": "http://10.0.0.1/"}), "public"),
    ],
    ids=["nothing there", "no picture", "endless", "private"],
)
def test_a_picture_that_does_not_come_leaves_the_words(thumb: Page | None, why: str) -> None:
    found = made('<meta property="og:image" content="/picture"><title>T</title>', thumb)
    assert (found.title, found.picture) == ("T", None)
    assert why in found.missing


@pytest.mark.parametrize("address", ["http://[::1", "file:///etc/passwd", "//", "data:image/png;base64,AAAA"])
def test_a_picture_nowhere_leaves_the_words(address: str) -> None:
    found = made(f'<meta property="og:image" content="{address}"><title>T</title>')
    assert (found.title, found.picture) == ("T", None)
    assert found.missing


@pytest.mark.parametrize(
    ("page", "why"),
    [
        (Page(b"<title>T</title>", status=404), "404"),
        (Page(b"%PDF", "application/pdf"), "application/pdf"),
        (Page(b"<html><body>words</body></html>"), "nothing of itself"),
        (Page(b"", status=302, headers={"Location": "http://169.254.169.254/"}), "public"),
        (Page(b"", status=302, headers={"Location": "/"}), "leads on"),
    ],
)
def test_it_says_why_there_is_no_card(page: Page, why: str) -> None:
    with pytest.raises(NoCard, match=why):
        made(page)


def test_it_asks_nobody_on_a_private_address(settings: Settings) -> None:
    settings.FETCH_FROM_LOOPBACK = False
    with serving({"/": Page(b"<title>T</title>")}) as site, pytest.raises(NoCard, match="public"):
        card(site.base_url, most_bytes=THUMB, most_side=2000)
    assert site.asked == []


def test_it_reads_the_beginning_of_a_page_without_end() -> None:
    began = time.monotonic()
    assert made(Page(b"<title>T</title>" + b" " * 60_000, endless=True)).title == "T"
    assert time.monotonic() - began < 20


def test_it_waits_no_longer_than_it_may_for_a_page_that_drips() -> None:
    began = time.monotonic()
    with pytest.raises(NoCard, match="too long"):
        made(Page(b" ", endless=True, every=0.05), within=0.5)
    assert time.monotonic() - began < 10


def test_it_has_room_for_so_many_characters() -> None:
    found = made(f'<title>{"t" * 5000}</title><meta name="description" content="{"d" * 5000}">')
    assert (len(found.title), len(found.description)) == (cards.TITLE, cards.DESCRIPTION)
    assert found.title.endswith("t…")


def test_it_reads_nothing_out_of_scripts_styles_and_comments() -> None:
    tag = '<meta property="og:title" content="not this"><title>nor this</title>'
    assert made(f"<script>'{tag}'</script><style>{tag}</style><!-- {tag} --><title>T</title>").title == "T"


def test_a_sign_in_quotes_does_not_end_a_tag() -> None:
    assert made('<meta content="a > b" property="og:title">').title == "a > b"


@pytest.mark.parametrize(
    "piece", [b"<div>", b"<meta ", b"<meta <meta charset", b'<meta "', b"<!--", b"<title>", b"<script>", b"<meta a=b>"]
)
def test_a_hostile_page_is_read_in_time(piece: bytes) -> None:
    began = time.process_time()
    made(Page(b"<title>T</title>" + piece * (cards.PAGE // len(piece))))
    assert time.process_time() - began < 3
