"""Who gets where in admin: every page of every registered admin, asked for by people who have no business there.

Nothing here names an admin class. One that is registered tomorrow, or an address that one of them adds, is walked like
all others: if it forgets whose rows are whose, these tests fail.
"""

import re
import uuid
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.db import models
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse
from django.utils import timezone
from django.utils.html import escape

from integrations import audit, keys
from integrations.admin import TenantAdmin
from integrations.avatars import kept as avatars
from integrations.models import AuditAction, Membership, Role, Workspace
from integrations.webhooks import deliveries, endpoints
from posts.models import Autosave, Media, Post
from tests import builders

from .engine import step

pytestmark = pytest.mark.django_db

#: The walks are long: whenever the tests run they take each fifth address, and all of them in `make explore`.
walks = pytest.mark.parametrize("each", [5, pytest.param(1, marks=pytest.mark.exhaustive)], ids=["fifth", "one"])
ROOMS = ("integrations", "posts", "publishing")
OURS = [model for room in ROOMS for model in apps.get_app_config(room).get_models()]
REGISTERED: dict[Any, Any] = dict(admin.site._registry)
#: Everything of the other workspace bears this name; nothing else does.
MARK = "Xanadu"
MARKUP = "<img src=x onerror=alert(1)>"
#: What anybody may open.
OPEN = {"admin/login/", "admin/logout/", "admin/jsi18n/"}
#: What an address may say beside ids, and words that it knows.
WORDS = {
    "action": (),  # the admin's own actions
    "verb": ("publish_now", "publish", "cancel", "retry", "duplicate"),
    "word": ("live", "absent"),
    "url": ("nowhere",),
    "app_label": ("posts",),
    "content_type_id": ("1",),
    "platform": ("twitter", "bluesky"),
}
_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


def furnish(name: str) -> Workspace:
    """A workspace of that name with a row, or more, in every table of a workspace."""
    workspace, now = builders.workspace(name=name), timezone.now()
    workspace.integrations.update(display_name=name, username=name)
    account = workspace.integrations.all()[0]
    account.avatar = avatars.put(b"a picture", of=account.id)
    account.save(update_fields=["avatar"])
    owner = builders.member(workspace, Role.OWNER, first_name=name)
    Autosave.objects.create(user=owner, workspace=workspace, fields=f"content={name}", kept_at=now)
    keys.create_key(workspace=workspace, name=name)
    endpoint, _ = endpoints.create(workspace=workspace, url=f"https://example.com/{quote(name)}", description=name)
    deliveries.test(endpoint=endpoint, now=now)
    media = builders.media(workspace, name=f"{name}.png", alt_text=name)
    step(builders.due(workspace, content=f"{name} #sandbox-slow-0", media=[media], tags=[name]))
    step(builders.due(workspace, content=f"{name} #sandbox-reject", platforms=["bluesky"]))
    builders.post(workspace, f"{name} later", at=builders.soon(days=1))
    audit.record(AuditAction.WORKSPACE_CHANGED, workspace, workspace=workspace, after={"name": name})
    return workspace


@pytest.fixture
def mine() -> Workspace:
    return furnish("Homestead")


@pytest.fixture
def other() -> Workspace:
    return furnish(MARK)


# The map of admin ---------------------------------------------------------------------------------------------------


def path_to_workspace(model: Any, depth: int = 4) -> str | None:
    """How a row leads to its workspace, over foreign keys; None when it has none."""
    if model is Workspace:
        return "id"
    links = [one for one in model._meta.get_fields() if isinstance(one, models.ForeignKey)]
    for link in links:
        if link.related_model is Workspace:
            return str(link.name)
    for link in links if depth else []:
        rest = path_to_workspace(link.related_model, depth - 1)
        if rest:
            return f"{link.name}__{rest}"
    return None


