"""What the door keeps about people: addresses, second factors, sessions, tries."""

import hashlib
from collections.abc import Iterator
from datetime import datetime
from functools import reduce
from operator import or_

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tisserand.network.models import CacheEntry
from tisserand.network.privacy import ACCOUNT, ACCOUNT_LIFE, ACCOUNTS
from tisserand.privacy.gestures import name_gestures
from tisserand.privacy.registry import Personal, Subject, declare, retain

_NOBODY = _("le logiciel seul")
_SESSION = _("12 heures")
_COUNT = _("Compter les essais de connexion, contre qui cherche un mot de passe")
_CLOSE = _("Montrer à la personne ses connexions, pour qu'elle les ferme")
_STAY = _("Garder la connexion ouverte d'une page à l'autre")
_CONNECTED = _("les connexions ouvertes et les appareils")
_SECOND = _("Vérifier une deuxième fois que c'est bien la personne")
_KNOW = _("Reconnaître la personne quand elle vient par l'annuaire")


def _opened(_name: str, subject: Subject) -> Q:
    """The sessions that someone opened, or began to open: what they hold is only known by reading each."""

    def theirs(held: dict[str, object]) -> bool:
        return held.get("_auth_user_id") == str(subject.number) or not subject.emails.isdisjoint(_words(held))

    return Q(pk__in=[one.pk for one in Session.objects.iterator() if theirs(one.get_decoded())])


def _words(held: object) -> Iterator[str]:
    """Every value inside *held*."""
    if isinstance(held, dict):
        held = list(held.values())
    if isinstance(held, list | tuple):
        for one in held:
            yield from _words(one)
    else:
        yield str(held).lower()


def _counted(name: str, subject: Subject) -> Q:
    """The tries counted by an address are known by its digest, as django-allauth makes it."""
    digests = [hashlib.sha256(email.encode()).hexdigest() for email in sorted(subject.emails)]
    marks = [*digests, f":user:{subject.number}", f"code-once:{subject.number}:"]
    return reduce(or_, (Q(**{f"{name}__contains": mark}) for mark in marks))


