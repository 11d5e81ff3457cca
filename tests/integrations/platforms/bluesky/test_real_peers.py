"""What we publish, read by another client: Bluesky's own library."""

import pytest

from integrations.platforms.base import Draft
from integrations.platforms.client import Account
from tests.integrations.platforms.files import MemoryFiles
from tests.peers.pds import Pds
from tests.peers.pds_reader import read_posts

from .people import prepared, publish
from .pictures import add, plain

pytestmark = pytest.mark.peer


def test_another_client_reads_a_thread_as_it_was_meant(pds: Pds, ann: Account) -> None:
    bob, files = pds.create_account("bob"), MemoryFiles()
    media = [add(files, plain("red", (20 + number, 20))) for number in range(9)]
    said = {"languages": ["de"], "labels": ["nudity"], "who_can_reply": "nobody", "link_card": False}
    live = publish(
        ann,
        prepared(
            ann,
            Draft(f"Grüße 👨‍👩‍👧 @{bob.handle} #Käse", said, media=tuple(media[:4])),
            Draft("siehe example.org, $aapl", said),
            Draft("", said, media=tuple(media[4:])),
            files=files,
        ),
    )

    first, second, third = read_posts(pds.base_url, ann.remote_id)

    assert all(post["valid"] for post in (first, second, third))
    assert first["segments"] == [
        ["Grüße 👨‍👩‍👧 ", None], [f"@{bob.handle}", bob.did], [" ", None], ["#Käse", "Käse"],
    ]  # fmt: skip
    assert second["segments"] == [
        ["siehe ", None], ["example.org", "https://example.org"], [", ", None], ["$aapl", "$AAPL"],
    ]  # fmt: skip
    assert [post["images"] for post in (first, second, third)] == [4, 0, 5]
    assert [post["parent"] for post in (first, second, third)] == [None, live.remote_id, live.rest[0].remote_id]
