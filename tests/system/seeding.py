"""A second Python beside the tests, on the database of the running stack.

The tests' own process has a database of its own, and Playwright's loop, in which Django refuses to ask any.
"""

import os
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Self, TypeVar

T = TypeVar("T")


class Seeder:
    """`seeder(function, *args, **kwargs)` gives what the function gives there, both by pickle.

    For `function` take one of tests/builders.py, of the browser's seeds.py, or one on the test module's top level.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._process = ProcessPoolExecutor(1, get_context("spawn"), initializer=_begin, initargs=(dict(environ),))

    def __call__(self, function: Callable[..., T], *args: object, **kwargs: object) -> T:
        return self._process.submit(function, *args, **kwargs).result()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._process.shutdown()


def _begin(environ: Mapping[str, str]) -> None:
    import django

    os.environ.update(environ, LOG_LEVEL="WARNING")
    django.setup()
