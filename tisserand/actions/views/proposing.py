"""The last step of writing: read the sheet as it will be read, then propose it to the network."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tisserand.actions.drafting import LAST, last_step, steps
from tisserand.actions.enums import State
from tisserand.actions.fields import BY_KEY, marks
from tisserand.actions.guidance import SECTION_OF, SECTIONS
from tisserand.actions.models import Action
from tisserand.actions.operations.life import missing, submit, take_back
from tisserand.actions.operations.writing import may_write
from tisserand.actions.presentation import whole
from tisserand.actions.queries import changes_of, remarks_seen_by
from tisserand.actions.queries.calls import calls_of
from tisserand.actions.views.asked import keeps
from tisserand.actions.views.writing import sheet_of
from tisserand.network.guards import seated

SORTING = ("status", "dimension", "keywords", "public")  # the catalogue is sorted by them, though none is asked for


@seated
@require_http_methods(["GET", "HEAD", "POST"])
def propose_page(request: HttpRequest, pk: int) -> HttpResponse:
    """What is missing, what the network still asks, the sheet as it will look; then propose it."""
    action = sheet_of(request, pk)
    if not action.is_under_way:
        return redirect(action)
    lacking = False
    if request.method == "POST":
        try:
            submit(actor=request.user, action=action)
        except ValidationError:
            lacking = True
        else:
            return redirect("sheet-propose", pk)
    return render(request, "actions/propose.html", _context(request, action, lacking), status=422 if lacking else 200)


def _context(request: HttpRequest, action: Action, lacking: bool) -> dict[str, Any]:
    remarks = remarks_seen_by(request.user, action)
    content = action.content()
    publishes = keeps(request, action)
    return {
        "nav": "equipe",
        "action": action,
        "heading": last_step(publishes=publishes),
        "steps": steps(action, LAST, publishes=publishes),
        "rank": len(SECTIONS) + 1,
        "lacking": lacking,
        "missing": [_place(action, field.key) for field in missing(action)],
        "unsorted": [_place(action, key) for key in SORTING if not content[key]],
        "asked": [(remark, _place(action, remark.field)) for remark in remarks if remark.settled_at is None],
        "calls": calls_of(action),
        "writes": may_write(request.user, action),
        "publishes": publishes,
        "waits": action.state == State.SUBMITTED,
        "marks": marks(content),
        "changes": _changes(action) if action.revises else None,
    } | whole(action)


def _place(action: Action, key: str) -> dict[str, str]:
    """A field and the way to it; the first section for what is about all of the sheet."""
    section = SECTION_OF.get(key, SECTIONS[0])
    address = reverse("sheet-write", args=[action.pk, section.slug])
    return {"label": str(BY_KEY[key].label) if key else "", "url": f"{address}#rubrique-{key}" if key else address}


def _changes(action: Action) -> dict[str, list[str]]:
    """What a rewriting changes of its public sheet, and where that one changed too meanwhile."""
    assert action.revises is not None
    prefetch_related_objects([action.revises], "term_links__term")
    changed, clashing = changes_of(action)
    return {
        "labels": [str(BY_KEY[key].label) for key in BY_KEY if key in changed],
        "clashing": [str(BY_KEY[key].label) for key in clashing],
    }


@seated
@require_POST
def retake(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back a sheet that the network has not answered yet."""
    action = take_back(actor=request.user, action=sheet_of(request, pk))
    if not action.is_under_way:
        messages.info(request, _("Le réseau vient de publier cette fiche : elle se modifie par une réécriture."))
        return redirect(action)
    told = _("Vous avez repris la fiche : le réseau la lira quand vous la proposerez de nouveau.")
    if action.state == State.RETURNED:
        told = _("Le réseau vient de vous renvoyer cette fiche : vous pouvez y écrire.")
    messages.success(request, told)
    return redirect("sheet-propose", action.pk)
