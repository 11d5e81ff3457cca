"""What is written down and shown holds no secrets: the evidence of attempts, and Django's error pages."""

import base64
import json
from typing import Any
from urllib.parse import quote

import pytest
from django.test import RequestFactory
from django.views.debug import ExceptionReporter

from integrations.platforms.errors import printable
from publishing.redact import MOST, redact

SECRET = "s3cr3t/+=\"'\\ü\n-value"


@pytest.mark.parametrize(
    "shown",
    [
        SECRET,
        json.dumps(SECRET),
        json.dumps(SECRET, ensure_ascii=False),
        quote(SECRET, safe=""),
        repr(SECRET),
        repr({"token": SECRET}),
    ],
)
@pytest.mark.parametrize("held", [{"token": SECRET}, {"tokens": [{"a": SECRET}]}, [SECRET], {"pair": ("x", SECRET)}])
def test_a_secret_is_hidden_however_it_is_written(shown: str, held: Any) -> None:
    found = redact(f"before {shown} after", held)
    assert "[secret]" in found
    assert "s3cr3t" not in found
    assert "value" not in found
    assert (found[:7], found[-6:]) == ("before ", " after")


def test_secrets_of_before_and_after_a_rotation_are_hidden() -> None:
    old, new = {"refresh_token": "old-refresh"}, {"refresh_token": "new-refresh"}
    assert redact("old-refresh new-refresh", old, new) == "[secret] [secret]"


def test_a_secret_within_a_longer_one_leaves_nothing_over() -> None:
    assert redact("abcdefgh-ijklmnop", {"a": "abcdefgh", "b": "abcdefgh-ijklmnop"}) == "[secret]"


@pytest.mark.parametrize("size", [8, 12, 19])
def test_a_secret_cut_off_at_the_end_is_hidden(size: int) -> None:
    secret = "abcdefghijklmnopqrst"
    assert redact(f"token={secret[:size]}", {"token": secret}) == "token=[secret]"
    assert redact(f"{secret[:size]} stands inside", {"token": secret}) == f"{secret[:size]} stands inside"


def test_an_answer_that_is_nothing_but_half_a_secret_is_hidden() -> None:
    assert redact("abcdefghij", {"token": "abcdefghijklmnop"}) == "[secret]"


def test_what_is_public_or_short_stays() -> None:
    public = {
        "service": "https://bsky.social",
        "pds": "https://pds.example.com",
        "did": "did:plc:abcdefgh",
        "handle": "alice.bsky.social",
        "scope": "tweet.read tweet.write",
    }
    text = f"{' '.join(public.values())} 1234567"
    assert redact(text, public | {"pin": "1234567"}) == text


def test_this_services_own_secret_is_hidden(settings: Any) -> None:
    settings.X_CLIENT_ID, settings.X_CLIENT_SECRET = "our-client", "our-own-secret"
    basic = base64.b64encode(b"our-client:our-own-secret").decode()
    assert redact(f"our-client our-own-secret Basic {basic}") == "our-client [secret] Basic [secret]"
    settings.X_CLIENT_SECRET = ""
    assert redact("our-client our-own-secret") == "our-client our-own-secret"


def test_what_the_database_cannot_keep_is_taken_out() -> None:
    for text in (printable("a\0b\ud800c"), redact("a\0b\ud800c", {"token": "x\ud800-secret"})):
        assert text.startswith("ab")
        assert text.encode().endswith(b"c")
    assert redact("se\0cret-token", {"token": "secret-token"}) == "[secret]"
    assert redact("it is x\ud800\0-secret.", {"token": "x\ud800-secret"}) == "it is [secret]."


def test_the_evidence_is_kept_short() -> None:
    assert redact("." * 9000) == "." * MOST
    assert "abcdefgh" not in redact("." * (MOST - 9) + "abcdefghijklmnop", {"token": "abcdefghijklmnop"})


def test_djangos_error_page_shows_no_address_with_a_password(settings: Any) -> None:
    settings.REDIS_URL = settings.CELERY_BROKER_URL = "redis://:hunter22@redis.example.com/0"
    request = RequestFactory().get("/", DATABASE_URL="postgres://openpost:hunter22@db.example.com/openpost")
    reporter = ExceptionReporter(request, ValueError, ValueError("broken"), None)
    for page in (reporter.get_traceback_html(), reporter.get_traceback_text()):
        assert "CELERY_BROKER_URL" in page
        assert "hunter22" not in page


@pytest.mark.parametrize(
    "token",
    # pragma: allowlist nextline secret
    ["eyJ0eXAiOiJKV1QifQ.eyJhdWQiOiJkaWQifQ.c2lnbmF0dXJl", "eyJ0eXAiOiJKV1QifQ.eyJhdWQ", "eyJ0eXAiOi"],
)
def test_a_web_token_is_hidden_although_no_credentials_hold_it(token: str) -> None:
    """Such as Bluesky's video service gets for one upload."""
    assert redact(f'401 {{"error": "BadToken: Bearer {token}"}}') == '401 {"error": "BadToken: Bearer [secret]"}'
    assert redact(f"Bearer {token}") == "Bearer [secret]"
