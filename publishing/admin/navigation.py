"""The sidebar of admin: every screen in the order in which people need them. This room knows all the others."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

Item = dict[str, Any]


def groups(request: HttpRequest) -> list[dict[str, Any]]:
    """This will give the sidebar's groups, in the theme's own shape."""
    return [
        {
            "items": [
                _item(_("Home"), "home", "index"),
                _item(_("Posts"), "article", "posts_post_changelist"),
                _item(_("Calendar"), "calendar_month", "admin-calendar"),
                _item(_("Files"), "perm_media", "posts_media_changelist"),
                _item(_("Accounts"), "group", "integrations_integration_changelist"),
            ],
        },
        {
            "title": _("What happened"),
            "items": [
                _item(_("Targets"), "my_location", "posts_posttarget_changelist"),
                _item(_("Events"), "timeline", "posts_event_changelist"),
                _item(_("Attempts"), "history", "publishing_attempt_changelist"),
                _item(_("Deliveries"), "receipt_long", "publishing_delivery_changelist"),
            ],
        },
        {
            "title": _("Workspace"),
            "items": [
                _item(_("Workspaces"), "workspaces", "integrations_workspace_changelist"),
                _item(_("Members"), "groups", "integrations_membership_changelist"),
                _item(_("API keys"), "key", "integrations_apikey_changelist"),
                _item(_("Alerts"), "notifications", "admin-alerts"),
                _item(_("Webhooks"), "webhook", "integrations_webhookendpoint_changelist"),
                _item(_("Sandbox posts"), "science", "integrations_sandboxpost_changelist"),
                _item(_("Audit log"), "policy", "integrations_auditentry_changelist"),
            ],
        },
        *([_server()] if request.user.is_superuser else []),
    ]


def _server() -> dict[str, Any]:
    """What belongs to no workspace."""
    return {
        "title": _("Server"),
        "items": [
            _item(_("Users"), "person", "auth_user_changelist"),
            _item(_("Periodic tasks"), "schedule", "django_celery_beat_periodictask_changelist"),
        ],
    }


def _item(title: str, icon: str, name: str) -> Item:
    link = reverse(name if "-" in name else f"admin:{name}")
    return {"title": title, "icon": icon, "link": link, "permission": lambda request: _opens(request, name)}


def _opens(request: HttpRequest, name: str) -> bool:
    """Whether the person may look at what stands there; what is no list of a model is for all who are signed in."""
    lists = {f"{one.opts.app_label}_{one.opts.model_name}_changelist": one for one in admin.site._registry.values()}
    return name not in lists or lists[name].has_view_permission(request)
