"""The page a sandbox post's address leads to: what the network received, looking like a post."""

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from integrations.platforms import registry

from .models import SandboxPost


def post(request: HttpRequest, post_id: uuid.UUID) -> HttpResponse:
    """One received post. Its address is as unguessable as its id, like that of an unlisted post."""
    found = get_object_or_404(SandboxPost.objects.select_related("integration"), id=post_id)
    rules = registry.by_name(found.integration.platform)
    received = SandboxPost.objects.filter(integration=found.integration, key=found.key).count()
    context = {"post": found, "label": rules.label if rules else found.integration.platform, "received": received}
    return render(request, "sandbox/post.html", context)
