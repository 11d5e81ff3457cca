"""Queries whose SQL Django writes once in a process: it takes longer over that than PostgreSQL over the answer.

For what every request asks; elsewhere a queryset says the same in fewer words.
"""

from collections.abc import Callable
from copy import copy
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Model, QuerySet
from django.db.models.query import ModelIterable

M = TypeVar("M", bound=Model)


class WrittenOnce(Generic[M]):
    """`WrittenOnce(lambda one: Post.objects.filter(id=one), UUID(int=1))(post_id)` gives what the queryset would.

    The queryset is made with examples of the values. Where one of them stands in what is sent with the SQL, each call
    sends its own value: so they must differ from each other, and from whatever else the query holds.
    """

    def __init__(self, build: "Callable[..., QuerySet[M]]", *examples: Any) -> None:
        self._build = build
        self._examples = examples
        self._compiler: Any = None

    def __call__(self, *values: Any) -> list[M]:
        if self._compiler is None:
            self._write()
        sent = [value if place is None else values[place] for value, place in self._sent]
        return list(ModelIterable(_Asked(self._compiler, self._sql, sent)))  # type: ignore[arg-type]

    def _write(self) -> None:
        compiler: Any = self._build(*self._examples).query.get_compiler(DEFAULT_DB_ALIAS)
        self._sql, sent = compiler.as_sql()
        places = [self._examples.index(value) if value in self._examples else None for value in sent]
        if {place for place in places if place is not None} != set(range(len(self._examples))):
            raise ValueError(f"an example is not among what is sent: {sent}")
        self._sent = list(zip(sent, places, strict=True))
        converters = compiler.get_converters([expression for expression, *_ in compiler.select])
        compiler.get_converters = lambda _: converters
        self._compiler = compiler  # last: other threads look for it


class _Asked:
    """What Django's iterable wants of a queryset."""

    db = DEFAULT_DB_ALIAS
    _known_related_objects: dict[Any, Any] = {}

    def __init__(self, compiler: Any, sql: str, sent: list[Any]) -> None:
        self.query = self
        self._compiler = copy(compiler)
        self._compiler.connection = connection  # this thread's
        self._compiler.as_sql = lambda: (sql, sent)

    def get_compiler(self, using: str) -> Any:
        return self._compiler