def row_of(model: Any, workspace: Workspace) -> Any:
    path = path_to_workspace(model)
    assert path, model
    return model._default_manager.filter(**{path: workspace.id}).order_by("pk").last()


def routes(below: Any = None, prefix: str = "") -> Iterator[str]:
    """Every address below admin/, whoever added it, as `admin/posts/post/<path:object_id>/change/`."""
    for one in (below or get_resolver()).url_patterns:
        route = prefix + re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<\1>", str(one.pattern)).strip("^$")
        if "(?P" in str(one.pattern) and "<url>" in route:
            continue  # the catch-all that says of everything else that it is not there
        if isinstance(one, URLResolver):
            if route.startswith(("admin", "")) and (
                route == "" or "admin/".startswith(route) or route.startswith("admin/")
            ):
                yield from routes(one, route)
        elif route.startswith("admin/"):
            yield route


def model_of(route: str) -> Any:
    """The model whose pages stand there; None for pages of none."""
    parts = route.split("/")
    known = {(model._meta.app_label, model._meta.model_name): model for model in REGISTERED}
    return known.get((parts[1], parts[2])) if len(parts) > 2 else None


def addresses(route: str, ids: dict[str, str]) -> list[str]:
    """The addresses of a route with these ids in it, one for each word that may stand there."""
    model, found = model_of(route), [f"/{route}"]
    for name in _PARAMETER.findall(route):
        words = (
            WORDS.get(name) or (REGISTERED[model].on_page if name == "action" else ()) or (ids.get(name, "nothing"),)
        )
        if name not in WORDS:
            assert name in ids, f"{route}: say in ids_in() what {name} is"
            words = (ids[name],)
        found = [re.sub(rf"<(\w+:)?{name}>", word, one) for one in found for word in words]
    return found


def names_something(route: str) -> bool:
    return bool(set(_PARAMETER.findall(route)) - set(WORDS))


def ids_in(route: str, workspace: Workspace) -> dict[str, str]:
    """What an address may name of a workspace; `object_id` is of the route's model."""
    model, post = model_of(route), Post.objects.filter(workspace=workspace, status="failed").get()
    account = workspace.integrations.exclude(avatar="").get()
    found = {
        "workspace_id": workspace.id,
        "post_id": post.id,
        "target_id": post.targets.get().id,
        "integration_id": account.id,
        "account_id": account.id,
        "name": account.avatar.removeprefix("avatars/"),
        "media_id": row_of(Media, workspace).id,
        "page": row_of(Autosave, workspace).id,
        "membership_id": row_of(Membership, workspace).id,
        "object_id": "1",
        "id": "1",
    }
    if model and path_to_workspace(model):
        row = row_of(model, workspace)
        assert row, f"furnish() makes no row of {model.__name__}"
        found["object_id"] = row.pk
    return {name: str(value) for name, value in found.items()}


def ids_of_nothing(route: str) -> dict[str, str]:
    model = model_of(route)
    number = model is not None and isinstance(model._meta.pk, models.IntegerField)
    names = ("workspace_id", "post_id", "target_id", "integration_id", "account_id", "media_id", "page")
    found = {**{name: str(uuid.uuid4()) for name in names}, "membership_id": "987654321"}
    found["name"] = "nothing.webp"
    return {**found, "object_id": "987654321" if number else str(uuid.uuid4())}


def tenants() -> list[Any]:
    return [model for model in REGISTERED if path_to_workspace(model)]


def everything(workspace: Workspace | None = None) -> dict[str, Any]:
    """All rows of ours, or those of one workspace, as they stand."""
    found = {}
    for model in OURS:
        path = path_to_workspace(model)
        rows = model._default_manager.order_by("pk")
        if workspace is None:
            found[model.__name__] = list(rows.values())
        elif path:
            found[model.__name__] = list(rows.filter(**{path: workspace.id}).values())
    return found


