"""Beat's own tables, in the theme."""

from django.contrib import admin
from django_celery_beat import admin as beat
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

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
class PeriodicTaskAdmin(beat.PeriodicTaskAdmin, ModelAdmin):  # type: ignore[misc, type-arg]
    form = TaskForm
    list_display = ("name", "enabled", "scheduler", when("last_run_at", told="relative"))
    empty_value_display = NOTHING
    # Beat's own holds a script, which the policy forbids; it only shows a crontab in words.
    change_form_template = None


class ScheduleAdmin(ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    """One kind of schedule."""


for _kind in (ClockedSchedule, CrontabSchedule, IntervalSchedule, SolarSchedule):
    admin.site.register(_kind, ScheduleAdmin)
