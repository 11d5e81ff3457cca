"""POST /v1/posts/import: a table of posts, tried first with `dry_run=true`."""

from dataclasses import replace
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import ValidationError

from integrations.authentication import caller
from openpost.api.errors import ApiError, Fault, refuse
from openpost.api.handler import bounded, faults_of
from openpost.api.parsers import StrictCSVParser
from openpost.api.times import moment
from openpost.api.viewsets import ApiViewSet
from posts.importing import Line, Tried, import_posts
from posts.models import Post
from posts.table import Row, rows_of
from posts.words import Words

from .input import PostInput
from .views import render_many


class ImportViewSet(ApiViewSet):
    parser_classes = [StrictCSVParser]
    parameters = {"create": ("dry_run",)}

    def create(self, request: Request) -> Response:
        asks, dry_run = caller(request), _dry_run(request)
        lines = [understood(row) for row in rows_of(str(request.data or ""))]
        tried = import_posts(workspace=asks.workspace, lines=lines, dry_run=dry_run, by=asks.name)
        if dry_run:
            return Response({"data": [render_tried(one) for one in tried]})
        if wrong := bounded(_placed(fault, one.line) for one in tried for fault in one.faults):
            raise ApiError(*wrong)
        ids = [one.post.id for one in tried if one.post]
        return render_many(Post.objects.filter(id__in=ids), asks.workspace, status=201)


def understood(row: Row) -> Line:
    """This will understand a line as the body of POST /v1/posts is understood, or say what is wrong with it."""
    try:
        data = PostInput(data=row.body)
        data.is_valid(raise_exception=True)
        return Line(row.line, Words(**data.validated_data))
    except ValidationError as error:
        return Line(row.line, None, faults_of(error))
    except ApiError as error:
        return Line(row.line, None, error.faults)


def render_tried(tried: Tried) -> dict[str, Any]:
    """A line, what would become of it, and what stands against that."""
    post = tried.post
    return {
        "line": tried.line,
        "valid": post is not None,
        "status": post.status if post else None,
        "scheduled_at": moment(post.scheduled_at) if post else None,
        "problems": [
            {"code": one.code, "message": one.message, "field": one.field, **one.extra} for one in tried.faults
        ],
        "warnings": post.warnings if post else [],
    }


def _placed(fault: Fault, line: int) -> Fault:
    return replace(fault, message=f"Line {line}: {fault.message}", extra={**fault.extra, "line": line})


def _dry_run(request: Request) -> bool:
    said = request.query_params.get("dry_run", "false")
    if said not in {"true", "false"}:
        raise refuse("invalid_value", "dry_run must be true or false.", field="dry_run")
    return said == "true"
