"""The form behind the composer. It only carries: the API's parser and the verbs decide, and say what is wrong where."""

import uuid
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import Any

from django import forms
from django.db import transaction
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from integrations.models import Integration, IntegrationStatus, Workspace
from openpost.api.errors import ApiError, Fault
from openpost.ids import id_in
from posts import actions, approving
from posts.media import actions as media_actions
from posts.models import Autosave, Media, Post, PostStatus
from posts.models.media import LONGEST_ALT_TEXT

from . import autosave, body, lock, places
from .body import Body

#: What the buttons say is to be done with what was typed; without one, a time schedules and its absence does not.
DO = ("draft", "schedule", "now", "cancel", "duplicate", "approve", "decline")
#: Those that are about the words as somebody else left them.
ANSWERS = ("approve", "decline")
#: Characters of why something is declined.
LONGEST_REASON = 500


CHANGED_BY_YOU = _("You have changed it. Schedule it, or publish it, as it is now: that is a yes as well.")
CHANGED_BY_OTHERS = _("Somebody else has changed this post in the meantime.")
TOO_LONG = _("At most %(longest)d characters are kept of this text, and it has %(length)d: shorten it.")
HALF = _("Give both the day and the time.")
SKIPPED = _("The clocks are put forward then, and never show this time. Which of these is meant?")
DOUBLED = _("The clocks are put back then, and show this time twice. Which of these is meant?")


class PostForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs only
    """A post as a person writes it. The inputs are read in body.py; a field here is only where a fault is shown."""

    content = forms.Field(required=False, label=_("Text"))
    media_ids = forms.Field(required=False, label=_("Media"))
    thread = forms.Field(required=False, label=_("Thread"))
    split = forms.Field(required=False, label=_("Split"))
    integrations = forms.Field(required=False, label=_("Accounts"))
    schedule_at = forms.Field(required=False, label=_("Goes out at"))
    tags = forms.Field(required=False, label=_("Tags"))
    group_id = forms.Field(required=False, label=_("Group"))
    platform_overrides = forms.Field(required=False, label=_("Text per platform"))
    platform_settings = forms.Field(required=False, label=_("Settings per platform"))

    class Meta:
        model = Post
        fields = ()

    #: Set by the admin: whose accounts there are to choose from, and who writes.
    workspace: Workspace
    user: Any
    #: What a new post begins with (body.py).
    begins: Body
    #: What the person typed before and did not save, where they asked for it.
    taken_up: Autosave | None = None
    #: What was said of files that came with it and were not taken.
    refused: Sequence[Fault] = ()
    #: What came of it, once it is valid: the post that is looked at next.
    made: Post

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.adding = self.instance._state.adding
        self.stored = self.begins if self.adding else body.stored(self.instance)
        self.faults: Sequence[Fault] = ()

    @cached_property
    def accounts(self) -> list[Integration]:
        """The workspace's accounts, as they are offered."""
        accounts = Integration.objects.filter(workspace=self.workspace).defer("credentials")
        return list(accounts.order_by("created_at", "id"))

    @cached_property
    def body(self) -> Body:
        """What stands in the inputs: what was sent, else what is stored, else nothing but the only account there is."""
        if self.typed is not None:
            return body.sent(self.typed, workspace=self.workspace, accounts=self.accounts)
        ready = [str(account.id) for account in self.accounts if account.status == IntegrationStatus.ACTIVE]
        if not self.adding or len(ready) != 1:
            return self.stored
        return replace(self.stored, fields={**self.stored.fields, "integrations": ready})

    @cached_property
    def typed(self) -> QueryDict | None:
        """What was sent, or is taken up again."""
        if self.is_bound:
            return self.data  # type: ignore[return-value]
        return autosave.typed(self.taken_up) if self.taken_up else None

    @property
    def version(self) -> str:
        """The version that the person began from; once they have been told of a newer one, that one."""
        if self.adding or self.typed is None or any(fault.code == lock.CHANGED for fault in self.faults):
            return lock.version_of(self.instance)
        return str(self.typed.get("version", ""))

    @cached_property
    def attached(self) -> dict[uuid.UUID, Media]:
        """The files that stand in the inputs: the workspace's own, by their ids."""
        parts = [self.body.fields, *self.body.fields["thread"]]
        ids = [one for part in parts for named in part["media_ids"] if (one := id_in(named))]
        return Media.objects.filter(workspace=self.workspace).in_bulk(ids) if ids else {}

    @property
    def do(self) -> str:
        wanted = str(self.data.get("do", ""))
        return wanted if wanted in DO else ""

    @cached_property
    def changed_data(self) -> list[str]:
        return list(self.changes)

    @cached_property
    def changes(self) -> Mapping[str, Any]:
        """The fields that were changed: nothing is said of the others, so that they stay as they are."""
        now, before = self.body.fields, self.stored.fields
        # A choice has no order: accounts that stay keep theirs, and new ones follow.
        kept = [one for one in before["integrations"] if one in now["integrations"]]
        order = [*kept, *(one for one in now["integrations"] if one not in kept)]
        return {name: value for name, value in {**now, "integrations": order}.items() if value != before[name]}

    def clean(self) -> None:
        """The verb itself is asked, once: what it refuses is shown, and without a fault it is done.

        So a form that is valid has been saved; whoever calls `is_valid` commits it, or takes back all of it.
        """
        super().clean()
        self.faults = [*self._may_not(), *self._too_long(), *self.refused, *self.time_in_doubt()]
        if not self.faults:
            try:
                self.made = self._apply()
            except ApiError as error:
                self.faults = error.faults
            except Post.DoesNotExist:
                self.faults = [Fault("gone", str(_("This post has been deleted in the meantime.")))]
        for fault in self.faults:
            name = places.field_of(fault.field)
            self.add_error(name if name in self.fields else None, places.for_people(fault.message))

    @transaction.atomic
    def _apply(self) -> Post:
        """This will do what the button says, by the verbs: all of it or nothing."""
        by = self.user.get_username()
        self._describe_files()
        post: Post = self.instance
        said = self._said()
        if self.adding:
            post = actions.create(workspace=self.workspace, words=body.words(said), by=by)
        elif said:
            post = actions.edit(post=post, words=body.words(said), by=by, seen=lock.read(self.version))
        match self.do:
            case "now":
                post = actions.publish_now(post=post, by=by)
            case "cancel":
                post = actions.cancel(post=post, by=by)
            case "duplicate":
                post = actions.duplicate(post=post, by=by)
            case "approve":
                post = approving.approve(post=post, by=by, asked_at=self._asked_at)
            case "decline":
                post = approving.decline(post=post, reason=self._reason, by=by, asked_at=self._asked_at)
        return post

    def _describe_files(self) -> None:
        """What the files show, as it stands beside them: a browser that runs our script has told it before."""
        for media in self.attached.values():
            if (text := self._alt_text(media)) != media.alt_text:
                media_actions.describe(media=copy(media), alt_text=text)  # what is refused was never said

    def _alt_text(self, media: Media) -> str:
        return body.typed(str(self.data.get(f"alt-{media.pk}", media.alt_text))).replace("\0", "")

    def _too_long(self) -> list[Fault]:
        """What would have to be cut to be kept."""
        alt_texts = [(self._alt_text(media), LONGEST_ALT_TEXT, "/media_ids") for media in self.attached.values()]
        return [
            Fault("too_long", str(TOO_LONG) % {"longest": longest, "length": len(text)}, place)
            for text, longest, place in [*alt_texts, (self._reason, LONGEST_REASON, "")]
            if len(text) > longest
        ]

    def _said(self) -> dict[str, Any]:
        said = dict(self.body.fields) if self.adding else dict(self.changes)
        match self.do:
            case "draft":
                said["status"] = PostStatus.DRAFT.value
            case "schedule":
                said["status"] = PostStatus.SCHEDULED.value
            case "now" | "cancel":
                # Whatever time stands there: it goes out now, or not at all.
                said.pop("schedule_at", None)
        return said

    def _post_clean(self) -> None:
        """Nothing of the form is put on the instance: the verbs write the row."""

    def _may_not(self) -> list[Fault]:
        if self.do in ANSWERS and self.changes:
            return [Fault("changed_by_you", str(CHANGED_BY_YOU))]
        seen = lock.read(self.version)
        if self.do == "now" and not self.changes and seen and seen != self.instance.updated_at:
            # With changes the verb that makes them says so.
            return [Fault(lock.CHANGED, str(CHANGED_BY_OTHERS))]
        return []

    @property
    def _reason(self) -> str:
        return str(self.data.get("reason", "")).replace("\0", "")

    @property
    def _asked_at(self) -> datetime | None:
        """When approval had been asked for, as whoever answers saw it."""
        return lock.read(str(self.data.get("asked_at", "")))

    def time_in_doubt(self) -> list[Fault]:
        """What must be asked before the time means anything."""
        if not self.body.unclear:
            return []
        meant = self.body.meant
        said = HALF if meant is None else SKIPPED if meant.skipped else DOUBLED
        return [Fault("time_in_doubt", str(said), "/schedule_at")]
