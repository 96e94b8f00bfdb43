"""What this app keeps about people."""

import re
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_tasks_db.models import DBTaskResult

from tisserand.common.text import spellings
from tisserand.privacy.models import Erasure, JournalEntry, Notice, PurgePermit
from tisserand.privacy.registry import Activity, Personal, Subject, by_account, declare, retain

TASK_DAYS = 14
ERASURE_DAYS = 3 * 365  # no backup is kept so long: docs/operations.md

JOURNAL = Activity(
    name=_("Journal et bon fonctionnement"),
    purpose=_("Savoir qui a fait quoi en cas de litige ou d'erreur, réparer ce qui a échoué."),
    basis=_("Intérêt légitime : la sécurité de l'outil et la preuve de ce qui y est fait."),
    people=_("Personnes qui ont un compte."),
)
_WHY = _("Savoir qui a fait quoi en cas de litige ou d'erreur ; un numéro, sans nom")
_AGAIN = _("Effacer de nouveau, si une sauvegarde d'avant est remise en place")
_WARN = _("Prévenir avant d'effacer un compte qui ne sert plus")
_YEAR, _KEPT, _LIFE = _("12 mois"), _("3 ans"), _("la durée du compte")
_SERVER = _("qui administre le serveur")


def _acted(name: str, subject: Subject) -> Q:
    return Q(**{name: f"user:{subject.number}"})


def _changed(name: str, subject: Subject) -> Q:
    return Q(**{name: f"{settings.AUTH_USER_MODEL.lower()}:{subject.number}"})


def _told(name: str, subject: Subject) -> Q:
    """Where a gesture about something else names the account."""
    return Q(**{f"{name}__user": subject.number}) if subject.number is not None else Q(pk__in=())


def naming(subject: Subject) -> str:
    """A regular expression that finds an address or a name of the person, whatever the case and the accents."""
    return "|".join(map(spellings, sorted(subject.emails | subject.names, key=len, reverse=True)))


def quotes(name: str, subject: Subject) -> Q:
    """The rows whose text *name* holds an address or a name of the person."""
    words = naming(subject)
    return Q(**{f"{name}__regex": words}) if words else Q(pk__in=())


def nameless(text: str, subject: Subject) -> str:
    """*text* without the addresses and the names of the person."""
    return re.sub(rf"(?<!\w)(?:{naming(subject)})(?!\w)", lambda _found: gettext("(compte effacé)"), text)


declare(
    JournalEntry,
    label=_("Journal des gestes"),
    theirs=_("le journal de ce qui a été fait"),
    activity=JOURNAL,
    seen_by=_SERVER,
    personal={
        "actor": Personal(_("Numéro du compte"), _WHY, "keep", _YEAR, _acted, coded=True),
        "subject": Personal(_("Numéro de ce qui a changé"), _WHY, "keep", _YEAR, _changed),
        "data": Personal(_("Autres numéros et comptes"), _WHY, "keep", _YEAR, _told, coded=True),
    },
    impersonal=["at", "verb"],
    shown={"at": _("Date"), "verb": _("Geste"), "subject": _("Numéro de ce qui a changé")},
    others="Le geste et sa date.",
)
declare(PurgePermit, impersonal=["before"], others="Une date, le temps d'une purge.")
declare(
    DBTaskResult,
    label=_("Travaux longs"),
    activity=JOURNAL,
    seen_by=_SERVER,
    personal={
        "traceback": Personal(
            _("Erreur d'un travail"),
            _("Réparer ce qui a échoué ; peut citer une adresse"),
            "blank",
            _("14 jours"),
            quotes,
            secret=True,
        ),
    },
    impersonal=(
        "id args_kwargs task_path worker_ids queue_name backend_name return_value exception_class_path "
        "status enqueued_at started_at finished_at priority run_after"
    ).split(),
    others="Numéros de messages et de fichiers à traiter, et où en est le travail.",
)
declare(
    Erasure,
    label=_("Comptes effacés"),
    theirs=_("la liste des comptes effacés"),
    activity=JOURNAL,
    seen_by=_SERVER,
    personal={
        "account": Personal(_("Numéro du compte"), _AGAIN, "keep", _KEPT, by_account),
        "opened_at": Personal(_("Date d'ouverture du compte"), _AGAIN, "keep", _KEPT),
        "at": Personal(_("Date de l'effacement"), _AGAIN, "keep", _KEPT),
        "addresses": Personal(_("Empreinte de l'adresse, que personne ne peut lire"), _AGAIN, "keep", _KEPT),
    },
    impersonal=["id"],
    others="Un numéro tiré au hasard.",
)
declare(
    Notice,
    label=_("Comptes prévenus"),
    theirs=_("le rappel avant la fin d'un compte qui ne sert plus"),
    activity=JOURNAL,
    seen_by=_SERVER,
    personal={
        "account": Personal(_("Numéro du compte"), _WARN, "delete", _LIFE, by_account),
        "at": Personal(_("Date du message"), _WARN, "delete", _LIFE),
    },
    others="Rien d'autre.",
)
declare(Permission, impersonal=["name", "codename", "content_type"], others="Écrit par Django, ne sert pas.")
declare(Group, impersonal=["name", "permissions"], others="Ne sert pas.")
declare(ContentType, impersonal=["app_label", "model"], others="Les noms des tables.")


@retain(key="tasks", label=_("Travaux longs finis, 14 jours"))
def purge_tasks(now: datetime, dry_run: bool) -> int:
    """Delete what is left of work done long ago."""
    old = DBTaskResult.objects.finished().filter(finished_at__lt=now - timedelta(days=TASK_DAYS))
    return old.count() if dry_run else old.delete()[0]
