"""What this app keeps about people."""

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tisserand.network.models import (
    MERGE_UNDONE_FOR,
    AccountMerge,
    Affiliation,
    Agreement,
    Controller,
    Invitation,
    Network,
    Role,
    Structure,
    StructureAlias,
    StructureMerge,
    User,
)
from tisserand.network.operations.merging.accounts import forget_account
from tisserand.privacy.erasure import on_erasure
from tisserand.privacy.gestures import name_gestures
from tisserand.privacy.registry import Activity, Personal, Subject, by_account, by_email, declare, retain

ACCOUNTS = Activity(
    name=_("Comptes et connexions"),
    purpose=_("Faire entrer les personnes qui travaillent ici, chacune selon son rôle, et protéger leur compte."),
    basis=_("Intérêt légitime : faire fonctionner l'outil de travail du réseau, en sécurité."),
    people=_("Personnes qui ont un compte, personnes invitées."),
)
DIRECTORY = Activity(
    name=_("Annuaire des structures"),
    purpose=_("Dire quelles structures existent et comment les joindre."),
    basis=_("Intérêt légitime : faire connaître les structures et ce qu'elles font."),
    people=_("Personnes citées dans la présentation ou les contacts d'une structure."),
)
ACCOUNT_LIFE = _("la durée du compte, 24 mois sans connexion au plus")
_ACCOUNT = _("Faire entrer la personne et dire qui a fait quoi")
_TEAM = _("l'équipe du réseau, la direction de la structure")
ACCOUNT = _("le compte : nom, adresse e-mail, mot de passe")
_INVITED = _("Envoyer l'invitation et savoir si elle attend")
_YEAR = _("12 mois")
_MONTH = _("30 jours")
_UNDO = _("Séparer de nouveau ce qui a été réuni par erreur")
_STRUCTURE = _("tant que la structure est dans l'annuaire")


def _own(_name: str, subject: Subject) -> Q:
    """The account, and those of the same person that were closed when they became it."""
    return by_account("pk", subject) | by_account("merged__kept", subject)


declare(
    Network,
    impersonal=["slug", "name", "territory", "intro", "accent", "rate_from", "created_at"],
    others="Une organisation, pas une personne.",
)
declare(
    Structure,
    label=_("Présentation et contacts des structures"),
    activity=DIRECTORY,
    seen_by=_("tout le monde"),
    personal={
        "about": Personal(_("Présentation"), _("Présenter la structure ; peut citer une personne"), "keep", _STRUCTURE),
        "phone": Personal(_("Téléphone"), _("Joindre la structure ; parfois une ligne directe"), "keep", _STRUCTURE),
        "email": Personal(
            _("Adresse e-mail"), _("Joindre la structure ; parfois une adresse nominative"), "keep", _STRUCTURE
        ),
    },
    impersonal=(
        "slug name name_key department department_key kind address postcode commune commune_key website home networks"
    ).split(),
    others="Une organisation et son adresse publique.",
    public=Structure.objects.all,
)
declare(
    Controller,
    label=_("Responsables des données"),
    activity=DIRECTORY,
    seen_by=_("tout le monde"),
    personal={
        key: Personal(name, _("Dire à qui s'adresser ; parfois une personne"), "keep", _("tant que le réseau existe"))
        for key, name in {
            "name": _("Responsable"),
            "contact": _("Pour exercer ses droits"),
            "officer": _("Délégué·e à la protection des données"),
        }.items()
    },
    impersonal=["network", "address"],
    others="Une organisation et son adresse.",
)
declare(
    StructureAlias,
    impersonal=["network", "structure", "name", "name_key", "department_key"],
    others="Une autre graphie du nom d'une organisation.",
)
declare(
    Affiliation, impersonal=["network", "structure", "starts", "ends"], others="Le lien daté de deux organisations."
)
declare(
    User,
    label=_("Comptes"),
    activity=ACCOUNTS,
    seen_by=_TEAM,
    own=True,
    theirs=ACCOUNT,
    personal={
        "email": Personal(_("Adresse e-mail"), _ACCOUNT, "delete", ACCOUNT_LIFE, _own),
        "first_name": Personal(_("Prénom"), _ACCOUNT, "delete", ACCOUNT_LIFE),
        "last_name": Personal(_("Nom"), _ACCOUNT, "delete", ACCOUNT_LIFE),
        "password": Personal(
            _("Mot de passe"),
            _("Vérifier le mot de passe ; une empreinte, que personne ne peut lire"),
            "delete",
            ACCOUNT_LIFE,
            secret=True,
        ),
        "last_login": Personal(
            _("Dernière connexion"), _("Repérer les comptes qui ne servent plus"), "delete", ACCOUNT_LIFE
        ),
        "created_at": Personal(
            _("Compte ouvert le"), _("Repérer les comptes qui ne servent plus"), "delete", ACCOUNT_LIFE
        ),
    },
    impersonal=["is_active", "is_superuser"],
    others="Réglages du compte.",
)
declare(
    Role,
    label=_("Rôles"),
    activity=ACCOUNTS,
    seen_by=_TEAM,
    own=True,
    theirs=_("les rôles dans les structures et les réseaux"),
    personal={
        "user": Personal(_("Compte"), _("Savoir ce que chaque personne peut faire"), "delete", ACCOUNT_LIFE),
    },
    impersonal=["network", "structure", "kind", "starts", "ends"],
    shown={
        "kind": _("Rôle"),
        "network": _("Réseau"),
        "structure": _("Structure"),
        "starts": _("Depuis"),
        "ends": _("Jusqu'au"),
    },
    others="Un rôle, un endroit et des dates.",
)
declare(
    Invitation,
    label=_("Invitations"),
    activity=ACCOUNTS,
    seen_by=_TEAM,
    own=True,
    theirs=_("les invitations reçues"),
    personal={
        "email": Personal(_("Adresse e-mail"), _INVITED, "delete", _YEAR, by_email),
        # Under the address of that time, which may not be the account's any more.
        "accepted_by": Personal(_("Compte de qui a accepté"), _INVITED, "delete", _YEAR),
        "created_by": Personal(_("Compte de qui a invité"), _("Savoir qui a invité"), "detach", _YEAR),
        "sent_at": Personal(_("Envoyée le"), _INVITED, "delete", _YEAR),
        "accepted_at": Personal(_("Acceptée le"), _INVITED, "delete", _YEAR),
        "withdrawn_at": Personal(_("Retirée le"), _INVITED, "delete", _YEAR),
        "nonce": Personal(_("Clé du lien"), _("Rendre le lien impossible à deviner"), "delete", _YEAR, secret=True),
    },
    impersonal=["network", "structure", "kind", "created_at"],
    shown={"kind": _("Rôle"), "network": _("Réseau"), "structure": _("Structure")},
    others="Un rôle offert, à un endroit.",
)
declare(
    Agreement,
    impersonal="network structure label signed_on starts ends renewed_by told_days".split(),
    others="Un accord daté de deux organisations.",
)
declare(
    StructureMerge,
    label=_("Structures réunies"),
    activity=DIRECTORY,
    seen_by=_("l'équipe du réseau"),
    theirs=_("les structures réunies"),
    personal={
        "created_by": Personal(
            _("Compte de qui a réuni"), _("Savoir qui a réuni deux structures"), "detach", ACCOUNT_LIFE
        ),
        "moved": Personal(_("Ce qui a été réuni, contacts d'avant"), _UNDO, "keep", _MONTH),
    },
    impersonal=["kept", "gone", "slug", "created_at"],
    shown={"kept": _("Structure"), "created_at": _("Réunie le")},
    others="Le numéro et l'adresse d'une structure qui en est devenue une autre.",
)
declare(
    AccountMerge,
    label=_("Comptes réunis"),
    activity=ACCOUNTS,
    seen_by=_("l'administration du réseau"),
    own=True,
    theirs=ACCOUNT,
    personal={
        "kept": Personal(_("Compte gardé"), _UNDO, "delete", _MONTH),
        "gone": Personal(_("Compte fermé"), _UNDO, "delete", _MONTH),
        "created_by": Personal(_("Compte de qui a réuni"), _("Savoir qui a réuni deux comptes"), "detach", _MONTH),
        "moved": Personal(_("Ce qui a été réuni, nom d'avant"), _UNDO, "delete", _MONTH),
    },
    impersonal=["network", "created_at"],
    shown={"created_at": _("Réunis le")},
    others="Une date, un réseau.",
)


