"""Files that come with the form itself, from a browser that runs no script of ours: kept, and named like the others."""

from django.http import HttpRequest

from integrations.models import Workspace
from openpost.api.errors import Fault
from posts.media import actions as media_actions
from posts.media.types import Unusable

#: What the inputs for files are called, before the key of their part.
PREFIX = "files-"


def take(request: HttpRequest, *, workspace: Workspace) -> None:
    """This will keep the files of a form that was sent; what was not taken is said by `refused`.

    Not for a transaction: keeping a file may be a long talk with S3.
    """
    data, faults = request.POST.copy(), list[Fault]()
    for name in (name for name in request.FILES if name.startswith(PREFIX)):
        key = name.removeprefix(PREFIX)
        for sent in request.FILES.getlist(name):
            try:
                media = media_actions.add_sent(workspace=workspace, upload=sent)
            except Unusable as error:
                faults.append(Fault(error.code, f"{sent.name}: {error.sentence}", "/media_ids"))
            else:
                data.appendlist(f"media-{key}" if key else "media_ids", str(media.pk))
    request.POST = data  # type: ignore[assignment]  # a copy of what was sent, with the files' ids
    request.refused_files = faults  # type: ignore[attr-defined]


def refused(request: HttpRequest) -> list[Fault]:
    """What was said of files that came with this form and were not taken: nothing is done without them."""
    return getattr(request, "refused_files", [])
