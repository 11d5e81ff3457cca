"""A worker in a process of its own that needs an account's tokens: `python -m tests.integrations.one_refresh <id>`.

It tries until it is its turn, and prints "good", or the code of the error it ended with.
"""

import os
import sys
import time

import django


def main(integration_id: str) -> str:
    from integrations import tokens
    from integrations.models import Integration
    from integrations.platforms.errors import PublishError
    from openpost import clock

    while True:
        try:
            tokens.account_of(Integration.objects.get(id=integration_id), now=clock.now())
        except PublishError as error:
            if error.code != "token_refreshing":
                return error.code
            time.sleep(0.05)
        else:
            return "good"


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "openpost.settings"
    django.setup()
    sys.stdout.write(main(sys.argv[1]))
