"""A table of nothing is not gone through to its end."""

import pytest

from openpost.api.errors import ApiError
from posts.table import MOST_EMPTY, rows_of


def test_it_takes_so_many_empty_lines_and_no_more() -> None:
    table = "content\nHello\n"

    assert len(rows_of(table + "\n" * MOST_EMPTY)) == 1
    with pytest.raises(ApiError, match="at most 1000 empty lines"):
        rows_of(table + "\n" * (MOST_EMPTY + 1))
