"""The double's media: that it takes what X takes, refuses what X refuses, and shows posts as X shows them."""

import io
from typing import Any

import pytest
import requests
from PIL import Image

from integrations.platforms.client import Account
from tests.peers.x.process import XPeer

CLIP = b"\0\0\0\x18ftypmp42" + bytes(1000)


def picture(format_: str = "PNG") -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(target, format_)
    return target.getvalue()


class Uploader:
    """Plain HTTP, as anybody would speak it."""

    def __init__(self, url: str, token: str) -> None:
        self.url, self.http = url, requests.Session()
        self.http.headers["Authorization"] = f"Bearer {token}"

    def json(self, path: str, body: Any = None) -> requests.Response:
        return self.http.post(f"{self.url}{path}", json=body, timeout=5)

    def form(self, path: str, *, media: bytes | None = None, **fields: str) -> requests.Response:
        files: dict[str, Any] = {name: (None, value) for name, value in fields.items()}
        if media is not None:
            files["media"] = ("media", media)
        return self.http.post(f"{self.url}{path}", files=files, timeout=5)

    def status(self, media_id: str) -> requests.Response:
        query = {"command": "STATUS", "media_id": media_id}
        return self.http.get(f"{self.url}/2/media/upload", params=query, timeout=5)

    def image(self) -> str:
        answer = self.form("/2/media/upload", media=picture(), media_category="tweet_image")
        return str(answer.json()["data"]["id"])

    def begin(self, size: int = len(CLIP), **fields: Any) -> str:
        body = {"media_type": "video/mp4", "media_category": "tweet_video", "total_bytes": size} | fields
        return str(self.json("/2/media/upload/initialize", body).json()["data"]["id"])

    def append(self, media_id: str, number: int, media: bytes) -> requests.Response:
        return self.form(f"/2/media/upload/{media_id}/append", segment_index=str(number), media=media)

    def finalize(self, media_id: str) -> requests.Response:
        return self.http.post(f"{self.url}/2/media/upload/{media_id}/finalize", timeout=5)

    def clip(self, **fields: Any) -> str:
        media_id = self.begin(**fields)
        self.append(media_id, 0, CLIP)
        assert self.finalize(media_id).status_code == 200
        return media_id

    def post(self, *media_ids: str, **fields: Any) -> requests.Response:
        return self.json("/2/tweets", {"media": {"media_ids": media_ids}} | fields)


@pytest.fixture
def ada(x: XPeer, account: Account) -> Uploader:
    return Uploader(x.url, account.credentials["access_token"])


@pytest.fixture
def bob(x: XPeer) -> Uploader:
    return Uploader(x.url, x.tokens(x.user("bob")["id"])["access_token"])


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"media_type": "video/mp4"},
        {"total_bytes": 10},
        {"media_type": "video/mp4", "total_bytes": 0},
        {"media_type": "video/mp4", "total_bytes": -1},
        {"media_type": "video/mp4", "total_bytes": "10"},
        {"media_type": "video/mp4", "total_bytes": 2**34 + 1},
        {"media_type": "video/mp4", "total_bytes": 8 * 2**30 + 1},
        {"media_type": "image/png", "total_bytes": 5 * 2**20 + 1},
        {"media_type": "image/gif", "total_bytes": 15 * 2**20 + 1},
        {"media_type": "video/x-matroska", "total_bytes": 10},
        {"media_type": "video/mp4", "total_bytes": 10, "media_category": "tweet_image"},
        {"media_type": "image/png", "total_bytes": 10, "media_category": "tweet_gif"},
        {"media_type": "video/mp4", "total_bytes": 10, "media_category": "TWEET_VIDEO"},
        {"media_type": "video/mp4", "total_bytes": 10, "additional_owners": "1"},
        {"media_type": "video/mp4", "total_bytes": 10, "name": "clip.mp4"},
        {"command": "INIT", "media_type": "video/mp4", "total_bytes": 10},
    ],
)
def test_it_refuses_to_begin_an_upload_that_x_would(ada: Uploader, body: dict[str, Any]) -> None:
    assert ada.json("/2/media/upload/initialize", body).status_code == 400


