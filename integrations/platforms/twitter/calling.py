"""One call to X through tweepy, over our own session."""

from collections.abc import Callable

import requests
import tweepy

from ..client import Account
from .session import Bearer, Session


def call(account: Account, ask: Callable[[tweepy.Client], requests.Response]) -> requests.Response:
    """This will make the call for the account, and raise Refused or a `requests.RequestException`."""
    with Session(Bearer(account.credentials["access_token"])) as session:
        x = tweepy.Client(return_type=requests.Response)
        x.session = session
        return ask(x)
