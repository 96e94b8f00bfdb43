"""What this app keeps about people."""

from django.utils.translation import gettext_lazy as _

from tisserand.figures.models import Snapshot
from tisserand.privacy.registry import Personal, declare

declare(
    Snapshot,
    personal={
        "taken_by": Personal(
            _("Numéro du compte"), _("Savoir qui a figé des chiffres (un numéro)"), "keep", _("sans limite")
        )
    },
    impersonal=["scope", "scope_label", "figures", "digest"],
    others="Des comptes, sans personne.",
)
