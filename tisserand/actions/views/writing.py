"""Writing a sheet, section by section, each field saved as one types."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tisserand.actions.drafting import steps
from tisserand.actions.enums import FactState
from tisserand.actions.fields import BY_KEY, WRITTEN, mark
from tisserand.actions.forms import SectionForm, both
from tisserand.actions.guidance import GUIDES, SECTIONS, Section
from tisserand.actions.models import Action, Fact, Remark
from tisserand.actions.numbers import told_fact
from tisserand.actions.operations.facts import Decision, decide_facts
from tisserand.actions.operations.life import rewrite, take_back
from tisserand.actions.operations.remarks import settle_remark
from tisserand.actions.operations.sheets import EditedMeanwhile
from tisserand.actions.operations.writing import may_write, note_presence, write_field, write_fields
from tisserand.actions.queries import others_writing, remarks_seen_by, sheets_written_bare, sheets_written_by
from tisserand.actions.views.asked import keeps, sheet_asked
from tisserand.common.dates import hour
from tisserand.common.text import number_in
from tisserand.network.guards import seated

# Where a number is a count of the action more often than not: it is offered to whoever has just written it.
COUNTED = ("funding", "people", "result_territory", "result_structure", "result_residents")


def sheet_of(request: HttpRequest, pk: int) -> Action:
    """The sheet with its content, if this person writes it."""
    return sheet_asked(request, sheets_written_by(request.user, request.seat.places), pk)


@seated
@require_http_methods(["GET", "HEAD", "POST"])
def section_page(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """One section of the form. Without JavaScript, its button saves it and leads to the next."""
    section = next((one for one in SECTIONS if one.slug == step), None)
    if section is None:
        raise Http404
    if request.method == "POST":
        return _save(request, _sent_for(request, pk), section)
    action = sheet_of(request, pk)
    if not may_write(request.user, action):
        return redirect("sheet-propose" if action.is_under_way else "action-edit", pk)
    return _show(request, action, SectionForm(action=action, section=section))


def _sent_for(request: HttpRequest, pk: int) -> Action:
    """The sheet that was being written, or the public one that it has become since the page was read."""
    public = number_in(request.POST.get("public", ""))
    gone = public is not None and not sheets_written_by(request.user).filter(pk=pk).exists()
    return sheet_of(request, public if gone and public is not None else pk)


def _save(request: HttpRequest, action: Action, section: Section) -> HttpResponse:
    if "take_back" in request.POST:
        action = take_back(actor=request.user, action=action)
    elif "rewrite" in request.POST:
        action = rewrite(actor=request.user, action=action)
    form = SectionForm(request.POST, action=action, section=section)
    form.is_valid()
    if not may_write(request.user, action):
        return _show(request, action, form, shut=True)
    choice = request.POST.get("keep", "")
    form.settle(choice)
    refused = write_fields(actor=request.user, action=action, values=form.cleaned_data, bases=form.bases)
    here = _gesture(request, action) or choice.partition(":")[0]
    if refused or form.errors:
        action = sheet_of(request, action.pk)
        return _show(request, action, form.again(action, refused))
    if here:
        return redirect(f"{reverse('sheet-write', args=[action.pk, section.slug])}#rubrique-{here}")
    return redirect(_after(action, section))


def _gesture(request: HttpRequest, action: Action) -> str:
    """What the button pressed does besides saving: decide on a number, settle a remark; the field that it is in."""
    pressed, _colon, state = request.POST.get("number", "").partition(":")
    number = number_in(pressed)
    if number is not None and state in FactState.values:
        decide_facts(actor=request.user, action=action, decisions={number: Decision(FactState(state))})
        return next((fact.field for fact in action.facts.all() if fact.pk == number), "")
    asked = number_in(request.POST.get("remark", ""))
    if asked is not None:
        remark = get_object_or_404(remarks_seen_by(request.user, action), pk=asked)
        settle_remark(actor=request.user, remark=remark)
        return remark.field
    return ""


def _after(action: Action, section: Section) -> str:
    """The address of the next step."""
    rank = SECTIONS.index(section) + 1
    if rank == len(SECTIONS):
        return reverse("sheet-propose", args=[action.pk])
    return reverse("sheet-write", args=[action.pk, SECTIONS[rank].slug])


def _show(request: HttpRequest, action: Action, form: SectionForm, *, shut: bool = False) -> HttpResponse:
    section = form.section
    remarks = [remark for remark in remarks_seen_by(request.user, action) if remark.settled_at is None]
    context = {
        "nav": "equipe",
        "action": action,
        "form": form,
        "section": section,
        "fields": [_beside(request, action, form, key, remarks) for key in section.keys],
        "asked": [remark for remark in remarks if not remark.field],
        "steps": steps(action, section.slug, publishes=keeps(request, action)),
        "rank": SECTIONS.index(section) + 1,
        "after": _after(action, section),
        "others": _others(request, action),
        "publishes": keeps(request, action),
        "shut": shut,
    }
    status = 409 if shut or form.clashes else 422 if form.is_bound and form.errors else 200
    return render(request, "actions/write.html", context, status=status)


def _beside(request: HttpRequest, action: Action, form: SectionForm, key: str, remarks: list[Remark]) -> dict[str, Any]:
    """A field and all that stands beside it."""
    return {
        "field": form[key],
        "list": bool(BY_KEY[key].facet),
        "base": form.bases[key],
        "example": GUIDES[key].example,
        "clash": _clash(request, action, key, form.clashes[key]) if key in form.clashes else None,
        "numbers": _numbers(action.facts.all(), key),
        "remarks": [remark for remark in remarks if remark.field == key],
    }


def _clash(request: HttpRequest, action: Action, key: str, theirs: Any) -> dict[str, Any]:
    """What someone else wrote in a field, and who it may be."""
    others = list(others_writing(request.user, action))
    there = [one for one in others if one.field == key] or others
    who = there[0].user if len(there) == 1 else None
    told = ", ".join(theirs) if isinstance(theirs, list) else theirs
    return {
        "key": key,
        "label": BY_KEY[key].label,
        "theirs": told,
        "who": who,
        "mark": mark(theirs),
        "joins": BY_KEY[key].kind != "choice",
    }


def _numbers(found: Iterable[Fact], key: str) -> list[dict[str, Any]]:
    """The numbers found in a text, to count or not."""
    facts = [fact for fact in found if fact.field == key] if key in COUNTED else []
    return [{"fact": fact, "told": told_fact(fact)} for fact in sorted(facts, key=lambda fact: fact.start)]


def _others(request: HttpRequest, action: Action) -> list[str]:
    """Who else writes in this sheet now, and where."""
    told = []
    for one in others_writing(request.user, action):
        where = BY_KEY.get(one.field)
        if where:
            text = _("%(who)s écrit aussi dans cette fiche, rubrique « %(field)s ».")
            told.append(text % {"who": one.user, "field": where.label})
        else:
            told.append(_("%(who)s a aussi ouvert cette fiche.") % {"who": one.user})
    return told


def _bare(request: HttpRequest, pk: int) -> Action:
    """The sheet without its content, which the operation reads under its lock."""
    try:
        return sheet_asked(request, sheets_written_bare(request.user, request.seat.places), pk)
    except Http404:  # its structure may have become another one since the roles of this person were read
        return sheet_asked(request, sheets_written_bare(request.user), pk)


@seated
@require_POST
def field_saved(request: HttpRequest, pk: int) -> HttpResponse:
    """Save one field; answers its new mark and what the page shows beside it."""
    action = _bare(request, pk)
    key = request.POST.get("key", "")
    if key not in WRITTEN:
        raise Http404
    sent = request.POST.getlist("value") if BY_KEY[key].facet else request.POST.get("value", "")
    value = [one for one in sent if one] if isinstance(sent, list) else sent.replace("\r\n", "\n")
    base = request.POST.get("base", "")
    try:
        written = write_field(actor=request.user, action=action, key=key, value=value, base=base)
    except ValidationError as error:
        return JsonResponse({"errors": error.messages}, status=422)
    except EditedMeanwhile as error:
        clash = _clash(request, action, key, error.theirs)
        html = render_to_string("actions/_clash.html", {"clash": clash}, request)
        told = {"mark": clash["mark"], "theirs": error.theirs, "both": both(value, error.theirs), "html": html}
        return JsonResponse(told, status=409)
    found = action.facts.filter(field=key)
    numbers = render_to_string("actions/_numbers.html", {"numbers": _numbers(found, key)}, request)
    told_at = _("Enregistré à %(hour)s") % {"hour": hour(timezone.localtime())}
    return JsonResponse({"mark": written, "told": told_at, "numbers": numbers})


@seated
@require_POST
def presence(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that the form is open, and where; answers who else has it open."""
    action = _bare(request, pk)
    field = request.POST.get("key", "")
    note_presence(actor=request.user, action=action, field=field if field in WRITTEN else "")
    return JsonResponse({"others": _others(request, action)})
