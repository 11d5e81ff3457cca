"""What people's pages need: admin's theme, what a page may load, and how somebody signs in and stays so."""

from datetime import timedelta

from csp.constants import NONE, SELF, UNSAFE_INLINE

from ..environment import env, read, s3_origins, stop
from .service import DEBUG, STORE

# Theme and policy ---------------------------------------------------------------------------------------------------

UNFOLD = {
    "SITE_TITLE": "OpenPost",
    "SITE_HEADER": "OpenPost",
    "SITE_SYMBOL": "send",
    "SITE_URL": None,
    "LOGIN": {"form": "integrations.people.signing_in.SignInForm"},
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "/static/openpost/icon.svg"}],
    "STYLES": ["/static/openpost/admin.css"],
    "SCRIPTS": ["/static/openpost/theme.js", "/static/openpost/times.js"],
    "ACCOUNT": {
        "navigation": [
            {"title": "Change password", "link": "/admin/password_change/"},
            {"title": "Sign-in and security", "link": "/admin/security/"},
        ]
    },
    "SIDEBAR": {"navigation": "publishing.admin.navigation.groups"},
    "DASHBOARD_CALLBACK": "publishing.admin.home.dashboard",
    # Blue, from 50 to 950: white on 600 and 500 on the dark ground have a contrast of 4.5 : 1 or more.
    "COLORS": {
        "primary": {
            "50": "oklch(97% .014 254.604)",
            "100": "oklch(93.2% .032 255.585)",
            "200": "oklch(88.2% .059 254.128)",
            "300": "oklch(80.9% .105 251.813)",
            "400": "oklch(70.7% .165 254.624)",
            "500": "oklch(62.3% .214 259.815)",
            "600": "oklch(54.6% .245 262.881)",
            "700": "oklch(48.8% .243 264.376)",
            "800": "oklch(42.4% .199 265.638)",
            "900": "oklch(37.9% .146 265.522)",
            "950": "oklch(28.2% .091 267.935)",
        }
    },
}
#: Only files that are kept elsewhere come from there; no script stands in a page, and none is made of a text.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "style-src": [SELF, UNSAFE_INLINE],  # the theme's colours, and widths that scripts set
        "img-src": [SELF, "data:", *s3_origins(STORE)],
        "media-src": [SELF, *s3_origins(STORE)],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# Cookies and sign-in ------------------------------------------------------------------------------------------------

CSRF_COOKIE_HTTPONLY = True  # scripts read the form's own field
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"  # Strict would lose whoever comes back from a platform
SECURE_REFERRER_POLICY = "same-origin"
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "integrations.people.backend.RolesAlone"]
#: After so many minutes without use, and so many hours in all, a session has ended.
SESSION_IDLE_MINUTES = read(env.int, "SESSION_IDLE_MINUTES", 480)
SESSION_HOURS = read(env.int, "SESSION_HOURS", 168)
if SESSION_IDLE_MINUTES < 1 or SESSION_HOURS < 1:
    stop("SESSION_IDLE_MINUTES and SESSION_HOURS must be 1 or more.")
SESSION_COOKIE_AGE = SESSION_HOURS * 3600
# Throttled sign-ins: integrations/people/throttle.py has the two numbers.
AXES_HANDLER = "integrations.people.throttle.Throttle"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"], "ip_address"]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # else an attacker could keep it up for ever
AXES_CLIENT_IP_CALLABLE = "integrations.people.throttle.counted_address"
AXES_LOCKOUT_CALLABLE = "integrations.people.throttle.refused"
AXES_DISABLE_ACCESS_LOG = True  # the audit log says it
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "integrations.people.watching.Watched"},
    *(
        {"NAME": f"django.contrib.auth.password_validation.{name}"}
        for name in ("UserAttributeSimilarityValidator", "CommonPasswordValidator")
    ),
]

if not DEBUG:
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    # The browser keeps what has this prefix from every other host, and from plain http.
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
