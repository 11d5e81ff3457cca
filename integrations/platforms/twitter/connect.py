"""Signing in at X (OAuth 2.0, authorization code with PKCE), renewing access, and ending it.

A person's browser brings the code to a web process, where it dies within seconds: nothing here needs tweepy.

An access token lives two hours. A refresh token works once, and using a spent one ends the whole family, so callers
see to it that it is sent by one process only, and store the new pair before they use it.
https://docs.x.com/fundamentals/authentication/oauth-2-0/authorization-code
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import requests

from ..client import Account
from ..connecting import Connection, Tokens
from ..errors import Disconnected, NotNow, PublishError, Rejected, Unconfirmed
from . import answers
from .config import Config, config
from .rules import X
from .session import Bearer, Refused, Session, app_auth

SCOPES = X.scopes
#: What X's access tokens live when an answer does not say.
ACCESS_LIFE = timedelta(hours=2)
#: Seconds for an answer of the token endpoint. Dripping and connecting included, a call ends within 23 s, and so
#: within the lease of a refresh.
TOKEN_WITHIN = 12.0
#: The same for ending access, which somebody is waiting for.
REVOKE_WITHIN = 5.0
#: The same for a picture.
PICTURE_WITHIN = 8.0

#: How the token endpoint says that a code or a token is spent, revoked or expired.
_DEAD = ("invalid_grant", "invalid_request")
#: How the address of a picture says that it is the small one.
_NORMAL = re.compile(r"_normal(?=\.\w+$)")


def authorize_url(*, redirect_uri: str, state: str, code_challenge: str) -> str:
    """Where to send the person who connects an account.

    `state` has at most 500 characters; `code_challenge` is the base64url SHA-256 of the code verifier, unpadded.
    """
    app = _app()
    query = {
        "response_type": "code",
        "client_id": app.client_id,
        "redirect_uri": redirect_uri,
        "scope": " ".join(SCOPES),
        "state": state,
        "code_challenge": code_challenge,
        "code_challenge_method": "S256",
    }
    return f"{app.authorize_url}?{urlencode(query)}"


def exchange(*, code: str, code_verifier: str, redirect_uri: str, now: datetime) -> Connection:
    """This will turn the code that X sent back into a connected account. The code lives 30 seconds.

    Raises Rejected when X does not accept the code, NotNow when X could not be asked, Unconfirmed when its answer was
    lost and the code may be spent.
    """
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": code_verifier,
    }
    dead = Rejected(
        "X did not accept the sign-in: it took too long, or was used before. Start it again.", code="sign_in_failed"
    )
    return _connection(_tokens(form, dead=dead, now=now), now=now)


def connect_with_tokens(*, access_token: str, refresh_token: str, now: datetime) -> Connection:
    """This will connect an account whose tokens are at hand, for the shell.

    Nobody can say how old the access token is: it is taken for new, and X's first 401 has it renewed.
    Raises Disconnected when X does not accept it.
    """
    credentials = {"access_token": access_token, "refresh_token": refresh_token, "scope": ""}
    return _connection(Tokens(credentials=credentials, expires_at=now + ACCESS_LIFE), now=now)


def refresh(account: Account, *, now: datetime) -> Tokens:
    """This will trade the account's refresh token for a new pair.

    Raises Disconnected when X no longer accepts the refresh token, NotNow when it surely was not spent, Unconfirmed
    when the answer was lost and the token may be spent: then the next try may end in Disconnected.
    """
    old = account.credentials.get("refresh_token")
    if not old:
        raise Disconnected("This account's access has run out and cannot be renewed; connect it again.")
    dead = Disconnected(f"X no longer lets us speak for @{account.username}; connect the account again.")
    return _tokens(
        {"grant_type": "refresh_token", "refresh_token": old}, dead=dead, now=now, before=account.credentials
    )


def check(account: Account, *, now: datetime) -> None:
    """This will ask X whose access this is. Raises Disconnected when it takes it no more, NotNow when it says nothing.

    One call of `GET /2/users/me`. https://docs.x.com/x-api/users/get-my-user
    """
    found = _connection(Tokens(credentials=account.credentials, expires_at=None), now=now)
    if found.remote_id != account.remote_id:
        raise Disconnected(f"This access is to {found.username}, and not to {account.username}. Connect it again.")


def picture(account: Account, *, now: datetime) -> str:
    """The address of the account's picture; "" for the one that X gives to everybody. Raises a PublishError.

    X names the picture of 48 pixels a side; the next larger one has 73, and beyond it there is only the original.
    https://developer.x.com/en/docs/twitter-api/v1/accounts-and-users/user-profile-images-and-banners
    """
    me = _me(account.credentials["access_token"], now=now, fields="profile_image_url", within=PICTURE_WITHIN)
    address = str(me.get("profile_image_url") or "")
    return "" if "/default_profile_images/" in address else _NORMAL.sub("_bigger", address)


def revoke(account: Account) -> None:
    """This will end our access to the account at X. Raises a PublishError when X did not say that it is ended.

    https://docs.x.com/fundamentals/authentication/oauth-2-0/user-access-token
    """
    app = _app()
    for kind in ("refresh_token", "access_token"):
        form = {"token": account.credentials.get(kind, ""), "token_type_hint": kind}
        if not form["token"]:
            continue
        try:
            _post(app, "/2/oauth2/revoke", form, within=REVOKE_WITHIN)
        except Refused as error:
            raise NotNow(
                f"X did not end our access ({error.response.status_code}).", detail=answers.detail_of(error.response)
            ) from error
        except requests.RequestException as error:
            raise answers.read_unanswered(error) from error


def _app() -> Config:
    app = config()
    if not app.client_id:
        raise NotNow(
            "This service has no X app: whoever runs it must set X_CLIENT_ID and X_CLIENT_SECRET.",
            code="app_not_configured",
        )
    return app


def _tokens(
    form: dict[str, str], *, dead: PublishError, now: datetime, before: Mapping[str, Any] | None = None
) -> Tokens:
    """Ask the token endpoint. What `before` held and the answer leaves out is kept."""
    try:
        answer = answers.problem_of(_post(_app(), "/2/oauth2/token", form, within=TOKEN_WITHIN))
    except Refused as error:
        raise _token_refused(error.response, dead=dead, now=now) from error
    except requests.RequestException as error:
        unanswered = answers.read_unanswered(error)
        if answers.nothing_left_us(error):
            raise unanswered from error
        raise Unconfirmed(unanswered.message, detail=unanswered.detail) from error
    if not isinstance(answer.get("access_token"), str):
        # The body may hold half a token: it is not kept.
        raise Unconfirmed("X's answer could not be read.", detail="a 2xx answer without access_token")
    credentials = {
        name: answer.get(name) or (before or {}).get(name, "") for name in ("access_token", "refresh_token", "scope")
    }
    seconds = answer.get("expires_in")
    life = timedelta(seconds=seconds) if isinstance(seconds, int) and seconds > 0 else ACCESS_LIFE
    return Tokens(credentials=credentials, expires_at=now + life)


def _post(app: Config, path: str, form: dict[str, str], *, within: float) -> requests.Response:
    """Speak for our app: with its secret, or as a public client without."""
    if not app.client_secret:
        form = form | {"client_id": app.client_id}
    auth = app_auth(client_id=app.client_id, client_secret=app.client_secret)
    with Session(auth, within=within) as session:
        return session.post(path, data=form)


def _token_refused(response: requests.Response, *, dead: PublishError, now: datetime) -> PublishError:
    """Only a 400 that says the code or token itself is bad is final; the rest is our app, or X, and passes.

    Whoever does not refuse in so many words may have spent the code or token before it failed.
    """
    problem, detail = answers.problem_of(response), answers.detail_of(response)
    if response.status_code == 408 or not 400 <= response.status_code < 500:
        return Unconfirmed(f"X could not be asked ({response.status_code}).", detail=detail)
    said = f"{problem.get('error_description', '')}".lower()
    about_token = problem.get("error") == "invalid_grant" or "was invalid" in said
    if response.status_code == 400 and problem.get("error") in _DEAD and about_token:
        dead.detail = detail
        return dead
    if response.status_code in (400, 401, 403):
        return NotNow(
            "X did not accept this service's app: whoever runs it must check X_CLIENT_ID and X_CLIENT_SECRET.",
            code="app_not_accepted",
            detail=detail,
        )
    return answers.read_refused(response, now=now)


def _connection(tokens: Tokens, *, now: datetime) -> Connection:
    me = _me(tokens.credentials["access_token"], now=now)
    return Connection(remote_id=me["id"], username=me["username"], display_name=me["name"], tokens=tokens)


def _me(access_token: str, *, now: datetime, fields: str = "", within: float | None = None) -> dict[str, Any]:
    """Ask X who it is that a token speaks for: `id`, `username`, `name`, and the `fields` that X has of them.

    https://docs.x.com/x-api/users/get-my-user
    """
    try:
        with Session(Bearer(access_token), within=within) as session:
            response = session.get("/2/users/me", params={"user.fields": fields} if fields else None)
    except Refused as error:
        refused = answers.read_refused(error.response, now=now)
        if isinstance(refused, NotNow) and refused.token_refused:
            raise Disconnected("X does not accept this access token.", detail=refused.detail) from error
        raise refused from error
    except requests.RequestException as error:
        raise answers.read_unanswered(error) from error
    user = answers.problem_of(response).get("data")
    if not isinstance(user, dict) or not {"id", "username", "name"} <= user.keys():
        raise NotNow("X did not say whose access this is; try again.", detail=answers.detail_of(response))
    return user
