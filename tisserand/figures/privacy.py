"""What this app keeps about people."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tisserand.figures.models import Snapshot
from tisserand.privacy.gestures import name_gestures
from tisserand.privacy.privacy import JOURNAL
from tisserand.privacy.registry import Personal, Subject, declare


def _took(name: str, subject: Subject) -> Q:
    return Q(**{name: f"user:{subject.number}"})


declare(
    Snapshot,
    label=_("Relevés de chiffres"),
    theirs=_("les relevés de chiffres"),
    activity=JOURNAL,
    seen_by=_("qui administre le serveur"),
    personal={
        "taken_by": Personal(
            _("Numéro du compte"),
            _("Savoir qui a figé des chiffres publiés ; un numéro, sans nom"),
            "keep",
            _("tant que le relevé existe"),
            _took,
            coded=True,
        )
    },
    impersonal=["scope", "scope_label", "taken_at", "figures", "digest"],
    shown={"taken_at": _("Date"), "scope_label": _("Chiffres")},
    others="Des comptes, sans personne.",
)
name_gestures("figures", frozen=_("Chiffres figés"))
