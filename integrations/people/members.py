"""Who is in a workspace, and as what: people are added, given another role, and removed by its owners and admins.

Somebody new gets an account without a password, and a link that lets them choose one, once (welcome.py). Who has an
account already is invited, and is in once they have said yes: till then nobody sees more of them than their name. Only
owners make, change or remove owners, and of those one always stays who can sign in.
"""

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from integrations import audit
from integrations.models import AuditAction, Membership, Role, Workspace

from . import entering
from .roles import Permission, may, role_of


class CannotChange(Exception):
    """Why it stays as it is, in a sentence."""


@transaction.atomic
def add(*, workspace: Workspace, name: str, role: Role, by: Any) -> tuple[Membership, str]:
    """This will invite a person into a workspace, making their account if there is none of that name.

    Gives the link by which somebody new chooses a password, to be shown once: they are in. "" for who has an account
    already: they are in when they have joined.
    """
    _hold(workspace)
    if role == Role.OWNER:
        _require_owner(by, workspace)
    users = get_user_model()
    user = users.objects.filter(username=name).first() or users.objects.create_user(name)
    if workspace.memberships.filter(user=user).exists():
        raise CannotChange(f"{name} is in this workspace already, or invited.")
    is_new = _is_new(user)
    if is_new and not _manages_all(by, user):
        raise CannotChange(f"{name} has not chosen a password yet: invite them when they have.")
    membership = workspace.memberships.create(user=user, role=role, joined_at=timezone.now() if is_new else None)
    _record(AuditAction.MEMBER_ADDED, membership, after={"role": role.value})
    if not is_new:
        return membership, ""
    entering.let_in(user, workspace=workspace)
    return membership, _link(user)


def invitations(user: Any) -> QuerySet[Membership]:
    """What a person is invited to, and has not answered."""
    return Membership.objects.filter(user=user, joined_at=None).select_related("workspace").order_by("created_at", "id")


@transaction.atomic
def join(invitation: Membership) -> None:
    """This will put the person into the workspace that they were invited to: they have said yes."""
    held = _held(invitation)
    if Membership.objects.filter(id=held.id, joined_at=None).update(joined_at=timezone.now()):
        _record(AuditAction.MEMBER_JOINED, held, after={"role": held.role})
        entering.let_in(held.user, workspace=held.workspace)


@transaction.atomic
def turn_down(invitation: Membership) -> None:
    """This will forget an invitation: the person has said no."""
    if Membership.objects.filter(id=invitation.id, joined_at=None).delete()[0]:
        _record(AuditAction.MEMBER_TURNED_DOWN, invitation, before={"role": invitation.role})


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
    if held.joined_at:
        entering.shut_out([held.user_id], workspace=held.workspace)


@transaction.atomic
def invite_again(*, membership: Membership, by: Any) -> str:
    """This will give another link for somebody who has not chosen a password yet.

    It lets whoever holds it in as that person: so only while they are new, and nowhere that `by` does not manage.
    """
    held = _held(membership)
    if not _is_new(held.user):
        raise CannotChange(f"{held.user} has chosen a password already.")
    if not _manages_all(by, held.user):
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
    others = Membership.objects.filter(
        workspace=held.workspace_id, role=Role.OWNER, joined_at__isnull=False, user__is_active=True
    )
    if all(_is_new(other.user) for other in others.exclude(id=held.id).select_related("user")):
        raise CannotChange("A workspace has an owner: make somebody else one first.")


def _is_new(user: Any) -> bool:
    """Whether nobody has ever come with this account: then whoever invites them may hand out a password for it."""
    return not (user.is_superuser or user.last_login or user.has_usable_password())


def _manages_all(by: Any, user: Any) -> bool:
    """Whether there is no workspace of the person's, but those in which `by` may add and remove people."""
    theirs = Membership.objects.filter(user=user).values_list("workspace_id", flat=True)
    return all(may(by, workspace_id, Permission.MEMBERS) for workspace_id in theirs)


def _link(user: Any) -> str:
    """The address at which the person chooses a password: good once, and for PASSWORD_RESET_TIMEOUT seconds.

    Links that were made before for them are good no longer: there is no telling who has one.
    """
    user.set_unusable_password()  # another that is none, on which the token hangs
    user.save(update_fields=["password"])
    named = urlsafe_base64_encode(force_bytes(user.pk))
    address = reverse("welcome", args=[named, default_token_generator.make_token(user)])
    return settings.OPENPOST_URL + address


def _record(action: AuditAction, membership: Membership, **said: Any) -> None:
    name = membership.user.get_username()
    audit.record(action, membership.user, workspace=membership.workspace_id, called=name, **said)
