"""The register of processing: read by the team, completed by the administration."""

from copy import copy

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tisserand.documents.registry import UnknownDocumentError
from tisserand.documents.registry import render as render_document
from tisserand.network.forms import ControllerForm
from tisserand.network.guards import own_network, staff_only, team_address
from tisserand.network.models import Controller
from tisserand.network.operations import say_controller
from tisserand.network.queries import controllers
from tisserand.network.rules import administers
from tisserand.portal.register import MEASURES, register_lines


@staff_only
@require_safe
def register_page(request: HttpRequest) -> HttpResponse:
    """Who answers, then each activity."""
    network = own_network(request)
    context = {
        "nav": "equipe",
        "network": network,
        "controller": controllers().filter(network=network).first(),
        "lines": register_lines(),
        "measures": MEASURES,
        "may_write": administers(request.user, network),
    }
    return render(request, "portal/register.html", context)


@staff_only
@require_safe
def register_file(request: HttpRequest, format: str) -> HttpResponse:
    """The register as PDF or ODT."""
    try:
        made = render_document("portal.register", own_network(request), format)
    except UnknownDocumentError as error:
        raise Http404 from error
    response = HttpResponse(made.content, content_type=made.content_type)
    response["Content-Disposition"] = f'attachment; filename="{made.filename}"'
    return response


@staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def register_edit(request: HttpRequest) -> HttpResponse:
    """Who answers for the data of the network."""
    network = own_network(request)
    if not administers(request.user, network):
        raise PermissionDenied(_("Seule l'administration du réseau complète le registre."))
    held = controllers().filter(network=network).first() or Controller(network=network)
    form = ControllerForm(request.POST or None, instance=copy(held))
    if request.method == "POST" and form.is_valid():
        say_controller(actor=request.user, network=network, values=form.cleaned_data)
        messages.success(request, _("Le registre est à jour."))
        return redirect(team_address(request, "register"))
    context = {"nav": "equipe", "network": network, "form": form}
    return render(request, "portal/register_edit.html", context, status=422 if form.errors else 200)