def test_it_takes_a_video_in_pieces_and_processes_it_step_by_step(x: XPeer, ada: Uploader, account: Account) -> None:
    media_id = ada.begin()
    assert ada.append(media_id, 1, CLIP[500:]).status_code == 200
    assert ada.append(media_id, 0, b"wrong").status_code == 200
    assert ada.append(media_id, 0, CLIP[:500]).status_code == 200  # again
    done = ada.finalize(media_id).json()["data"]
    assert done["processing_info"] == {"state": "pending", "check_after_secs": 1}
    assert (done["media_key"], done["size"]) == (f"7_{media_id}", len(CLIP))
    assert ada.post(media_id).status_code == 400
    assert ada.status(media_id).json()["data"]["processing_info"]["progress_percent"] == 50
    assert ada.status(media_id).json()["data"]["processing_info"]["state"] == "succeeded"
    assert ada.status(media_id).json()["data"]["processing_info"]["state"] == "succeeded"
    assert ada.post(media_id).status_code == 201
    [upload] = x.media(account.remote_id)
    assert upload["finalized"]


@pytest.mark.parametrize(
    "pieces",
    [
        [],
        [(0, CLIP[:-1])],
        [(0, CLIP), (1, b"more")],
        [(0, CLIP[:500]), (2, CLIP[500:])],
        [(1, CLIP)],
        [(0, bytes(1012))],
    ],
    ids=["none", "short", "long", "gap", "no-first", "no-video"],
)
def test_it_finalizes_nothing_but_the_whole_file(ada: Uploader, pieces: list[tuple[int, bytes]]) -> None:
    media_id = ada.begin()
    for number, piece in pieces:
        assert ada.append(media_id, number, piece).status_code == 200
    assert ada.finalize(media_id).status_code == 400


@pytest.mark.parametrize("number", ["1000", "-1", "one", ""])
def test_it_refuses_a_piece_of_another_number(ada: Uploader, number: str) -> None:
    path = f"/2/media/upload/{ada.begin()}/append"
    assert ada.form(path, segment_index=number, media=b"1").status_code == 400


def test_it_refuses_a_piece_that_is_no_piece(ada: Uploader) -> None:
    media_id = ada.begin()
    path = f"/2/media/upload/{media_id}/append"
    assert ada.form(path, segment_index="0").status_code == 400
    assert ada.form(path, media=b"1").status_code == 400
    assert ada.form(path, segment_index="0", media=b"1", command="APPEND").status_code == 400
    assert ada.json(path, {"segment_index": 0, "media": "MQ=="}).status_code == 400
    assert ada.append(media_id, 0, bytes(5 * 2**20 + 1)).status_code == 400
    clip = ada.clip()
    assert ada.append(clip, 1, b"1").status_code == 400  # it is finalized


@pytest.mark.parametrize("format_", ["PNG", "JPEG", "WEBP", "GIF"])
def test_it_takes_an_image_in_one_call(ada: Uploader, format_: str) -> None:
    data = ada.form("/2/media/upload", media=picture(format_), media_category="tweet_image").json()["data"]
    assert data["image"] == {"image_type": f"image/{format_.lower()}", "w": 40, "h": 30}
    assert data["media_key"] == f"3_{data['id']}"
    assert data["expires_after_secs"] in (86399, 86400)
    assert ada.status(data["id"]).status_code == 400  # X knows of no processing, so of no image either


def test_it_refuses_an_image_that_x_would(ada: Uploader) -> None:
    def status(media: bytes | None, **fields: str) -> int:
        return ada.form("/2/media/upload", media=media, **fields).status_code

    assert status(picture()) == 400
    assert status(None, media_category="tweet_image") == 400
    assert status(picture("BMP"), media_category="tweet_image") == 400
    assert status(b"nothing", media_category="tweet_image") == 400
    assert status(CLIP, media_category="tweet_video") == 400
    assert status(bytes(5 * 2**20 + 1), media_category="tweet_image") == 400
    assert status(picture(), media_category="tweet_image", alt_text="A") == 400


def test_it_describes_what_it_has(x: XPeer, ada: Uploader, bob: Uploader) -> None:
    media_id = ada.image()

    def describe(who: Uploader, **body: Any) -> int:
        return who.json("/2/media/metadata", {"id": media_id} | body).status_code

    assert describe(ada, metadata={"alt_text": {"text": "A" * 1000}}) == 200
    assert describe(ada, metadata={"alt_text": {"text": "A" * 1001}}) == 400
    assert describe(ada, metadata={"alt_text": "A"}) == 400
    assert describe(ada, metadata={"alt_text": {"text": "A"}, "title": "B"}) == 400
    assert describe(ada, alt_text="A") == 400
    assert describe(bob, metadata={"alt_text": {"text": "B"}}) == 400
    assert x.media()[0]["alt_text"] == "A" * 1000


