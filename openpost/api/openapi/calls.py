"""What is said of one call: of a method at an address."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rest_framework.serializers import Serializer
from rest_framework.viewsets import ViewSet

from openpost.api.bodies import StrictSerializer

from .shapes import Shape

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of the query."""

    name: str
    shape: Shape
    description: str
    example: Any = None


@dataclass(frozen=True, slots=True)
class Body:
    """What is sent: read by a serializer, or of a shape.

    `notes` explain its fields, `narrower` is what else they must be, `further` what all of it must be, `items` what is
    in those that are lists; `examples` are named by what they show.
    """

    reader: type[Serializer[Any]] | Serializer[Any] | Shape
    notes: Mapping[str, str] = field(default_factory=dict)
    narrower: Mapping[str, Shape] = field(default_factory=dict)
    further: Shape = field(default_factory=dict)
    items: Mapping[str, "Body"] = field(default_factory=dict)
    examples: Mapping[str, Any] = field(default_factory=dict)
    media_type: str = JSON

    @property
    def is_strict(self) -> bool:
        """Whether fields that are not named are refused."""
        kind = self.reader if isinstance(self.reader, type) else type(self.reader)
        return issubclass(kind, StrictSerializer)


@dataclass(frozen=True, slots=True)
class Answer:
    """What comes back when all went well; no shape means no body."""

    description: str
    shape: Shape | None = None
    example: Any = None
    #: Names of headers beside those that every answer has.
    headers: Sequence[str] = ()
    #: The parameters of other calls' addresses that the answer has values for, by where: `{"post_id": "/data/id"}`.
    leads: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One operation. `refusals` are the codes that are its own, by status; the common ones are added (manners.py)."""

    name: str
    summary: str
    description: str = ""
    query: Sequence[Parameter] = ()
    body: Body | None = None
    answers: Mapping[int, Answer]
    refusals: Mapping[int, Collection[str]] = field(default_factory=dict)
    #: Names of headers that may be sent, beside the common ones.
    headers: Sequence[str] = ()
    public: bool = False


#: The calls of a viewset, by action.
Calls = Mapping[str, Call]


@dataclass(frozen=True, slots=True)
class Section:
    """Calls that belong together, as /docs shows them."""

    title: str
    text: str
    calls: Mapping[type[ViewSet], Calls]


@dataclass(frozen=True, slots=True)
class Notice:
    """What other programs are sent when something happens; `text` says when, `headers` are explained by name."""

    text: str
    headers: Mapping[str, str]
    shape: Shape
    example: Any


@dataclass(frozen=True, slots=True)
class Description:
    """What one room says of its addresses. `parts` are the shapes that have a name, `path` what stands in addresses.

    `notices` are what it tells other programs of, by event; the section named `told_in` shows them.
    """

    sections: Sequence[Section]
    parts: Mapping[str, Shape] = field(default_factory=dict)
    path: Mapping[str, Shape] = field(default_factory=dict)
    notices: Mapping[str, Notice] = field(default_factory=dict)
    told_in: str = ""
