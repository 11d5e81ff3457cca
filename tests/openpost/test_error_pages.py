"""Pages for what is not there, may not be done, or broke: they look like ours, and need nothing that may be broken."""

import pytest
from django.test import Client, RequestFactory
from django.views import defaults


@pytest.mark.django_db
def test_an_address_that_leads_nowhere_has_a_page() -> None:
    answer = Client().get("/nothing/like/that")
    assert answer.status_code == 404
    assert "There is nothing here" in answer.text


@pytest.mark.django_db
def test_a_form_of_another_session_has_a_page_that_says_what_to_do() -> None:
    answer = Client(enforce_csrf_checks=True).post("/admin/login/")
    assert answer.status_code == 403
    assert "load the page again" in answer.text


def test_what_a_role_does_not_allow_has_a_page(rf: RequestFactory) -> None:
    answer = defaults.permission_denied(rf.get("/"), Exception())
    assert answer.status_code == 403
    assert "Your role in the workspace" in answer.text


def test_what_broke_has_a_page_that_asks_no_database(rf: RequestFactory) -> None:
    answer = defaults.server_error(rf.get("/"))
    assert answer.status_code == 500
    assert "Something broke here" in answer.text


def test_what_no_browser_sends_has_a_page(rf: RequestFactory) -> None:
    assert "could not be understood" in defaults.bad_request(rf.get("/"), Exception()).text
