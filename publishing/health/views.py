"""`/readyz`: how the service does, for monitors, load balancers and whoever runs it (docs/health.md)."""

import hmac

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from .. import watch
from . import service
from .finding import Finding
from .kept import kept


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when all is well, 503 when something is not; `?only=database,migrations` answers for these alone.

    Strangers are told names and `ok`. What was found and what to do is for who shows HEALTH_TOKEN, and for superusers.
    """
    wanted = set(filter(None, request.GET.get("only", "").split(","))) or set(service.names())
    if unknown := wanted - set(service.names()):
        error = f"There is no check called {', '.join(sorted(unknown))}; there are {', '.join(service.names())}."
        return JsonResponse({"error": error}, status=400)
    findings = kept.look()
    watch.if_nobody_does(findings)
    shown = [finding for finding in findings if finding.name in wanted]
    ready, full = all(finding.ok for finding in shown), _may_know(request, findings)
    body = {"ready": ready, "checks": [_said(finding, full=full) for finding in shown]}
    return JsonResponse(body, status=200 if ready else 503)


def _said(finding: Finding, *, full: bool) -> dict[str, object]:
    said: dict[str, object] = {"name": finding.name, "ok": finding.ok}
    return {**said, "what": finding.what, "do": finding.do} if full else said


def _may_know(request: HttpRequest, findings: list[Finding]) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if settings.HEALTH_TOKEN and scheme.lower() == "bearer":
        return hmac.compare_digest(token.strip().encode(), settings.HEALTH_TOKEN.encode())
    # Who is signed in stands in the database: it is asked only when it answers.
    answers = next(finding.ok for finding in findings if finding.name == "database")
    return answers and settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_superuser
