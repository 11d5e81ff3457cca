"""What an endpoint is sent, and how it can tell that it came from us."""

import hashlib
import hmac
import json
import secrets
from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime

from standardwebhooks import Webhook

from integrations.models import OutboxEvent
from openpost.api.times import moment

PREFIX = "whsec_"
#: Random bytes of a secret. Standard Webhooks asks for 24 to 64.
#: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#signature-scheme
BYTES = 32


def new_secret() -> str:
    return PREFIX + b64encode(secrets.token_bytes(BYTES)).decode()


def body_of(event: OutboxEvent) -> bytes:
    """The same bytes at every try, whoever makes them."""
    body = {"event": event.type, "data": event.data, "timestamp": moment(event.happened_at)}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def headers(event: OutboxEvent, body: bytes, *, secrets: Sequence[str], now: datetime) -> dict[str, str]:
    """The headers that prove where `body` comes from; `secrets` are those that are good now, the newest first.

    `X-OpenPost-Signature` is made with the secret as it is written, `whsec_` included: its bytes are the key. Standard
    Webhooks takes the bytes which the base64 behind `whsec_` stands for. A receiver expects one plain signature in that
    header, so those of the older secrets have one of their own.
    """
    signed = [Webhook(secret).sign(str(event.public_id), now, body.decode()) for secret in secrets]
    plain = [hmac.new(secret.encode(), body, hashlib.sha256).hexdigest() for secret in secrets]
    newest, older = " ".join(plain[:1]), " ".join(plain[1:])
    return {
        "webhook-id": str(event.public_id),
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signed),
        **({"X-OpenPost-Signature": newest} if newest else {}),
        **({"X-OpenPost-Signature-Previous": older} if older else {}),
    }
