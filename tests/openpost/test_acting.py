"""Who acts in a request, and from where: as far as a header can be believed, and no further."""

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from openpost import acting
from openpost.acting import Kind, client_address


def request(forwarded: str | None = None, remote: str = "10.0.0.1") -> HttpRequest:
    headers = None if forwarded is None else {"X-Forwarded-For": forwarded}
    return RequestFactory().get("/", headers=headers, REMOTE_ADDR=remote)


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, None, "10.0.0.1"),
        (0, "1.2.3.4", "10.0.0.1"),
        (1, None, "10.0.0.1"),
        (1, "1.2.3.4", "1.2.3.4"),
        (1, "6.6.6.6, 1.2.3.4", "1.2.3.4"),
        (2, "6.6.6.6, 1.2.3.4, 10.0.0.9", "1.2.3.4"),
        (2, "1.2.3.4", "10.0.0.1"),
        (1, "2001:DB8::1", "2001:db8::1"),
        (1, "nonsense", ""),
        (1, " , ", "10.0.0.1"),
    ],
)
def test_it_believes_of_a_header_what_our_own_proxies_wrote(
    settings: Any, proxies: int, forwarded: str | None, address: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    assert client_address(request(forwarded)) == address


def test_it_is_known_while_a_request_is_answered_and_not_after() -> None:
    seen = []

    def answer(asked: HttpRequest) -> HttpResponse:
        seen.append(acting.current())
        return HttpResponse()

    for user in (User(pk=7, username="ada"), AnonymousUser()):
        asked = request()
        asked.user, asked.COOKIES = user, {"sessionid": "x"}
        acting.middleware(answer)(asked)
    assert [(one.kind, one.id, one.name, one.address) for one in seen] == [
        (Kind.PERSON, "7", "ada", "10.0.0.1"),
        (Kind.PERSON, "", "", "10.0.0.1"),
    ]
    assert acting.current().kind == Kind.MACHINE
