"""What this app keeps about people."""

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from tisserand.network.models import (
    Affiliation,
    Agreement,
    Invitation,
    Network,
    Role,
    Structure,
    StructureAlias,
    User,
)
from tisserand.privacy.registry import Personal, declare, retain

_ACCOUNT = _("Se connecter et signer ses gestes")

declare(
    Network,
    impersonal=["slug", "name", "territory", "intro"],
    others="Une organisation, pas une personne.",
)
declare(
    Structure,
    personal={
        "about": Personal(
            _("Présentation"), _("Présenter la structure ; peut citer une personne"), "keep", _("tant qu'elle existe")
        ),
        "phone": Personal(
            _("Téléphone"), _("Joindre la structure ; parfois une ligne directe"), "keep", _("tant qu'elle existe")
        ),
        "email": Personal(
            _("E-mail"), _("Joindre la structure ; parfois une adresse nominative"), "keep", _("tant qu'elle existe")
        ),
    },
    impersonal="slug name name_key department department_key address postcode commune commune_key website".split(),
    others="Une organisation et son adresse publique.",
)
declare(
    StructureAlias,
    impersonal=["name", "name_key", "department_key"],
    others="Une autre graphie du nom d'une organisation.",
)
declare(Affiliation, impersonal=["starts", "ends"], others="Le lien daté de deux organisations.")
declare(
    User,
    personal={
        "email": Personal(_("E-mail"), _ACCOUNT, "blank", _("la durée du compte")),
        "first_name": Personal(_("Prénom"), _ACCOUNT, "blank", _("la durée du compte")),
        "last_name": Personal(_("Nom"), _ACCOUNT, "blank", _("la durée du compte")),
        "password": Personal(
            _("Mot de passe"), _("Vérifier le mot de passe (empreinte seulement)"), "blank", _("la durée du compte")
        ),
        "last_login": Personal(
            _("Dernière connexion"), _("Repérer les comptes qui ne servent plus"), "blank", _("la durée du compte")
        ),
    },
    others="Réglages du compte.",
)
declare(
    Role,
    personal={
        "user": Personal(_("Compte"), _("Savoir ce que la personne peut faire"), "delete", _("la durée du compte"))
    },
    impersonal=["starts", "ends"],
    others="Un rôle et ses dates.",
)
declare(
    Invitation,
    personal={
        "email": Personal(_("E-mail"), _("Envoyer l'invitation, savoir si elle attend"), "delete", _("12 mois")),
        "created_by": Personal(_("Compte"), _("Savoir qui a invité"), "detach", _("12 mois")),
        "accepted_by": Personal(_("Compte"), _("Savoir qui a accepté"), "detach", _("12 mois")),
        "sent_at": Personal(_("Date d'envoi"), _("Faire expirer le lien"), "delete", _("12 mois")),
        "accepted_at": Personal(_("Date d'acceptation"), _("Savoir si elle attend"), "delete", _("12 mois")),
        "withdrawn_at": Personal(_("Date de retrait"), _("Savoir si elle attend"), "delete", _("12 mois")),
    },
    impersonal=["nonce"],
    others="Un rôle offert, à un endroit.",
)
declare(Agreement, impersonal=["label", "signed_on", "starts", "ends"], others="Un accord daté de deux organisations.")


@retain(key="invitations", label=_("Invitations, 12 mois"))
def purge_invitations(now: datetime, dry_run: bool) -> int:
    """Delete the invitations last sent a year ago, taken up or not; roles stay."""
    old = Invitation.objects.filter(sent_at__lt=now - timedelta(days=365))
    return old.count() if dry_run else old.delete()[0]
