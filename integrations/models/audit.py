"""The audit log: who changed what, from what to what, from where and when. Written once, and never again."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy

from openpost.acting import Kind

from .workspace import Workspace


class AuditAction(models.TextChoices):
    """What was done, as `<what>.<verb>`."""

    POST_CREATED = "post.created", gettext_lazy("Post created")
    POST_EDITED = "post.edited", gettext_lazy("Post edited")
    POST_SCHEDULED = "post.scheduled", gettext_lazy("Post scheduled")
    POST_CANCELLED = "post.cancelled", gettext_lazy("Post cancelled")
    POST_PUBLISHED_NOW = "post.published_now", gettext_lazy("Post published now")
    POST_RETRIED = "post.retried", gettext_lazy("Post published again")
    POST_RESOLVED = "post.resolved", gettext_lazy("Outcome of a post resolved")
    POST_DELETED = "post.deleted", gettext_lazy("Post deleted")
    APPROVAL_REQUESTED = "post.approval_requested", gettext_lazy("Approval requested")
    APPROVED = "post.approved", gettext_lazy("Post approved")
    DECLINED = "post.declined", gettext_lazy("Post declined")
    MEDIA_ADDED = "media.added", gettext_lazy("Media added")
    MEDIA_DESCRIBED = "media.described", gettext_lazy("Media described")
    MEDIA_DELETED = "media.deleted", gettext_lazy("Media deleted")
    ACCOUNT_CONNECTED = "account.connected", gettext_lazy("Account connected")
    ACCOUNT_CHANGED = "account.changed", gettext_lazy("Account changed")
    ACCOUNT_DISCONNECTED = "account.disconnected", gettext_lazy("Account disconnected")
    KEY_CREATED = "key.created", gettext_lazy("API key made")
    KEY_CHANGED = "key.changed", gettext_lazy("API key changed")
    KEY_ROTATED = "key.rotated", gettext_lazy("API key rotated")
    KEY_REVOKED = "key.revoked", gettext_lazy("API key revoked")
    WEBHOOK_CREATED = "webhook.created", gettext_lazy("Webhook made")
    WEBHOOK_CHANGED = "webhook.changed", gettext_lazy("Webhook changed")
    WEBHOOK_SECRET_ROTATED = "webhook.secret_rotated", gettext_lazy("Webhook’s secret rotated")
    WEBHOOK_TESTED = "webhook.tested", gettext_lazy("Webhook tested")
    WEBHOOK_SENT_AGAIN = "webhook.sent_again", gettext_lazy("Events sent again to a webhook")
    WEBHOOK_DISABLED = "webhook.disabled", gettext_lazy("Webhook disabled")
    WEBHOOK_DELETED = "webhook.deleted", gettext_lazy("Webhook deleted")
    WORKSPACE_CREATED = "workspace.created", gettext_lazy("Workspace made")
    WORKSPACE_CHANGED = "workspace.changed", gettext_lazy("Workspace changed")
    WORKSPACE_EXPORTED = "workspace.exported", gettext_lazy("Workspace exported")
    WORKSPACE_CLOSED = "workspace.closed", gettext_lazy("Workspace closed, to be deleted")
    WORKSPACE_DELETED = "workspace.deleted", gettext_lazy("Workspace deleted")
    MEMBER_ADDED = "member.added", gettext_lazy("Member added")
    MEMBER_JOINED = "member.joined", gettext_lazy("Invitation accepted")
    MEMBER_TURNED_DOWN = "member.turned_down", gettext_lazy("Invitation turned down")
    MEMBER_CHANGED = "member.changed", gettext_lazy("Member’s role changed")
    MEMBER_REMOVED = "member.removed", gettext_lazy("Member removed")
    MEMBER_INVITED_AGAIN = "member.invited_again", gettext_lazy("New link for a member")
    ALERTS_CHOSEN = "person.alerts_chosen", gettext_lazy("Alerts turned on or off")
    ALERT_ADDRESS_ASKED = "person.alert_address_asked", gettext_lazy("Link sent to an address for alerts")
    ALERT_ADDRESS_CHANGED = "person.alert_address_changed", gettext_lazy("Address for alerts changed")
    ADMITTED = "person.admitted", gettext_lazy("May enter admin")
    SHUT_OUT = "person.shut_out", gettext_lazy("May enter admin no longer")
    PLATFORM_WENT_ON = "platform.went_on", gettext_lazy("Platform’s rest ended")
    SERVER_ADDED = "server.added", gettext_lazy("Added, of no workspace")
    SERVER_CHANGED = "server.changed", gettext_lazy("Changed, of no workspace")
    SERVER_DELETED = "server.deleted", gettext_lazy("Deleted, of no workspace")
    AUDIT_PRUNED = "audit.pruned", gettext_lazy("Old entries removed")
    SIGNED_IN = "person.signed_in", gettext_lazy("Signed in")
    SIGNED_OUT = "person.signed_out", gettext_lazy("Signed out")
    SIGN_IN_FAILED = "person.sign_in_failed", gettext_lazy("Sign-in failed")
    LOCKED_OUT = "person.locked_out", gettext_lazy("Locked out")
    PASSWORD_CHANGED = "person.password_changed", gettext_lazy("Password changed")
    SESSIONS_ENDED = "person.sessions_ended", gettext_lazy("All sessions ended")
    SECOND_FACTOR_ON = "person.second_factor_on", gettext_lazy("Second factor set up")
    SECOND_FACTOR_OFF = "person.second_factor_off", gettext_lazy("Second factor removed")
    SECOND_FACTOR_ASKED = "person.second_factor_asked", gettext_lazy("Password given, second factor asked for")
    SECOND_FACTOR_FAILED = "person.second_factor_failed", gettext_lazy("Second factor failed")
    RECOVERY_CODE_USED = "person.recovery_code_used", gettext_lazy("Recovery code used")


class AuditEntry(models.Model):
    """One change. PostgreSQL refuses to change a row, and to delete one but as audit.prune() does.

    So none points at another table's row by a foreign key that holds: what an entry tells of may go, the entry stays.
    """

    at = models.DateTimeField(db_default=Now())
    workspace = models.ForeignKey(
        Workspace, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, null=True, related_name="+"
    )
    actor_kind = models.CharField(max_length=10, choices=[(kind.value, kind.value.capitalize()) for kind in Kind])
    actor_id = models.CharField(max_length=64, blank=True)
    actor_name = models.CharField(
        max_length=255, blank=True, help_text=gettext_lazy("Who: the person, or the key, as called then.")
    )
    address = models.GenericIPAddressField(null=True, blank=True, help_text=gettext_lazy("From where."))
    # No choices: a new kind of change needs no migration.
    action = models.CharField(max_length=40)
    subject_type = models.CharField(max_length=40, blank=True)
    subject_id = models.CharField(max_length=64, blank=True)
    subject = models.CharField(
        max_length=255, blank=True, help_text=gettext_lazy("What was changed, as it was called then.")
    )
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)

    class Meta:
        verbose_name = gettext_lazy("audit entry")
        verbose_name_plural = gettext_lazy("audit log")
        ordering = ["-at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(actor_kind__in=[kind.value for kind in Kind]), name="audit_actor_kind_is_known"
            )
        ]
        indexes = [
            # The log of everything, of a workspace, of one kind of change, of one person or key, and of one thing.
            models.Index(fields=["-at", "-id"], name="audit_newest"),
            models.Index(fields=["workspace", "-at", "-id"], name="audit_of_workspace"),
            models.Index(fields=["workspace", "action", "-at", "-id"], name="audit_of_action"),
            models.Index(fields=["workspace", "actor_id", "-at", "-id"], name="audit_of_actor"),
            models.Index(fields=["subject_id", "-at", "-id"], name="audit_of_subject"),
        ]

    def __str__(self) -> str:
        return f"{AuditAction(self.action).label}: {self.subject}"
