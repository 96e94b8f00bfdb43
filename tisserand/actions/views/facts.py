"""Numbers found in texts: the sheets that hold some, and deciding on those of one sheet in one form."""

from collections.abc import Iterator
from itertools import count, product
from string import ascii_lowercase
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from tisserand.actions.enums import FactState, State
from tisserand.actions.fields import BY_KEY, TEXT_KEYS
from tisserand.actions.forms import FactForms
from tisserand.actions.models import Action, Fact
from tisserand.actions.numbers import told_fact
from tisserand.actions.operations.facts import decide_facts
from tisserand.actions.queries import next_to_read, pending_facts, sheets_kept_by, sheets_to_read
from tisserand.actions.views.asked import sheet_asked
from tisserand.common.paging import page_of
from tisserand.common.typography import thousands, typo
from tisserand.network.guards import own_network, staff_only, team_address

ON_A_PAGE = 30  # sheets


@staff_only
@require_safe
def facts_page(request: HttpRequest) -> HttpResponse:
    """Sheets whose texts hold numbers that nobody has read yet."""
    network = own_network(request)
    page = page_of(request, sheets_to_read(network), ON_A_PAGE)
    total = pending_facts(network).count()
    return render(request, "actions/facts.html", {"nav": "equipe", "page": page, "total": total})


@staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def sheet_facts_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The numbers of one sheet, each in its text, to accept, correct or set aside, all in one form."""
    action = sheet_asked(request, sheets_kept_by(request.user), pk)
    asked = FactForms(action.facts.all(), request.POST or None)
    following = next_to_read(action)
    if request.method == "POST" and not asked.wrong():
        everything = request.POST.get("keep") == "all"
        kept = decide_facts(actor=request.user, action=action, decisions=asked.decisions(everything=everything))
        _tell(request, action, kept, asked.gone())
        if action.state == State.SUBMITTED:  # its review is where one comes from
            return redirect("review", action.pk)
        return redirect("sheet-facts", following.pk) if following else redirect(team_address(request, "facts"))
    status = 422 if asked.wrong() else 200
    return render(request, "actions/sheet_facts.html", _context(action, asked, following), status=status)


def _tell(request: HttpRequest, action: Action, kept: int, gone: int) -> None:
    """What was written, since the next page is about another sheet."""
    back = format_html('<a href="{}">{}</a>', request.path, typo(action.title))
    if kept:
        told = ngettext("%(n)s choix gardé pour %(sheet)s.", "%(n)s choix gardés pour %(sheet)s.", kept)
        messages.success(request, format_html(told % {"n": thousands(kept), "sheet": "{}"}, back))
    if gone:
        told = _("Le texte de %(sheet)s a changé pendant que vous lisiez : ses nombres sont à relire.")
        messages.warning(request, format_html(told % {"sheet": "{}"}, back))


def _context(action: Action, asked: FactForms, following: Action | None) -> dict[str, Any]:
    """Texts in the order of the sheet, with their numbers."""
    fields: list[dict[str, Any]] = []
    letters = _letters()
    by_field: dict[str, list[Fact]] = {}
    for fact in sorted(asked.facts.values(), key=lambda fact: (TEXT_KEYS.index(fact.field), fact.start)):
        by_field.setdefault(fact.field, []).append(fact)
    for key, facts in by_field.items():
        marks = [
            {"fact": fact, "letter": next(letters), "told": told_fact(fact), "form": asked.forms[fact.pk]}
            for fact in facts
        ]
        pieces = _pieces(getattr(action, key), marks)
        fields.append({"key": key, "label": BY_KEY[key].label, "marks": marks, "pieces": pieces})
    return {
        "nav": "equipe",
        "action": action,
        "asked": asked,
        "wrong": [mark for field in fields for mark in field["marks"] if mark["form"].errors],
        "fields": fields,
        "waiting": sum(fact.state == FactState.PENDING for fact in asked.facts.values()),
        "following": following,
    }


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
