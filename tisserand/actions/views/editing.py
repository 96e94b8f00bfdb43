"""The team's work on sheets: edit, publish, settle numbers, keep the lists."""

from collections.abc import Iterator
from itertools import count, product
from string import ascii_lowercase
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tisserand.actions.enums import FactState, State
from tisserand.actions.fields import BY_KEY, TEXT_KEYS
from tisserand.actions.forms import FactForm, SheetForm
from tisserand.actions.models import Action, Fact, Term
from tisserand.actions.numbers import told_fact
from tisserand.actions.operations.facts import accept_fact, dismiss_fact, reopen_fact
from tisserand.actions.operations.sheets import EditedMeanwhile, set_state, update_action
from tisserand.actions.operations.vocabulary import add_alias, merge_term, remove_alias, verify_term
from tisserand.actions.queries import (
    aliases_kept_by,
    closed_lists,
    pending_facts,
    sheets_kept_by,
    sheets_to_read,
    terms_kept_by,
)
from tisserand.common.paging import page_of
from tisserand.network.guards import own_network, staff_only, team_address
from tisserand.network.rules import administers

ON_A_PAGE = 30  # sheets


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
    """Publish, or take back to draft."""
    action = _sheet(request, pk)
    wanted = State.PUBLISHED if request.POST.get("state") == State.PUBLISHED else State.DRAFT
    set_state(actor=request.user, action=action, state=wanted)
    told = _("Fiche publiée.") if wanted == State.PUBLISHED else _("Fiche remise en brouillon.")
    messages.success(request, told)
    return redirect(action)


@staff_only
@require_safe
def facts_page(request: HttpRequest) -> HttpResponse:
    """Sheets whose texts hold numbers that nobody has read yet."""
    network = own_network(request)
    page = page_of(request, sheets_to_read(network), ON_A_PAGE)
    total = pending_facts(network).count()
    return render(request, "actions/facts.html", {"nav": "equipe", "page": page, "total": total})


@staff_only
@require_safe
def sheet_facts_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The numbers of one sheet, each in its text, to accept, correct or set aside."""
    action = _sheet(request, pk)
    return render(request, "actions/sheet_facts.html", _facts_context(action))


def _facts_context(action: Action, failed: FactForm | None = None, focus: int | None = None) -> dict[str, object]:
    """Texts in the order of the sheet, with their numbers; `focus` is the number that was just decided."""
    fields = []
    letters = _letters()
    by_field: dict[str, list[Fact]] = {}
    facts_found = sorted(action.facts.all(), key=lambda fact: (TEXT_KEYS.index(fact.field), fact.start))
    for fact in facts_found:
        by_field.setdefault(fact.field, []).append(fact)
    for key, facts in by_field.items():
        marks = [{"fact": fact, "letter": next(letters), "told": told_fact(fact)} for fact in facts]
        for mark in marks:
            mark["form"] = (
                failed if failed and failed.instance.pk == mark["fact"].pk else FactForm(instance=mark["fact"])
            )
        fields.append(
            {"key": key, "label": BY_KEY[key].label, "marks": marks, "pieces": _pieces(getattr(action, key), marks)}
        )
    waiting = sum(fact.state == FactState.PENDING for fact in facts_found)
    return {"nav": "equipe", "action": action, "fields": fields, "waiting": waiting, "focus": focus}


def _letters() -> Iterator[str]:
    """a, b, … z, aa, ab, … without end."""
    for size in count(1):
        yield from ("".join(letters) for letters in product(ascii_lowercase, repeat=size))


def _pieces(text: str, marks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The text cut at its facts: pieces with `text` and, for those marked, `mark`."""
    pieces: list[dict[str, Any]] = []
    last = 0
    for mark in marks:
        fact: Fact = mark["fact"]
        start = max(last, fact.start)  # two numbers may share words: each word is shown once
        pieces.append({"text": text[last:start], "mark": None})
        pieces.append({"text": text[start : fact.end], "mark": mark})
        last = max(start, fact.end)
    return [*pieces, {"text": text[last:], "mark": None}]


@staff_only
@require_POST
def fact_decision(request: HttpRequest, pk: int, fact_pk: int) -> HttpResponse:
    """Accept (as read or corrected), set aside or reopen one number."""
    action = _sheet(request, pk)
    fact = get_object_or_404(action.facts, pk=fact_pk)
    wanted = request.POST.get("decision", "")
    form = FactForm(request.POST, instance=fact)
    if wanted == "accept":
        accept_fact(actor=request.user, fact=fact)
    elif wanted == "correct" and form.is_valid():
        data = form.cleaned_data
        accept_fact(
            actor=request.user,
            fact=fact,
            low=data["low"],
            high=data["high"],
            label=data["label"],
            period=data["period"],
        )
    elif wanted == "correct":
        context = _facts_context(action, form)
        if request.htmx:
            return render(request, "actions/_facts.html", context)  # htmx shows no answer above 399
        return render(request, "actions/sheet_facts.html", context, status=422)
    elif wanted == "dismiss":
        dismiss_fact(actor=request.user, fact=fact)
    elif wanted == "reopen":
        reopen_fact(actor=request.user, fact=fact)
    if request.htmx:
        return render(request, "actions/_facts.html", _facts_context(_sheet(request, pk), focus=fact_pk))
    return redirect("sheet-facts", pk=pk)


@staff_only
@require_safe
def lists_page(request: HttpRequest) -> HttpResponse:
    """The closed lists of the network: values to check first, then the values and their known misspellings."""
    network = own_network(request)
    lists = closed_lists(network)
    context = {
        "nav": "equipe",
        "lists": lists,
        "unknown": [{"term": term, "choices": one.terms} for one in lists for term in one.unknown],
        "may_change": administers(request.user, network),
    }
    return render(request, "actions/lists.html", context)


@staff_only
@require_POST
def list_change(request: HttpRequest) -> HttpResponse:
    """One change to the lists: verify a value, merge it into another, add or remove a misspelling."""
    wanted = request.POST.get("change", "")
    try:
        if wanted == "forget":
            alias = get_object_or_404(aliases_kept_by(request.user), pk=_number(request, "alias"))
            request.desk.network = alias.network
            remove_alias(actor=request.user, alias=alias)
        else:
            _change_term(request, wanted, _term(request, "term"))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("Listes mises à jour."))
    return redirect(team_address(request, "lists"))


def _change_term(request: HttpRequest, wanted: str, term: Term) -> None:
    if wanted == "verify":
        verify_term(actor=request.user, term=term)
    elif wanted == "merge":
        merge_term(actor=request.user, term=term, into=_term(request, "into"))
    elif wanted == "alias":
        add_alias(actor=request.user, term=term, text=request.POST.get("text", "").strip())
    else:
        raise Http404


def _term(request: HttpRequest, name: str) -> Term:
    term = get_object_or_404(terms_kept_by(request.user), pk=_number(request, name))
    request.desk.network = term.network
    return term


def _number(request: HttpRequest, name: str) -> int:
    """A number of the form; what is not one finds nothing."""
    value = request.POST.get(name, "")
    return int(value) if value.isdecimal() and len(value) < 12 else 0
