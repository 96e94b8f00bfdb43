"""What the network's desk watches over: stale sheets, gaps of the catalogue."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from tisserand.actions.queries import gaps, stale_in
from tisserand.common.paging import page_of
from tisserand.figures.engine import Figure
from tisserand.network.guards import own_network, staff_only

ON_A_PAGE = 30  # sheets
GAPS_ON_A_PAGE = 20  # of each kind


@staff_only
@require_safe
def stale_page(request: HttpRequest) -> HttpResponse:
    """Sheets that nobody changed or confirmed for a year, the oldest first."""
    network = own_network(request)
    context = {"nav": "equipe", "network": network, "page": page_of(request, stale_in(network), ON_A_PAGE)}
    return render(request, "actions/stale.html", context)


@staff_only
@require_safe
def gaps_page(request: HttpRequest) -> HttpResponse:
    """Structures, values and communes without a sheet, each counted on its base."""
    network = own_network(request)
    found = gaps(network)

    def counted(key: str, count: int, of: int, base: str, label: str) -> dict[str, Any]:
        figure = Figure(key, label, count, of, base, scope=network.name, rate_from=network.rate_from)
        told = {"rate": figure.rate, "numerator": count, "denominator": of, "unit_label": base, "sentence": label}
        return told | {"evidence_url": "", "evidence_label": ""}

    silent, few, empty = len(found.structures), len(found.terms), len(found.communes)
    # Each with the question that one may ask of the network.
    terms = [(one, _("Qui fait quelque chose sur « %(theme)s » ?") % {"theme": one.label}) for one in found.terms]
    communes = [(one, _("Qui mène une action à %(commune)s ?") % {"commune": one.commune}) for one in found.communes]
    context = {
        "nav": "equipe",
        "network": network,
        "structures_page": page_of(request, found.structures, GAPS_ON_A_PAGE, "structures"),
        "terms_page": page_of(request, terms, GAPS_ON_A_PAGE, "valeurs"),
        "communes_page": page_of(request, communes, GAPS_ON_A_PAGE, "communes"),
        "structures": counted(
            "gaps.structures",
            silent,
            found.members,
            _("structures membres, hors financeurs"),
            ngettext("n'a aucune fiche au catalogue.", "n'ont aucune fiche au catalogue.", silent),
        ),
        "values": counted(
            "gaps.values",
            few,
            found.values,
            _("dimensions et mots-clés"),
            ngettext("n'a aucune fiche, ou une seule.", "n'ont aucune fiche, ou une seule.", few),
        ),
        "communes": counted(
            "gaps.communes",
            empty,
            found.places,
            _("communes de ces structures"),
            ngettext("n'a aucune fiche.", "n'ont aucune fiche.", empty),
        ),
    }
    return render(request, "actions/gaps.html", context)
