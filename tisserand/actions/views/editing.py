"""From a sheet to its form; the team's word on it: publish, take out of the catalogue."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tisserand.actions.enums import State
from tisserand.actions.guidance import SECTIONS
from tisserand.actions.operations.life import ClashingChanges, archive, publish, rewrite
from tisserand.actions.queries import rewriting_of, sheets_kept_by
from tisserand.actions.views.asked import keeps, sheet_asked
from tisserand.actions.views.writing import sheet_of
from tisserand.network.guards import seated, staff_only


@seated
@require_http_methods(["GET", "HEAD", "POST"])
def edit_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The way into the form. A public sheet is rewritten beside itself: this page says so, its button begins it."""
    action = sheet_of(request, pk)
    known = action if action.is_under_way else rewriting_of(action)
    if request.method == "POST":
        known = rewrite(actor=request.user, action=action)
    if known:
        return redirect("sheet-write", known.pk, SECTIONS[0].slug)
    context = {"nav": "equipe", "action": action, "publishes": keeps(request, action)}
    return render(request, "actions/rewrite.html", context)


@staff_only
@require_POST
def state_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Publish, or take out of the catalogue."""
    action = sheet_asked(request, sheets_kept_by(request.user), pk)
    if request.POST.get("state") != State.PUBLISHED:
        archive(actor=request.user, action=action)
        messages.success(request, _("Fiche archivée : elle n'est plus au catalogue, et rien n'en est perdu."))
        return redirect(action)
    try:
        action = publish(actor=request.user, action=action)
    except ClashingChanges:
        return redirect("review-clashes", pk)
    messages.success(request, _("Fiche publiée."))
    return redirect(action)
