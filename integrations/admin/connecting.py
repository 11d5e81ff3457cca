"""Connecting accounts in admin: out to a platform's consent page and back, or with what a form asks for.

The verbs are those of the API: sign_in.py and connect.py. The platform is asked outside any transaction.
"""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminTextInputWidget

from integrations import sign_in
from integrations.connect import CannotConnect, connect, require_connectable
from integrations.marks import mark
from integrations.models import Integration, Mode, Workspace
from integrations.people.current import current
from integrations.people.roles import Permission, workspaces_of
from integrations.platforms import registry
from integrations.platforms.base import LONGEST_ANSWER, Question, Rules
from integrations.platforms.errors import PublishError
from openpost.ids import id_in

from .tenancy import TenantAdmin


class ConnectingAdmin(TenantAdmin):
    """Adds the pages on which accounts are connected, for the first time or again."""

    def get_urls(self) -> list[URLPattern]:
        choose = path("connect/", self.admin_site.admin_view(self.choose_view), name="integrations_integration_connect")
        begin = path(
            "connect/<str:platform>/",
            self.admin_site.admin_view(self.begin_view),
            name="integrations_integration_begin",
        )
        return [choose, begin, *super().get_urls()]

    def choose_view(self, request: HttpRequest) -> HttpResponse:
        """Which account of which platform, for which workspace."""
        mine = workspaces_of(request.user, Permission.ACCOUNTS)
        workspace = _workspace(request)
        context = {
            "title": _("Connect an account"),
            "workspace": workspace,
            "workspaces": mine.filter(mode=Mode.LIVE)[:100],
            "sandboxes": mine.filter(mode=Mode.SANDBOX).exists(),
            "platforms": [_card(rules) for rules in registry.PLATFORMS.values()],
        }
        return self._page(request, "connect", context)

    def begin_view(self, request: HttpRequest, platform: str) -> HttpResponse:
        """Where to sign in, or a form for what the platform wants to know."""
        rules, workspace = registry.by_name(platform), _workspace(request)
        if rules is None:
            raise Http404
        if workspace is None:
            return redirect("admin:integrations_integration_connect")
        context = {"title": _("Connect to %(platform)s") % {"platform": rules.label}, "workspace": workspace}
        context |= {"platform": _card(rules)}
        try:
            require_connectable(rules)
            if rules.oauth:
                return self._sent_there(request, rules, workspace, context)
            return self._with_form(request, rules, workspace, context)
        except (CannotConnect, PublishError) as error:
            return self._page(request, "refused", {**context, "why": str(error)}, status=400)

    def _sent_there(
        self, request: HttpRequest, rules: Rules, workspace: Workspace, context: dict[str, Any]
    ) -> HttpResponse:
        if request.method != "POST":
            return redirect("admin:integrations_integration_connect")
        begun = sign_in.begin(workspace=workspace, rules=rules, now=timezone.now(), user=request.user)
        # A link, not a redirect: the policy lets forms lead to this host only, and redirects of theirs as well.
        return self._page(request, "sign_in", {**context, "address": begun.url, "life": sign_in.LIFE})

    def _with_form(
        self, request: HttpRequest, rules: Rules, workspace: Workspace, context: dict[str, Any]
    ) -> HttpResponse:
        form = _form(rules)(request.POST if request.method == "POST" else None)
        if form.is_valid():
            now = timezone.now()
            try:
                found = sign_in.with_credentials(workspace=workspace, rules=rules, answers=form.cleaned_data, now=now)
                account = connect(workspace=workspace, platform=rules.name, connection=found, now=now)
            except CannotConnect as error:
                form.add_error(None, str(error))
            except PublishError as error:
                form.add_error(sign_in.blamed(error, rules), error.message)
            else:
                return self._connected(request, account)
        return self._page(request, "credentials", {**context, "form": form}, status=400 if form.errors else 200)

    def _connected(self, request: HttpRequest, account: Integration) -> HttpResponseRedirect:
        text = _("Connected: %(account)s. OpenPost can publish to it from now on.") % {"account": account}
        self.message_user(request, text, messages.SUCCESS)
        return redirect("admin:integrations_integration_change", account.pk)

    def _page(self, request: HttpRequest, name: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
        if not self.allows(request, "change"):
            raise Http404
        everywhere = self.admin_site.each_context(request)
        address = f"admin/integrations/integration/{name}.html"
        return TemplateResponse(request, address, {**everywhere, **context}, status=status)


def _workspace(request: HttpRequest) -> Workspace | None:
    """The one that the address names, or the current one, if the person may connect accounts to it and it is live."""
    mine = workspaces_of(request.user, Permission.ACCOUNTS).filter(mode=Mode.LIVE)
    named = request.GET.get("workspace", "")
    if named:
        return get_object_or_404(mine, id=id_in(named))
    here = current(request)
    if here is not None:
        return mine.filter(id=here.id).first()
    first_two = list(mine[:2])
    return first_two[0] if len(first_two) == 1 else None


def _card(rules: Rules) -> dict[str, Any]:
    why = ""
    try:
        require_connectable(rules)
    except CannotConnect as error:
        why = str(error)
    way = "refused" if why else "sign_in" if rules.oauth else "credentials"
    address = reverse("admin:integrations_integration_begin", args=[rules.name])
    return {"label": rules.label, "mark": mark(rules.name), "way": way, "why": why, "address": address}


def _form(rules: Rules) -> type[forms.Form]:
    """A form of what the platform asks for; a secret is never sent back to the page."""
    return type("ConnectForm", (forms.Form,), {question.name: _field(question) for question in rules.questions})


def _field(question: Question) -> forms.CharField:
    label, *more = question.prompt.split(" (", 1)
    return forms.CharField(
        label=label,
        help_text=more[0].removesuffix(")") if more else "",
        max_length=LONGEST_ANSWER,
        initial=question.default,
        required=question.default is None,
        empty_value=question.default or "",
        strip=not question.secret,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "off"})
        if question.secret
        else UnfoldAdminTextInputWidget(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