declare(
    EmailAddress,
    label=_("Adresses des comptes"),
    activity=ACCOUNTS,
    theirs=ACCOUNT,
    own=True,
    personal={
        "user": Personal(_("Compte"), _("Savoir à qui est l'adresse"), "delete", ACCOUNT_LIFE),
        "email": Personal(_("Adresse e-mail"), _("Savoir si l'adresse est prouvée"), "delete", ACCOUNT_LIFE),
    },
    impersonal=["verified", "primary"],
    shown={"verified": _("Prouvée"), "primary": _("Celle du compte")},
    others="Prouvée ou non, celle du compte ou la prochaine.",
)
declare(
    EmailConfirmation,
    impersonal=["email_address", "created", "sent", "key"],
    others="Table vide : les liens sont signés, rien n'est gardé.",
)
declare(
    Authenticator,
    label=_("Deuxième vérification"),
    activity=ACCOUNTS,
    theirs=_("la deuxième vérification : clés d'accès, application, codes de secours"),
    seen_by=_NOBODY,
    personal={
        "user": Personal(_("Compte"), _SECOND, "delete", ACCOUNT_LIFE),
        "data": Personal(
            _("Clé d'accès, application ou codes de secours"), _SECOND, "delete", ACCOUNT_LIFE, secret=True
        ),
        "created_at": Personal(_("Ajoutée le"), _("Reconnaître une clé qui ne sert plus"), "delete", ACCOUNT_LIFE),
        "last_used_at": Personal(_("Dernier usage"), _("Reconnaître une clé qui ne sert plus"), "delete", ACCOUNT_LIFE),
    },
    impersonal=["type"],
    shown={"type": _("Sorte")},
    others="La sorte.",
)
declare(
    SocialAccount,
    label=_("Venue par l'annuaire"),
    activity=ACCOUNTS,
    theirs=_("l'entrée par l'annuaire"),
    seen_by=_NOBODY,
    personal={
        "user": Personal(_("Compte"), _KNOW, "delete", ACCOUNT_LIFE),
        "uid": Personal(_("Numéro dans l'annuaire"), _KNOW, "delete", ACCOUNT_LIFE),
        "last_login": Personal(_("Dernière venue par l'annuaire"), _KNOW, "delete", ACCOUNT_LIFE),
        "date_joined": Personal(_("Première venue par l'annuaire"), _KNOW, "delete", ACCOUNT_LIFE),
    },
    impersonal=["provider", "extra_data"],
    others="Vidé à chaque fois de ce que l'annuaire dit de plus.",
)
declare(
    SocialApp,
    impersonal=["provider", "provider_id", "name", "client_id", "secret", "key", "settings"],
    others="Table vide : l'annuaire est dit par l'environnement.",
)
declare(
    SocialToken,
    impersonal=["app", "account", "token", "token_secret", "expires_at"],
    others="Table vide : les jetons ne sont pas gardés.",
)
declare(
    Session,
    label=_("Connexions"),
    activity=ACCOUNTS,
    theirs=_CONNECTED,
    seen_by=_NOBODY,
    personal={
        "session_key": Personal(_("Numéro de connexion"), _STAY, "delete", _SESSION, _opened, secret=True),
        "session_data": Personal(_("Contenu de la connexion"), _STAY, "delete", _SESSION, secret=True),
    },
    impersonal=["expire_date"],
    shown={"expire_date": _("Se ferme le")},
    others="Une date de fin.",
)
declare(
    UserSession,
    label=_("Appareils connectés"),
    activity=ACCOUNTS,
    theirs=_CONNECTED,
    own=True,
    personal={
        "user": Personal(_("Compte"), _CLOSE, "delete", _SESSION),
        "ip": Personal(_("Adresse IP"), _CLOSE, "delete", _SESSION),
        "user_agent": Personal(_("Navigateur"), _CLOSE, "delete", _SESSION),
        "session_key": Personal(_("Numéro de connexion"), _CLOSE, "delete", _SESSION, secret=True),
        "created_at": Personal(_("Connecté depuis"), _CLOSE, "delete", _SESSION),
        "last_seen_at": Personal(_("Vu pour la dernière fois"), _CLOSE, "delete", _SESSION),
    },
    impersonal=["data"],
    others="Vide.",
)
declare(
    CacheEntry,
    label=_("Essais de connexion"),
    activity=ACCOUNTS,
    theirs=_("les essais de connexion comptés"),
    seen_by=_NOBODY,
    personal={
        "cache_key": Personal(
            _("Adresse IP, ou empreinte d'une adresse e-mail"), _COUNT, "delete", _("1 heure"), _counted, secret=True
        ),
        "value": Personal(_("Heures des essais"), _COUNT, "delete", _("1 heure"), secret=True),
    },
    impersonal=["expires"],
    others="Une date de fin.",
)


name_gestures(
    "network",
    email_changed=_("Adresse du compte changée"),
    email_deleted=_("Changement d'adresse annulé"),
    password_changed=_("Mot de passe changé"),
    password_reset=_("Mot de passe changé par un lien"),
    password_set=_("Mot de passe choisi"),
    recovery_codes_generated=_("Codes de secours faits"),
    totp_activated=_("Application de codes ajoutée"),
    totp_deactivated=_("Application de codes retirée"),
    webauthn_added=_("Clé d'accès ajoutée"),
    webauthn_removed=_("Clé d'accès retirée"),
)


@retain(key="sessions", label=_("Connexions, dès qu'elles sont finies"))
def purge_sessions(now: datetime, dry_run: bool) -> int:
    """Delete the sessions that are over, and what was noted of where they came from."""
    over = Session.objects.filter(expire_date__lte=now)
    told = UserSession.objects.exclude(
        session_key__in=Session.objects.filter(expire_date__gt=now).values("session_key")
    )
    if dry_run:
        return int(over.count() + told.count())
    return int(told.delete()[0] + over.delete()[0])


@retain(key="tries", label=_("Essais de connexion, 1 heure"))
def purge_tries(now: datetime, dry_run: bool) -> int:
    """Delete the counts of tries that count no more."""
    old = CacheEntry.objects.filter(expires__lte=now)
    return old.count() if dry_run else old.delete()[0]
