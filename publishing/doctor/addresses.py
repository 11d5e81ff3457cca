"""Where this service says it is, and whether it is there: addresses, hosts, cookies."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import requests
from django.conf import settings
from django.http.request import split_domain_port, validate_host
from django.urls import reverse
from django.utils.module_loading import import_string

from integrations.models import SignIn
from integrations.platforms import registry
from integrations.platforms.base import Rules
from integrations.platforms.errors import NotNow
from integrations.sign_in import callback_of

from ..health.finding import Finding, bad, good, warning

#: Seconds for an answer of our own.
PATIENCE = 5


def configured() -> Iterator[Finding]:
    """What can be said of the addresses without asking anybody."""
    yield from (_debug(), _public_url(), _allowed_hosts(), _cookies())
    for rules in registry.PLATFORMS.values():
        if rules.oauth:
            yield _redirect(rules)


def changed() -> Iterator[Finding]:
    """Sign-ins that were begun at another address than the present one: the platform may not know the new one."""
    for rules in registry.PLATFORMS.values():
        last = SignIn.objects.filter(platform=rules.name).order_by("-created_at").first() if rules.oauth else None
        if last and last.redirect_uri != callback_of(rules):
            what = f"The last sign-in led back to {last.redirect_uri}, the next will to {callback_of(rules)}."
            yield warning(f"redirect_uri_{rules.name}_changed", what, f"See that {rules.label} knows the new one.")


def reachable() -> Iterator[Finding]:
    """Whether our own /healthz is what answers at OPENPOST_URL."""
    url = settings.OPENPOST_URL + reverse("healthz")
    try:
        answer = requests.get(url, timeout=PATIENCE, allow_redirects=False)
        ours = answer.status_code == 200 and answer.json() == {"status": "ok"}
    except requests.exceptions.SSLError:
        yield _unreachable(f"{url} has no certificate that is good for it.", "Renew it, or mend its chain.")
        return
    except requests.exceptions.JSONDecodeError:
        ours = False
    except requests.RequestException as error:
        hint = "See that a web process runs and that the name leads to it; with --offline this is not asked."
        yield _unreachable(f"{url} cannot be reached from here ({type(error).__name__}).", hint)
        return
    if ours:
        yield good("reachable", f"{url} answers.")
    elif answer.status_code == 400:
        yield _unreachable(f"{url} answers 400.", "Put its host into ALLOWED_HOSTS.")
    else:
        what = f"Something else answers at {url} (HTTP {answer.status_code})."
        yield _unreachable(what, "Let OPENPOST_URL be the address at which people reach this service.")


def _unreachable(what: str, do: str) -> Finding:
    """While developing the web process may well not run."""
    return (warning if settings.DEBUG else bad)("reachable", what, do)


def _debug() -> Finding:
    if not settings.DEBUG:
        return good("debug", "It is off.")
    return warning("debug", "DEBUG is on: errors show the source.", "Unset DEBUG wherever others reach the service.")


def _public_url() -> Finding:
    parts, name = urlsplit(settings.OPENPOST_URL), "public_url"
    if parts.path or parts.query or parts.username:
        return bad(name, "OPENPOST_URL is more than a scheme and a host.", "Leave out whatever follows the host.")
    if parts.scheme != "https" and not settings.DEBUG:
        what = f"OPENPOST_URL is {settings.OPENPOST_URL}: platforms send nobody back to http, and browsers no cookie."
        return bad(name, what, "Set OPENPOST_URL to the https:// address at which people reach this service.")
    return good(name, f"{settings.OPENPOST_URL}.")


def _allowed_hosts() -> Finding:
    host, _ = split_domain_port(urlsplit(settings.OPENPOST_URL).netloc)
    if not validate_host(host, settings.ALLOWED_HOSTS):
        what = f"{host}, the host of OPENPOST_URL, is not allowed: it is answered 400."
        return bad("allowed_hosts", what, f"Add {host} to ALLOWED_HOSTS.")
    if "*" in settings.ALLOWED_HOSTS and not settings.DEBUG:
        return warning("allowed_hosts", "Any host is allowed.", f"Set ALLOWED_HOSTS to {host}.")
    return good("allowed_hosts", f"{host} is allowed.")


def _cookies() -> Finding:
    if settings.DEBUG:
        return good("cookies", "While developing they go over http, too.")
    off = [
        name
        for name in ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS")
        if not getattr(settings, name)
    ]
    if off:
        return warning("cookies", f"Off: {', '.join(off)}.", "Leave them on wherever people come over https.")
    return good("cookies", "They go over https only.")


def _redirect(rules: Rules) -> Finding:
    """The address to which the platform sends people back, as its consent page is given it."""
    name, ours = f"redirect_uri_{rules.name}", callback_of(rules)
    register = f"Register exactly {ours} at {rules.label}, for the app of this service."
    try:
        consent = import_string(f"{rules.oauth}.authorize_url")(redirect_uri=ours, state="x", code_challenge="x" * 43)
    except NotNow as error:
        return good(name, f"Nobody can connect accounts of {rules.label}: {error.message}")
    parts, host = urlsplit(ours), urlsplit(settings.OPENPOST_URL).netloc
    if parse_qs(urlsplit(consent).query).get("redirect_uri") != [ours] or parts.netloc != host:
        return bad(name, f"{rules.label} is told another address than {ours}.", register)
    if urlsplit(settings.OPENPOST_URL).path:
        return bad(name, f"{ours} is no address of this service.", "Let OPENPOST_URL end with its host.")
    if parts.scheme != "https" and not settings.DEBUG:
        return bad(name, f"{ours} is not https: {rules.label} refuses it.", "Set OPENPOST_URL to an https:// address.")
    if not validate_host(split_domain_port(parts.netloc)[0], settings.ALLOWED_HOSTS):
        return bad(name, f"{ours} would be answered 400.", "Add its host to ALLOWED_HOSTS.")
    return good(name, register)
