"""The team's work on one sheet: edit, publish, take back."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tisserand.actions.enums import State
from tisserand.actions.forms import SheetForm
from tisserand.actions.models import Action
from tisserand.actions.operations.life import archive, publish
from tisserand.actions.operations.sheets import EditedMeanwhile, update_action
from tisserand.actions.queries import sheets_kept_by
from tisserand.network.guards import staff_only


def _sheet(request: HttpRequest, pk: int) -> Action:
    action = get_object_or_404(sheets_kept_by(request.user), pk=pk)
    request.desk.network = action.network
    return action


@staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def edit_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Edit every field of a sheet; nobody's work is overwritten."""
    action = _sheet(request, pk)
    form = SheetForm(request.POST or None, action=action)
    overtaken = False
    if request.method == "POST" and form.is_valid():
        try:
            update_action(
                actor=request.user, action=action, revision=form.cleaned_data["revision"], values=form.values()
            )
        except EditedMeanwhile:
            overtaken = True
            action = _sheet(request, pk)
            form = form.on_top_of(action)
        else:
            messages.success(request, _("Fiche enregistrée."))
            return redirect(_sheet(request, pk))
    context = {
        "nav": "equipe",
        "action": action,
        "form": form,
        "overtaken": overtaken,
        "sections": form.sections(),
    }
    status = 409 if overtaken else 422 if form.errors else 200
    return render(request, "actions/edit.html", context, status=status)


@staff_only
@require_POST
def state_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Publish, or take out of the catalogue."""
    action = _sheet(request, pk)
    wanted = State.PUBLISHED if request.POST.get("state") == State.PUBLISHED else State.ARCHIVED
    if wanted == State.PUBLISHED:
        action = publish(actor=request.user, action=action)
        messages.success(request, _("Fiche publiée."))
    else:
        archive(actor=request.user, action=action)
        messages.success(request, _("Fiche archivée : elle n'est plus au catalogue, et rien n'en est perdu."))
    return redirect(action)
