"""The team's door and its first page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from tisserand.actions.models import ImportBatch
from tisserand.actions.queries import waiting
from tisserand.network.guards import own_network, seated, staff_only, team_address
from tisserand.portal.gallery import gallery_sample


@seated
@require_safe
def staff_home(request: HttpRequest) -> HttpResponse:
    """What waits for me, most pressing first; where I work, for who keeps no catalogue."""
    if not request.seat.networks:
        return render(request, "portal/seat_home.html", {"nav": "equipe", "roles": request.seat.roles})
    network = own_network(request)
    todo = waiting(network)
    items = [_file(batch) for batch in todo.imports]
    if todo.unknown:
        title = ngettext("Vérifier %(n)d valeur inconnue", "Vérifier %(n)d valeurs inconnues", todo.unknown)
        why = _("Elle vient d'un fichier : est-ce une vraie valeur, ou une faute de frappe ?")
        items.append(_item(title % {"n": todo.unknown}, why, team_address(request, "lists"), _("Vérifier")))
    if todo.facts:
        title = ngettext("Relire %(n)d nombre trouvé", "Relire %(n)d nombres trouvés", todo.facts)
        why = _("Des personnes et des montants lus dans les textes ; aucun ne compte avant votre accord.")
        items.append(_item(title % {"n": todo.facts}, why, team_address(request, "facts"), _("Relire")))
    if todo.drafts:
        title = ngettext("Publier %(n)d brouillon", "Publier %(n)d brouillons", todo.drafts)
        why = _("Seule l'équipe les voit pour l'instant.")
        items.append(_item(title % {"n": todo.drafts}, why, team_address(request, "drafts"), _("Voir")))
    context = {"nav": "equipe", "network": network, "items": items}
    return render(request, "portal/staff_home.html", context)


def _file(batch: ImportBatch) -> dict[str, str]:
    title = _("Relire ce que le fichier %(name)s a donné") % {"name": batch.filename}
    why = _("Nouvelles : %(created)d ; changées : %(updated)d ; contradictions : %(conflicts)d.") % batch.counts
    when = _("Déposé le %(day)s") % {"day": date_format(batch.created_at, "j F")}
    return _item(title, why, batch.get_absolute_url(), _("Relire")) | {"when": when}


def _item(title: str, why: str, url: str, button: str) -> dict[str, str]:
    """A line of `components/todo.html`."""
    return {"title": title, "why": why, "url": url, "button": button}


@staff_only
@require_safe
def gallery_page(request: HttpRequest) -> HttpResponse:
    """Every component, in every state."""
    return render(request, "portal/gallery.html", {"nav": "equipe", "sample": gallery_sample()})
