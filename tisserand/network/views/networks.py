"""How a network presents itself, for who administers it."""

from copy import copy

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tisserand.network.forms import NetworkForm
from tisserand.network.guards import own_network, staff_only, team_address
from tisserand.network.operations import update_network
from tisserand.network.rules import administers


@staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def network_edit(request: HttpRequest) -> HttpResponse:
    """Change the name, the words of the home page, the colour, the smallest base of a percentage."""
    network = own_network(request)
    if not administers(request.user, network):
        raise PermissionDenied(_("Seule l'administration du réseau change ces réglages."))
    form = NetworkForm(request.POST or None, instance=copy(network))
    if request.method == "POST" and form.is_valid():
        update_network(actor=request.user, network=network, changes=form.changes())
        messages.success(request, _("C'est enregistré : les pages publiques le disent déjà."))
        return redirect(team_address(request, "staff-home"))
    context = {"nav": "equipe", "network": network, "form": form}
    return render(request, "network/network_edit.html", context, status=422 if form.errors else 200)
