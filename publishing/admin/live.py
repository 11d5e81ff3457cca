"""A post's page while it happens: a part of it that asks for itself again, and the buttons that act on the post."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from integrations.admin import TenantAdmin, side_of_code
from integrations.marks import face
from integrations.people.roles import Permission, may, within
from integrations.people.sessions import by_itself
from openpost.admin import moment
from openpost.api.errors import ApiError
from posts import actions
from posts.composer import live
from posts.composer.live import Line
from posts.models import Post, PostTarget
from posts.status import EDITABLE
from posts.waiting import Present, is_unknown
from publishing import resolve, timeline
from publishing.api.input import LONGEST_URL, wrong_url
from publishing.models import Delivery, DeliveryState, Step

from .story import NEWEST, story

PAGE = "admin:posts_post_change"


@dataclass(frozen=True, slots=True)
class Row:
    """One account: how far the post got there, part by part, and what a worker did last for it."""

    line: Line
    parts: list[Delivery]
    step: str

    @property
    def face(self) -> str:
        return face(self.line.target.integration)

    @property
    def side(self) -> str:
        return side_of_code(self.line.why.code) if self.line.why else ""

    @property
    def clock(self) -> str:
        """When the machine goes on, as a countdown; of what is live, since when."""
        live_at = self.line.target.published_at
        if live_at:
            return moment(live_at, told="relative")
        return moment(self.line.at, told="countdown") if self.line.at else ""

    @property
    def is_thread(self) -> bool:
        return len(self.parts) > 1

    @property
    def live_parts(self) -> int:
        return sum(part.state == DeliveryState.LIVE for part in self.parts)

    @property
    def unknown(self) -> bool:
        return is_unknown(self.line.target)

    @property
    def in_doubt(self) -> Delivery | None:
        """The part of which nobody knows whether it is live."""
        return next((part for part in self.parts if part.state == DeliveryState.SENDING), None)


@dataclass(frozen=True, slots=True)
class Verb:
    """What a button does with the post: the right it takes, and what is said when it is done."""

    label: Any
    act: Callable[..., Post]
    right: Permission
    done: Any


VERBS: Mapping[str, Verb] = {
    "retry": Verb(
        gettext_lazy("Retry failed"),
        actions.publish_now,
        Permission.PUBLISH,
        gettext_lazy("What failed is tried again; what is live stays as it is."),
    ),
    "ask_again": Verb(
        gettext_lazy("Ask the platform again"),
        actions.publish_now,
        Permission.PUBLISH,
        gettext_lazy("The platform is asked again whether it is live."),
    ),
    "duplicate": Verb(
        gettext_lazy("Duplicate"), actions.duplicate, Permission.WRITE, gettext_lazy("This is the copy, a draft.")
    ),
}


class LiveAdmin(TenantAdmin):
    """The addresses beside a post's page that its live part asks and tells."""

    change_form_outer_before_template = "composer/live_section.html"
    change_form_outer_after_template = "composer/live_after.html"

    class Media:
        css = {"all": ["openpost/live.css"]}
        js = ["openpost/live.js"]

    def get_urls(self) -> list[URLPattern]:
        return [
            path("<uuid:post_id>/live/", self._page(self.live_view), name="posts_post_live"),
            path("<uuid:post_id>/live/<str:verb>/", self._page(self.act_view), name="posts_post_act"),
            path(
                "<uuid:post_id>/live/<uuid:target_id>/<str:word>/",
                self._page(self.resolve_view),
                name="posts_post_resolve",
            ),
            *super().get_urls(),
        ]

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        post = context.get("original")
        if post is not None:
            context.update(live_context(request, post))
        return super().render_change_form(request, context, *args, **kwargs)

    def _page(self, view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        """As the admin's own pages are, but that a script is not sent to the sign-in page, which it would put in."""
        inside = self.admin_site.admin_view(view)

        def page(request: HttpRequest, **kwargs: Any) -> HttpResponse:
            if _by_script(request) and not self.admin_site.has_permission(request):
                return HttpResponse(status=401)
            try:
                return inside(request, **kwargs)
            except (Post.DoesNotExist, PostTarget.DoesNotExist) as error:  # deleted since it was looked for
                raise Http404 from error

        return page

    @method_decorator(require_GET)
    def live_view(self, request: HttpRequest, post_id: UUID) -> HttpResponse:
        """The live part as it is now; 204 when it is as the page has it."""
        by_itself(request)
        shown = live_context(request, _post(request, post_id))
        if request.GET.get("seen") == shown["mark"]:
            return HttpResponse(status=204)
        return _fragment(request, shown)

    @method_decorator(require_POST)
    def act_view(self, request: HttpRequest, post_id: UUID, verb: str) -> HttpResponse:
        post, known = _post(request, post_id), VERBS.get(verb)
        if known is None or not may(request.user, post.workspace_id, known.right):
            raise Http404
        try:
            moved = known.act(post=post, by=request.user.get_username())
        except ApiError as error:
            return self._answer(request, post, str(error), messages.ERROR)
        return self._answer(request, moved, str(known.done), messages.SUCCESS, elsewhere=moved.pk != post.pk)

    @method_decorator(require_POST)
    def resolve_view(self, request: HttpRequest, post_id: UUID, target_id: UUID, word: str) -> HttpResponse:
        """A person's word on what became of one target: `live`, with its address, or `absent`."""
        post = _post(request, post_id)
        target = PostTarget.objects.filter(id=target_id, post=post).first()
        if (
            target is None
            or word not in ("live", "absent")
            or not may(request.user, post.workspace_id, Permission.PUBLISH)
        ):
            raise Http404
        by = request.user.get_username()
        try:
            if word == "absent":
                resolve.absent(target=target, by=by)
                done = _("It is on its way again.")
            else:
                url = request.POST.get("url", "").strip()
                if wrong := wrong_url(url):
                    return self._answer(request, post, _("The address must be %s.") % wrong, messages.ERROR)
                resolve.live(target=target, url=url, by=by)
                done = _("It is recorded as live.")
        except ApiError as error:
            return self._answer(request, post, str(error), messages.ERROR)
        return self._answer(request, post, done, messages.SUCCESS)

    def _answer(
        self, request: HttpRequest, post: Post, said: str, level: int, *, elsewhere: bool = False
    ) -> HttpResponse:
        """The live part with what was said; a whole page for whoever asked without a script, or is led `elsewhere`."""
        if _by_script(request) and not elsewhere:
            shown = live_context(request, _post(request, post.pk))
            return _fragment(request, {**shown, "said": said, "said_wrong": level == messages.ERROR})
        self.message_user(request, said, level)
        page = reverse(PAGE, args=[post.pk])
        return HttpResponse(headers={"HX-Redirect": page}) if _by_script(request) else redirect(page)


def live_context(request: HttpRequest, post: Post) -> dict[str, Any]:
    """What the live part and the timeline of a post's page show: always the same number of queries."""
    present = Present()
    told = live.lines(post, _targets(post), present)
    rows = _rows(told)
    allowed = {name for name, verb in VERBS.items() if may(request.user, post.workspace_id, verb.right)}
    shown: dict[str, Any] = {
        "post": post,
        "rows": rows,
        "live_rows": sum(line.target.published_at is not None for line in told),
        "verbs": [{"name": name, "label": VERBS[name].label} for name in live.verbs(post, told) if name in allowed],
        "may_resolve": may(request.user, post.workspace_id, Permission.PUBLISH),
        "longest_url": LONGEST_URL,
        "token": get_token(request),
    }
    told_so_far = timeline.of_post(post, most=NEWEST, present=present)
    story_of_post = story(
        told_so_far, attempts=f"target__post__id__exact={post.pk}", events=f"post__id__exact={post.pk}"
    )
    body = render_to_string("composer/live_body.html", shown)
    return {
        "live_post": post,
        "writable": post.status in EDITABLE,
        "live_body": body,
        "story": story_of_post,
        "pace": live.pace(told, now=present.now),
        "mark": _mark(body, story_of_post, token=shown["token"]),
    }


def _rows(told: Iterable[Line]) -> list[Row]:
    ids = [line.target.id for line in told]
    parts: dict[UUID, list[Delivery]] = defaultdict(list)
    columns = ("target_id", "part", "state", "url")
    for delivery in Delivery.objects.filter(target__in=ids).only(*columns).order_by("target", "part"):
        parts[delivery.target_id].append(delivery)
    newest = Step.objects.filter(target__in=ids).order_by("target", "-id").distinct("target")
    steps = {step.target_id: step for step in newest}
    return [Row(line, parts[line.target.id], _step(line, steps.get(line.target.id))) for line in told]


def _step(line: Line, step: Step | None) -> str:
    """What the worker that has it did last: what was done at an earlier try stands in the timeline."""
    target = line.target
    return step.message if step and target.in_hand and step.number == target.attempts else ""


def _by_script(request: HttpRequest) -> bool:
    return "HX-Request" in request.headers


def _fragment(request: HttpRequest, shown: Mapping[str, Any]) -> HttpResponse:
    return HttpResponse(render_to_string("composer/live.html", {**shown, "fragment": True}, request))


def _mark(*pieces: str, token: str) -> str:
    """What tells one state of the part from another: all of it but the token, which is another every time."""
    whole = "".join(pieces).replace(token, "")
    return hashlib.sha256(whole.encode()).hexdigest()[:16]


def _post(request: HttpRequest, post_id: UUID) -> Post:
    post = within(request.user, Post.objects.select_related("workspace")).filter(id=post_id).first()
    if post is None:
        raise Http404
    return post


def _targets(post: Post) -> list[PostTarget]:
    related = PostTarget.objects.filter(post=post).select_related("integration__workspace")
    return list(related.defer("integration__credentials").order_by("position", "id"))
