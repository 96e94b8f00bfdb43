"""« Cette action continue-t-elle ? »: once a year, by one click."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tisserand.actions.links import read_running
from tisserand.actions.operations.running import confirm_running, say_over
from tisserand.actions.queries import public_sheets_written_by
from tisserand.actions.views.asked import keeps, sheet_asked
from tisserand.network.guards import seated, team_address
from tisserand.network.rules import writes_for


@seated
@require_http_methods(["GET", "HEAD", "POST"])
def still_running_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask whoever writes the sheet, and take the answer."""
    sheet = sheet_asked(request, public_sheets_written_by(request.user, request.seat.places), pk)
    if request.method == "POST" and request.POST.get("answer") == "over":
        copy = say_over(actor=request.user, action=sheet)
        told = _("La fiche dira « Terminée » : écrivez pourquoi, puis proposez-la.")
        if keeps(request, sheet):
            told = _("La fiche dira « Terminée » : écrivez pourquoi, puis publiez-la.")
        messages.success(request, told)
        return redirect("action-edit", copy.pk)
    if request.method == "POST":
        confirm_running(actor=request.user, action=sheet)
        messages.success(request, _("C'est noté : elle continue. On vous le redemandera dans un an."))
        return redirect(team_address(request, "stale" if keeps(request, sheet) else "staff-home"))
    return render(request, "actions/running.html", {"nav": "equipe", "sheet": sheet, "own": True, "done": False})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def still_running_link(request: HttpRequest, token: str) -> HttpResponse:
    """The same for whoever holds the link of a letter. Opening it changes nothing: some mail programs open them all."""
    read = read_running(token)
    if read is None:
        raise Http404
    sheet, person = read
    if not (sheet.is_public and writes_for(person, sheet.network, sheet.structure)):
        raise Http404
    if request.method == "POST":
        confirm_running(actor=person, action=sheet)
    context = {"nav": "", "sheet": sheet, "own": False, "done": request.method == "POST"}
    return render(request, "actions/running.html", context)
