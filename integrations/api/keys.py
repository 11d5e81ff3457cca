"""/v1/keys: a workspace's API keys, for programs whose own key has the scope `admin`."""

from typing import Any

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from integrations import keys
from integrations.authentication import caller
from integrations.models import ApiKey, Scope
from integrations.models.api_key import ORDINARY
from openpost.api.bodies import StrictSerializer, checked
from openpost.api.errors import refuse
from openpost.api.fields import AwareDateTimeField, BoundedList, PrintableCharField
from openpost.api.pages import PAGING, page_of
from openpost.api.times import moment
from openpost.api.viewsets import ApiViewSet

from .input import ScopeField, SecondsField, uuid_of


class KeyInput(StrictSerializer):
    name = PrintableCharField(max_length=100)
    scopes = BoundedList(child=ScopeField(), allow_empty=False, max_length=len(Scope), required=False)
    expires_at = AwareDateTimeField(required=False, allow_null=True)


class KeyChange(StrictSerializer):
    name = PrintableCharField(max_length=100, required=False)
    scopes = BoundedList(child=ScopeField(), allow_empty=False, max_length=len(Scope), required=False)


class RotateInput(StrictSerializer):
    overlap_seconds = SecondsField(most=keys.LONGEST_OVERLAP, required=False, default=keys.OVERLAP)


class KeyViewSet(ApiViewSet):
    """What a key may do cannot be seen, or changed, by a key that is not trusted with all of it."""

    needs = Scope.ADMIN
    parameters = {"list": PAGING}

    def list(self, request: Request) -> Response:
        return page_of(request, ApiKey.objects.filter(workspace=caller(request).workspace)).answer(render_key)

    def create(self, request: Request) -> Response:
        said = checked(KeyInput, request)
        expires_at = said.get("expires_at")
        if expires_at and expires_at <= timezone.now():
            raise refuse("time_in_past", "expires_at must lie ahead.", field="/expires_at")
        row, key = keys.create_key(
            workspace=caller(request).workspace,
            name=said["name"],
            scopes=said.get("scopes", ORDINARY),
            expires_at=expires_at,
        )
        return Response({"data": {**render_key(row), "key": key}}, status=201)

    def retrieve(self, request: Request, key_id: str) -> Response:
        return Response({"data": render_key(_key(request, key_id))})

    def partial_update(self, request: Request, key_id: str) -> Response:
        row = _key(request, key_id)
        keys.change_key(api_key=row, **checked(KeyChange, request))
        row.refresh_from_db()
        return Response({"data": render_key(row)})

    def destroy(self, request: Request, key_id: str) -> Response:
        keys.revoke_key(api_key=_key(request, key_id), now=timezone.now())
        return Response(status=204)

    def rotate(self, request: Request, key_id: str) -> Response:
        old, overlap = _key(request, key_id), checked(RotateInput, request)["overlap_seconds"]
        try:
            row, key = keys.rotate_key(api_key=old, overlap=overlap, now=timezone.now())
        except keys.CannotRotate as error:
            raise refuse("key_not_rotatable", str(error), status=409) from error
        return Response({"data": {**render_key(row), "key": key, "replaces": render_key(old)}}, status=201)


def _key(request: Request, key_id: str) -> ApiKey:
    """This will find a key of the caller's workspace; raises what becomes a 404."""
    return ApiKey.objects.select_related("workspace").get(workspace=caller(request).workspace, id=uuid_of(key_id))


def render_key(key: ApiKey) -> dict[str, Any]:
    """A key as the API shows it: never itself, but for the one answer that made it."""
    return {
        "id": key.id,
        "name": key.name,
        "hint": key.hint,
        "scopes": key.scopes,
        "status": _status(key),
        "created_at": moment(key.created_at),
        "last_used_at": moment(key.last_used_at),
        "expires_at": moment(key.expires_at),
        "rotated_at": moment(key.rotated_at),
        "revoked_at": moment(key.revoked_at),
    }


def _status(key: ApiKey) -> str:
    if key.revoked_at:
        return "revoked"
    return "expired" if key.has_expired(now=timezone.now()) else "active"
