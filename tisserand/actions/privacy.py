"""What this app keeps about people."""

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tisserand.actions.enums import BatchState
from tisserand.actions.fields import TEXT_KEYS
from tisserand.actions.models import Action, ActionTerm, Fact, ImportBatch, ImportRow, Term, TermAlias
from tisserand.privacy.registry import Personal, declare, retain

IMPORT_DAYS = 90

declare(Term, impersonal=["label", "key", "slug"], others="Une valeur de liste.")
declare(TermAlias, impersonal=["text", "key"], others="Une graphie de liste.")
declare(ActionTerm, impersonal=["original"], others="Le lien d'une fiche et d'une valeur.")
declare(
    Action,
    personal={
        key: Personal(_("Texte public ; peut citer une personne"), "keep", _("tant que la fiche existe"))
        for key in ("title", "title_key", *TEXT_KEYS, "extras", "source", "settled")
    },
    impersonal=["source_key"],
    others="Ce que la structure publie de son action.",
)
declare(
    Fact,
    personal={"decided_by": Personal(_("Savoir qui a retenu un nombre"), "detach", _("la durée du compte"))},
    impersonal=["field", "text", "label"],
    others="Un nombre lu dans un texte publié, et ce qu'il compte.",
)
declare(
    ImportBatch,
    personal={
        "created_by": Personal(_("Savoir qui a déposé un fichier"), "detach", _("la durée du compte")),
        "file": Personal(_("Relire l'original en cas d'erreur"), "delete", _("90 jours")),
        "filename": Personal(_("Reconnaître le dépôt"), "keep", _("tant que l'import est listé")),
        "messages": Personal(_("Dire ce qui n'allait pas ; peut citer le fichier"), "delete", _("90 jours")),
    },
    impersonal=["token", "format", "claim", "counts"],
    others="Dates et comptes.",
)
declare(
    ImportRow,
    personal={
        key: Personal(_("Relire avant d'enregistrer"), "delete", _("90 jours"))
        for key in ("title", "fields", "extras", "changes", "choices", "messages")
    },
    impersonal=["near_name", "near_department"],
    others="Rang, résultat, structure qui ressemble.",
)


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
        over = batch.state in {BatchState.APPLIED, BatchState.REFUSED}
        state = batch.state if over else BatchState.CANCELLED  # one that nobody finished in 90 days is given up
        ImportBatch.objects.filter(pk=batch.pk).update(file="", messages=[], state=state)
        purged += 1
    return purged
