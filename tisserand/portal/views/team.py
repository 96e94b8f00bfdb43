"""The team's door and its first page."""

from typing import Any

from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from tisserand.actions.queries import waiting
from tisserand.network.guards import own_network, staff_only
from tisserand.portal.forms import LoginForm
from tisserand.portal.gallery import gallery_sample


class Door(LoginView):
    """Login by password."""

    template_name = "portal/login.html"
    authentication_form = LoginForm
    extra_context = {"nav": "equipe"}
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Leave out Django's own `site`, which would hide the network's."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        del context["site"], context["site_name"]
        return context


@staff_only
@require_safe
def staff_home(request: HttpRequest) -> HttpResponse:
    """What waits for me, most pressing first."""
    network = own_network(request)
    todo = waiting(network)
    items = [
        {
            "title": _("Relire ce que le fichier %(name)s a donné") % {"name": batch.filename},
            "why": _("Nouvelles : %(created)d ; changées : %(updated)d ; contradictions : %(conflicts)d.")
            % batch.counts,
            "when": _("Déposé le %(day)s") % {"day": date_format(batch.created_at, "j F")},
            "url": batch.get_absolute_url(),
            "button": _("Relire"),
        }
        for batch in todo.imports
    ]
    if todo.unknown:
        title = ngettext("Vérifier %(n)d valeur inconnue", "Vérifier %(n)d valeurs inconnues", todo.unknown)
        why = _("Elle vient d'un fichier : est-ce une vraie valeur, ou une faute de frappe ?")
        items.append(
            {"title": title % {"n": todo.unknown}, "why": why, "url": "/equipe/listes/", "button": _("Vérifier")}
        )
    if todo.facts:
        title = ngettext("Relire %(n)d nombre trouvé", "Relire %(n)d nombres trouvés", todo.facts) % {"n": todo.facts}
        why = _("Des personnes et des montants lus dans les textes ; aucun ne compte avant votre accord.")
        items.append({"title": title, "why": why, "url": "/equipe/nombres/", "button": _("Relire")})
    if todo.drafts:
        title = ngettext("Publier %(n)d brouillon", "Publier %(n)d brouillons", todo.drafts) % {"n": todo.drafts}
        why = _("Seule l'équipe les voit pour l'instant.")
        items.append({"title": title, "why": why, "url": "/equipe/brouillons/", "button": _("Voir")})
    context = {"nav": "equipe", "network": network, "items": items}
    return render(request, "portal/staff_home.html", context)


@staff_only
@require_safe
def gallery_page(request: HttpRequest) -> HttpResponse:
    """Every component, in every state."""
    return render(request, "portal/gallery.html", {"nav": "equipe", "sample": gallery_sample()})
