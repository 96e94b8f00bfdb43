"""Figures and rules in the shape that the components of the pages read."""

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tisserand.actions.models import Action
from tisserand.actions.presentation import entry
from tisserand.common.dates import long_day
from tisserand.figures.engine import Breakdown, Figure
from tisserand.figures.snapshots import Difference


def new_entry(action: Action) -> dict[str, str]:
    """A sheet among the latest (`components/entry.html`), and since when it is in the catalogue."""
    day = long_day(timezone.localtime(action.published_at))
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
