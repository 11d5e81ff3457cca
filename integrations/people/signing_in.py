"""The form at the door."""

from typing import Any

from django.contrib.auth import get_user_model
from django.core.validators import MaxLengthValidator
from unfold.forms import AuthenticationForm


class SignInForm(AuthenticationForm):  # type: ignore[misc]  # the theme has no types
    """The theme's, which takes no name that is longer than any: what nobody can be called is not counted, either."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        longest = get_user_model()._meta.get_field("username").max_length
        self.fields["username"].validators.append(MaxLengthValidator(longest))
