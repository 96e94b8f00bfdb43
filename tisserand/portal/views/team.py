"""The team's door and its first page."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from tisserand.actions.drafting import under_way
from tisserand.actions.models import ImportBatch
from tisserand.actions.queries import Waiting, newest, sheets_under_way, waiting
from tisserand.common.typography import thousands
from tisserand.network.guards import last_worked, own_network, staff_only, team_address
from tisserand.network.rules import WRITING_KINDS, current_roles, networks_of_staff
from tisserand.portal.gallery import gallery_sample
from tisserand.portal.presentation import new_entry

LATEST = 4  # sheets of each kind on the first page of who does not keep the catalogue


@login_required
@require_safe
def team_home(request: HttpRequest) -> HttpResponse:
    """The first page after the door: of the team of a network, of a structure, or of who only reads."""
    return _desk_home(request) if networks_of_staff(request.user).exists() else _seat_home(request)


@staff_only
def _desk_home(request: HttpRequest) -> HttpResponse:
    """What waits for me, most pressing first; for those who keep several networks, first of all which one."""
    if "network" in request.GET or not request.desk.several:
        network = own_network(request)
        context = {"nav": "equipe", "network": network, "items": _items(request, waiting(network, request.user))}
        return render(request, "portal/staff_home.html", context)
    last = last_worked(request)
    if last:
        request.desk.network = last
        return redirect(team_address(request, "staff-home"))
    return render(request, "portal/choose_network.html", {"nav": "equipe"})


def _seat_home(request: HttpRequest) -> HttpResponse:
    """Where one works, and the catalogue, for an account that does not keep it."""
    roles = list(current_roles(request.user).select_related("network", "structure").order_by("pk"))
    context = {
        "nav": "equipe",
        "roles": roles,
        "writes": any(role.kind in WRITING_KINDS for role in roles),
        "sheets": [under_way(action) for action in sheets_under_way(request.user)[:LATEST]],
        "newest": [new_entry(action) for action in newest(LATEST)],
    }
    return render(request, "portal/seat_home.html", context)


def _items(request: HttpRequest, todo: Waiting) -> list[dict[str, str]]:
    """The lines of `components/todo.html`."""
    items = [_file(batch) for batch in todo.imports]
    if todo.unknown:
        title = ngettext("Vérifier %(n)s valeur inconnue", "Vérifier %(n)s valeurs inconnues", todo.unknown)
        why = ngettext(
            "Elle est arrivée avec un fichier : vraie valeur de vos listes, ou faute de frappe ?",
            "Elles sont arrivées avec un fichier : vraies valeurs de vos listes, ou fautes de frappe ?",
            todo.unknown,
        )
        items.append(_item(request, title, todo.unknown, why, "lists", _("Vérifier les valeurs")))
    if todo.facts:
        title = ngettext("Relire %(n)s nombre trouvé", "Relire %(n)s nombres trouvés", todo.facts)
        why = _("Des personnes et des montants lus dans les textes ; aucun ne compte avant votre accord.")
        items.append(_item(request, title, todo.facts, why, "facts", _("Relire les nombres")))
    if todo.drafts:
        title = ngettext("Publier %(n)s fiche", "Publier %(n)s fiches", todo.drafts)
        why = ngettext(
            "Elle est en brouillon : seule l'équipe la voit.",
            "Elles sont en brouillon : seule l'équipe les voit.",
            todo.drafts,
        )
        items.append(_item(request, title, todo.drafts, why, "drafts", _("Voir les brouillons")))
    return items


def _item(request: HttpRequest, title: str, count: int, why: str, name: str, button: str) -> dict[str, str]:
    address = team_address(request, name)
    return {"title": title % {"n": thousands(count)}, "why": why, "url": address, "button": button}


def _file(batch: ImportBatch) -> dict[str, str]:
    """A file that waits: what it would change, in words."""
    created, updated, conflicts = (batch.counts.get(key, 0) for key in ("created", "updated", "conflicts"))
    told = (
        (created, ngettext("%(n)s fiche nouvelle", "%(n)s fiches nouvelles", created)),
        (updated, ngettext("%(n)s fiche modifiée", "%(n)s fiches modifiées", updated)),
        (conflicts, ngettext("%(n)s contradiction à trancher", "%(n)s contradictions à trancher", conflicts)),
    )
    return {
        "title": _("Relire le fichier %(name)s") % {"name": batch.filename},
        "why": ", ".join(text % {"n": thousands(count)} for count, text in told if count) + ".",
        "when": _("Déposé le %(day)s") % {"day": date_format(batch.created_at, "j F")},
        "url": batch.get_absolute_url(),
        "button": _("Relire le fichier"),
    }


@staff_only
@require_safe
def gallery_page(request: HttpRequest) -> HttpResponse:
    """Every component, in every state."""
    return render(request, "portal/gallery.html", {"nav": "equipe", "sample": gallery_sample()})
