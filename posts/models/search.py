"""Finding posts by a piece of their text, as PostgreSQL does it without any extension: by pairs and triples of letters.

Two functions of the database say what the text of a post is, and of which pairs and triples it is made; an index holds
these (migrations/0005). A piece is somewhere in a text only if all of its pairs and triples are.
"""

from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db.models import BooleanField, Func, TextField, Value
from django.db.models.functions import StrIndex

if TYPE_CHECKING:
    from .post import PostQuerySet


class PostText(Func):
    """All that a post says, in small letters: `PostText("content", "thread")`."""

    function = "posts_text"
    output_field = TextField()


class Grams(Func):
    """The pairs and triples of letters of a text, each once."""

    function = "posts_grams"
    output_field = ArrayField(TextField())


class Holds(Func):
    """Whether the first list has all that is in the second: what the index answers."""

    template = "%(expressions)s"
    arg_joiner = " @> "
    output_field = BooleanField()
    conditional = True


def saying(posts: "PostQuerySet", piece: str) -> "PostQuerySet":
    """This will keep the posts whose content or thread has this piece, in small or capital letters."""
    text, wanted = PostText("content", "thread"), PostText(Value(piece), Value([], ArrayField(TextField())))
    return posts.filter(Holds(Grams(text), Grams(wanted))).annotate(_at=StrIndex(text, wanted)).filter(_at__gt=0)