def said(response: Any, ids: Iterable[str]) -> tuple[Any, ...]:
    """An answer without what differs in any two: the ids that were asked for, and tokens."""
    text, location = response.content.decode(), response.get("Location", "")
    for value in ids:
        text, location = (re.sub(rf"(?<![\w.-]){value}(?!\w)", "ID", one) for one in (text, location))
    text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text)
    return response.status_code, location, text


# The tests ----------------------------------------------------------------------------------------------------------


def test_every_admin_of_what_belongs_to_a_workspace_is_a_tenants() -> None:
    assert [model.__name__ for model in tenants() if not isinstance(REGISTERED[model], TenantAdmin)] == []
    assert len(tenants()) > 15


def test_the_walk_knows_the_addresses() -> None:
    known = list(routes())
    assert len(known) > 100
    for one in ("admin/", "admin/posts/post/", "admin/posts/post/<path:object_id>/history/", "admin/autocomplete/"):
        assert one in known


def test_every_path_to_a_workspace_is_one() -> None:
    workspace = furnish(MARK)
    for model in tenants():
        tenant: Any = REGISTERED[model]
        row = row_of(model, workspace)
        assert row, f"furnish() makes no row of {model.__name__}"
        assert tenant._workspace_of(row) == workspace.id, model
        assert model._default_manager.filter(**{tenant.workspace_path: workspace.id}).filter(pk=row.pk).exists(), model


def test_every_action_names_rights_that_its_admin_knows() -> None:
    for model, model_admin in REGISTERED.items():
        if isinstance(model_admin, TenantAdmin):
            for function, name, _ in model_admin._get_base_actions():  # type: ignore[attr-defined]
                rights = getattr(function, "allowed_permissions", ())
                assert rights, f"{model.__name__}.{name} names no right"
                for right in rights:
                    assert model_admin.takes(right), (model, name)


@walks
def test_another_workspaces_addresses_answer_as_those_of_nothing(mine: Workspace, other: Workspace, each: int) -> None:
    stranger, before = builders.signed_in(builders.member(mine, Role.OWNER)), everything(other)
    for route in list(routes())[::each]:
        model = model_of(route)
        if not names_something(route) or (model and not path_to_workspace(model)):
            continue
        theirs, nothing = ids_in(route, other), ids_of_nothing(route)
        for there, nowhere in zip(addresses(route, theirs), addresses(route, nothing), strict=True):
            for method in ("get", "post"):
                asked, missing = (getattr(stranger, method)(url) for url in (there, nowhere))
                # Both without the ids of both: a small number stands in any page.
                ids = {*theirs.values(), *nothing.values()}
                assert said(asked, ids) == said(missing, ids), (method, there)
                assert asked.status_code in (302, 403, 404, 405), (method, there)
                assert MARK not in asked.content.decode(), (method, there)
    assert everything(other) == before


@pytest.mark.parametrize("role", [Role.OWNER, pytest.param(Role.VIEWER, marks=pytest.mark.exhaustive)])
def test_no_list_search_filter_or_choice_shows_another_workspace(mine: Workspace, other: Workspace, role: Role) -> None:
    person = builders.member(mine, role)
    furnish("Garden").memberships.create(user=person, role=role)  # so that no current one hides a mistake
    stranger = builders.signed_in(person)
    asked = [f"/admin/search/?s={MARK}&extended=1", *(f"/admin/{room}/" for room in ROOMS)]
    for route in routes():
        if not _PARAMETER.findall(route) and route not in OPEN:
            asked += [f"/{route}", f"/{route}?q={MARK}", f"/{route}?workspace={other.id}"]
    for model, model_admin in REGISTERED.items():
        for name in model_admin.get_autocomplete_fields(None):
            field = f"app_label={model._meta.app_label}&model_name={model._meta.model_name}&field_name={name}"
            asked.append(f"/admin/autocomplete/?{field}&term=")
    shown = 0
    for url in asked:
        response = stranger.get(url, follow=True)
        # What was asked for is repeated in the form that asks.
        page = re.sub(rf'q(=|%3D){MARK}|value="{MARK}"', "", response.content.decode())
        assert response.status_code in (200, 400, 403, 404, 405), url
        assert MARK not in page, url
        assert str(other.id) not in page or str(other.id) in url, url
        shown += response.status_code == 200
    assert shown > 20


