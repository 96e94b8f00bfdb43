"""Figures and rules in the shape that the components of the pages read."""

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import ngettext

from tisserand.actions.models import Action
from tisserand.actions.presentation import entry
from tisserand.figures.engine import Breakdown, Figure
from tisserand.figures.snapshots import Difference
from tisserand.privacy.registry import ModelRules

# What people call what is kept, where the name of the field is ours.
KEPT = {
    "actions.Action": _l("Textes des fiches"),
    "actions.Fact": _l("Auteur d'une relecture de nombre"),
    "actions.ImportBatch": _l("Fichiers déposés"),
    "actions.ImportRow": _l("Fichiers déposés, en attente de relecture"),
    "figures.Snapshot": _l("Auteur d'un relevé de chiffres"),
    "network.Structure": _l("Présentation et contacts des structures"),
    "network.User": _l("Comptes de l'équipe"),
    "network.Role": _l("Rôles de l'équipe"),
    "network.Invitation": _l("Invitations"),
    "network.CacheEntry": _l("Essais de connexion"),
    "account.EmailAddress": _l("Adresses des comptes"),
    "mfa.Authenticator": _l("Deuxième vérification"),
    "socialaccount.SocialAccount": _l("Annuaire"),
    "sessions.Session": _l("Connexions"),
    "usersessions.UserSession": _l("Appareils connectés"),
    "message_queue.Message": _l("Messages envoyés"),
    "message_queue.Refusal": _l("Messages refusés"),
    "django_tasks_database.DBTaskResult": _l("Travaux longs"),
    "privacy.JournalEntry": _l("Journal des gestes de l'équipe"),
}
ON_ERASE = {
    "keep": _l("gardé"),
    "blank": _l("vidé"),
    "delete": _l("supprimé"),
    "detach": _l("détaché de la personne"),
}


def new_entry(action: Action) -> dict[str, str]:
    """A sheet among the latest (`components/entry.html`), and since when it is in the catalogue."""
    day = date_format(timezone.localtime(action.published_at), "j F Y")
    return entry(action) | {"note": _("entrée au catalogue le %(day)s") % {"day": day}}


def told(figure: Figure) -> dict[str, Any]:
    """A figure for `components/figure.html`."""
    proof = ngettext("Preuve : %(n)d fiche", "Preuves : les %(n)d fiches", figure.numerator)
    return {
        "rate": figure.rate,
        "numerator": figure.numerator,
        "denominator": figure.denominator,
        "unit_label": figure.base,
        "sentence": figure.label,
        "method": figure.method,
        "evidence_url": figure.evidence if figure.numerator else "",
        "evidence_label": proof % {"n": figure.numerator},
    }


def by_list(differences: Iterable[Difference], now: Mapping[str, Figure | Breakdown]) -> list[dict[str, Any]]:
    """Differences under the name of the list they belong to."""

    def key(one: Difference) -> str:
        return (one.then["key"] if one.then else one.now.key if one.now else "").rpartition(".")[0]

    names = {
        one.rows[0].key.rpartition(".")[0]: one.label for one in now.values() if isinstance(one, Breakdown) and one.rows
    }
    groups: dict[str, list[Difference]] = {}
    for prefix, rows in groupby(differences, key):
        groups.setdefault(prefix, []).extend(rows)
    return [{"label": names.get(prefix, _("Parts du catalogue")), "rows": rows} for prefix, rows in groups.items()]


def kept_about_people(rules: Iterable[ModelRules]) -> list[dict[str, Any]]:
    """What is kept about people, kind by kind: the fields, why, how long, what an erasure does to them."""
    kinds: dict[str, dict[tuple[Any, ...], dict[str, Any]]] = {}
    for model in rules:
        name = str(KEPT.get(model.model._meta.label, model.model._meta.verbose_name))
        for field, one in model.personal.items():
            row: dict[str, Any] = {"why": one.why, "kept": one.kept, "erased": ON_ERASE[one.on_erase], "fields": []}
            told = kinds.setdefault(name, {}).setdefault((one.why, one.kept, one.on_erase), row)
            told["fields"].append({"name": one.name, "code": f"{model.model.__name__}.{field}"})
    return [{"name": name, "rows": list(rows.values())} for name, rows in kinds.items()]
