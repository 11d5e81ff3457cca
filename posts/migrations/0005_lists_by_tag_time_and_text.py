"""Indexes for the filters of GET /v1/posts, made while posts are written. What the text's needs stands before it."""

import django.contrib.postgres.indexes
import django.db.models.expressions
from django.db import migrations, models

import posts.models.search
from openpost.migrating import AddIndexAnew

FUNCTIONS = r"""
CREATE OR REPLACE FUNCTION posts_text(content text, thread text[]) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 20 AS $$
    SELECT lower(array_to_string(array_prepend(content, thread), E'\n'))
$$;

CREATE OR REPLACE FUNCTION posts_grams(said text) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 2000 AS $$
    WITH letters AS (
        SELECT one, lead(one) OVER w AS two, lead(one, 2) OVER w AS three
        FROM unnest(string_to_array(said, NULL)) WITH ORDINALITY AS letter(one, place)
        WINDOW w AS (ORDER BY place)
    )
    SELECT coalesce(array_agg(DISTINCT gram), '{}') FROM (
        SELECT one || two FROM letters UNION SELECT one || two || three FROM letters
    ) AS found(gram) WHERE gram IS NOT NULL
$$;
"""


class Migration(migrations.Migration):
    atomic = False  # so that no post has to wait

    dependencies = [("posts", "0004_media_and_threads")]

    operations = [
        migrations.RunSQL(FUNCTIONS, "DROP FUNCTION posts_grams(text); DROP FUNCTION posts_text(text, text[]);"),
        AddIndexAnew("post", models.Index(fields=["workspace", "scheduled_at"], name="post_list_by_time")),
        AddIndexAnew("post", django.contrib.postgres.indexes.GinIndex(fields=["tags"], name="post_list_by_tag")),
        AddIndexAnew(
            "post",
            django.contrib.postgres.indexes.GinIndex(
                posts.models.search.Grams(posts.models.search.PostText("content", "thread")),
                name="post_list_by_text",
            ),
        ),
    ]
