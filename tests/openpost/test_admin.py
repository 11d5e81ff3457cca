"""The look that all admin pages share."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse

from openpost.admin import badge, moment, verbatim
from openpost.environment import s3_origins

PROJECT = Path(__file__).resolve().parents[2]
CSS = (PROJECT / "openpost/static/openpost/admin.css").read_text()


def luminance(colour: str) -> float:
    """WCAG 2's relative luminance of `#rrggbb`."""
    channels = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("tone", ["good", "busy", "waiting", "bad", "quiet"])
def test_it_shows_badges_that_can_be_read(tone: str) -> None:
    colours = re.search(rf"\.op-{tone} {{ background: (#[0-9a-f]{{6}}); }}", CSS)
    assert colours
    assert contrast(colours[1], "#ffffff") >= 4.5


def test_it_escapes_what_a_badge_says() -> None:
    assert "<b>" not in badge("<b>", "good")


def test_it_escapes_a_text_shown_as_it_is() -> None:
    class Row:
        text = "<script> two  spaces"

    assert "&lt;script&gt; two  spaces" in verbatim("text")(Row())


def test_it_names_the_zone_of_every_time() -> None:
    from datetime import UTC, datetime

    shown = moment(datetime(2026, 5, 1, 14, 0, tzinfo=UTC))
    assert "2026-05-01" in shown
    assert "14:00:00 UTC" in shown
    assert 'datetime="2026-05-01T14:00:00+00:00"' in shown
    assert moment(None) == "–"


@pytest.mark.django_db
def test_it_calls_itself_openpost(rf: RequestFactory) -> None:
    page = Client().get(reverse("admin:login")).content.decode()
    assert "OpenPost" in page


@pytest.mark.parametrize(
    ("store", "origins"),
    [
        (None, []),
        ({"OPTIONS": {"bucket_name": "b", "endpoint_url": None}}, ["https://*.amazonaws.com"]),
        (
            {"OPTIONS": {"bucket_name": "b", "endpoint_url": "https://s3.example.com:9000/x"}},
            ["https://s3.example.com:9000", "https://b.s3.example.com:9000"],
        ),
    ],
)
def test_it_lets_pages_show_files_from_where_they_are_kept(store: Any, origins: list[str]) -> None:
    assert s3_origins(store) == origins


@pytest.mark.django_db
def test_it_lets_no_script_into_a_page_and_makes_none_of_texts() -> None:
    policy = Client().get(reverse("admin:login"))["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "script-src" not in policy
    assert "unsafe-eval" not in policy
    assert "http" not in policy
