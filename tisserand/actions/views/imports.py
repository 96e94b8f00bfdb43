"""Importing on the web: deposit, preview, settle, confirm, follow."""

import logging
import re
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tisserand.actions.enums import BatchState, Outcome
from tisserand.actions.exports import Headings, model_rows
from tisserand.actions.forms import DepositForm
from tisserand.actions.imports.progress import is_asked_to_stop, is_stalled, progress
from tisserand.actions.imports.report import report
from tisserand.actions.models import ImportBatch
from tisserand.actions.operations.imports import (
    confirm_import,
    deposit_import,
    give_up,
    read_import,
    resume_import,
    settle_rows,
)
from tisserand.actions.operations.imports.batches import UNDER_WAY
from tisserand.actions.queries.imports import ASKED, announced, imports_kept_by, imports_of, place_of, preview, settled
from tisserand.actions.queries.undoing import left_by_undo, may_be_undone
from tisserand.actions.tasks import apply_waiting, read_deposited
from tisserand.actions.views.preview import answers_in, expected, shown_row
from tisserand.actions.vocabulary import Vocabulary
from tisserand.common.paging import page_of
from tisserand.common.tables.files import CONTENT_TYPES, table_file
from tisserand.common.text import number_in
from tisserand.network.guards import own_network, staff_only, team_address
from tisserand.network.models import Network

logger = logging.getLogger(__name__)

AT_ONCE_BYTES = 200_000  # a smaller file is read while the person waits: a second or two
AT_ONCE_ROWS = 200
ON_A_PAGE = 20  # records
FILES_ON_A_PAGE = 20


def _batch(request: HttpRequest, pk: int) -> ImportBatch:
    batch = get_object_or_404(imports_kept_by(request.user), pk=pk)
    request.desk.network = batch.network
    return batch


@staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def imports_page(request: HttpRequest) -> HttpResponse:
    """The list of imports, and the form to deposit a file."""
    network = own_network(request)
    form = DepositForm(request.POST or None, request.FILES or None)
    batch = _deposited(request, network, form) if request.method == "POST" and form.is_valid() else None
    if batch:
        if batch.state == BatchState.READING and not batch.total:
            if form.cleaned_data["file"].size <= AT_ONCE_BYTES:
                read_import(actor=request.user, batch=batch)
            else:
                read_deposited.enqueue(batch.pk)
        return redirect(batch)
    page = page_of(request, imports_of(network), FILES_ON_A_PAGE)
    context = {"nav": "equipe", "form": form, "page": page, "network": network}
    return render(request, "actions/imports.html", context, status=422 if form.errors else 200)


def _deposited(request: HttpRequest, network: Network, form: DepositForm) -> ImportBatch | None:
    """Keep the file of a valid form; None when there is no room for it, which the form then says."""
    data = form.cleaned_data
    try:
        return deposit_import(
            actor=request.user,
            network=network,
            file=data["file"],
            filename=data["file"].name,
            token=data["token"],
            as_draft=data["as_draft"],
        )
    except OSError:
        logger.exception("keeping a deposited file")
        text = _("Le serveur n'a pas pu garder ce fichier. Prévenez la personne qui le tient, puis recommencez.")
        form.add_error("file", text)
        return None


@staff_only
@require_safe
def import_model(request: HttpRequest, format: str) -> FileResponse:  # noqa: ARG001
    """A table to fill in: its columns are the fields of a sheet, its one row an example."""
    if format not in CONTENT_TYPES:
        raise Http404
    file = table_file(format, Headings.labels().names, model_rows(), title=_("Fiches"))
    return FileResponse(file, as_attachment=True, filename=f"modele.{format}", content_type=CONTENT_TYPES[format])


