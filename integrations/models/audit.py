"""The audit log: who changed what, from what to what, from where and when. Written once, and never again."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from openpost.acting import Kind

from .workspace import Workspace


class AuditAction(models.TextChoices):
    """What was done, as `<what>.<verb>`."""

    POST_CREATED = "post.created", "Post created"
    POST_EDITED = "post.edited", "Post edited"
    POST_SCHEDULED = "post.scheduled", "Post scheduled"
    POST_CANCELLED = "post.cancelled", "Post cancelled"
    POST_PUBLISHED_NOW = "post.published_now", "Post published now"
    POST_RETRIED = "post.retried", "Post published again"
    POST_RESOLVED = "post.resolved", "Outcome of a post resolved"
    POST_DELETED = "post.deleted", "Post deleted"
    APPROVAL_REQUESTED = "post.approval_requested", "Approval requested"
    APPROVED = "post.approved", "Post approved"
    DECLINED = "post.declined", "Post declined"
    MEDIA_ADDED = "media.added", "Media added"
    MEDIA_DESCRIBED = "media.described", "Media described"
    MEDIA_DELETED = "media.deleted", "Media deleted"
    ACCOUNT_CONNECTED = "account.connected", "Account connected"
    ACCOUNT_CHANGED = "account.changed", "Account changed"
    ACCOUNT_DISCONNECTED = "account.disconnected", "Account disconnected"
    KEY_CREATED = "key.created", "API key made"
    KEY_CHANGED = "key.changed", "API key changed"
    KEY_ROTATED = "key.rotated", "API key rotated"
    KEY_REVOKED = "key.revoked", "API key revoked"
    WEBHOOK_CREATED = "webhook.created", "Webhook made"
    WEBHOOK_CHANGED = "webhook.changed", "Webhook changed"
    WEBHOOK_SECRET_ROTATED = "webhook.secret_rotated", "Webhook’s secret rotated"
    WEBHOOK_TESTED = "webhook.tested", "Webhook tested"
    WEBHOOK_SENT_AGAIN = "webhook.sent_again", "Events sent again to a webhook"
    WEBHOOK_DISABLED = "webhook.disabled", "Webhook disabled"
    WEBHOOK_DELETED = "webhook.deleted", "Webhook deleted"
    WORKSPACE_CREATED = "workspace.created", "Workspace made"
    WORKSPACE_CHANGED = "workspace.changed", "Workspace changed"
    WORKSPACE_EXPORTED = "workspace.exported", "Workspace exported"
    WORKSPACE_CLOSED = "workspace.closed", "Workspace closed, to be deleted"
    WORKSPACE_DELETED = "workspace.deleted", "Workspace deleted"
    MEMBER_ADDED = "member.added", "Member added"
    MEMBER_JOINED = "member.joined", "Invitation accepted"
    MEMBER_TURNED_DOWN = "member.turned_down", "Invitation turned down"
    MEMBER_CHANGED = "member.changed", "Member’s role changed"
    MEMBER_REMOVED = "member.removed", "Member removed"
    MEMBER_INVITED_AGAIN = "member.invited_again", "New link for a member"
    SERVER_ADDED = "server.added", "Added, of no workspace"
    SERVER_CHANGED = "server.changed", "Changed, of no workspace"
    SERVER_DELETED = "server.deleted", "Deleted, of no workspace"
    AUDIT_PRUNED = "audit.pruned", "Old entries removed"
    SIGNED_IN = "person.signed_in", "Signed in"
    SIGNED_OUT = "person.signed_out", "Signed out"
    SIGN_IN_FAILED = "person.sign_in_failed", "Sign-in failed"
    LOCKED_OUT = "person.locked_out", "Locked out"
    PASSWORD_CHANGED = "person.password_changed", "Password changed"
    SESSIONS_ENDED = "person.sessions_ended", "All sessions ended"
    SECOND_FACTOR_ON = "person.second_factor_on", "Second factor set up"
    SECOND_FACTOR_OFF = "person.second_factor_off", "Second factor removed"
    SECOND_FACTOR_ASKED = "person.second_factor_asked", "Password given, second factor asked for"
    SECOND_FACTOR_FAILED = "person.second_factor_failed", "Second factor failed"
    RECOVERY_CODE_USED = "person.recovery_code_used", "Recovery code used"


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
    actor_name = models.CharField(max_length=255, blank=True, help_text="Who: the person, or the key, as called then.")
    address = models.GenericIPAddressField(null=True, blank=True, help_text="From where.")
    # No choices: a new kind of change needs no migration.
    action = models.CharField(max_length=40)
    subject_type = models.CharField(max_length=40, blank=True)
    subject_id = models.CharField(max_length=64, blank=True)
    subject = models.CharField(max_length=255, blank=True, help_text="What was changed, as it was called then.")
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)

    class Meta:
        verbose_name = "audit entry"
        verbose_name_plural = "audit log"
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
