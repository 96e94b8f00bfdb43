"""Sheets that only the team sees: all of them, those of one import, and publishing these in one gesture."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from tisserand.actions.models import ImportBatch
from tisserand.actions.operations.sheets import publish_drafts
from tisserand.actions.queries import drafts, drafts_of, imports_kept_by, imports_with_drafts
from tisserand.common.paging import page_of
from tisserand.common.typography import thousands
from tisserand.network.guards import own_network, staff_only, team_address

ON_A_PAGE = 30  # sheets


@staff_only
@require_safe
def drafts_page(request: HttpRequest) -> HttpResponse:
    """Sheets that only the team sees."""
    page = page_of(request, drafts(own_network(request)), ON_A_PAGE)
    context = {"nav": "equipe", "page": page, "choices": _choices(request)}
    return render(request, "actions/drafts.html", context)


@staff_only
@require_safe
def import_drafts_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The drafts that one import brought."""
    batch = _batch(request, pk)
    page = page_of(request, drafts_of(batch), ON_A_PAGE)
    context = {"nav": "equipe", "page": page, "batch": batch, "choices": _choices(request, batch)}
    return render(request, "actions/drafts.html", context)


@staff_only
@require_POST
def publication(request: HttpRequest, pk: int) -> HttpResponse:
    """Publish the drafts that one import brought."""
    count = publish_drafts(actor=request.user, batch=_batch(request, pk))
    if count:
        told = ngettext("%(n)s fiche publiée.", "%(n)s fiches publiées.", count)
        messages.success(request, told % {"n": thousands(count)})
    else:
        messages.info(request, _("Ces fiches étaient déjà publiées."))
    return redirect(team_address(request, "drafts"))


def _batch(request: HttpRequest, pk: int) -> ImportBatch:
    batch = get_object_or_404(imports_kept_by(request.user), pk=pk)
    request.desk.network = batch.network
    return batch


def _choices(request: HttpRequest, shown: ImportBatch | None = None) -> list[dict[str, Any]]:
    """All drafts, or those of one file (`components/choice.html`); nothing where no file brought any."""
    found = [
        {"label": f"{one.filename} · {thousands(one.count)}", "url": team_address(request, "import-drafts", one.pk)}
        | {"current": one == shown}
        for one in imports_with_drafts(request.desk.network)
    ]
    every = {"label": _("Tous les brouillons"), "url": team_address(request, "drafts"), "current": shown is None}
    return [every, *found] if found else []
