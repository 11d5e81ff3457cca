"""Who is in a workspace, and as what: people are added, given another role, and removed by its owners and admins.

Somebody new gets an account without a password, and a link that lets them choose one, once (welcome.py). Only owners
make, change or remove owners, and of those one always stays.
"""

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from integrations import audit
from integrations.models import AuditAction, Membership, Role, Workspace

from .roles import Permission, may, role_of


class CannotChange(Exception):
    """Why it stays as it is, in a sentence."""


@transaction.atomic
def add(*, workspace: Workspace, name: str, role: Role, by: Any) -> tuple[Membership, str]:
    """This will put a person into a workspace, making their account if there is none of that name.

    Gives the link by which somebody new chooses a password, to be shown once; "" for who has an account already.
    """
    _hold(workspace)
    if role == Role.OWNER:
        _require_owner(by, workspace)
    users = get_user_model()
    user = users.objects.filter(username=name).first()
    link = ""
    if user is None:
        user = users.objects.create_user(name, is_staff=True)
        link = _link(user)
    elif not user.is_staff:
        users.objects.filter(pk=user.pk).update(is_staff=True)
    if workspace.memberships.filter(user=user).exists():
        raise CannotChange(f"{name} is in this workspace already.")
    membership = workspace.memberships.create(user=user, role=role)
    _record(AuditAction.MEMBER_ADDED, membership, after={"role": role.value})
    return membership, link


@transaction.atomic
def change_role(*, membership: Membership, role: Role, by: Any) -> None:
    """This will give a member another role, from their next request on."""
    held = _held(membership)
    if held.role == role:
        return
    if Role.OWNER in (held.role, role):
        _require_owner(by, held.workspace)
    if held.role == Role.OWNER:
        _require_another_owner(held)
    before = {"role": held.role}
    Membership.objects.filter(id=held.id).update(role=role)
    _record(AuditAction.MEMBER_CHANGED, held, before=before, after={"role": role.value})


@transaction.atomic
def remove(*, membership: Membership, by: Any) -> None:
    """This will take a person out of a workspace, from their next request on. What they did stays."""
    held = _held(membership)
    if held.role == Role.OWNER:
        _require_owner(by, held.workspace)
        _require_another_owner(held)
    _record(AuditAction.MEMBER_REMOVED, held, before={"role": held.role})
    held.delete()


@transaction.atomic
def invite_again(*, membership: Membership, by: Any) -> str:
    """This will give another link for somebody who has not chosen a password yet.

    It lets whoever holds it in as that person: so only while they have none, and are nowhere that `by` does not manage.
    """
    held = _held(membership)
    if held.user.has_usable_password():
        raise CannotChange(f"{held.user} has chosen a password already.")
    others = Membership.objects.filter(user=held.user).values_list("workspace_id", flat=True)
    if not all(may(by, workspace_id, Permission.MEMBERS) for workspace_id in others):
        raise CannotChange(f"{held.user} is in a workspace that you do not manage, too.")
    if held.role == Role.OWNER:
        _require_owner(by, held.workspace)
    _record(AuditAction.MEMBER_INVITED_AGAIN, held)
    return _link(held.user)


def _hold(workspace: Workspace) -> None:
    """This will let nobody else change who is in the workspace until the transaction ends."""
    Workspace.objects.select_for_update(no_key=True).get(id=workspace.id)


def _held(membership: Membership) -> Membership:
    _hold(membership.workspace)
    return Membership.objects.select_related("workspace", "user").get(id=membership.id)


def _require_owner(by: Any, workspace: Workspace) -> None:
    if not by.is_superuser and role_of(by, workspace) != Role.OWNER:
        raise CannotChange("Only an owner makes, changes or removes owners.")


def _require_another_owner(held: Membership) -> None:
    others = Membership.objects.filter(workspace=held.workspace_id, role=Role.OWNER).exclude(id=held.id)
    if not others.exists():
        raise CannotChange("A workspace has an owner: make somebody else one first.")


def _link(user: Any) -> str:
    """The address at which the person chooses a password: good once, and for PASSWORD_RESET_TIMEOUT seconds."""
    named = urlsafe_base64_encode(force_bytes(user.pk))
    address = reverse("welcome", args=[named, default_token_generator.make_token(user)])
    return settings.OPENPOST_URL + address


def _record(action: AuditAction, membership: Membership, **said: Any) -> None:
    name = membership.user.get_username()
    audit.record(action, membership.user, workspace=membership.workspace_id, called=name, **said)
