"""A text in its colours. No database."""

import pytest

from integrations.platforms.bluesky.facets import facets
from posts.composer.painting import MOST, Stretch, first_link, painted

TEXT = "Grüße 👩‍👩‍👧‍👦 @alice.bsky.social: https://example.com/ä?b=c, #schön (https://b.example)."


@pytest.mark.parametrize("declared", [True, False], ids=["by the rules", "as people expect"])
def test_it_cuts_at_links_mentions_and_tags_and_loses_nothing(declared: bool) -> None:
    found = painted(TEXT, facets(TEXT) if declared else ())
    assert "".join(one.text for one in found) == TEXT
    assert [one for one in found if one.kind][:3] == [
        Stretch("@alice.bsky.social", "mention"),
        Stretch("https://example.com/ä?b=c", "link"),
        Stretch("#schön", "tag"),
    ]


def test_it_shows_no_more_than_anybody_reads_and_says_so() -> None:
    text = "Ünï" * 10_000 + " https://example.com"
    shown = "".join(one.text for one in painted(text, facets(text)))
    assert shown == text[:MOST] + "…"


def test_it_finds_the_link_whose_card_would_be_shown() -> None:
    assert first_link(TEXT, facets(TEXT)) == "https://example.com/ä?b=c"
    assert first_link(TEXT, ()) == "https://example.com/ä?b=c"
    assert first_link("No link: example", ()) == ""
