"""Addresses of the door and of one's account, under the names that django-allauth reverses."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account import views as account
from allauth.mfa.base import views as second_factor
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from django.http import HttpRequest, HttpResponseBase
from django.urls import path, re_path
from django.views.generic import View

from tisserand.network.accounts import directory, forms, views

Screen = Callable[..., HttpResponseBase]


def page(view_class: type[View], template: str, **options: Any) -> Screen:
    """One of django-allauth's screens, with our template and our form."""
    view = view_class.as_view(template_name=template, **options)

    @wraps(view)
    def screen(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        context = getattr(response, "context_data", None)
        if context is not None:
            context.pop("site", None)  # theirs would hide ours, which dresses the pages
            context.setdefault("nav", "equipe")
        return response

    return screen


login = page(account.LoginView, "accounts/login.html", form_class=forms.LoginForm)
logout = page(account.LogoutView, "accounts/logout.html")
closed = page(account.SignupView, "", template_name_signup_closed="accounts/by_invitation.html")
ask_code = page(account.RequestLoginCodeView, "accounts/ask_code.html", form_class=forms.LoginCodeForm)
enter_code = page(account.ConfirmLoginCodeView, "accounts/enter_code.html", form_class=forms.EnterCodeForm)
second = page(second_factor.AuthenticateView, "accounts/second_factor.html", form_class=forms.SecondFactorForm)
by_passkey = page(passkeys.LoginWebAuthnView, "")
lost = page(account.PasswordResetView, "accounts/lost_password.html", form_class=forms.LostPasswordForm)
lost_sent = page(account.PasswordResetDoneView, "accounts/lost_password_sent.html")
new_password = page(views.NewPasswordView, "accounts/new_password.html", form_class=forms.NewPasswordForm)
inactive = page(account.AccountInactiveView, "accounts/inactive.html")
confirm = page(account.ReauthenticateView, "accounts/confirm.html", form_class=forms.ConfirmPasswordForm)
confirm_code = page(second_factor.ReauthenticateView, "accounts/confirm.html", form_class=forms.ConfirmCodeForm)
confirm_passkey = page(passkeys.ReauthenticateWebAuthnView, "accounts/confirm_passkey.html")
password = page(account.PasswordChangeView, "accounts/password.html", form_class=forms.ChangePasswordForm)
first_password = page(account.PasswordSetView, "accounts/password.html", form_class=forms.SetPasswordForm)
address = page(account.EmailView, "accounts/address.html", form_class=forms.ChangeAddressForm)
new_address = page(account.ConfirmEmailView, "accounts/new_address.html")
add_app = page(totp.ActivateTOTPView, "accounts/add_app.html", form_class=forms.ActivateForm)
remove_app = page(totp.DeactivateTOTPView, "accounts/remove_app.html")
add_passkey = page(passkeys.AddWebAuthnView, "accounts/add_passkey.html", form_class=forms.AddPasskeyForm)
name_passkey = page(passkeys.EditWebAuthnView, "accounts/name_passkey.html", form_class=forms.NamePasskeyForm)
remove_passkey = page(passkeys.RemoveWebAuthnView, "accounts/remove_passkey.html")
codes = page(recovery_codes.ViewRecoveryCodesView, "accounts/recovery_codes.html")
new_codes = page(recovery_codes.GenerateRecoveryCodesView, "accounts/new_recovery_codes.html")

# allauth reverses these two with the name of the directory.
_DIRECTORY = {"provider_id": directory.DIRECTORY}

urlpatterns = [
    path("connexion/", login, name="login"),
    path("connexion/", login, name="account_login"),
    path("deconnexion/", logout, name="logout"),
    path("deconnexion/", logout, name="account_logout"),
    path("connexion/code/", ask_code, name="account_request_login_code"),
    path("connexion/code/saisie/", enter_code, name="account_confirm_login_code"),
    path("connexion/second-facteur/", second, name="mfa_authenticate"),
    path("connexion/cle/", by_passkey, name="mfa_login_webauthn"),
    path("connexion/annuaire/", directory.leave, _DIRECTORY, name="openid_connect_login"),
    path("connexion/annuaire/retour/", directory.come_back, _DIRECTORY, name="openid_connect_callback"),
    path("connexion/mot-de-passe-perdu/", lost, name="account_reset_password"),
    path("connexion/mot-de-passe-perdu/envoye/", lost_sent, name="account_reset_password_done"),
    re_path(
        r"^connexion/mot-de-passe/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        new_password,
        name="account_reset_password_from_key",
    ),
    path("connexion/sur-invitation/", closed, name="account_signup"),
    path("connexion/compte-ferme/", inactive, name="account_inactive"),
    path("compte/", views.account_page, name="account"),
    path("compte/", views.account_page, name="mfa_index"),
    path("compte/", views.account_page, name="mfa_list_webauthn"),
    path("compte/nom/", views.name_page, name="account-name"),
    path("compte/deuxieme-verification/", views.second_factor_page, name="account-second-factor"),
    path("compte/appareils/", views.devices_page, name="account-devices"),
    path("compte/donnees/", views.data_page, name="account-data"),
    path("compte/effacer/", views.erase_page, name="account-erase"),
    path("compte/confirmer/", confirm, name="account_reauthenticate"),
    path("compte/confirmer/code/", confirm_code, name="mfa_reauthenticate"),
    path("compte/confirmer/cle/", confirm_passkey, name="mfa_reauthenticate_webauthn"),
    path("compte/mot-de-passe/", password, name="account_change_password"),
    path("compte/mot-de-passe/premier/", first_password, name="account_set_password"),
    path("compte/adresse/", address, name="account_email"),
    path("compte/adresse/<str:key>/", new_address, name="account_confirm_email"),
    path("compte/application/", add_app, name="mfa_activate_totp"),
    path("compte/application/retirer/", remove_app, name="mfa_deactivate_totp"),
    path("compte/cles/ajouter/", add_passkey, name="mfa_add_webauthn"),
    path("compte/cles/<int:pk>/nom/", name_passkey, name="mfa_edit_webauthn"),
    path("compte/cles/<int:pk>/retirer/", remove_passkey, name="mfa_remove_webauthn"),
    path("compte/codes-de-secours/", codes, name="mfa_view_recovery_codes"),
    path("compte/codes-de-secours/nouveaux/", new_codes, name="mfa_generate_recovery_codes"),
]