name_gestures(
    "network",
    account_erased=_("Compte effacé"),
    account_opened=_("Compte ouvert"),
    account_warned=_("Compte qui ne sert plus : personne prévenue"),
    account_forgotten=_("Compte réuni à un autre, supprimé"),
    accounts_merged=_("Deux comptes réunis"),
    accounts_parted=_("Deux comptes séparés"),
    affiliation_dated=_("Adhésion datée"),
    agreement_ended=_("Fin d'une convention dite"),
    agreement_renewed=_("Convention renouvelée"),
    agreement_signed=_("Convention enregistrée"),
    alias_remembered=_("Autre façon d'écrire une structure, retenue"),
    controller_said=_("Responsable des données dit"),
    created=_("Réseau créé"),
    data_exported=_("Données d'une personne téléchargées"),
    erasure_replayed=_("Effacement refait après une restauration"),
    identity_linked=_("Annuaire relié au compte"),
    invitation_accepted=_("Invitation acceptée"),
    invitation_withdrawn=_("Invitation retirée"),
    invited=_("Invitation envoyée"),
    invited_again=_("Invitation renvoyée"),
    name_changed=_("Nom changé"),
    person_read=_("Dossier d'une personne ouvert"),
    role_ended=_("Rôle terminé"),
    role_granted=_("Rôle donné"),
    role_resumed=_("Rôle rendu"),
    sessions_closed=_("Appareils déconnectés"),
    structure_created=_("Structure ajoutée"),
    structure_updated=_("Structure modifiée"),
    structures_merged=_("Deux structures réunies"),
    structures_parted=_("Deux structures séparées"),
    updated=_("Présentation du réseau modifiée"),
)


@retain(key="merges", label=_("De quoi séparer ce qui a été réuni, et les comptes fermés pour cela, 30 jours"))
def purge_merges(now: datetime, dry_run: bool) -> int:
    """Forget what it takes to undo old merges; of structures, the address that leads on stays."""
    before = now - MERGE_UNDONE_FOR
    structures = StructureMerge.objects.filter(created_at__lte=before).exclude(moved=[])
    accounts = AccountMerge.objects.filter(created_at__lte=before).select_related("kept", "gone")
    if dry_run:
        return structures.count() + accounts.count()
    count = len(accounts)
    for merge in accounts.order_by("created_at", "pk"):
        forget_account(merge=merge)
    return count + structures.update(moved=[])


@on_erasure
def withdraw_invitations(subject: Subject) -> None:
    """Nobody backs any more what the person offered: these links die."""
    sent = Invitation.objects.filter(by_account("created_by", subject), accepted_at=None, withdrawn_at=None)
    sent.update(withdrawn_at=timezone.now())


@retain(key="invitations", label=_("Invitations, 12 mois"))
def purge_invitations(now: datetime, dry_run: bool) -> int:
    """Delete the invitations last sent a year ago, taken up or not; roles stay."""
    old = Invitation.objects.filter(sent_at__lt=now - timedelta(days=365))
    return old.count() if dry_run else old.delete()[0]
