"""Beat's own tables, in the theme."""

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django_celery_beat import admin as beat
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from integrations import audit
from integrations.admin import ServerAdmin
from integrations.models import AuditAction
from openpost.admin import NOTHING, ModelAdmin, when

admin.site.unregister([PeriodicTask, ClockedSchedule, CrontabSchedule, IntervalSchedule, SolarSchedule])


class TaskSelect(UnfoldAdminSelectWidget, beat.TaskSelectWidget):  # type: ignore[misc]
    """The tasks that there are, in the theme's looks."""


class TaskForm(beat.PeriodicTaskForm):  # type: ignore[misc]
    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["task"].widget = UnfoldAdminTextInputWidget()
        self.fields["regtask"].widget = TaskSelect()


@admin.register(PeriodicTask)
class PeriodicTaskAdmin(ServerAdmin, beat.PeriodicTaskAdmin, ModelAdmin):  # type: ignore[misc, type-arg]
    form = TaskForm
    list_display = ("name", "enabled", "scheduler", when("last_run_at", told="relative"))
    empty_value_display = NOTHING
    # Beat's own holds a script, which the policy forbids; it only shows a crontab in words.
    change_form_template = None

    @transaction.atomic
    def response_action(self, request: HttpRequest, queryset: QuerySet[Any], *rest: Any) -> HttpResponse | None:
        """Beat's actions change the rows themselves: which run is put on record here."""
        before = self._running()
        response: HttpResponse | None = super().response_action(request, queryset, *rest)
        after = self._running()
        if before != after:
            called = str(self.opts.verbose_name_plural)
            audit.record(AuditAction.SERVER_CHANGED, None, workspace=None, before=before, after=after, called=called)
        return response

    def _running(self) -> dict[str, bool]:
        return dict(PeriodicTask.objects.order_by("name").values_list("name", "enabled"))


class ScheduleAdmin(ServerAdmin, ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    """One kind of schedule."""


for _kind in (ClockedSchedule, CrontabSchedule, IntervalSchedule, SolarSchedule):
    admin.site.register(_kind, ScheduleAdmin)
