"""What the door keeps about people: addresses, second factors, sessions, tries."""

from datetime import datetime

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.utils.translation import gettext_lazy as _

from tisserand.network.models import CacheEntry
from tisserand.privacy.registry import Personal, declare, retain

_WHILE = _("la durée du compte")
_SESSION = _("12 heures")
_COUNT = _("Compter les essais de connexion")
_CLOSE = _("Voir et fermer ses connexions")

declare(
    EmailAddress,
    personal={
        "user": Personal(_("Compte"), _("Savoir à qui est l'adresse"), "delete", _WHILE),
        "email": Personal(_("E-mail"), _("Savoir si l'adresse est prouvée"), "delete", _WHILE),
    },
    others="Prouvée ou non, celle du compte ou la prochaine.",
)
declare(EmailConfirmation, impersonal=["key"], others="Table vide : les liens sont signés, rien n'est gardé.")
declare(
    Authenticator,
    personal={
        "user": Personal(_("Compte"), _("Vérifier qui entre une deuxième fois"), "delete", _WHILE),
        "data": Personal(
            _("Clé d'accès, application ou codes de secours"),
            _("Vérifier qui entre une deuxième fois"),
            "delete",
            _WHILE,
        ),
        "last_used_at": Personal(_("Dernier usage"), _("Reconnaître une clé qui ne sert plus"), "delete", _WHILE),
    },
    others="La sorte et la date d'ajout.",
)
declare(
    SocialAccount,
    personal={
        "user": Personal(_("Compte"), _("Reconnaître qui vient par l'annuaire"), "delete", _WHILE),
        "uid": Personal(_("Numéro dans l'annuaire"), _("Reconnaître qui vient par l'annuaire"), "delete", _WHILE),
    },
    impersonal=["provider", "extra_data"],
    others="Vidé à chaque fois de ce que l'annuaire dit de plus.",
)
declare(
    SocialApp,
    impersonal=["provider", "provider_id", "name", "client_id", "secret", "key", "settings"],
    others="Table vide : l'annuaire est dit par l'environnement.",
)
declare(SocialToken, impersonal=["token", "token_secret"], others="Table vide : les jetons ne sont pas gardés.")
declare(
    Session,
    personal={
        "session_key": Personal(
            _("Numéro de connexion"), _("Rester connecté d'une page à l'autre"), "delete", _SESSION
        ),
        "session_data": Personal(
            _("Contenu de la connexion"), _("Rester connecté d'une page à l'autre"), "delete", _SESSION
        ),
    },
    others="Une date de fin.",
)
declare(
    UserSession,
    personal={
        "user": Personal(_("Compte"), _CLOSE, "delete", _SESSION),
        "ip": Personal(_("Adresse IP"), _CLOSE, "delete", _SESSION),
        "user_agent": Personal(_("Navigateur"), _CLOSE, "delete", _SESSION),
        "session_key": Personal(_("Numéro de connexion"), _CLOSE, "delete", _SESSION),
        "created_at": Personal(_("Date de connexion"), _CLOSE, "delete", _SESSION),
        "last_seen_at": Personal(_("Date de connexion"), _CLOSE, "delete", _SESSION),
    },
    impersonal=["data"],
    others="Rien d'autre.",
)
declare(
    CacheEntry,
    personal={
        "cache_key": Personal(_("Adresse IP, ou empreinte d'une adresse e-mail"), _COUNT, "delete", _("1 heure")),
        "value": Personal(_("Heures des essais"), _COUNT, "delete", _("1 heure")),
    },
    others="Une date de fin.",
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
