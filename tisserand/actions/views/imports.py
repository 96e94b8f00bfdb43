"""Importing on the web: deposit, preview, settle, confirm, follow."""

import re
from itertools import takewhile
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tisserand.actions.enums import BatchState
from tisserand.actions.fields import BY_KEY
from tisserand.actions.forms import DepositForm
from tisserand.actions.imports.progress import is_stalled, progress
from tisserand.actions.imports.report import report
from tisserand.actions.models import ImportBatch, ImportRow
from tisserand.actions.operations.imports import (
    apply_import,
    cancel_import,
    deposit_import,
    mark_applying,
    read_import,
    resume_import,
    settle_row,
)
from tisserand.actions.operations.imports.batches import UNDER_WAY
from tisserand.actions.queries import imports_kept_by, imports_of, preview
from tisserand.actions.tasks import apply_waiting, read_deposited
from tisserand.common.paging import page_of
from tisserand.common.typography import typo
from tisserand.network.guards import own_network, staff_only, team_address

AT_ONCE_BYTES = 200_000  # a smaller file is read while the person waits: a second or two
AT_ONCE_ROWS = 200
WHOLE = 160  # characters; of longer texts, the diff shows only the words that differ, and those around
MIN_SHARED = 4  # words: under it, two texts have too little in common to be compared word by word
AROUND = 8  # words that both texts share, shown on each side of those that differ
_SPACE = re.compile(r"(?<!\d) | (?!\d)")  # 2 100 is one word
ON_A_PAGE = 20  # records


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
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        batch = deposit_import(
            actor=request.user,
            network=network,
            file=data["file"],
            filename=data["file"].name,
            token=data["token"],
            as_draft=data["as_draft"],
        )
        if batch.state == BatchState.READING and not batch.total:
            if data["file"].size <= AT_ONCE_BYTES:
                read_import(actor=request.user, batch=batch)
            else:
                read_deposited.enqueue(batch.pk)
        return redirect(batch)
    context = {"nav": "equipe", "form": form, "batches": imports_of(network), "network": network}
    return render(request, "actions/imports.html", context, status=422 if form.errors else 200)


@staff_only
@require_safe
def import_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One import, at whatever step it is."""
    batch = _batch(request, pk)
    seen = preview(batch, request.GET.get("voir", ""))
    page = page_of(request, seen.rows, ON_A_PAGE)
    context = {
        "nav": "equipe",
        "batch": batch,
        "steps": _steps(batch),
        "tabs": [{"key": key.value, "count": count, "on": key == seen.shown} for key, count in seen.counts.items()],
        "page": page,
        "rows": [_row(row) for row in page],
        "stalled": _stalled(batch),
        "progress": progress(batch.pk),
        "preview": seen,
        "about_file": [message for message in batch.messages if not message["record"]],
        "form": DepositForm(),
    }
    return render(request, "actions/import.html", context)


def _steps(batch: ImportBatch) -> list[dict[str, Any]]:
    """Where the person stands, in three steps."""
    current = {BatchState.READING: 0, BatchState.WAITING: 1, BatchState.APPLYING: 2}.get(BatchState(batch.state), 3)
    labels = (_("Fichier déposé"), _("Relire"), _("Enregistrer"))
    states = ["past"] * current + ["current"] + ["to_come"] * 2
    return [{"label": label, "state": state} for label, state in zip(labels, states, strict=False)]


def _row(row: ImportRow) -> dict[str, Any]:
    """A record as the screen shows it: its changes as a diff, and what is still to be said of it."""
    conflicts = [change["field"] for change in row.changes if change["kind"] == "conflict"]
    return {
        "row": row,
        "changes": [_change(change, row.choices) for change in row.changes],
        "unsettled": any(field not in row.choices for field in conflicts),
        # The resemblance is asked as a question, with its own buttons.
        "messages": [m for m in row.messages if not (row.looks_like and m["field"] == "structure")],
    }


def _change(change: dict[str, Any], choices: dict[str, Any]) -> dict[str, Any]:
    """A change as `components/diff.html` takes it."""
    field, kind = change["field"], change["kind"]
    here, file = _told(change["here"]), _told(change["file"])
    if not isinstance(change["here"], list):
        here, file = _apart(here, file)
    kept = choices.get(field, {}).get("kept", "" if kind == "conflict" else "file")
    options = [("file", _("Ajouter"))] if kind == "new" else [("here", _("Tisserand")), ("file", _("Le fichier"))]
    return {
        "field": BY_KEY[field].label if field in BY_KEY else _("Gardé à part"),
        "status": "contradiction" if kind == "conflict" else kind,
        "here": here,
        "here_note": _("modifié ici depuis le dernier import") if kind == "conflict" else "",
        "file": file,
        "name": field,
        "options": [{"value": value, "label": label, "checked": value == kept} for value, label in options],
    }


def _told(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)


def _apart(here: str, file: str) -> tuple[str, str]:
    """Two texts that share their beginning or their end: what differs stands out, and long texts are shortened."""
    ours, theirs = _SPACE.split(here), _SPACE.split(file)
    start = _shared(ours, theirs)
    end = _shared(ours[start:][::-1], theirs[start:][::-1])
    if start + end < MIN_SHARED:
        return here, file
    around = AROUND if max(len(here), len(file)) > WHOLE else start + end
    return _standing_out(ours, start, end, around), _standing_out(theirs, start, end, around)


def _shared(ours: list[str], theirs: list[str]) -> int:
    """How many words two texts share before they part."""
    return sum(1 for _pair in takewhile(lambda pair: pair[0] == pair[1], zip(ours, theirs, strict=False)))


def _standing_out(words: list[str], start: int, end: int, around: int) -> SafeString:
    """The words that differ in bold, with *around* shared ones on each side."""
    last = len(words) - end
    before = (["…"] if start > around else []) + words[max(0, start - around) : start]
    after = words[last : last + around] + (["…"] if end > around else [])
    parts = (" ".join(before), " ".join(words[start:last]), " ".join(after))
    return format_html("{} <strong>{}</strong> {}", *(typo(part) for part in parts))


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
    context = {"batch": batch, "progress": progress(pk), "stalled": _stalled(batch)}
    return render(request, "actions/_progress.html", context)


@staff_only
@require_POST
def import_settle(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Keep what was chosen for one record."""
    batch = _batch(request, pk)
    row = get_object_or_404(batch.rows.select_related("batch__network"), number=number)
    choices = {change["field"]: request.POST.get(change["field"], "") for change in row.changes}
    settle_row(actor=request.user, row=row, choices=choices, same_structure=request.POST.get("same_structure") == "yes")
    messages.success(request, _("C'est noté pour « %(title)s ».") % {"title": row.title})
    query = request.GET.urlencode()  # the tab and the page where the person was
    return redirect(f"{batch.get_absolute_url()}{query and '?'}{query}#fiche-{number}")


@staff_only
@require_POST
def import_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Write the import; a large one is left to the worker."""
    batch = _batch(request, pk)
    if batch.total <= AT_ONCE_ROWS:
        apply_import(actor=request.user, batch=batch)
    elif mark_applying(actor=request.user, batch=batch):
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
@require_POST
def import_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Give up."""
    cancel_import(actor=request.user, batch=_batch(request, pk))
    messages.success(request, _("Import abandonné. Le catalogue n'a pas changé."))
    return redirect(team_address(request, "imports"))


@staff_only
@require_safe
def import_report(request: HttpRequest, pk: int) -> JsonResponse:
    """The report, for programs."""
    batch = _batch(request, pk)
    return JsonResponse(report(batch.counts, batch.messages), json_dumps_params={"ensure_ascii": False})
