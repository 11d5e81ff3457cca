import pytest

from integrations.platforms.base import Draft
from integrations.platforms.registry import PLATFORMS

THREADS = PLATFORMS["threads"]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("plain", 5),
        ("é文", 2),
        ("😀", 4),
        ("👨‍👩‍👧‍👦", 25),
        ("🇩🇪", 8),
        ("👍🏽", 8),
        ("❤️", 6),
        ("❤ ©", 3),
        ("1️⃣ 1", 9),
        ("a😀b", 6),
    ],
)
def test_it_counts_emoji_by_their_bytes(text: str, count: int) -> None:
    assert THREADS.count(text) == count


def test_it_takes_five_different_links() -> None:
    five = " ".join(f"https://example.com/{number}" for number in range(5))
    assert THREADS.text_problems(Draft(f"{five} https://example.com/0, again")) == []

    (problem,) = THREADS.text_problems(Draft(f"{five} (www.example.com)"))

    assert problem.code == "too_many_links"
    assert (problem.details["count"], problem.details["limit"]) == (6, 5)
