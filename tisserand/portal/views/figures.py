"""The catalogue in figures, exports of them, and frozen readings."""

from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tisserand.actions.figures import CatalogueScope
from tisserand.actions.operations.figures import freeze_catalogue
from tisserand.common.tables.files import CONTENT_TYPES, table_file
from tisserand.figures.engine import Breakdown, Figure
from tisserand.figures.models import Snapshot
from tisserand.figures.snapshots import differences, flatten, headed, is_intact, latest
from tisserand.network.guards import own_network, staff_only
from tisserand.network.queries import networks
from tisserand.network.rules import is_staff_of
from tisserand.portal.presentation import by_list, told


def _asked(request: HttpRequest) -> CatalogueScope:
    scope = CatalogueScope.from_address(request.GET.get("network", ""))
    if scope is None:
        raise Http404
    return scope


@require_safe
def figures_page(request: HttpRequest) -> HttpResponse:
    """Shares of the catalogue and its breakdowns, each number with its base and its sheets."""
    scope = _asked(request)
    results = scope.figures()
    breakdowns = [one for one in results.values() if isinstance(one, Breakdown) and one.rows]
    context = {
        "nav": "chiffres",
        "scope": scope,
        "today": localdate(),
        "base": len(scope.found),
        "heroes": [told(one) for one in results.values() if isinstance(one, Figure)],
        "breakdowns": breakdowns,
        "jumps": [{"label": one.label, "url": f"#{one.key.replace('.', '')}"} for one in breakdowns],
        "networks": _choices(scope),
        "may_freeze": scope.network is not None and is_staff_of(request.user, scope.network),
        "snapshots": list(latest(scope.key)),
        "formats": list(CONTENT_TYPES),
        "query": request.GET.urlencode(),
    }
    return render(request, "portal/figures.html", context)


def _choices(scope: CatalogueScope) -> list[dict[str, Any]]:
    """The whole instance, or one network of it; nothing to choose from where there is one."""
    found = list(networks())
    every = {"label": _("Tous les réseaux"), "url": reverse("figures"), "current": scope.network is None}
    each = [{"label": n.name, "url": f"?network={n.slug}", "current": n == scope.network} for n in found]
    return [every, *each] if len(found) > 1 else []


@require_safe
def figures_export(request: HttpRequest, format: str) -> FileResponse:
    """Every figure with its base, as a table."""
    if format not in CONTENT_TYPES:
        raise Http404
    header = [
        _("Rubrique"),
        _("Chiffre"),
        _("Nombre"),
        _("Base"),
        _("Part (%)"),
        _("Ce que compte la base"),
        _("Méthode"),
        _("Preuve"),
    ]
    rows = [
        [
            heading,
            f.label,
            str(f.numerator),
            str(f.denominator),
            "" if f.rate is None else str(f.rate),
            f.base,
            f.method,
            request.build_absolute_uri(f.evidence),
        ]
        for heading, f in headed(_asked(request).figures())
    ]
    file = table_file(format, header, rows, title=_("Chiffres"))
    return FileResponse(file, as_attachment=True, filename=f"chiffres.{format}", content_type=CONTENT_TYPES[format])


@staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def freeze_figures(request: HttpRequest) -> HttpResponse:
    """Keep the figures as they are today, once the page has said that nobody can undo it."""
    network = own_network(request)
    if request.method == "POST":
        return redirect(freeze_catalogue(actor=request.user, network=network))
    scope = CatalogueScope.of(network)
    context = {
        "nav": "chiffres",
        "network": network,
        "sheets": len(scope.found),
        "count": len(flatten(scope.figures())),
    }
    return render(request, "portal/figures_freeze.html", context)


@require_safe
def snapshot_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Figures as they were, beside what they are now."""
    snapshot = get_object_or_404(Snapshot, pk=pk)
    scope = CatalogueScope.from_key(snapshot.scope)
    now = scope.figures() if scope else {}
    compared = differences(snapshot, flatten(now))
    context = {
        "nav": "chiffres",
        "snapshot": snapshot,
        "intact": is_intact(snapshot),
        "differences": compared,
        "groups": by_list(compared, now),
        "moved": sum(one.moved for one in compared),
    }
    return render(request, "portal/snapshot.html", context)
