"""What the door says: errors of its forms, and what happened, under the names that django-allauth gives them."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_WRONG_CODE = _("Ce code n'est pas le bon. Vérifiez-le, ou attendez le suivant.")
_TOO_MANY = _("Trop d'essais. Attendez cinq minutes, ou entrez autrement : un code par e-mail, une clé d'accès.")

ACCOUNT_ERRORS: dict[str, str | Promise] = {
    "account_inactive": _("Ce compte est fermé. L'administration du réseau peut le rouvrir."),
    "duplicate_email": _("C'est déjà votre adresse."),
    "email_password_mismatch": _(
        "Cette adresse et ce mot de passe ne vont pas ensemble. Vérifiez l'adresse, puis les majuscules du mot de "
        "passe. Sinon, recevez un code par e-mail."
    ),
    "email_taken": _("Cette adresse est celle d'un autre compte."),
    "enter_current_password": _("Ce n'est pas votre mot de passe actuel."),
    "incorrect_code": _WRONG_CODE,
    "incorrect_password": _("Ce n'est pas votre mot de passe."),
    "invalid_or_expired_key": _("Ce lien n'est plus valable. Demandez-en un autre."),
    "invalid_password_reset": _("Ce lien n'est plus valable. Demandez-en un autre."),
    "rate_limited": _("Trop d'essais. Attendez quelques minutes."),
    "same_as_current": _("C'est déjà votre adresse."),
    "too_many_login_attempts": _TOO_MANY,
}
SECOND_FACTOR_ERRORS: dict[str, str | Promise] = {
    "cannot_delete_authenticator": _("Ce compte doit garder une deuxième vérification."),
    "cannot_generate_recovery_codes": _("Les codes de secours viennent avec une application ou une clé d'accès."),
    "incorrect_code": _WRONG_CODE,
    "unverified_email": _("Confirmez d'abord votre adresse e-mail."),
}
MESSAGES: dict[str, str | Promise] = {
    "account/messages/email_confirmation_sent.txt": _(
        "Un message est parti à %(email)s. L'adresse change quand vous ouvrez son lien."
    ),
    "account/messages/email_confirmed.txt": _("Votre adresse est maintenant %(email)s."),
    "account/messages/email_confirmation_failed.txt": _("Cette adresse est celle d'un autre compte."),
    "account/messages/email_deleted.txt": _("L'adresse reste celle d'avant."),
    "account/messages/logged_out.txt": _("Vous êtes déconnecté·e."),
    "account/messages/password_changed.txt": _("Votre mot de passe est changé. Les autres appareils sont déconnectés."),
    "account/messages/password_set.txt": _("Votre mot de passe est enregistré."),
    "mfa/messages/recovery_codes_generated.txt": _("Voici vos codes de secours : gardez-les à l'abri."),
    "mfa/messages/totp_activated.txt": _("L'application est enregistrée."),
    "mfa/messages/totp_deactivated.txt": _("L'application est retirée."),
    "mfa/messages/webauthn_added.txt": _("La clé d'accès est enregistrée."),
    "mfa/messages/webauthn_removed.txt": _("La clé d'accès est retirée."),
}
WAYS: dict[str, str | Promise] = {
    "reauthenticate": _("Mon mot de passe"),
    "mfa_reauthenticate": _("Un code de mon application"),
    "mfa_reauthenticate:webauthn": _("Ma clé d'accès"),
}