def test_it_gives_a_post_only_what_may_stand_together(ada: Uploader, bob: Uploader) -> None:
    images = [ada.image() for _ in range(5)]
    clip, animation = ada.clip(), ada.begin(len(picture("GIF")), media_type="image/gif", media_category="tweet_gif")
    ada.append(animation, 0, picture("GIF"))
    ada.finalize(animation)
    for media_id in (clip, animation):
        ada.status(media_id)
        ada.status(media_id)
    assert ada.post(*images).status_code == 400
    assert ada.post(images[0], clip).status_code == 400
    assert ada.post(images[0], animation).status_code == 400
    assert ada.post(clip, animation).status_code == 400
    assert ada.post(images[0], "99").json()["errors"][0]["message"] == "Your media IDs are invalid."
    assert bob.post(images[0]).status_code == 400
    assert [ada.post(*some).status_code for some in (images[:4], [clip], [animation])] == [201, 201, 201]


def test_it_gives_a_post_nothing_made_for_a_message(ada: Uploader) -> None:
    answer = ada.form("/2/media/upload", media=picture(), media_category="dm_image")
    assert ada.post(answer.json()["data"]["id"]).status_code == 400


def test_it_forgets_an_upload_after_a_day(x: XPeer, ada: Uploader) -> None:
    x.settings(media_life_s=1)
    media_id, clip = ada.image(), ada.clip()
    x.clock(ahead_s=2)
    assert [ada.post(media_id).status_code, ada.status(clip).status_code] == [400, 400]
    assert ada.append(clip, 0, b"1").status_code == 400


def test_it_knows_duplicates_by_their_media_too(ada: Uploader) -> None:
    one, two = ada.image(), ada.image()
    assert [ada.post(media_id, text="look").status_code for media_id in (one, two, one)] == [201, 201, 403]
    assert ada.json("/2/tweets", {"text": "look"}).status_code == 201


def test_it_wants_the_scope_for_every_media_call(x: XPeer, account: Account) -> None:
    tokens = x.tokens(account.remote_id, scope="tweet.read tweet.write users.read")
    poor = Uploader(x.url, tokens["access_token"])
    statuses = [
        poor.form("/2/media/upload", media=picture(), media_category="tweet_image").status_code,
        poor.json("/2/media/upload/initialize", {}).status_code,
        poor.append("1", 0, b"1").status_code,
        poor.finalize("1").status_code,
        poor.status("1").status_code,
        poor.json("/2/media/metadata", {}).status_code,
    ]
    assert statuses == [403] * 6


def test_it_shows_a_post_with_all_that_belongs_to_it(x: XPeer, ada: Uploader, account: Account) -> None:
    images = [ada.image(), ada.image()]
    first = ada.post(*images, text="1/2").json()["data"]["id"]
    poll = {"options": ["yes", "no"], "duration_minutes": 60}
    reply = {"text": "2/2", "poll": poll, "reply": {"in_reply_to_tweet_id": first}, "reply_settings": "following"}
    assert ada.json("/2/tweets", reply).status_code == 201
    fields = "attachments,conversation_id,entities,in_reply_to_user_id,referenced_tweets,reply_settings"
    query = {"tweet.fields": fields}
    answer = ada.http.get(f"{x.url}/2/users/{account.remote_id}/tweets", params=query, timeout=5)
    second, one = answer.json()["data"]
    keys = [f"3_{media_id}" for media_id in images]
    assert one["attachments"] == {"media_keys": keys}
    assert [link["media_key"] for link in one["entities"]["urls"]] == keys
    assert {link["url"] for link in one["entities"]["urls"]} == {one["text"].removeprefix("1/2 ")}
    assert "referenced_tweets" not in one
    assert second["attachments"].keys() == {"poll_ids"}
    assert second["referenced_tweets"] == [{"type": "replied_to", "id": first}]
    assert (second["in_reply_to_user_id"], second["conversation_id"]) == (account.remote_id, first)
    assert second["reply_settings"] == "following"


def test_it_tells_the_limit_of_each_media_call(ada: Uploader) -> None:
    answers = [
        ada.form("/2/media/upload", media=picture(), media_category="tweet_image"),
        ada.json("/2/media/upload/initialize", {"media_type": "video/mp4", "total_bytes": 10}),
        ada.status(ada.clip()),
    ]
    assert [answer.headers["x-rate-limit-limit"] for answer in answers] == ["500", "1875", "1000"]


def test_it_can_cut_a_request_in_its_middle(x: XPeer, ada: Uploader) -> None:
    media_id = ada.begin()
    x.fault("POST /2/media/upload/:id/append", "cut")
    with pytest.raises(requests.ConnectionError):
        ada.append(media_id, 0, bytes(4 * 2**20))
    assert x.media()[0]["pieces"] == 0
    assert [request["fault"] for request in x.requests()] == [None, "cut before"]
    assert ada.append(media_id, 0, CLIP).status_code == 200
