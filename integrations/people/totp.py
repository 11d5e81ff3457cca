"""The codes of a device that knows a seed and the time: RFC 6238, as every authenticator app does it."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterator
from urllib.parse import quote, urlencode

#: Seconds for which a code stands.
STEP = 30
DIGITS = 6
#: Steps by which the device's clock may be off, either way.
OFF = 1


def new_seed() -> str:
    """A seed of 160 bits, as people type it into a device: base32."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def code_of(seed: str, step: int) -> str:
    """The code of that step: RFC 4226, section 5.3."""
    digest = hmac.new(base64.b32decode(seed), step.to_bytes(8, "big"), hashlib.sha1).digest()
    offset = digest[-1] & 0xF
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


def step_of(seed: str, code: str, *, at: float, after: int) -> int | None:
    """The step, later than `after`, whose code this is; None when it is none. `at`: seconds since 1970."""
    for step in _near(int(at) // STEP):
        if step > after and hmac.compare_digest(code_of(seed, step).encode(), code.encode()):
            return step
    return None


def address_of(seed: str, *, person: str, service: str) -> str:
    """What a device reads from the picture: `otpauth://totp/…`."""
    said = {"secret": seed, "issuer": service, "digits": DIGITS, "period": STEP}
    return f"otpauth://totp/{quote(f'{service}:{person}')}?{urlencode(said, quote_via=quote)}"


def _near(step: int) -> Iterator[int]:
    yield from range(step - OFF, step + OFF + 1)
