"""The network reads a sheet before it is public: remarks by field, then one of three ends."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tisserand.actions.comparing import changes
from tisserand.actions.enums import FactState, State
from tisserand.actions.fields import BY_KEY, WRITTEN, marks
from tisserand.actions.forms import new_token
from tisserand.actions.models import Action, Remark
from tisserand.actions.operations.life import ClashingChanges, publish, send_back, settle_clashes
from tisserand.actions.operations.remarks import (
    add_remark,
    change_remark,
    reopen_remark,
    settle_remark,
    withdraw_remark,
)
from tisserand.actions.operations.sheets import EditedMeanwhile
from tisserand.actions.queries import (
    authors_of,
    bases_of,
    changes_of,
    clashes_of,
    remarks_seen_by,
    returned,
    sheets_kept_by,
    sheets_to_review,
    to_review,
)
from tisserand.actions.queries.attachments import brought
from tisserand.actions.reviewing import reading
from tisserand.common.paging import page_of
from tisserand.common.text import number_in
from tisserand.network.guards import own_network, staff_only, team_address

ON_A_PAGE = 30  # sheets

Gesture = Callable[[HttpRequest, Action], HttpResponse]


@staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def review_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Read a sheet, ask something of its fields, answer it."""
    sheet = sheets_to_review(request.user).filter(pk=pk).first()
    if sheet is None:
        return _over(request, pk)
    request.desk.network = sheet.network
    if request.method != "POST":
        return _page(request, sheet)
    gesture = GESTURES.get(request.POST.get("do", ""))
    if gesture is None:
        raise Http404
    return gesture(request, sheet)


def _over(request: HttpRequest, pk: int) -> HttpResponse:
    """A sheet that is public already: its page, or the one of the public sheet where a rewriting went."""
    found = sheets_kept_by(request.user).filter(pk__in=[pk, _number(request, "public")]).first()
    if found is None:
        raise Http404
    return redirect(found)


def _page(request: HttpRequest, sheet: Action, *, status: int = 200, **more: Any) -> HttpResponse:
    remarks = list(remarks_seen_by(request.user, sheet))
    bases = bases_of(sheet)
    asked = request.GET.get("depuis")
    base = next((one for one in bases if one.kind == asked), next(iter(bases), None))
    choices = [
        {"label": _told_base(one.kind), "url": f"?depuis={one.kind}#changements", "current": one is base}
        for one in bases
    ]
    context = {
        "nav": "equipe",
        "sheet": sheet,
        "reading": reading(sheet, changes(base.content, sheet.content()) if base else [], remarks),
        "base": base,
        "choices": choices if len(choices) > 1 else [],
        "open": [{"pk": one.pk, "label": _label(one.field)} for one in remarks if one.settled_at is None],
        "settled": [one for one in remarks if one.settled_at],
        "may_remark": sheet.state in {State.SUBMITTED, State.RETURNED},
        "pending": sum(fact.state == FactState.PENDING for fact in sheet.facts.all()),
        "clashing": [_label(key) for key in changes_of(sheet)[1]] if sheet.revises else [],
        "authors": authors_of(sheet),
        "token": new_token(),
        "brought": brought(sheet),
        "marks": marks(sheet.content()),
        "wrong": None,
        "moved": None,
        **more,
    }
    return render(request, "actions/review.html", context, status=status)


def _label(field: str) -> str:
    return str(BY_KEY[field].label) if field else _("toute la fiche")


def _told_base(kind: str) -> str:
    return _("Depuis le renvoi") if kind == "returned" else _("Depuis la fiche publique")


def _number(request: HttpRequest, name: str) -> int:
    """A number that the form sent, 0 when it is none."""
    return number_in(request.POST.get(name, "")) or 0


def _back(request: HttpRequest, field: str) -> HttpResponse:
    return redirect(f"{request.path}#champ-{field or 'fiche'}")


def _add(request: HttpRequest, sheet: Action) -> HttpResponse:
    field, text = request.POST.get("field", ""), request.POST.get("text", "")
    token = request.POST.get("token", "") or new_token()
    try:
        add_remark(actor=request.user, action=sheet, field=field, text=text, token=token)
    except ValidationError as error:
        return _page(request, sheet, status=422, wrong={"field": field, "text": text, "errors": error.messages})
    return _back(request, field)


