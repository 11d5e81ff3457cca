import pytest

from integrations.platforms.registry import PLATFORMS

MASTODON = PLATFORMS["mastodon"]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("👨‍👩‍👧‍👦 e\u0301", 3),
        ("https://example.com/" + "a" * 400, 23),
        ("see https://example.com/a, then", 4 + 23 + 6),
        ("(https://example.com/a_(b))", 25),
        ("https://", 8),
        ("https://.", 9),
        ("http://http://", 14),
        ("https://a.b/)https://a.b/)", 23 + 1 + 23 + 1),
        ("https://a.b/(c", 23 + 2),
        ("example.com", 11),
        ("@somebody@far.example hello", 9 + 6),
        ("@somebody hello", 15),
        ("me@far.example", 14),
        ("https://far.example/@somebody@other.example", 23),
        ("@a.b-c@far.example.", 7),
    ],
)
def test_it_counts_links_and_mentions_as_the_server_does(text: str, count: int) -> None:
    assert MASTODON.count(text) == count
