"""Signing in as Django does it; what somebody may do is for roles.py alone."""

from typing import Any

from django.contrib.auth.backends import ModelBackend


class RolesAlone(ModelBackend):
    """Django's own permissions, of people and groups, allow nothing: what has no workspace is for superusers."""

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        return set()
