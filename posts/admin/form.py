"""The form in which a person writes a post in admin, until the composer comes. It only carries: the verbs decide."""

import uuid
from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminSplitDateTime
from django.db import transaction
from django.db.models import QuerySet
from django.template.defaultfilters import filesizeformat
from rest_framework import serializers

from integrations.admin import label_of
from integrations.models import Integration, IntegrationStatus, Workspace
from integrations.platforms.base import MOST_PARTS
from openpost.api.errors import ApiError, Fault
from posts import actions
from posts.api.input import ThreadField
from posts.models import Media, Post
from posts.words import ThreadPart, Words

#: Files to choose from: the newest of the workspace, and those that stand beside the post already.
NEWEST_FILES = 100


class Accounts(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        lost = "" if obj.status == IntegrationStatus.ACTIVE else f" ({obj.get_status_display().lower()})"
        return f"{label_of(obj.platform)} · {obj.username}{lost}"


class Files(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        about = f"{obj.get_kind_display()}, {filesizeformat(obj.file_size)}"
        return f"{obj} · {about}, {obj.created_at:%Y-%m-%d %H:%M:%S}"


#: Which field of the form shows a fault the verbs found, by the first part of its pointer.
_SHOWN_AT = {"schedule_at": "at", "platforms": "accounts", "integrations": "accounts"}


class PostForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs only
    """What a person may say of a post. It only carries: the verbs decide, and their refusals appear at the fields."""

    content = forms.CharField(required=False, strip=False, widget=forms.Textarea(attrs={"rows": 8, "cols": 80}))
    media_ids = Files(
        queryset=Media.objects.none(), required=False, label="Media", widget=forms.SelectMultiple(attrs={"size": 6})
    )
    thread = forms.JSONField(
        required=False, initial=list, help_text='The parts that follow: [{"content": "Two", "media_ids": ["…"]}]'
    )
    split = forms.BooleanField(
        required=False, help_text="Texts that are too long become threads; a line of --- always begins a new part."
    )
    accounts = Accounts(queryset=Integration.objects.none(), widget=forms.CheckboxSelectMultiple)
    at = forms.SplitDateTimeField(
        required=False, widget=AdminSplitDateTime, label="Goes out at", help_text="UTC. Without a time it is a draft."
    )
    platform_overrides = forms.JSONField(
        required=False, initial=dict, help_text='Another text per platform: {"twitter": "Shorter"}'
    )
    platform_settings = forms.JSONField(
        required=False, initial=dict, help_text='Options per platform: {"youtube": {"title": "…"}}'
    )
    tags = forms.CharField(
        required=False, strip=False, widget=forms.Textarea(attrs={"rows": 3, "cols": 40}), help_text="One per line."
    )
    group_id = forms.UUIDField(required=False, label="Group", help_text="Links the posts of a campaign.")

    #: Set by the admin: whose accounts there are to choose from.
    workspace: Workspace
    #: … and who writes it.
    by: str

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        accounts = Integration.objects.filter(workspace=self.workspace).defer("credentials")
        self.fields["accounts"].queryset = accounts.order_by("created_at", "id")  # type: ignore[attr-defined]
        post = self.instance
        self.attached = {} if post._state.adding else post.media_by_part()
        self.fields["media_ids"].queryset = self._files()  # type: ignore[attr-defined]
        if not post._state.adding:
            chosen = post.targets.order_by("position").values_list("integration_id", flat=True)
            self.initial.update(at=post.scheduled_at, accounts=list(chosen), tags="\n".join(post.tags))
            self.initial.update(media_ids=self._ids(0), split=post.split, thread=self._thread())

    def clean_content(self) -> str:
        return _as_typed(self.cleaned_data["content"])

    def clean_media_ids(self) -> list[uuid.UUID]:
        """A choice has no order: what stood there keeps its own, and what is new follows."""
        chosen = [one.id for one in self.cleaned_data["media_ids"].order_by("created_at", "id")]
        stood = [one for one in self._ids(0) if one in chosen]
        return [*stood, *(one for one in chosen if one not in stood)]

    def clean_thread(self) -> list[ThreadPart]:
        try:
            parts: list[ThreadPart] = ThreadField().run_validation(self.cleaned_data["thread"] or [])
        except serializers.ValidationError as error:
            wanted = f'at most {MOST_PARTS - 1} parts: [{{"content": "…", "media_ids": ["…"]}}]'
            raise forms.ValidationError(f"This must be a list of {wanted}") from error
        return parts

    def clean_tags(self) -> list[str]:
        return [tag.strip() for tag in _as_typed(self.cleaned_data["tags"]).split("\n") if tag.strip()]

    def clean_platform_overrides(self) -> dict[str, Any]:
        return self._object("platform_overrides")

    def clean_platform_settings(self) -> dict[str, Any]:
        return self._object("platform_settings")

    def clean(self) -> None:
        """The verb itself is asked, and what it did is taken back: the page shows all that it refuses."""
        super().clean()
        if self.errors:
            return
        try:
            with transaction.atomic():
                self.apply()
                transaction.set_rollback(True)
        except ApiError as error:
            for fault in error.faults:
                self.add_error(self._field_of(fault), fault.message)
        except Post.DoesNotExist:
            self.add_error(None, "This post has been deleted in the meantime.")

    def apply(self) -> Post:
        """This will create or change the post by its verb. Only what was changed is said, the rest stays as it is."""
        said = {name: self.cleaned_data[name] for name in self.changed_data}
        if "accounts" in said:
            said["integrations"] = [account.id for account in said.pop("accounts")]
        words = Words(**said)
        if self.instance._state.adding:
            return actions.create(workspace=self.workspace, words=words, by=self.by)
        return actions.edit(post=self.instance, words=words, by=self.by)

    def _post_clean(self) -> None:
        """Nothing of the form is put on the instance: the verbs write the row."""

    def _files(self) -> QuerySet[Media]:
        ours = Media.objects.filter(workspace=self.workspace).order_by("-created_at", "-id")
        newest = ours.values_list("id", flat=True)[:NEWEST_FILES]
        return ours.filter(id__in=[*newest, *self._ids(0)])

    def _ids(self, part: int) -> list[uuid.UUID]:
        return [one.id for one in self.attached.get(part, ())]

    def _thread(self) -> list[dict[str, Any]]:
        return [
            {"content": text, "media_ids": [str(media_id) for media_id in self._ids(number)]}
            for number, text in enumerate(self.instance.thread, 1)
        ]

    def _object(self, name: str) -> dict[str, Any]:
        value = self.cleaned_data[name]
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise forms.ValidationError('This must be an object: {"platform": …}')
        return value

    def _field_of(self, fault: Fault) -> str | None:
        name = fault.field.strip("/").partition("/")[0]
        name = _SHOWN_AT.get(name, name)
        return name if name in self.fields else None


def _as_typed(text: str) -> str:
    """Browsers send every line break as CR LF; the person typed one character, and platforms count it as one."""
    return text.replace("\r\n", "\n")
