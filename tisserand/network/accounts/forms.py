"""The forms of the door, in our words; what they check is django-allauth's."""

from typing import Any

from allauth.account import forms as account
from allauth.account.adapter import get_adapter
from allauth.account.internal.userkit import filter_users_by_email
from allauth.core import context
from allauth.core.internal import ratelimit
from allauth.mfa.base import forms as second_factor
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as passkey
from django import forms
from django.core.cache import cache
from django.utils.translation import gettext_lazy as _

from tisserand.network.accounts.devices import device_of
from tisserand.network.models import User
from tisserand.network.queries import main_address

EMAIL = {"autocomplete": "username", "maxlength": 254, "spellcheck": "false"}
_ONCE = 120  # seconds during which a code of an application could be played again


class Worded:
    """Gives each field its label, its sentence when it is empty, and its help; no placeholders."""

    words: dict[str, tuple[Any, Any]] = {}
    helps: dict[str, Any] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, (label, missing) in self.words.items():
            field = self.fields[name]
            field.label, field.help_text = label, self.helps.get(name, "")
            field.error_messages = {**field.error_messages, "required": missing}
            field.widget.attrs.pop("placeholder", None)
            if name == "code":
                field.widget.attrs["inputmode"] = "numeric"


_EMAIL = (_("Adresse e-mail"), _("Écrivez votre adresse e-mail."))
_PASSWORD = (_("Mot de passe"), _("Écrivez votre mot de passe."))
_NEW = (_("Nouveau mot de passe"), _("Choisissez un mot de passe."))
_AGAIN = (_("Le même, encore une fois"), _("Écrivez-le une deuxième fois."))
_CODE = (_("Code"), _("Écrivez le code."))
LENGTH = _("12 caractères au moins. Une phrase que vous retenez convient très bien.")


class LoginForm(Worded, account.LoginForm):
    """Address and password."""

    words = {"login": _EMAIL, "password": _PASSWORD}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget = forms.EmailInput(attrs=EMAIL)


class LoginCodeForm(Worded, account.RequestLoginCodeForm):
    """The address to send a code to."""

    words = {"email": _EMAIL}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].widget = forms.EmailInput(attrs=EMAIL)

    def clean_email(self) -> str:
        """Like django-allauth's, with a count of its own for a device that its owner uses."""
        email: str = self.cleaned_data["email"]
        device = device_of(context.request, email)
        action, key = ("request_login_code_device", device) if device else ("request_login_code", main_address(email))
        if not ratelimit.consume(context.request, app="allauth.account", action=action, key=key):
            raise get_adapter().validation_error("too_many_login_attempts")
        users = filter_users_by_email(email, is_active=True, prefer_verified=True, for_login=True)
        self._user = users[0] if users else None
        return email


class EnterCodeForm(Worded, account.ConfirmLoginCodeForm):
    """The code that came by e-mail."""

    words = {"code": _CODE}
    helps = {"code": _("Huit chiffres.")}

    def clean_code(self) -> str:
        """Three tries at one code, even sent all at once: the session alone would count them one."""
        key = f"{context.request.session.session_key}:{self.expected_code}"
        if not ratelimit.consume(context.request, app="allauth.account", action="login_code", key=key):
            raise get_adapter().validation_error("too_many_login_attempts")
        return str(super().clean_code())


class LostPasswordForm(Worded, account.ResetPasswordForm):
    """The address to send a link to."""

    words = {"email": _EMAIL}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].widget = forms.EmailInput(attrs=EMAIL)


class NewPasswordForm(Worded, account.ResetPasswordKeyForm):
    """A password chosen from the link of a letter."""

    words = {"password1": _NEW, "password2": _AGAIN}
    helps = {"password1": LENGTH}


class ChangePasswordForm(Worded, account.ChangePasswordForm):
    """The password of today, and the next one."""

    words = {
        "oldpassword": (_("Mot de passe actuel"), _("Écrivez votre mot de passe actuel.")),
        "password1": _NEW,
        "password2": _AGAIN,
    }
    helps = {"password1": LENGTH}


class SetPasswordForm(Worded, account.SetPasswordForm):
    """The first password of an account that came in by codes."""

    words = {"password1": (_("Mot de passe"), _("Choisissez un mot de passe.")), "password2": _AGAIN}
    helps = {"password1": LENGTH}


class ChangeAddressForm(Worded, account.AddEmailForm):
    """The address that will replace the one of the account, once its link is opened."""

    words = {"email": (_("Nouvelle adresse e-mail"), _("Écrivez la nouvelle adresse."))}


class ConfirmPasswordForm(Worded, account.ReauthenticateForm):
    """The password, once more, before a change that matters."""

    words = {"password": _PASSWORD}


class OnceForm(Worded):
    """A code of an application serves once, for as long as it would be taken."""

    words = {"code": _CODE}

    def clean_code(self) -> str:
        """Refuse a code already played."""
        code = str(super().clean_code())
        played = f"code-once:{self.user.pk}:{''.join(filter(str.isdigit, code))}"
        if not cache.add(played, True, _ONCE):
            raise get_adapter().validation_error("incorrect_code")
        return code


class SecondFactorForm(OnceForm, second_factor.AuthenticateForm):
    """The code of an application, or a recovery code."""

    helps = {"code": _("Six chiffres de votre application, ou un code de secours.")}


class ConfirmCodeForm(OnceForm, second_factor.ReauthenticateForm):
    """The same, before a change that matters."""

    helps = SecondFactorForm.helps


class ActivateForm(Worded, totp.ActivateTOTPForm):
    """The first code of an application."""

    words = {"code": (_("Le code que l'application affiche"), _("Écrivez le code."))}
    helps = {"code": _("Six chiffres ; il change toutes les trente secondes.")}


class AddPasskeyForm(Worded, passkey.AddWebAuthnForm):
    """The name of a passkey; it always opens the door by itself."""

    words = {"name": (_("Nom de la clé"), _("Donnez-lui un nom."))}
    helps = {"name": _("Pour la reconnaître : « Téléphone de Nadia », « Ordinateur de l'accueil ».")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs["maxlength"] = 60


class NamePasskeyForm(Worded, passkey.EditWebAuthnForm):
    """Another name for a passkey."""

    words = AddPasskeyForm.words
    helps = AddPasskeyForm.helps


class NameForm(forms.ModelForm):
    """How others read who did what."""

    class Meta:
        model = User
        fields = ("first_name", "last_name")
        widgets = {
            "first_name": forms.TextInput(attrs={"autocomplete": "given-name"}),
            "last_name": forms.TextInput(attrs={"autocomplete": "family-name"}),
        }
