"""Where X is and which app we are there: read from Django's settings here and nowhere else."""

from dataclasses import dataclass, field

from django.conf import settings


@dataclass(frozen=True, slots=True)
class Config:
    """`api_url` has no slash at the end. `client_secret` is empty for a public client."""

    api_url: str
    authorize_url: str
    client_id: str
    client_secret: str = field(repr=False)


def config() -> Config:
    """This will give the settings as they are now."""
    return Config(
        api_url=settings.X_API_URL,
        authorize_url=settings.X_AUTHORIZE_URL,
        client_id=settings.X_CLIENT_ID,
        client_secret=settings.X_CLIENT_SECRET,
    )
