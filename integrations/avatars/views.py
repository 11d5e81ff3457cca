"""`/admin/avatars/…`: the pictures of accounts, for those who may see the account.

Their bytes are ours (looking.py made them), and a name never comes to stand for others: a browser asks for each once.
"""

import uuid

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from integrations.models import Integration
from integrations.people.roles import within

from . import kept

YEAR = 365 * 24 * 3600


@require_safe
def avatar(request: HttpRequest, account_id: uuid.UUID, name: str) -> HttpResponse:
    """The picture; 404 for one that is not, or no longer, that of an account that the person may see."""
    path = f"{kept.FOLDER}/{name}"
    if not within(request.user, Integration.objects.filter(id=account_id, avatar=path)).exists():
        raise Http404
    try:
        content = kept.read(path)
    except FileNotFoundError as error:
        raise Http404 from error
    said = {"Cache-Control": f"private, immutable, max-age={YEAR}", "X-Content-Type-Options": "nosniff"}
    return HttpResponse(content, content_type=kept.TYPE, headers=said)


#: As the admin's own pages are, but that browsers may keep it.
avatar_view = admin.site.admin_view(avatar, cacheable=True)
