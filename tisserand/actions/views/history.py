"""What a sheet said: its versions, the difference between two, one of them brought back."""

from itertools import zip_longest
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tisserand.actions.fields import BY_KEY
from tisserand.actions.models import Action
from tisserand.actions.operations.restoring import restore
from tisserand.actions.queries import Edition, changes_between, editions, sheets_with_history
from tisserand.actions.views.asked import keeps, sheet_asked
from tisserand.common.dates import hour, long_day
from tisserand.common.paging import page_of
from tisserand.network.guards import seated

ON_A_PAGE = 30  # versions


def _sheet(request: HttpRequest, pk: int) -> Action:
    """A sheet that this person writes or keeps; nobody else learns what it said."""
    return sheet_asked(request, sheets_with_history(request.user, request.seat.places), pk)


@seated
@require_safe
def history_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Every version, the last one first: when, by whom, which fields."""
    sheet = _sheet(request, pk)
    found = editions(sheet)
    rows = [_row(one) | {"before": older and older.number} for one, older in zip_longest(found, found[1:])]
    page = page_of(request, rows, ON_A_PAGE)
    context = {"nav": "equipe", "sheet": sheet, "rows": page, "current": found[0].number, "first": found[-1].number}
    return render(request, "actions/history.html", context)


def _row(edition: Edition) -> dict[str, Any]:
    return {
        "edition": edition,
        "name": _name(edition),
        "fields": [str(BY_KEY[key].label) for key in edition.fields],
        "merged": [str(BY_KEY[key].label) for key in edition.merged],
    }


def _name(edition: Edition) -> str:
    """The name of a version: since when it says that."""
    at = localtime(edition.at)
    return _("%(day)s, %(hour)s") % {"day": long_day(at), "hour": hour(at)}


@seated
@require_safe
def comparison_page(request: HttpRequest, pk: int) -> HttpResponse:
    """What differs between two versions, the last two by default; the older one first whatever their order."""
    sheet = _sheet(request, pk)
    found = editions(sheet)
    known = {str(one.number): one for one in found}
    try:
        chosen = [
            known[request.GET.get(name, str(one.number))]
            for name, one in (("avant", found[min(1, len(found) - 1)]), ("apres", found[0]))
        ]
    except KeyError:
        raise Http404 from None
    before, after = sorted(chosen, key=lambda one: one.number)
    changes, merged = changes_between(before, after)
    context = {
        "nav": "equipe",
        "sheet": sheet,
        "before": _row(before),
        "after": _row(after),
        "changes": changes,
        "merged": merged,
    }
    return render(request, "actions/comparison.html", context)


@seated
@require_http_methods(["GET", "HEAD", "POST"])
def version_page(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """What coming back to a version would change, and the button that begins it."""
    sheet = _sheet(request, pk)
    every = editions(sheet)
    edition = next((one for one in every[1:] if one.number == number), None)
    if edition is None or sheet.is_under_way:
        raise Http404
    error, kept = "", keeps(request, sheet)
    if request.method == "POST":
        try:
            copy = restore(actor=request.user, action=sheet, number=number)
        except ValidationError as refused:
            error = " ".join(refused.messages)
        else:
            messages.success(request, _("Une réécriture reprend cette version. Le catalogue n'a pas changé."))
            return redirect("review" if kept else "action-edit", copy.pk)
    changes, _merged = changes_between(every[0], edition)
    context = {
        "nav": "equipe",
        "sheet": sheet,
        "version": _row(edition),
        "changes": changes,
        "error": error,
        "keeps": kept,
    }
    return render(request, "actions/version.html", context, status=409 if error else 200)