@staff_only
@require_safe
def import_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One import, at whatever step it is."""
    batch = _batch(request, pk)
    asked = number_in(request.GET.get("fiche", ""))
    if asked is not None:
        return _where(request, batch, asked)
    seen = preview(batch, request.GET.get("voir", ""))
    page = page_of(request, seen.rows, ON_A_PAGE)
    waiting = batch.state == BatchState.WAITING
    insist = waiting and "manque" in request.GET
    vocabulary = Vocabulary(batch.network)
    rows = [shown_row(row, vocabulary, insist=insist) for row in page]
    context = {
        "nav": "equipe",
        "batch": batch,
        "waiting": waiting,
        "steps": _steps(batch),
        "tabs": [{"key": key, "count": count, "on": key == seen.shown} for key, count in seen.listed.items()],
        "counts": seen.counts,
        "page": page,
        "rows": rows,
        "stalled": _stalled(batch),
        "progress": progress(batch),
        "stopping": is_asked_to_stop(batch.pk),
        "preview": seen,
        "insist": insist,
        "expected": expected(seen.missing, {row.number for row in page}),
        "nothing_new": set(seen.counts) == {Outcome.UNCHANGED},
        "only_conflicts": all(one.asks != "structure" for one in seen.missing),
        "announced": announced(batch) if waiting else None,
        "refusal": _refusal(batch),
        "may_be_undone": may_be_undone(batch),
        "undone": left_by_undo(batch),
        "about_file": [message for message in batch.messages if not message["record"]],
        "form": DepositForm(),
    }
    return render(request, "actions/import.html", context)


def _refusal(batch: ImportBatch) -> dict[str, Any]:
    """Why a file could not be read: the first sentence says what happened, the others what to do."""
    message = next(iter(batch.messages), {"text": "", "line": None})
    if batch.state != BatchState.REFUSED or not message["text"]:
        return {"title": _("Ce fichier n'a pas pu être lu"), "advice": "", "line": None}
    title, _dot, advice = message["text"].partition(". ")
    told = str(message["line"] or "") in re.findall(r"\d+", message["text"])
    return {"title": title.removesuffix("."), "advice": advice, "line": None if told else message["line"]}


def _where(request: HttpRequest, batch: ImportBatch, number: int) -> HttpResponse:
    """Go to the page that lists a record; the browser keeps the place in the page."""
    query = request.GET.copy()
    del query["fiche"]
    query["voir"], page = place_of(batch, number, ON_A_PAGE)
    query["page"] = str(page)
    return redirect(f"{batch.get_absolute_url()}?{query.urlencode()}")


def _steps(batch: ImportBatch) -> list[dict[str, Any]]:
    """Where the person stands, in three steps."""
    current = {BatchState.READING: 0, BatchState.WAITING: 1, BatchState.APPLYING: 2}.get(BatchState(batch.state), 3)
    labels = (_("Fichier déposé"), _("Relire"), _("Enregistrer"))
    states = ["past"] * current + ["current"] + ["to_come"] * 2
    return [{"label": label, "state": state} for label, state in zip(labels, states, strict=False)]


def _stalled(batch: ImportBatch) -> bool:
    """Whether the work stopped half-way: nothing was written, it can be resumed."""
    return batch.state in UNDER_WAY and is_stalled(batch)


@staff_only
@require_safe
def import_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The progress alone, asked again by htmx until the state changes."""
    batch = _batch(request, pk)
    if batch.state not in UNDER_WAY:
        response = HttpResponse(status=204)
        response["HX-Refresh"] = "true"
        return response
    context = {
        "batch": batch,
        "progress": progress(batch),
        "stalled": _stalled(batch),
        "stopping": is_asked_to_stop(pk),
    }
    return render(request, "actions/_progress.html", context)


@staff_only
@require_POST
def import_settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep what was chosen on the page; the button that was pressed says near which record."""
    batch = _batch(request, pk)
    settle_rows(actor=request.user, batch=batch, answers=answers_in(request.POST))
    messages.success(request, _("C'est noté. Rien n'est encore enregistré."))
    number = number_in(request.POST.get("garder", ""))
    return _back(request, batch, "#fiches" if number is None else f"#fiche-{number}")


def _back(request: HttpRequest, batch: ImportBatch, anchor: str, **more: str) -> HttpResponse:
    """The tab and the page where the person was."""
    query = request.GET.copy()
    for name, value in more.items():
        query[name] = value
    return redirect(f"{batch.get_absolute_url()}{'?' if query else ''}{query.urlencode()}{anchor}")


@staff_only
@require_POST
def import_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Write the import, unless a choice is missing; a large one is left to the worker."""
    batch = _batch(request, pk)
    done = confirm_import(
        actor=request.user,
        batch=batch,
        answers=answers_in(request.POST),
        leave_conflicts="leave" in request.POST,
        at_once=batch.total <= AT_ONCE_ROWS,
    )
    if done == "missing":
        return _back(request, batch, "#erreurs", manque="1", voir=ASKED, page="1")
    if done == "taken":
        apply_waiting.enqueue(batch.pk, request.user.pk)
    return redirect(batch)


@staff_only
@require_POST
def import_resume(request: HttpRequest, pk: int) -> HttpResponse:
    """Start again what a cut interrupted."""
    batch = _batch(request, pk)
    state = resume_import(actor=request.user, batch=batch)
    if state == BatchState.READING:
        read_deposited.enqueue(batch.pk)
    elif state == BatchState.APPLYING:
        apply_waiting.enqueue(batch.pk, request.user.pk)
    return redirect(batch)


@staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def import_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Give up: asked once more, saying what is lost."""
    batch = _batch(request, pk)
    if batch.state in {BatchState.APPLIED, BatchState.CANCELLED}:
        return redirect(batch)
    if request.method != "POST":
        read = batch.total or progress(batch)
        context = {"nav": "equipe", "batch": batch, "settled": settled(batch), "read": read}
        return render(request, "actions/import_cancel.html", context)
    if not give_up(actor=request.user, batch=batch):
        return redirect(batch)
    messages.success(request, _("Import abandonné. Le catalogue n'a pas changé."))
    return redirect(team_address(request, "imports"))


@staff_only
@require_safe
def import_report(request: HttpRequest, pk: int) -> JsonResponse:
    """The report, for programs."""
    batch = _batch(request, pk)
    return JsonResponse(report(batch.counts, batch.messages), json_dumps_params={"ensure_ascii": False})
