"""What this app keeps about people."""

from datetime import datetime, timedelta

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.utils.translation import gettext_lazy as _
from django_tasks_db.models import DBTaskResult

from tisserand.privacy.models import JournalEntry, PurgePermit
from tisserand.privacy.registry import Personal, declare, retain

TASK_DAYS = 14

declare(
    JournalEntry,
    personal={
        key: Personal(name, _("Savoir qui a fait quoi en cas de litige ou d'erreur"), "keep", _("12 mois"))
        for key, name in {
            "actor": _("Numéro du compte"),
            "subject": _("Numéro de ce qui a changé"),  # of an account, when a role is given
            "data": _("Autres numéros et comptes"),
        }.items()
    },
    impersonal=["verb"],
    others="Identifiants et comptes ; aucun nom, aucun texte libre.",
)
declare(PurgePermit, others="Une date, le temps d'une purge.")
declare(
    DBTaskResult,
    personal={
        "traceback": Personal(
            _("Erreur d'un travail long"),
            _("Réparer ce qui a échoué ; peut citer une adresse"),
            "delete",
            _("14 jours"),
        ),
    },
    impersonal="id args_kwargs task_path worker_ids queue_name backend_name return_value exception_class_path".split(),
    others="Numéros de messages et de fichiers à traiter, et où en est le travail.",
)
declare(Permission, impersonal=["name", "codename"], others="Écrit par Django, ne sert pas.")
declare(Group, impersonal=["name"], others="Ne sert pas.")
declare(ContentType, impersonal=["app_label", "model"], others="Les noms des tables.")


@retain(key="tasks", label=_("Travaux longs finis, 14 jours"))
def purge_tasks(now: datetime, dry_run: bool) -> int:
    """Delete what is left of work done long ago."""
    old = DBTaskResult.objects.finished().filter(finished_at__lt=now - timedelta(days=TASK_DAYS))
    return old.count() if dry_run else old.delete()[0]
