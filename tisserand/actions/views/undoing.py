"""Undoing an import that was recorded, after a page that says what it would do."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tisserand.actions.operations.imports import undo_import
from tisserand.actions.queries.imports import imports_kept_by
from tisserand.actions.queries.undoing import UndoPlan, may_be_undone, undo_plan
from tisserand.actions.tasks import undo_applied
from tisserand.network.guards import staff_only

AT_ONCE_ROWS = 500


@staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def import_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what undoing would do, sheet by sheet in numbers; then undo. A large import is left to the worker."""
    batch = get_object_or_404(imports_kept_by(request.user), pk=pk)
    request.desk.network = batch.network
    possible = may_be_undone(batch)
    if request.method != "POST":
        plan = undo_plan(batch) if possible else UndoPlan()
        context = {"nav": "equipe", "batch": batch, "plan": plan, "possible": possible}
        return render(request, "actions/import_undo.html", context)
    if not possible:
        return redirect(batch)
    if batch.total <= AT_ONCE_ROWS:
        undo_import(actor=request.user, batch=batch)
        messages.success(request, _("Import annulé."))
    else:
        undo_applied.enqueue(batch.pk, request.user.pk)
        messages.info(request, _("L'annulation est en cours. Revenez sur cette page dans une minute."))
    return redirect(batch)
