"""Pages whose form is answered by a verb, and what such a verb gives that is shown this once."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from .tenancy import TenantAdmin


class VerbForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs only
    """A form whose verb writes the row: it alone can say whether that may be, and has done it when it may."""

    #: What the verb gave beside the row, and nobody can see again; "" for nothing.
    shown_once = ""

    def perform(self) -> None:
        """This will call the verb, and put what it made in `instance`, or why it did not in the errors."""
        raise NotImplementedError

    def clean(self) -> None:
        super().clean()
        if not self.errors:
            self.perform()

    def _post_clean(self) -> None:
        """Nothing of the form is put on the instance: the verb has written the row."""


class ShowsOnceAdmin(TenantAdmin):
    """Adds rows by a VerbForm. What is shown once is in the very answer that made it, without a redirect: in no cookie,
    no session, and gone on the next page.
    """

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """The verb has written the row."""
        obj._shown_once = form.shown_once

    def shown_once(self, obj: Any) -> str:
        """What the request that made `obj` has to show; for response_add alone."""
        found: str = obj._shown_once
        return found

    def page(self, request: HttpRequest, name: str, title: str, **context: Any) -> HttpResponse:
        """One of the pages that stand beside Django's own of this model. It is kept nowhere: admin's never are."""
        everywhere = {**self.admin_site.each_context(request), "title": title}
        address = f"admin/{self.opts.app_label}/{self.opts.model_name}/{name}.html"
        return TemplateResponse(request, address, {**everywhere, **context})
