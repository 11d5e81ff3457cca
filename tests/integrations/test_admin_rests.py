"""Platforms that rest, in admin: why, until when, and the button that ends it."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from integrations import rests
from integrations.models import AuditEntry, PlatformRest, Role
from tests import builders

from .test_admin import staff

pytestmark = pytest.mark.django_db

LIST = "admin:integrations_platformrest_changelist"


@pytest.fixture
def rest() -> PlatformRest:
    now, reason = timezone.now(), "The X app of this service has no credit left."
    return PlatformRest.objects.create(
        platform="twitter", since=now, until=builders.soon(), code="billing", reason=reason
    )


def page_of(rest: PlatformRest) -> str:
    return reverse("admin:integrations_platformrest_change", args=[rest.pk])


def test_it_shows_what_rests_why_and_what_that_means(admin_client: Client, rest: PlatformRest) -> None:
    for url in (reverse(LIST), page_of(rest)):
        page = admin_client.get(url).content.decode()
        assert "no credit left" in page
        assert "Our side" in page
    assert "nothing is lost" in page


def test_it_ends_a_rest_by_the_button_and_says_so(admin_client: Client, rest: PlatformRest) -> None:
    url = reverse("admin:integrations_platformrest_run", args=[rest.pk, "go_on"])
    assert admin_client.get(url).status_code == 405
    response = admin_client.post(url, follow=True)
    assert "What is due goes out again within seconds: X." in response.content.decode()
    assert not PlatformRest.objects.exists()
    entry = AuditEntry.objects.get(action="platform.went_on")
    assert (entry.subject_id, entry.workspace, entry.before["code"]) == ("twitter", None, "billing")
    assert not rests.go_on("twitter"), "it is over"
    assert AuditEntry.objects.filter(subject_id="twitter").count() == 1


def test_it_ends_the_chosen_rests_of_the_list(admin_client: Client, rest: PlatformRest) -> None:
    PlatformRest.objects.create(
        platform="bluesky", since=rest.since, until=rest.until, code="usage_capped", reason="Later."
    )
    admin_client.post(reverse(LIST), {"action": "go_on", "_selected_action": ["bluesky"]})
    assert list(PlatformRest.objects.all()) == [rest]


def test_it_is_for_superusers_alone(rest: PlatformRest) -> None:
    client = staff(builders.workspace(), Role.OWNER)
    assert client.get(page_of(rest)).status_code == 403
    assert client.post(reverse("admin:integrations_platformrest_run", args=[rest.pk, "go_on"])).status_code == 403
    client.post(reverse(LIST), {"action": "go_on", "_selected_action": ["twitter"]})
    assert PlatformRest.objects.exists()


def test_it_is_written_by_the_machine_only(admin_client: Client, rest: PlatformRest) -> None:
    assert admin_client.get(reverse("admin:integrations_platformrest_add")).status_code == 403
    assert admin_client.post(page_of(rest), {"reason": "Other"}).status_code == 403
