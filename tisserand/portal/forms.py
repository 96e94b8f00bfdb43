"""The form of the team's door."""

from typing import Any, ClassVar

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.utils.translation import gettext_lazy as _


class LoginForm(AuthenticationForm):
    """Address and password; a refusal says what to do next."""

    error_messages: ClassVar[dict[str, Any]] = {
        "invalid_login": _(
            "Cette adresse et ce mot de passe ne vont pas ensemble. Vérifiez l'adresse, puis les majuscules du mot de "
            "passe. S'il est perdu, l'administration du réseau vous en donne un nouveau."
        ),
        "inactive": _("Ce compte est fermé. L'administration du réseau peut le rouvrir."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("Adresse e-mail")
        self.fields["username"].widget = forms.EmailInput(attrs={"autocomplete": "username", "maxlength": 254})
        self.fields["username"].error_messages["required"] = _("Écrivez votre adresse e-mail.")
        self.fields["password"].label = _("Mot de passe")
        self.fields["password"].error_messages["required"] = _("Écrivez votre mot de passe.")
