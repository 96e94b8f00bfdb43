"""Taking up the sheet of another structure, and how far a sheet spread."""

from collections import Counter
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from tisserand.actions.forms import BeginForm
from tisserand.actions.guidance import SECTIONS
from tisserand.actions.operations.lineage import shared, take_up
from tisserand.actions.queries import one_with_content, published, with_place
from tisserand.actions.queries.lineage import Kin, first_of, lineage, places_to_take_up, taken_up_by
from tisserand.common.geography.counted import Counted, counted_map
from tisserand.common.paging import page_of
from tisserand.network.guards import seated

ON_A_PAGE = 50  # sheets


@seated
@require_http_methods(["GET", "HEAD", "POST"])
def take_up_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what is taken and what is left, then begin."""
    action = get_object_or_404(one_with_content(published()), pk=pk)
    places = places_to_take_up(request.user, action)
    if not places:
        raise PermissionDenied(_("Votre compte n'écrit pas de fiche pour une autre structure que celle-ci."))
    form = BeginForm(request.POST or None, places=places, title=action.title)
    if request.method == "POST" and form.is_valid():
        place = form.chosen()
        sheet = take_up(
            actor=request.user,
            action=action,
            network=place.network,
            structure=place.structure,
            title=form.cleaned_data["title"],
            token=form.cleaned_data["token"],
        )
        told = _("Votre fiche est commencée : un brouillon, que voient votre structure et l'équipe du réseau.")
        messages.success(request, told)
        return redirect("sheet-write", sheet.pk, SECTIONS[0].slug)
    taken, left = shared(action, {place.network for place in places})
    context = {
        "nav": "actions",
        "action": action,
        "form": form,
        "begun": taken_up_by(request.user, action),
        "taken": [field.label for field in taken],
        "left": [field.label for field in left],
    }
    return render(request, "actions/take_up.html", context, status=422 if form.errors else 200)


@require_safe
def spread_page(request: HttpRequest, pk: int) -> HttpResponse:
    """All that inspired a sheet and came of it, generation by generation."""
    here = lineage(get_object_or_404(with_place(published()), pk=pk))
    first = first_of(here)
    kin = sorted([first, *first.descendants], key=lambda one: one.generation)
    page = page_of(request, kin, ON_A_PAGE)
    context = {
        "nav": "actions",
        "here": here,
        "first": first,
        "structures": here.structures,
        "generations": [
            {"number": number, "id": f"generation-{number}", "kin": list(group)}
            for number, group in groupby(page, key=lambda one: one.generation)
        ],
        "page": page,
        "map": _map(kin),
    }
    return render(request, "actions/spread.html", context)


def _told(name: str, count: int) -> str:
    return ngettext("%(name)s : %(n)d fiche", "%(name)s : %(n)d fiches", count) % {"name": name, "n": count}


def _map(kin: list[Kin]) -> dict[str, Any] | None:
    """Where the public ones are, by département."""
    places = Counter(one.action.structure.department for one in kin if one.action.is_public)
    return counted_map(
        [Counted(name, count) for name, count in places.items()],
        told=_told,
        title=_("Carte des reprises"),
        desc=_("Le nombre de fiches par département ; la liste les donne toutes."),
        caption=_("Le nombre de fiches par département, l'originale comprise."),
    )
