"""What this app keeps about people."""

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tisserand.actions.enums import BatchState
from tisserand.actions.fields import BY_KEY, TEXT_KEYS
from tisserand.actions.models import (
    Action,
    ActionTerm,
    Fact,
    ImportBatch,
    ImportRow,
    Presence,
    Remark,
    Term,
    TermAlias,
    Version,
)
from tisserand.privacy.registry import Personal, declare, retain

IMPORT_DAYS = 90
PRESENCE_HOURS = 24
_LIFE = _("la durée du compte")
_PRESENT = _("1 jour")
_NAMES = {
    **{key: BY_KEY[key].label for key in ("title", *TEXT_KEYS)},
    "title_key": _("Titre sans accents ni majuscules"),
    "extras": _("Texte gardé à part"),
    "source": _("Ce que le dernier import a donné"),
    "settled": _("Ce qui a été écarté d'un import"),
}

declare(Term, impersonal=["label", "key", "slug"], others="Une valeur de liste.")
declare(TermAlias, impersonal=["text", "key", "merged"], others="Une autre façon d'écrire une valeur de liste.")
declare(ActionTerm, impersonal=["original"], others="Le lien d'une fiche et d'une valeur.")
declare(
    Action,
    personal={
        key: Personal(name, _("Texte public ; peut citer une personne"), "keep", _("tant que la fiche existe"))
        for key, name in _NAMES.items()
    }
    | {
        "created_by": Personal(_("Compte"), _("Savoir qui a commencé la fiche"), "detach", _LIFE),
        "submitted_by": Personal(_("Compte"), _("Savoir qui a proposé la fiche, et lui répondre"), "detach", _LIFE),
    },
    impersonal=["source_identity", "source_key", "token"],
    others="Ce que la structure publie de son action.",
)
declare(
    Version,
    personal={
        "values": Personal(
            _("Texte d'avant"), _("Comparer deux versions, revenir à l'une"), "keep", _("tant que la fiche existe")
        ),
        "changed_by": Personal(_("Compte"), _("Savoir qui a changé la fiche"), "detach", _LIFE),
    },
    others="Rang et dates d'une version.",
)
declare(
    Remark,
    personal={
        "text": Personal(_("Remarque"), _("Dire ce qui manque à une fiche"), "keep", _("tant que la fiche existe")),
        "created_by": Personal(_("Compte"), _("Savoir qui demande"), "detach", _LIFE),
        "settled_by": Personal(_("Compte"), _("Savoir qui a répondu"), "detach", _LIFE),
    },
    impersonal=["field", "token"],
    others="La rubrique et les dates d'une remarque.",
)
declare(
    Presence,
    personal={
        "user": Personal(_("Compte"), _("Prévenir que deux personnes écrivent la même fiche"), "delete", _PRESENT),
        "field": Personal(_("Rubrique"), _("Dire où l'autre personne écrit"), "delete", _PRESENT),
        "seen_at": Personal(_("Heure"), _("Savoir si elle écrit encore"), "delete", _PRESENT),
    },
    others="Le lien d'un compte et d'une fiche ouverte.",
)
declare(
    Fact,
    personal={
        "decided_by": Personal(_("Compte"), _("Savoir qui a retenu un nombre"), "detach", _("la durée du compte"))
    },
    impersonal=["field", "text", "label"],
    others="Un nombre lu dans un texte publié, et ce qu'il compte.",
)
declare(
    ImportBatch,
    personal={
        "created_by": Personal(_("Compte"), _("Savoir qui a déposé un fichier"), "detach", _("la durée du compte")),
        "file": Personal(_("Fichier"), _("Relire l'original en cas d'erreur"), "delete", _("90 jours")),
        "filename": Personal(_("Nom du fichier"), _("Reconnaître le dépôt"), "keep", _("tant que l'import est listé")),
        "messages": Personal(
            _("Remarques sur le fichier"),
            _("Dire ce qui n'allait pas ; peut citer le fichier"),
            "delete",
            _("90 jours"),
        ),
    },
    impersonal=["token", "format", "claim", "counts", "notes", "made"],
    others="Dates et comptes.",
)
declare(
    ImportRow,
    personal={
        key: Personal(name, _("Relire avant d'enregistrer"), "delete", _("90 jours"))
        for key, name in {
            "title": _("Titre"),
            "fields": _("Rubriques du fichier"),
            "extras": _("Texte gardé à part"),
            "changes": _("Changements proposés"),
            "choices": _("Choix faits à la relecture"),
            "before": _("Ce que l'import a remplacé"),
            "messages": _("Remarques sur la fiche"),
        }.items()
    },
    impersonal=["identity", "near_name", "near_department", "left_as"],
    others="Rang, résultat, structure qui ressemble.",
)


@retain(key="presences", label=_("Qui avait une fiche ouverte, 1 jour"))
def purge_presences(now: datetime, dry_run: bool) -> int:
    """Forget who had the form of a sheet open yesterday."""
    old = Presence.objects.filter(seen_at__lt=now - timedelta(hours=PRESENCE_HOURS))
    return old.count() if dry_run else old.delete()[0]


@retain(key="imports-orphans", label=_("Fichiers qu'un dépôt interrompu a laissés, 1 jour"))
def purge_orphans(now: datetime, dry_run: bool) -> int:
    """Delete the files that no import knows: the process ended between the file and its record."""
    storage, folder = ImportBatch.file.field.storage, str(ImportBatch.file.field.upload_to)
    if not storage.exists(folder):
        return 0
    known = set(ImportBatch.objects.exclude(file="").values_list("file", flat=True))
    names = (f"{folder}/{name}" for name in storage.listdir(folder)[1])
    # Younger ones may belong to a deposit that is not committed yet.
    old = [name for name in names if name not in known and storage.get_modified_time(name) < now - timedelta(days=1)]
    for name in [] if dry_run else old:
        storage.delete(name)
    return len(old)


@retain(key="imports", label=_("Fichiers importés et leur relecture, 90 jours"))
def purge_imports(now: datetime, dry_run: bool) -> int:
    """Delete the files and staged rows of imports finished long ago; the line of the list stays."""
    old = ImportBatch.objects.filter(updated_at__lt=now - timedelta(days=IMPORT_DAYS))
    old = old.filter(Q(rows__isnull=False) | ~Q(file="") | ~Q(messages=[])).distinct()
    if dry_run:
        return old.count()
    purged = 0
    for batch in old:
        batch.rows.all().delete()
        batch.file.delete(save=False)
        # `updated_at` stays as it was: a purge is not an activity.
        over = batch.state in {BatchState.APPLIED, BatchState.REFUSED, BatchState.UNDONE}
        state = batch.state if over else BatchState.CANCELLED  # one that nobody finished in 90 days is given up
        ImportBatch.objects.filter(pk=batch.pk).update(file="", messages=[], state=state)
        purged += 1
    return purged
