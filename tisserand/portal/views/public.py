"""Home, directory of structures, pages about the site."""

from copy import copy
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tisserand.actions.operations.structures import edit_structure
from tisserand.actions.presentation import entry
from tisserand.actions.queries import facet_labels
from tisserand.common.dates import short_month
from tisserand.figures.engine import Figure, percent
from tisserand.network.enums import StructureKind
from tisserand.network.forms import StructureForm
from tisserand.network.guards import staff_only
from tisserand.network.queries import affiliations_kept_by, controllers, structures, structures_kept_by
from tisserand.network.queries.merging import structure_merges_of
from tisserand.network.rules import keeps_page_of
from tisserand.portal.drawing import department_map
from tisserand.portal.presentation import new_entry, told
from tisserand.portal.queries import Cloth, cloth, directory, front, sheets_of, with_counts
from tisserand.portal.register import register_lines
from tisserand.privacy.registry import retentions

FIGURES = 3  # on the first page


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What the network does: search, the weave, three figures, the latest sheets."""
    seen = front()
    found, rate_from = seen.scope.found, seen.scope.rate_from
    shares = [one for one in seen.scope.figures("actions.share.").values() if isinstance(one, Figure)]
    context = {
        "nav": "",
        "network": seen.network,
        "count": len(found.counts["structure"]),
        "sheets": len(found),
        "cloth": _cloth_data(seen.cloth, rate_from) if seen.cloth.full else None,
        "figures": [told(one) for one in shares[:FIGURES]],
        "newest": [new_entry(action) for action in seen.newest],
        "examples": _examples(found.counts["keyword"]),
    }
    return render(request, "portal/home.html", context)


def _examples(counts: dict[str, int]) -> list[dict[str, str]]:
    """The most frequent keywords, to begin with."""
    labels = facet_labels()
    most = sorted(counts, key=lambda value: (-counts[value], value))[:3]
    return [{"label": labels.get(("keyword", v), v), "url": f"{reverse('catalogue')}?keyword={v}"} for v in most]


def _cloth_data(woven: Cloth, rate_from: int) -> dict[str, Any]:
    return {
        "matrix": woven.matrix,
        "months": [short_month(month) for month in woven.months],
        "label": _("Toile des douze derniers mois : une colonne par structure, un rang par mois"),
        "caption": _(
            "Entre %(first)s et %(last)s : un fil vertical par structure, un rang par mois ; "
            "le croisement est plein quand au moins une fiche y est entrée au catalogue."
        )
        % {"first": date_format(woven.months[0], "F Y"), "last": date_format(woven.months[-1], "F Y")},
        "numerator": woven.full,
        "denominator": woven.size,
        "rate": percent(woven.full, woven.size) if woven.size >= rate_from else None,
        "unit_label": _("croisements"),
        "url": reverse("cloth"),
        "link": _("Lire la toile en tableau"),
    }


@require_safe
def cloth_page(request: HttpRequest) -> HttpResponse:
    """The weave as a table, for those who read it line by line."""
    woven = cloth()
    rows = [
        {
            "structure": structure,
            "months": [month for month, row in zip(woven.months, woven.matrix, strict=True) if row[column]],
        }
        for column, structure in enumerate(woven.structures)
    ]
    return render(request, "portal/cloth.html", {"nav": "", "woven": woven, "rows": rows})


@require_safe
def structures_page(request: HttpRequest) -> HttpResponse:
    """The directory, by département and commune, with a map."""
    text, kind = request.GET.get("q", "").strip()[:100], request.GET.get("kind", "")
    found = directory(text, kind if kind in StructureKind.values else "")
    context = {
        "nav": "structures",
        "text": text,
        "kind": kind,
        "kinds": [choice for choice in StructureKind.choices if choice[0]],
        "departments": found.departments,
        "count": found.count,
        "total": found.total,
        "map": department_map(found.departments),
    }
    return render(request, "portal/structures.html", context)


@require_safe
def structure_page(request: HttpRequest, slug: str) -> HttpResponse:
    """One structure: what it is, how to reach it, its sheets. The address of one that became another leads there."""
    structure = with_counts().filter(slug=slug).first()
    if structure is None:
        # Not for ever: for thirty days they may be parted again.
        return redirect(get_object_or_404(structures().filter(merges__slug=slug)))
    may_edit = keeps_page_of(request.user, structure)
    context = {
        "nav": "structures",
        "structure": structure,
        "sheets": [{**entry(action), "meta": ""} for action in sheets_of(structure)[:200]],
        "may_edit": may_edit,
        "merges": structure_merges_of(structure) if may_edit else [],
        "may_tie": affiliations_kept_by(request.user, structure).exists() if request.user.is_authenticated else False,
    }
    return render(request, "portal/structure.html", context)


@staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def structure_edit(request: HttpRequest, slug: str) -> HttpResponse:
    """Change what people need to reach a structure."""
    structure = get_object_or_404(structures_kept_by(request.user), slug=slug)
    network = request.desk.network = structure.home
    form = StructureForm(request.POST or None, instance=copy(structure))
    if request.method == "POST" and form.is_valid():
        try:
            edit_structure(actor=request.user, network=network, structure=structure, changes=form.changes())
        except ValidationError as error:
            form.add_error(None, error) if not hasattr(error, "error_dict") else form.add_error("name", error.messages)
        else:
            messages.success(request, _("Structure enregistrée."))
            return redirect(structure)
    context = {"nav": "structures", "structure": structure, "form": form}
    return render(request, "portal/structure_edit.html", context, status=422 if form.errors else 200)


@require_safe
def accessibility_page(request: HttpRequest) -> HttpResponse:
    """What was checked, what was not, and whom to tell."""
    return render(request, "portal/accessibility.html", {"nav": ""})


@require_safe
def data_page(request: HttpRequest) -> HttpResponse:
    """What is kept about people, read from the rules themselves."""
    context = {
        "nav": "",
        "lines": register_lines(),
        "retentions": retentions(),
        "controllers": controllers(),
    }
    return render(request, "portal/data.html", context)


@csrf_exempt  # it only writes the visitor's own language cookie; without a token, public pages need no cookie
@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Keep the language of the interface for a year, and come back."""
    back = request.META.get("HTTP_REFERER", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = reverse("home")
    response = HttpResponseRedirect(back)
    language = request.POST.get("language", "")
    if language in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=31_536_000,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
    return response