@pytest.mark.parametrize(
    "how", ["startswith", *(pytest.param(how, marks=pytest.mark.exhaustive) for how in ("regex", "contains", "in"))]
)
def test_no_list_is_asked_for_what_it_does_not_offer(mine: Workspace, how: str) -> None:
    """What no page shows could be found out by its beginning, and PostgreSQL be kept busy by a pattern."""
    owner = builders.signed_in(builders.member(mine, Role.OWNER))
    for model in tenants():
        url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for field in model._meta.get_fields():
            assert owner.get(f"{url}?{field.name}__{how}=(").status_code == 400, (url, field.name)


@walks
def test_nothing_that_somebody_wrote_is_markup(each: int) -> None:
    """In a post, a name, a tag, a file's name and words, a workspace's and a key's name, a platform's answer."""
    workspace, root = furnish(MARKUP), builders.signed_in(User.objects.create_superuser(MARKUP))
    shown = 0
    for route in list(routes())[::each]:
        for url in addresses(route, ids_in(route, workspace)) if route not in OPEN else ():
            page = root.get(url).content.decode()
            assert MARKUP not in page, url
            shown += escape(MARKUP) in page
    assert shown > 50 // each


def test_a_nul_in_an_address_is_a_bad_request(mine: Workspace) -> None:
    owner = builders.signed_in(builders.member(mine, Role.OWNER))
    for name in (
        "admin/posts/post/?tag=%00",
        "admin/posts/media/?kind__exact=%00",
        "admin/autocomplete/?term=%00",
        "admin/posts/post/?q=a%00",
    ):
        assert owner.get(f"/{name}").status_code == 400, name


@walks
def test_nothing_is_made_in_another_workspace(mine: Workspace, other: Workspace, each: int) -> None:
    stranger, before = builders.signed_in(builders.member(mine, Role.OWNER)), everything(other)
    account = other.integrations.all()[0]
    body = {
        "workspace": str(other.id),
        "name": "Mine",
        "scopes": ["read"],
        "content": "Mine",
        "accounts": [str(account.id)],
        "table": "content,platforms\nMine,twitter\n",
        "make": "Import",
        "username": "mine",
        "role": "viewer",
    }
    for route in list(routes())[::each]:
        if not _PARAMETER.findall(route) and route not in OPEN:
            for query in ("", f"?workspace={other.id}"):
                stranger.post(f"/{route}{query}", body)
    assert everything(other) == before


@pytest.mark.parametrize("who", ["stranger", "viewer"])
def test_no_action_of_a_list_touches_what_the_person_may_not(mine: Workspace, other: Workspace, who: str) -> None:
    person = builders.member(other, Role.VIEWER) if who == "viewer" else builders.member(mine, Role.OWNER)
    client = builders.signed_in(person)
    # A role elsewhere that may all: what is offered is decided by the row's own workspace.
    if who == "viewer":
        mine.memberships.create(user=person, role=Role.OWNER)
    before = everything(other)
    for model in tenants():
        model_admin: Any = REGISTERED[model]
        url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        rows = [str(pk) for pk in row_pks(model, other)]
        for _, name, _ in model_admin._get_base_actions():
            for more in ({}, {"select_across": "1"}, {"post": "yes"}):
                client.post(url, {"action": name, "_selected_action": rows, **more})
    assert everything(other) == before


def row_pks(model: Any, workspace: Workspace) -> list[Any]:
    return list(
        model._default_manager.filter(**{str(path_to_workspace(model)): workspace.id}).values_list("pk", flat=True)
    )


