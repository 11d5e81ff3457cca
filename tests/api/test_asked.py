"""The line by which two runs of `make api` are compared."""

import json
from pathlib import Path

from .asked import fingerprint

OF_ONE_RUN = [
    ("POST", "http://127.0.0.1:5001/v1/posts", '{"content": "é"}'),
    ("GET", "http://127.0.0.1:5001/v1/posts/3a6f1e9e-4c2b-4a1d-9e3a-112233445566", ""),
    ("GET", "http://127.0.0.1:5001/v1/posts?from=2026-11-25T09%3A50%3A03.482170Z", ""),
]
OF_ANOTHER = [
    ("POST", "http://127.0.0.1:6001/v1/posts", '{"content": "é"}'),
    ("GET", "http://127.0.0.1:6001/v1/posts/9b2d3e4f-0000-4000-8000-000000000002", ""),
    ("GET", "http://127.0.0.1:6001/v1/posts?from=2027-01-01T00%3A00%3A00.5Z", ""),
]


def told(folder: Path, *requests: tuple[str, str, str]) -> str:
    entries = [
        {"request": {"method": method, "url": url, "postData": {"text": body}, "headers": []}}
        for method, url, body in requests
    ]
    report = folder / "requests.har"
    report.write_text(json.dumps({"log": {"entries": entries}}))
    return fingerprint(report)


def test_it_is_the_same_whatever_the_server_made_of_its_own(tmp_path: Path) -> None:
    assert told(tmp_path, *OF_ONE_RUN) == told(tmp_path, *OF_ANOTHER)


def test_it_tells_another_word_order_or_number(tmp_path: Path) -> None:
    method, url, _ = OF_ONE_RUN[0]
    others = [
        [*OF_ONE_RUN[1:], (method, url, '{"content": "e"}')],
        OF_ONE_RUN[::-1],
        OF_ONE_RUN[:2],
        [*OF_ONE_RUN, OF_ONE_RUN[1]],
    ]

    assert len({told(tmp_path, *requests) for requests in (OF_ONE_RUN, *others)}) == 5


def test_it_tells_whether_what_came_back_was_sent_again(tmp_path: Path) -> None:
    again, other = [*OF_ONE_RUN, OF_ONE_RUN[1]], [*OF_ONE_RUN, OF_ANOTHER[1]]

    assert told(tmp_path, *again) != told(tmp_path, *other)
