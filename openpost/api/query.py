"""The parameters of an address: those that it has, each once. A misspelt filter would quietly show all there is."""

from collections.abc import Collection, Iterator

from rest_framework.request import Request

from .errors import ApiError, Fault, short
from .handler import bounded


def require_known(request: Request, known: Collection[str]) -> None:
    """This will raise a 400 that names every parameter which is not known here, or is given twice."""
    if wrong := bounded(_faults(request, known)):
        raise ApiError(*wrong)


def _faults(request: Request, known: Collection[str]) -> Iterator[Fault]:
    there_are = f"there are {', '.join(known)}" if known else "there are none"
    for name, values in request.query_params.lists():
        shown = short(name)
        if name not in known:
            yield Fault("unknown_parameter", f"{shown} is no parameter here; {there_are}.", shown)
        elif len(values) > 1:
            yield Fault("named_twice", f"{name} is given {len(values)} times; give it once.", name)
