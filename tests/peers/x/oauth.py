"""Signing in: a person's yes or no, codes of 30 seconds, refresh tokens that work once, revoking; and who speaks."""

import base64
import hashlib
import secrets
from urllib.parse import parse_qsl, urlencode

from .messages import PROBLEMS, Answer, Request, forbidden, invalid, oauth_error, plain
from .world import CODE_LIFE, Code, Family, World

SCOPES = {"tweet.read", "tweet.write", "users.read", "media.write", "offline.access"}
AUTHORIZE = {"response_type", "client_id", "redirect_uri", "scope", "state", "code_challenge", "code_challenge_method"}
GRANTS = {
    "authorization_code": {"grant_type", "code", "redirect_uri", "code_verifier"},
    "refresh_token": {"grant_type", "refresh_token"},
}


def authorize(world: World, request: Request) -> Answer:
    """The newest user says yes, or no if the settings say so; X sends the browser back with a code, or the no."""
    query = request.query
    if query.keys() != AUTHORIZE or not all(query.values()):
        raise invalid(f"wanted exactly {sorted(AUTHORIZE)}, got {sorted(query)}")
    wrong = (
        query["response_type"] != "code"
        or query["client_id"] != world.settings.client_id
        or query["code_challenge_method"] != "S256"
        or len(query["code_challenge"]) != 43
        or len(query["state"]) > 500
        or not set(query["scope"].split()) <= SCOPES
    )
    if wrong:
        raise invalid("Something went wrong. You weren't able to give access to the App.")
    if not world.settings.consents:
        back = urlencode({"error": "access_denied", "state": query["state"]})
        return Answer(302, None, {"location": f"{query['redirect_uri']}?{back}"})
    code = secrets.token_urlsafe(60)
    world.codes[code] = Code(
        list(world.users)[-1],
        query["redirect_uri"],
        query["code_challenge"],
        query["scope"],
        world.now() + CODE_LIFE,
    )
    back = urlencode({"state": query["state"], "code": code})
    return Answer(302, None, {"location": f"{query['redirect_uri']}?{back}"})


def token(world: World, request: Request) -> Answer:
    form = read_form(world, request)
    grant = form.get("grant_type", "")
    if grant not in GRANTS:
        raise oauth_error(400, "unsupported_grant_type", f"grant_type {grant} is not supported.")
    check_names(form, GRANTS[grant])
    return exchange(world, form) if grant == "authorization_code" else refresh(world, form)


def revoke(world: World, request: Request) -> Answer:
    """A refresh token takes its whole family along. A token that nobody knows is as good as revoked (RFC 7009)."""
    form = read_form(world, request)
    check_names(form, {"token", "token_type_hint"})
    for family in world.families:
        if form["token"] in (family.refresh, *family.spent):
            family.alive = False
        family.access.pop(form["token"], None)
    return Answer(200, {"revoked": True})


def read_form(world: World, request: Request) -> dict[str, str]:
    if request.headers.get("content-type", "").split(";")[0].strip() != "application/x-www-form-urlencoded":
        raise oauth_error(400, "invalid_request", "Content-Type must be application/x-www-form-urlencoded.")
    pairs = parse_qsl(request.body.decode(), keep_blank_values=True)
    form = dict(pairs)
    if len(form) < len(pairs):
        raise oauth_error(400, "invalid_request", "A parameter was given twice.")
    check_app(world, request, form)
    return form


def check_names(form: dict[str, str], wanted: set[str]) -> None:
    if form.keys() != wanted:
        raise oauth_error(400, "invalid_request", f"Wanted exactly {sorted(wanted)}, got {sorted(form)}.")


def check_app(world: World, request: Request, form: dict[str, str]) -> None:
    """Confidential clients by HTTP Basic, public ones by `client_id`; never both."""
    settings = world.settings
    client_id = form.pop("client_id", None)
    basic = base64.b64encode(f"{settings.client_id}:{settings.client_secret}".encode()).decode()
    given = request.headers.get("authorization")
    if settings.client_secret:
        good = given == f"Basic {basic}" and client_id is None
    else:
        good = given is None and client_id == settings.client_id
    if not good:
        raise oauth_error(401, "unauthorized_client", "Missing valid authorization header")


def exchange(world: World, form: dict[str, str]) -> Answer:
    code = world.codes.pop(form["code"], None)
    digest = hashlib.sha256(form["code_verifier"].encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    if code is None or code.ends < world.now():
        raise oauth_error(400, "invalid_request", "Value passed for the authorization code was invalid.")
    if (code.redirect_uri, code.challenge) != (form["redirect_uri"], challenge):
        raise oauth_error(400, "invalid_request", "Value passed for the authorization code was invalid.")
    return Answer(200, world.new_pair(world.new_family(code.user_id, code.scope)))


def refresh(world: World, form: dict[str, str]) -> Answer:
    spent = form["refresh_token"]
    for family in world.families:
        if spent in family.spent:
            family.alive = False  # a replay: somebody else may have the new pair
            family.replays += 1
        elif family.alive and spent == family.refresh:
            return Answer(200, world.new_pair(family))
    raise oauth_error(400, "invalid_request", "Value passed for the token was invalid.")


def speaker(world: World, request: Request, *scopes: str) -> Family:
    """Who is speaking, if that may be said with these tokens."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind == "Bearer" and token in world.app_tokens:
        raise plain(
            403,
            "Unsupported Authentication",
            "Authenticating with OAuth 2.0 Application-Only is forbidden for this endpoint.",
            f"{PROBLEMS}/unsupported-authentication",
        )
    family = world.bearer(token) if kind == "Bearer" else None
    if family is None:
        raise plain(401, "Unauthorized")
    if not set(scopes) <= set(family.scope.split()):
        raise forbidden("You are not permitted to perform this action.")
    return family
