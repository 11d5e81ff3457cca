"""When a request is here as a whole, whatever the pieces it comes in."""

import pytest

from openpost.web.arriving import MOST_BODY, MOST_HEAD, Arriving, Stage

HEAD = b"POST /v1/posts HTTP/1.1\r\nHost: x\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


def stage_of(data: bytes, *, at_a_time: int) -> Stage:
    request = Arriving()
    for start in range(0, len(data), at_a_time):
        request.add(data[start : start + at_a_time])
    return request.stage


@pytest.mark.parametrize("at_a_time", [1, 3, 1000])
@pytest.mark.parametrize(
    ("data", "stage"),
    [
        (b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: ", Stage.HEAD),
        (b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", Stage.WHOLE),
        (HEAD + b"content-length: 3\r\n\r\nab", Stage.BODY),
        (HEAD + b"Content-Length:3\r\n\r\nabc", Stage.WHOLE),
        (HEAD + b"Content-Length: 3\r\n\r\nabcGET / HTTP/1.1\r\n", Stage.WHOLE),
        (HEAD + b"Content-Length: %d\r\n\r\n" % (MOST_BODY + 1), Stage.LARGE),
        (CHUNKED, Stage.BODY),
        (CHUNKED + b"4\r\n0\r\n\r\n", Stage.BODY),
        (CHUNKED + b"4\r\n0\r\n\r\r\n0\r\n", Stage.BODY),
        (CHUNKED + b"4;a=b\r\n0\r\n\r\r\n0\r\n\r\n", Stage.WHOLE),
        (CHUNKED + b"0\r\nA: trailer\r\n\r\n", Stage.WHOLE),
        (CHUNKED + b"no size\r\n", Stage.WHOLE),
    ],
)
def test_it_knows_whether_a_request_is_whole(data: bytes, stage: Stage, at_a_time: int) -> None:
    assert stage_of(data, at_a_time=at_a_time) == stage


def test_a_head_without_end_is_too_large() -> None:
    assert stage_of(HEAD + b"A: " + b"b" * MOST_HEAD, at_a_time=4096) == Stage.HEAD_TOO_LARGE


def test_pieces_that_do_not_end_are_large_at_last() -> None:
    piece = b"100000\r\n" + bytes(0x100000) + b"\r\n"

    assert stage_of(CHUNKED + piece * 4, at_a_time=65536) == Stage.BODY
    assert stage_of(CHUNKED + piece * 6, at_a_time=65536) == Stage.LARGE


def test_it_knows_who_waits_for_a_word() -> None:
    request = Arriving()
    request.add(HEAD + b"Content-Length: 3\r\nExpect: 100-continue\r\n\r\n")

    assert request.expects
