"""The one page of this room: where a platform sends the browser back to, with a code or with a no."""

import logging
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from . import sign_in
from .connect import CannotConnect
from .platforms import registry
from .platforms.errors import PublishError, Rejected

log = logging.getLogger(__name__)


@never_cache
@require_GET
def callback(request: HttpRequest, platform: str) -> HttpResponse:
    """This will finish a sign-in, at once, and say what became of it. The address is all that the browser brings."""
    rules = registry.by_name(platform)
    if rules is None or not rules.oauth:
        raise Http404
    now = timezone.now()
    try:
        begun = sign_in.end(rules=rules, state=request.GET.get("state", ""), user=request.user, now=now)
    except sign_in.Over as over:
        return _page(request, 400, over.title, str(over))
    code = request.GET.get("code")
    if not code:
        return _said_no(request, rules.label)
    try:
        account = sign_in.finish(begun, rules=rules, code=code, now=now)
    except (CannotConnect, PublishError) as error:
        # The platform's raw answer is not logged: what it says to a code may hold more than it should.
        log.warning("Signing in at %s failed: %s", rules.label, error)
        ours = isinstance(error, (CannotConnect, Rejected))
        return _page(request, 400 if ours else 502, f"Not connected to {rules.label}", str(error))
    log.info("%s was connected in the browser", account)
    sentence = f"OpenPost can publish to this {rules.label} account from now on."
    return _page(request, 200, "Connected", sentence, tone="good", account=account, label=rules.label)


def _said_no(request: HttpRequest, label: str) -> HttpResponse:
    if request.GET.get("error") == "access_denied":
        return _page(request, 200, "Not connected", f"You did not give OpenPost access at {label}.", tone="quiet")
    return _page(request, 400, f"Not connected to {label}", f"{label} sent no permission along.")


def _page(
    request: HttpRequest, status: int, title: str, sentence: str, *, tone: str = "bad", **more: Any
) -> HttpResponse:
    context = {"title": title, "sentence": sentence, "tone": tone, **more}
    return render(request, "integrations/sign_in.html", context, status=status)
