"""What X's answers to calls about media prove: nothing is live, so all may be asked again."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import requests

from ..errors import Disconnected, NotNow, PublishError, Rejected
from . import answers

#: Codes of what passes by itself, within one try.
PASSING = ("answer_lost", "platform_unavailable", "unreachable")


def upload_refused(response: requests.Response, *, scope: str, now: datetime) -> PublishError:
    """What an answer other than 2xx to a call about media proves. `scope` is what the account allows us."""
    status, problem, detail = response.status_code, answers.problem_of(response), answers.detail_of(response)
    if status < 400 or status >= 500 or status == 408:
        return NotNow(f"X could not take the file just now ({status}).", detail=detail)
    if common := answers.refused_anywhere(response, problem, now=now):
        return common
    if not problem and status != 413:
        return NotNow(f"Something before X turned the file away ({status}).", code="unreachable", detail=detail)
    words = answers.words_of(problem)
    if str(problem.get("type", "")).endswith(answers.APP_PROBLEMS):
        return answers.app_not_permitted(detail)
    if status == 403 and "media.write" not in scope.split():
        return Disconnected(
            "X does not let us upload files for this account. Connect it again and allow that.", detail=detail
        )
    if status == 404 or "not found" in words.lower() or "segments" in words.lower():
        return NotNow("X has lost an uploaded file; it is uploaded anew.", code="media_lost", detail=detail)
    return Rejected(
        f"X refused a file of this post: {words or status}. Give a copy of the post another file, and publish that.",
        code="media_refused",
        detail=detail,
    )


def media_id_in(data: Mapping[str, Any]) -> str:
    """The id of what was uploaded."""
    if not answers.is_id(media_id := data.get("id")):
        raise NotNow("X took a file without saying how to call it.", detail=str(data))
    return str(media_id)


def processing_in(data: Mapping[str, Any]) -> tuple[str, float, str]:
    """How far X is with an upload: the state, the seconds to wait, and X's reason if it has failed (`: sentence`).

    No word of processing means that there was nothing to process. An error beside any state was seen to be final.
    """
    info = data.get("processing_info") or {}
    error = info.get("error") or {}
    state = "failed" if error else info.get("state", "succeeded")
    reason = str(error.get("message") or error.get("name") or "").strip().removesuffix(".")
    wait = info.get("check_after_secs")
    return state, wait if isinstance(wait, int | float) else 1, f": {reason}" if reason else ""