@pytest.mark.parametrize("elsewhere", [pytest.param(None, marks=pytest.mark.exhaustive), Role.OWNER])
def test_a_viewer_changes_nothing_whatever_they_may_elsewhere(mine: Workspace, elsewhere: Role | None) -> None:
    person = builders.member(mine, Role.VIEWER)
    if elsewhere:
        furnish("Garden").memberships.create(user=person, role=elsewhere)
    viewer, of = builders.signed_in(person), mine if elsewhere else None
    body = {"post": "yes", "workspace": str(mine.id), "url": "https://example.com/x", "at": "2030-01-01T10:00"}
    body |= dict.fromkeys(("content", "name", "alt_text", "username", "reason", "description"), "Changed")
    before = everything(of)
    for route in routes():
        model = model_of(route)
        if route in OPEN or (model and not path_to_workspace(model)):
            continue
        for url in addresses(route, ids_in(route, mine)):
            assert viewer.get(url).status_code < 500, url
            assert viewer.post(url, body).status_code < 500, url
    after = everything(of)
    for one in (before, after):
        # What they do about their own sign-in, and about what they are told.
        one.pop("SecondFactor", None)
        one.pop("AlertChoice", None)
        one["AuditEntry"] = [row for row in one["AuditEntry"] if not row["action"].startswith("person.")]
    assert after == before


def test_a_viewer_sees_what_there_is_and_an_editor_may_write(mine: Workspace) -> None:
    for role, adds in ((Role.VIEWER, 403), (Role.EDITOR, 200)):
        client = builders.signed_in(builders.member(mine, role))
        for name in ("posts_post", "posts_media", "integrations_integration", "posts_posttarget", "publishing_attempt"):
            assert client.get(reverse(f"admin:{name}_changelist")).status_code == 200, (role, name)
        for name in ("posts_post", "posts_media"):
            assert client.get(reverse(f"admin:{name}_add"), follow=True).status_code == adds, (role, name)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.EDITOR])
def test_only_admins_and_owners_get_to_keys_webhooks_and_the_audit_log(mine: Workspace, role: Role) -> None:
    lists = ("apikey", "webhookendpoint", "webhookdelivery", "outboxevent", "auditentry")
    for who, status in ((role, 403), (Role.ADMIN, 200), (Role.OWNER, 200)):
        client = builders.signed_in(builders.member(mine, who))
        for name in lists:
            assert client.get(reverse(f"admin:integrations_{name}_changelist")).status_code == status, (who, name)


def test_what_belongs_to_no_workspace_is_for_superusers_alone(mine: Workspace) -> None:
    owner = builders.signed_in(builders.member(mine, Role.OWNER))
    superuser = builders.signed_in(User.objects.create_superuser("root"))
    for model in REGISTERED:
        if not path_to_workspace(model):
            for page in ("changelist", "add"):
                url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}")
                assert owner.get(url).status_code == owner.post(url).status_code == 403, url
                assert superuser.get(url).status_code in (200, 403), url


def test_permissions_of_djangos_open_nothing(mine: Workspace) -> None:
    person = User.objects.create_user("trusted", is_staff=True)
    person.user_permissions.set(Permission.objects.all())
    client = builders.signed_in(person)
    for model in REGISTERED:
        url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        assert client.get(url).status_code == 403, url
    assert "Homestead" not in client.get("/admin/").content.decode()


@walks
def test_who_is_not_signed_in_is_sent_to_sign_in(mine: Workspace, each: int) -> None:
    anonymous, before = Client(), everything()
    for route in list(routes())[::each]:
        if route in OPEN:
            continue
        for url in addresses(route, ids_in(route, mine)):
            for method in ("get", "post"):
                response = getattr(anonymous, method)(url)
                sent = response.get("Location", "").partition("?")[0]
                assert (response.status_code, sent) == (302, reverse("admin:login")), (method, url)
    assert everything() == before