def _remark(request: HttpRequest, sheet: Action) -> Remark:
    return get_object_or_404(sheet.remarks, pk=_number(request, "remark"))


def _change(request: HttpRequest, sheet: Action) -> HttpResponse:
    remark, text = _remark(request, sheet), request.POST.get("text", "")
    try:
        change_remark(actor=request.user, remark=remark, text=text)
    except ValidationError as error:
        return _page(request, sheet, status=422, wrong={"remark": remark.pk, "text": text, "errors": error.messages})
    return _back(request, remark.field)


def _on_remark(operation: Callable[..., Any]) -> Gesture:
    def gesture(request: HttpRequest, sheet: Action) -> HttpResponse:
        remark = _remark(request, sheet)
        operation(actor=request.user, remark=remark)
        return _back(request, remark.field)

    return gesture


def _return(request: HttpRequest, sheet: Action) -> HttpResponse:
    try:
        send_back(actor=request.user, action=sheet)
    except EditedMeanwhile:
        return _changed_hands(request, sheet)
    except ValidationError as error:
        return _page(request, sheet, status=422, wrong={"field": "", "text": "", "errors": error.messages})
    told = _("Fiche renvoyée : ses auteurs reçoivent un message.") if authors_of(sheet) else _("Fiche renvoyée.")
    messages.success(request, told)
    return redirect(team_address(request, "reviews"))


def _publish(request: HttpRequest, sheet: Action) -> HttpResponse:
    read = (request.POST.get("state", ""), _number(request, "revision"))
    try:
        public = publish(actor=request.user, action=sheet, read=read)
    except EditedMeanwhile:
        return _changed_hands(request, sheet)
    except ClashingChanges:
        return redirect("review-clashes", sheet.pk)
    messages.success(request, _("Fiche publiée."))
    return redirect(public)


def _changed_hands(request: HttpRequest, sheet: Action) -> HttpResponse:
    """The sheet as it is now, and what moved in it since it was read."""
    now = sheets_to_review(request.user).filter(pk=sheet.pk).first()
    return _page(request, now, status=409, moved=_moved(request, now)) if now else _over(request, sheet.pk)


def _moved(request: HttpRequest, sheet: Action) -> list[str]:
    """The fields that someone wrote in since the page was read."""
    read, now = request.POST.get("marks", "").split(), marks(sheet.content()).split()
    return [_label(key) for key, known, held in zip(WRITTEN, read, now, strict=False) if held != known]


GESTURES: dict[str, Gesture] = {
    "remark": _add,
    "change": _change,
    "withdraw": _on_remark(withdraw_remark),
    "settle": _on_remark(settle_remark),
    "reopen": _on_remark(reopen_remark),
    "return": _return,
    "publish": _publish,
}


@staff_only
@require_safe
def reviews_page(request: HttpRequest) -> HttpResponse:
    """Sheets that the network is to read, the first proposed first; those that their writers take up again."""
    network = own_network(request)
    context = {
        "nav": "equipe",
        "network": network,
        "page": page_of(request, to_review(network), ON_A_PAGE),
        "returned": returned(network)[:ON_A_PAGE],
    }
    return render(request, "actions/reviews.html", context)


@staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def clashes_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Fields that changed in a rewriting and in its public sheet: three texts, one to keep."""
    sheet = sheets_to_review(request.user).filter(pk=pk).first()
    if sheet is None:
        return _over(request, pk)
    request.desk.network = sheet.network
    kept = {key: request.POST.get(key, "") for key in WRITTEN}
    moved, missing = False, {}
    if request.method == "POST":
        read = (_number(request, "revision"), _number(request, "public_revision"))
        try:
            settle_clashes(actor=request.user, action=sheet, read=read, kept=kept)
        except EditedMeanwhile:
            moved = True
        except ValidationError as error:
            missing = error.message_dict
        else:
            messages.success(request, _("Choix gardés. Relisez la fiche, puis publiez-la."))
            return redirect("review", sheet.pk)
    clashes = [{"texts": one, "kept": kept[one.key], "missing": one.key in missing} for one in clashes_of(sheet)]
    if not clashes:
        return redirect("review", sheet.pk)
    context = {"nav": "equipe", "sheet": sheet, "clashes": clashes, "missing": missing, "moved": moved}
    return render(request, "actions/clashes.html", context, status=409 if moved else 422 if missing else 200)
