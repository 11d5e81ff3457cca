"""What a key's scopes allow: enforced in one place, for every address of the API."""

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.urls import URLPattern, URLResolver, get_resolver

from integrations.models import ApiKey
from tests import builders

pytestmark = pytest.mark.django_db


def every_v1_route() -> list[tuple[str, type]]:
    """Each address under /v1, with the view that answers there; whatever room it is of."""
    found = []
    for include in get_resolver().url_patterns:
        if isinstance(include, URLResolver) and str(include.pattern) == "v1/":
            found += [
                (str(route.pattern), route.callback.cls)
                for route in include.url_patterns
                if isinstance(route, URLPattern) and hasattr(route.callback, "cls")
            ]
    return found


@pytest.mark.parametrize(
    ("scope", "method", "path"),
    [
        ("read", "get", "/v1/posts"),
        ("read", "get", "/v1/integrations"),
        ("read", "head", "/v1/posts"),
        ("read", "options", "/v1/posts"),
        ("write", "post", "/v1/posts"),
        ("write", "patch", "/v1/posts/1"),
        ("write", "delete", "/v1/posts/1"),
        ("write", "delete", "/v1/integrations/1"),
        ("write", "get", "/v1/integrations/twitter/connect"),
        ("write", "post", "/v1/integrations/bluesky/connect"),
        ("admin", "get", "/v1/keys"),
        ("admin", "post", "/v1/keys"),
        ("admin", "delete", "/v1/keys/1"),
    ],
)
def test_it_takes_the_scope_that_the_request_needs_and_no_other(scope: str, method: str, path: str) -> None:
    workspace = builders.workspace()
    for others in ({"read", "write", "admin"} - {scope}, {"read"} - {scope} or {"write"}):
        answer = getattr(builders.client(workspace, *others), method)(path)
        assert answer["WWW-Authenticate"] == f'Bearer error="insufficient_scope", scope="{scope}"'
        if method == "head":
            assert answer.status_code == 403
            continue
        body = builders.error(answer, 403)
        assert (body["code"], body["required_scope"]) == ("insufficient_scope", scope)
        assert scope in body["error"]
    assert getattr(builders.client(workspace, scope), method)(path).status_code != 403


def test_it_guards_every_address() -> None:
    routes = every_v1_route()
    assert len(routes) > 10
    workspace = builders.workspace()
    nothing_fits = builders.client(workspace, "read")
    ApiKey.objects.filter(workspace=workspace).update(scopes=["admin"])
    unguarded = []
    for route, view in routes:
        path = "/v1/" + route.replace("<str:", "").replace(">", "")
        needs = getattr(view, "needs", "")
        if needs is None:
            assert route == "me"
            continue
        for method in ("get", "post", "put", "patch", "delete"):
            answer = getattr(nothing_fits, method)(path)
            if needs != "admin" and answer.status_code != 403:
                unguarded.append((method, path, answer.status_code))
    assert unguarded == []


def test_it_looks_at_the_key_before_the_scope() -> None:
    assert builders.ApiClient().delete("/v1/integrations/1").status_code == 401


def test_it_lets_a_key_from_before_there_were_scopes_read_and_write() -> None:
    workspace = builders.workspace()
    client = builders.client(workspace)
    assert ApiKey.objects.get().scopes == ["read", "write"]
    assert client.post("/v1/posts", {"content": "Hello", "platforms": ["twitter"]}).status_code == 201
    assert client.get("/v1/posts").status_code == 200
    builders.error(client.get("/v1/keys"), 403)


def test_new_scopes_hold_from_the_next_request_on() -> None:
    client = builders.client(builders.workspace(), "read")
    assert client.get("/v1/posts").status_code == 200
    ApiKey.objects.update(scopes=["write"])
    builders.error(client.get("/v1/posts"), 403)


@pytest.mark.parametrize(("scopes", "kept"), [([], ["read", "write"]), (["admin", "read", "read"], ["read", "admin"])])
def test_the_command_makes_keys_with_scopes(scopes: list[str], kept: list[str]) -> None:
    builders.workspace(name="Acme")
    call_command("create_key", "Acme", *(f"--scope={scope}" for scope in scopes))
    assert ApiKey.objects.get().scopes == kept


@pytest.mark.parametrize(
    ("scopes", "constraint"), [([], "may_do_something"), (["read", "everything"], "scopes_are_known")]
)
def test_the_database_refuses_scopes_that_mean_nothing(scopes: list[str], constraint: str) -> None:
    builders.api_key(builders.workspace())
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        ApiKey.objects.update(scopes=scopes)


@pytest.mark.django_db(transaction=True)
def test_the_migration_gives_keys_of_before_read_and_write_and_can_be_undone() -> None:
    builders.api_key(builders.workspace(), scopes=["admin"])
    try:
        call_command("migrate", "integrations", "0007", verbosity=0)
    finally:
        call_command("migrate", verbosity=0)
    assert ApiKey.objects.get().scopes == ["read", "write"]
