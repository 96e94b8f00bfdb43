"""What this app keeps about people."""

from django.utils.translation import gettext_lazy as _

from tisserand.privacy.models import JournalEntry, PurgePermit
from tisserand.privacy.registry import Personal, declare

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
