"""/v1/integrations/{platform}/connect: how an account of that platform is connected, and connecting it."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from integrations import sign_in
from integrations.authentication import caller
from integrations.connect import CannotConnect, connect, reconnect_sandbox, require_connectable
from integrations.models import Integration, Scope, Workspace
from integrations.platforms import registry
from integrations.platforms.base import LONGEST_ANSWER, Question, Rules
from integrations.platforms.codes import Side, side_of
from integrations.platforms.errors import NotNow, PublishError
from openpost.api import idempotency
from openpost.api.bodies import StrictSerializer, checked
from openpost.api.errors import ApiError, refuse
from openpost.api.fields import StrictCharField
from openpost.api.viewsets import ApiViewSet

from .accounts import render_integration


class ConnectViewSet(ApiViewSet):
    """Looking is no reading here: it begins a sign-in."""

    needs = Scope.WRITE
    network_first = frozenset({"create"})

    def retrieve(self, request: Request, platform: str) -> Response:
        rules, workspace = _rules(platform), caller(request).workspace
        if not rules.oauth or workspace.is_sandbox:
            _require_connectable(rules, workspace)
            fields = [_field(question) for question in _questions(rules)]
            return Response({"auth_type": "credentials", "fields": fields})
        try:
            begun = sign_in.begin(workspace=workspace, rules=rules, now=timezone.now(), api_key=caller(request).key)
        except (CannotConnect, PublishError) as error:
            raise refused(error, rules) from error
        answer = {"auth_type": "oauth", "url": begun.url, "state": begun.state, "redirect_uri": begun.redirect_uri}
        return Response(answer, headers={"Cache-Control": "no-store"})

    def create(self, request: Request, platform: str) -> HttpResponse:
        rules, workspace = _rules(platform), caller(request).workspace
        _require_connectable(rules, workspace)
        if rules.oauth and not workspace.is_sandbox:
            raise refuse(
                "sign_in_in_the_browser",
                f"{rules.label} is connected in the browser: GET this address, and send the person to its url.",
            )
        answers = checked(_input(rules), request)
        if workspace.is_sandbox:
            return idempotency.once(request, lambda: _sandbox(workspace, rules))
        if before := idempotency.answered(request):
            return before
        now = timezone.now()
        try:
            found = sign_in.with_credentials(workspace=workspace, rules=rules, answers=answers, now=now)
        except PublishError as error:
            raise refused(error, rules) from error
        return idempotency.once(
            request,
            lambda: _connected(connect(workspace=workspace, platform=rules.name, connection=found, now=now)),
        )


def refused(error: CannotConnect | PublishError, rules: Rules) -> ApiError:
    """What an error of connecting is to a program: whose side it is on decides the status."""
    if isinstance(error, CannotConnect):
        return refuse(error.code, str(error), status=501 if error.code == "platform_not_available" else 400)
    name = sign_in.blamed(error, rules)
    field = f"/{name}" if name else ""
    if not isinstance(error, NotNow):
        return refuse(error.code, error.message, field=field)
    wait = None if error.retry_after is None else int(error.retry_after.total_seconds()) + 1
    if error.code == "rate_limited":
        return refuse(error.code, error.message, status=429, retry_after=wait)
    return refuse(error.code, error.message, status=501 if side_of(error.code) == Side.OURS else 502, retry_after=wait)


def _rules(platform: str) -> Rules:
    rules = registry.by_name(platform)
    if rules is None:
        raise refuse("unknown_platform", f"There are {', '.join(registry.NAMES)}.", status=404)
    return rules


def _require_connectable(rules: Rules, workspace: Workspace) -> None:
    if not workspace.is_sandbox:
        try:
            require_connectable(rules)
        except CannotConnect as error:
            raise refused(error, rules) from error


def _questions(rules: Rules) -> tuple[Question, ...]:
    """What a program has to say; nothing where a person says it to the platform."""
    return () if rules.oauth else rules.questions


def _field(question: Question) -> Mapping[str, Any]:
    return {
        "name": question.name,
        "description": question.prompt,
        "secret": question.secret,
        "required": question.default is None,
        "default": question.default,
    }


def _input(rules: Rules) -> type[serializers.Serializer[Any]]:
    fields = {
        question.name: StrictCharField(max_length=LONGEST_ANSWER, **_default(question))
        for question in _questions(rules)
    }
    return type("ConnectInput", (StrictSerializer,), fields)


def _default(question: Question) -> dict[str, Any]:
    return {} if question.default is None else {"required": False, "default": question.default}


def _sandbox(workspace: Workspace, rules: Rules) -> Response:
    """This will bring the sandbox account back. What was said of a real one has gone nowhere."""
    account = workspace.integrations.filter(platform=rules.name).order_by("created_at", "id")[:1].get()
    reconnect_sandbox(integration=account, now=timezone.now())
    return _connected(Integration.objects.get(id=account.id))


def _connected(account: Integration) -> Response:
    return Response({"data": render_integration(account)}, status=201)
