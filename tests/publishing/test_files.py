"""A post's files on their way to a platform: read piece by piece, uploaded once, told in the timeline."""

from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.models import SandboxPost
from integrations.platforms.errors import NotNow, Rejected
from posts import lifecycle
from posts.models import Media, PostTarget, TargetStatus
from publishing import leases, stopping, timeline
from publishing.files import PostFiles
from publishing.leases import LeaseLost
from publishing.models import Step, Upload
from publishing.parts import freeze, thaw
from tests import builders

from .engine import step

pytestmark = pytest.mark.django_db


def files_of(media: Media) -> PostFiles:
    target = builders.due(media.workspace, media=[media])
    return PostFiles(builders.claimed(target), target.integration)


def test_it_reads_the_bytes_that_were_uploaded() -> None:
    media = builders.media(builders.workspace())
    with files_of(media).open(media.medium()) as file:
        data = file.read(4) + file.read()
    with media.file.open("rb") as stored:
        assert data == stored.read()


def test_a_file_that_is_gone_is_a_refusal() -> None:
    media = builders.media(builders.workspace())
    files, medium = files_of(media), media.medium()
    media.delete()
    with pytest.raises(Rejected) as refused, files.open(medium):
        pass
    assert refused.value.code == "media_gone"


def test_what_was_uploaded_is_kept_for_the_account_while_it_is_good() -> None:
    media = builders.media(builders.workspace())
    files, medium, now = files_of(media), media.medium(), timezone.now()
    assert files.kept(medium, form="image") is None
    files.keep(medium, {"id": "1"}, form="image", until=now + timedelta(hours=1), said="It was uploaded.")
    files.keep(medium, {"id": "2"}, form="image", until=now + timedelta(hours=1), said="It was uploaded again.")
    assert files_of(media).kept(medium, form="image") == {"id": "2"}
    assert files.kept(medium, form="thumb") is None
    Upload.objects.update(good_until=now)
    assert files.kept(medium, form="image") is None
    assert [step.message for step in Step.objects.all()] == ["It was uploaded.", "It was uploaded again."]


def test_another_accounts_uploads_are_not_ours() -> None:
    workspace = builders.workspace()
    media = builders.media(workspace)
    files_of(media).keep(media.medium(), {}, form="image", until=builders.soon(), said="It was uploaded.")
    other = builders.due(workspace, media=[media], platforms=["bluesky"])
    assert PostFiles(builders.claimed(other), other.integration).kept(media.medium(), form="image") is None


def test_a_worker_that_is_to_end_reads_no_further(monkeypatch: pytest.MonkeyPatch) -> None:
    media = builders.media(builders.workspace())
    files = files_of(media)
    with files.open(media.medium()) as file:
        file.read(4)
        monkeypatch.setattr(stopping, "asked", lambda: True)
        with pytest.raises(NotNow) as stopped:
            file.read(4)
    assert stopped.value.waiting
    with pytest.raises(NotNow):
        files.kept(media.medium(), form="image")


def test_a_worker_whose_target_was_taken_over_reads_no_further(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "EVERY", timedelta(0))
    media = builders.media(builders.workspace())
    files, now = files_of(media), timezone.now()
    with files.open(media.medium()) as file:
        file.read(4)
        PostTarget.objects.update(due_at=now)
        assert lifecycle.claim(target_id=PostTarget.objects.get().id, token=now, now=now)
        with pytest.raises(LeaseLost):
            file.read(4)
    with pytest.raises(LeaseLost):
        files.kept(media.medium(), form="image")
    with pytest.raises(LeaseLost), files.open(media.medium()):
        pass


def test_what_a_stranger_said_cannot_keep_a_post_from_going_out() -> None:
    files_of(builders.media(builders.workspace())).tell("It is no page but a\0b.")
    assert Step.objects.get().message == "It is no page but ab."


def test_a_draft_is_frozen_and_thawed_as_it_was() -> None:
    media = builders.media(builders.workspace(), "video", alt_text="Waves.")
    post = builders.post(media.workspace, media=[media], settings={"twitter": {"who_can_reply": "following"}})
    (draft,) = post.parts_for(builders.account(media.workspace))
    assert thaw(freeze(draft)) == draft


def test_the_sandbox_network_receives_the_file_once_and_shows_it() -> None:
    workspace = builders.workspace()
    media = builders.media(workspace, alt_text="Two grey pixels.")
    first = step(builders.due(workspace, content="One", media=[media]))
    second = step(builders.due(workspace, content="Two", media=[media]))
    assert (first.status, second.status) == (TargetStatus.PUBLISHED, TargetStatus.PUBLISHED)
    received = list(SandboxPost.objects.all())
    assert len({one.media[0]["file"] for one in received}) == 1
    assert Upload.objects.count() == 1

    browser = builders.ApiClient()
    page = browser.get(f"/sandbox/{received[0].id}").content.decode()
    assert 'alt="Two grey pixels."' in page
    answer = browser.get(f"/sandbox/{received[0].id}/0")
    with media.file.open("rb") as stored:
        assert b"".join(answer) == stored.read()
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert browser.get(f"/sandbox/{received[0].id}/1").status_code == 404

    told = [(entry.kind, entry.message) for entry in timeline.of_post(first.post).entries]
    assert ("progress", f"The sandbox network has received the image ({media.file_size} bytes).") in told


def test_an_upload_that_goes_on_keeps_its_lease_beyond_its_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    """A large video over a slow line was taken for a worker that had stopped without a word."""
    media = builders.media(builders.workspace())
    target = builders.due(media.workspace, media=[media])
    claim = builders.claimed(target)
    files = PostFiles(claim, target.integration)
    renewed: list[object] = []
    monkeypatch.setattr(lifecycle, "extend", lambda claims, *, now: renewed.extend(claims))
    monkeypatch.setattr("publishing.leases.connection.close", lambda: None)
    with leases.keeper.keep(claim, within=timedelta(0)):
        leases.keeper._renew()
        assert renewed == [], "past its deadline, and nothing moves"
        with files.open(media.medium()) as file:
            file.read(4)
        leases.keeper._renew()
        assert renewed == [claim]
