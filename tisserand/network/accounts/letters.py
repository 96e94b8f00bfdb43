"""Letters about an account, in plain words, under the names that django-allauth gives them."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from tisserand.common.dates import hour, long_day
from tisserand.messages import kinds
from tisserand.network.queries import site_network

ACCOUNT = kinds.register("network.account", _l("Sécurité du compte"))

Letter = tuple[str, list[str]]


def write(name: str, context: Mapping[str, Any]) -> tuple[str, str]:
    """The subject and the text of a letter.

    Raises:
        KeyError: nobody wrote this one.
    """
    subject, paragraphs = _LETTERS[name](context)
    network = site_network()
    return subject, "\n\n".join([_("Bonjour,"), *paragraphs, network.name if network else "Tisserand"])


def _login_code(context: Mapping[str, Any]) -> Letter:
    return _("Votre code pour entrer"), [
        _("Voici le code à écrire dans la page de connexion : %(code)s") % context,
        _("Il vaut dix minutes et sert une fois. Ne le donnez à personne, même au téléphone."),
        _("Si vous n'avez rien demandé, ne faites rien : sans ce code, personne n'entre."),
    ]


def _unknown_account(context: Mapping[str, Any]) -> Letter:
    return _("Pas de compte à cette adresse"), [
        _("Quelqu'un, vous peut-être, a voulu entrer avec l'adresse %(email)s : elle n'a pas de compte.") % context,
        _(
            "Essayez votre autre adresse, ou demandez une invitation à la direction de votre structure ou à l'équipe "
            "du réseau."
        ),
        _("Si vous n'avez rien demandé, ne faites rien."),
    ]


def _password_reset_key(context: Mapping[str, Any]) -> Letter:
    return _("Choisir un nouveau mot de passe"), [
        _("Ouvrez ce lien pour choisir un nouveau mot de passe :"),
        context["password_reset_url"],
        _("Il vaut vingt-quatre heures et sert une fois."),
        _("Si vous n'avez rien demandé, ne faites rien : votre mot de passe reste le même."),
    ]


def _email_confirmation(context: Mapping[str, Any]) -> Letter:
    return _("Confirmer votre adresse"), [
        _("Ouvrez ce lien pour que %(email)s devienne l'adresse de votre compte :") % context,
        context["activate_url"],
        _("Il vaut trois jours. Si vous n'avez rien demandé, ne faites rien."),
    ]


def _email_changed(context: Mapping[str, Any]) -> Letter:
    return _told(_("L'adresse de votre compte a changé"), _("C'est maintenant %(to_email)s.") % context)


def _change(subject: Callable[[], str]) -> Callable[[Mapping[str, Any]], Letter]:
    return lambda _context: _told(subject())


def _told(subject: str, *more: str) -> Letter:
    now = timezone.localtime()
    return subject, [
        _("%(what)s, le %(day)s à %(hour)s.") % {"what": subject, "day": long_day(now), "hour": hour(now)},
        *more,
        _("C'est vous : il n'y a rien à faire."),
        _(
            "Ce n'est pas vous : choisissez tout de suite un autre mot de passe, par « Mot de passe perdu », et "
            "prévenez l'équipe du réseau."
        ),
    ]


_LETTERS: dict[str, Callable[[Mapping[str, Any]], Letter]] = {
    "account/email/login_code": _login_code,
    "account/email/unknown_account": _unknown_account,
    "account/email/password_reset_key": _password_reset_key,
    "account/email/email_confirmation": _email_confirmation,
    "account/email/email_changed": _email_changed,
    "account/email/email_deleted": _change(lambda: _("Le changement d'adresse de votre compte est annulé")),
    "account/email/password_changed": _change(lambda: _("Le mot de passe de votre compte a changé")),
    "account/email/password_reset": _change(lambda: _("Le mot de passe de votre compte a changé")),
    "account/email/password_set": _change(lambda: _("Votre compte a maintenant un mot de passe")),
    "mfa/email/totp_activated": _change(lambda: _("Une application de codes protège votre compte")),
    "mfa/email/totp_deactivated": _change(lambda: _("L'application de codes de votre compte est retirée")),
    "mfa/email/webauthn_added": _change(lambda: _("Une clé d'accès ouvre votre compte")),
    "mfa/email/webauthn_removed": _change(lambda: _("Une clé d'accès de votre compte est retirée")),
    "mfa/email/recovery_codes_generated": _change(lambda: _("Votre compte a de nouveaux codes de secours")),
}
