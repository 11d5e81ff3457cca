"""A post, what validate finds of one, and what they are made of."""

from integrations.platforms import registry
from integrations.platforms.codes import Side
from openpost.api.openapi import shapes
from posts.models import PostStatus, TargetStatus

_PLATFORM = shapes.choice(registry.NAMES)
_TEXT_AND_FILES = {
    "content": shapes.text("The text."),
    "media": shapes.array(shapes.ref("Media"), "The files beside it."),
}
_LENGTH = {
    "count": shapes.number("How long the text is, by the platform's own counting."),
    "limit": shapes.number("How long it may be."),
    "unit": shapes.text("What is counted."),
}

PARTS = {
    "Warning": shapes.obj(
        "What the author should know although nothing is refused.",
        code=shapes.text("As in docs/errors.md."),
        message=shapes.text("A sentence for people."),
        field=shapes.text("A JSON pointer into the body."),
        post_id=shapes.uuid("Another post that is meant."),
        optional=["post_id"],
    ),
    "Problem": shapes.more(
        shapes.obj(
            "What would refuse a schedule. The numbers and names behind the sentence stand beside it.",
            code=shapes.text("As in docs/errors.md."),
            message=shapes.text("A sentence for people."),
            field=shapes.text("A JSON pointer into the body."),
        )
    ),
    "Account": shapes.obj(
        "Whose target it is. Its `id` is what `integrations` in a request takes.",
        platform=_PLATFORM,
        id=shapes.uuid(),
        username=shapes.text(),
    ),
    "TargetError": shapes.obj(
        "Why it has not gone out (yet).",
        code=shapes.text("As in docs/errors.md."),
        message=shapes.text("A sentence for people."),
        side=shapes.nullable(shapes.choice(Side, "Who has to do something: the author, this service, nobody.")),
        retryable=shapes.flag("Whether the same thing may yet go out."),
        next_attempt_at=shapes.nullable(shapes.moment("When it is tried again by itself; null: it is not.")),
    ),
    "Target": shapes.obj(
        "How far a post got on one account.",
        id=shapes.uuid(),
        status=shapes.choice(TargetStatus.values),
        platform_post_url=shapes.nullable(shapes.address("Where it is live.")),
        thread_urls=shapes.array(shapes.address(), "Where each of its parts is live, in order."),
        published_at=shapes.nullable(shapes.moment()),
        error=shapes.nullable(shapes.ref("TargetError")),
        integrations=shapes.ref("Account"),
    ),
    "ThreadPart": shapes.obj("One part of a thread, after the first.", **_TEXT_AND_FILES),
    "Post": shapes.obj(
        id=shapes.uuid(),
        status=shapes.choice(PostStatus.values, "It follows from what became of each target."),
        content=shapes.text("The text, where no platform has its own in `platform_overrides`."),
        media=shapes.array(shapes.ref("Media"), "The files beside it."),
        thread=shapes.array(shapes.ref("ThreadPart"), "The parts that follow."),
        split=shapes.flag("Whether a text that is too long for a platform is made a thread there."),
        scheduled_at=shapes.nullable(shapes.moment("When to publish. Null means draft.")),
        published_at=shapes.nullable(shapes.moment("When the last target went live.")),
        tags=shapes.array(shapes.text(), "Not published."),
        post_targets=shapes.array(shapes.ref("Target"), "How far it got on each account."),
        created_at=shapes.moment(),
        updated_at=shapes.moment(),
        group_id=shapes.nullable(shapes.uuid()),
        platform_overrides=shapes.mapping(shapes.text(), "Texts of single platforms."),
        platform_settings=shapes.mapping(shapes.mapping(), "Settings of single platforms."),
        warnings=shapes.array(shapes.ref("Warning")),
    ),
    "Counted": shapes.obj("One length that the platform limits.", **_LENGTH),
    "Facet": shapes.obj(
        "A stretch of the text that becomes a link, a mention or a tag.",
        start=shapes.number("Offset in the text's UTF-8 bytes."),
        end=shapes.number("Offset in the text's UTF-8 bytes."),
        kind=shapes.choice(["link", "mention", "tag"]),
        value=shapes.text("The address, the handle or the word that is meant."),
    ),
    "PartFindings": shapes.obj(
        "One part as it would be sent.",
        content=shapes.text("The text as it would be sent."),
        **_LENGTH,
        counts=shapes.array(shapes.ref("Counted"), "All that the platform limits, the first as above."),
        facets=shapes.array(shapes.ref("Facet")),
        media=shapes.array(
            shapes.obj(
                id=shapes.uuid(),
                as_it_is=shapes.flag("Whether the file is sent as it is."),
                message=shapes.text("What becomes of it."),
            )
        ),
    ),
    "TargetFindings": shapes.obj(
        "What one account would be sent. What stands of the first of `parts` stands here, too.",
        integrations=shapes.ref("Account"),
        settings=shapes.mapping(description="The settings that would be sent."),
        content=shapes.text("The text as it would be sent."),
        **_LENGTH,
        counts=shapes.array(shapes.ref("Counted")),
        parts=shapes.array(shapes.ref("PartFindings")),
        problems=shapes.array(shapes.ref("Problem")),
        warnings=shapes.array(shapes.ref("Warning")),
    ),
    "Findings": shapes.obj(
        valid=shapes.flag("Whether the post could be scheduled as it stands."),
        problems=shapes.array(shapes.ref("Warning"), "What is wrong with the whole post."),
        ignored=shapes.array(shapes.ref("Warning"), "Fields that nothing would come of."),
        targets=shapes.array(shapes.ref("TargetFindings")),
    ),
}
PATH = {name: shapes.uuid() for name in ("post_id", "target_id", "group_id", "integration_id")}
