"""The sidebar of admin: every screen in the order in which people need them. This room knows all the others."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse

Item = dict[str, Any]


def groups(request: HttpRequest) -> list[dict[str, Any]]:
    """This will give the sidebar's groups, in the theme's own shape."""
    return [
        {
            "items": [
                _item("Home", "home", "index"),
                _item("Posts", "article", "posts_post_changelist"),
                _item("Calendar", "calendar_month", "admin-calendar"),
                _item("Files", "perm_media", "posts_media_changelist"),
                _item("Accounts", "group", "integrations_integration_changelist"),
            ],
        },
        {
            "title": "What happened",
            "items": [
                _item("Targets", "my_location", "posts_posttarget_changelist"),
                _item("Events", "timeline", "posts_event_changelist"),
                _item("Attempts", "history", "publishing_attempt_changelist"),
                _item("Deliveries", "receipt_long", "publishing_delivery_changelist"),
            ],
        },
        {
            "title": "Workspace",
            "items": [
                _item("Workspaces", "workspaces", "integrations_workspace_changelist"),
                _item("Members", "groups", "integrations_membership_changelist"),
                _item("API keys", "key", "integrations_apikey_changelist"),
                _item("Alerts", "notifications", "admin-alerts"),
                _item("Webhooks", "webhook", "integrations_webhookendpoint_changelist"),
                _item("Sandbox posts", "science", "integrations_sandboxpost_changelist"),
                _item("Audit log", "policy", "integrations_auditentry_changelist"),
            ],
        },
        *([_server()] if request.user.is_superuser else []),
    ]


def _server() -> dict[str, Any]:
    """What belongs to no workspace."""
    return {
        "title": "Server",
        "items": [
            _item("Users", "person", "auth_user_changelist"),
            _item("Periodic tasks", "schedule", "django_celery_beat_periodictask_changelist"),
        ],
    }


def _item(title: str, icon: str, name: str) -> Item:
    link = reverse(name if "-" in name else f"admin:{name}")
    return {"title": title, "icon": icon, "link": link, "permission": lambda request: _opens(request, name)}


def _opens(request: HttpRequest, name: str) -> bool:
    """Whether the person may look at what stands there; what is no list of a model is for all who are signed in."""
    lists = {f"{one.opts.app_label}_{one.opts.model_name}_changelist": one for one in admin.site._registry.values()}
    return name not in lists or lists[name].has_view_permission(request)
