"""What platforms answer, and how much they still allow: told by each platform's own session, for whoever watches."""

from openpost.seeing.meters import counter, histogram

ANSWERS = counter("openpost_platform_answers_total", "Answers of a platform, by HTTP status", "platform", "status")
LEFT = histogram(
    "openpost_platform_limit_left_ratio",
    "The share of a rate limit that an answer says is left: of its account, at its endpoint",
    "platform",
    buckets=(0, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 1),
)


def seen(platform: str, status: int, *, left: str | None, of: str | None) -> None:
    """This will count an answer. `left` and `of` are the two numbers of its rate limit, as its headers have them."""
    # A server that anybody may run could make a series of each number there is.
    ANSWERS.labels(platform, str(status) if 100 <= status < 600 else "other").inc()
    if left and of and left.isdecimal() and of.isdecimal() and int(of[:12]):
        LEFT.labels(platform).observe(min(1.0, int(left[:12]) / int(of[:12])))
