"""From the address of a post, as a person copies it, to the id that publishing would have got."""

import pytest

from integrations.platforms.registry import PLATFORMS

POST = "app.bsky.feed.post"
DID = "did:plc:ewvi7nxzyoun6zhxrhs64oiz"


@pytest.mark.parametrize(
    ("platform", "url", "name"),
    [
        ("twitter", "https://x.com/ann/status/1790001", "1790001"),
        ("twitter", "https://x.com/ann/status/1790001/?s=20#top", "1790001"),
        ("twitter", "https://twitter.com/ann/statuses/1790001/photo/1", "1790001"),
        ("twitter", "https://x.com/i/web/status/1790001/analytics", "1790001"),
        ("twitter", "https://posts.example.com/sandbox/7a4c", "7a4c"),
        ("bluesky", "https://bsky.app/profile/ann.test/post/3lgxyzabc2345", f"at://{DID}/{POST}/3lgxyzabc2345"),
        ("bluesky", "https://bsky.app/profile/ann.test/post/3lgxyzabc2345/", f"at://{DID}/{POST}/3lgxyzabc2345"),
        ("bluesky", "https://posts.example.com/sandbox/7a4c", "7a4c"),
        ("mastodon", "https://mastodon.example/@ann/1124", "1124"),
        ("mastodon", "https://example.com", "https://example.com"),
        ("mastodon", "https://example.com/?p=1", "https://example.com/?p=1"),
    ],
)  # fmt: skip
def test_it_takes_what_names_the_post_from_its_address(platform: str, url: str, name: str) -> None:
    assert PLATFORMS[platform].id_in(url, account=DID) == name


@pytest.mark.parametrize(
    ("platform", "url"),
    [
        ("twitter", "https://x.com/ann/status/1790001"),
        ("twitter", "https://x.com/ann/status/1790001/?s=20#top"),
        ("twitter", "https://twitter.com/ann/statuses/1790001/photo/1"),
        ("twitter", "https://x.com/i/web/status/1790001/analytics"),
        ("bluesky", "https://bsky.app/profile/ann.test/post/3lgxyzabc2345"),
        ("bluesky", f"https://bsky.app/profile/{DID}/post/3lgxyzabc2345/?ref=1"),
        ("bluesky", "https://elsewhere.example/profile/ann.test/post/3lgxyzabc2345"),
        ("mastodon", "https://mastodon.example/@ann/1124"),
    ],
)
def test_it_takes_what_may_be_the_address_of_a_post(platform: str, url: str) -> None:
    assert PLATFORMS[platform].wrong_address(url) == ""


@pytest.mark.parametrize(
    ("platform", "url"),
    [
        ("twitter", "https://x.com/ann"),
        ("twitter", "https://x.com/ann/status/latest"),
        ("twitter", "https://x.com/ann/status/"),
        ("twitter", "https://x.com/home"),
        ("twitter", "https://example.com/ann/status/1790001"),
        ("twitter", "https://bsky.app/profile/ann.test/post/3lgxyzabc2345"),
        ("bluesky", "https://bsky.app/profile/ann.test"),
        ("bluesky", "https://bsky.app/profile/ann.test/post/latest"),
        ("bluesky", "https://bsky.app/profile/ann.test/post/3lgxyzabc2345/liked-by"),
        ("bluesky", "https://bsky.app/profile/ann.test/feed/3lgxyzabc2345"),
        ("bluesky", "https://bsky.app/post/3lgxyzabc2345"),
        ("bluesky", "https://x.com/ann/status/1790001"),
    ],
)
def test_it_says_what_the_address_of_a_post_looks_like(platform: str, url: str) -> None:
    said = PLATFORMS[platform].wrong_address(url)
    example = said.rpartition(" ")[2]
    assert said.startswith("the address of a post on ")
    assert PLATFORMS[platform].wrong_address(example) == ""
