"""What people of a network ask one another: the questions, one of them with its answers, asking, answering."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tisserand.actions.asking import AskForm, CorrectForm
from tisserand.actions.forms import BeginForm
from tisserand.actions.guidance import SECTIONS
from tisserand.actions.models import CallAnswer, SheetCall
from tisserand.actions.operations import calls as operations
from tisserand.actions.presentation import entry
from tisserand.actions.queries import places_written, published
from tisserand.actions.queries.calls import answers_seen_by, asking_places, call_exists, calls_seen_by, sheets_for
from tisserand.common.paging import page_of
from tisserand.common.text import number_in
from tisserand.network.guards import seated
from tisserand.network.models import Network
from tisserand.network.queries import writing_places
from tisserand.network.rules import networks_worked_in

ON_A_PAGE = 30  # calls


@seated
@require_safe
def calls_page(request: HttpRequest) -> HttpResponse:
    """The questions of the networks where one works: those that wait for an answer, the others, those that are over."""
    networks = list(networks_worked_in(request.user))
    asked = next((one for one in networks if one.slug == request.GET.get("network")), None)
    rows = calls_seen_by(request.user)
    page = page_of(request, rows.filter(network=asked) if asked else rows, ON_A_PAGE)
    context = {
        "nav": "equipe",
        "page": page,
        "open": [call for call in page if call.is_open],
        "over": [call for call in page if not call.is_open],
        "several": len(networks) > 1,
        "choices": _choices(networks, asked),
        "asks": bool(asking_places(request.user)),
    }
    return render(request, "actions/calls.html", context)


def _choices(networks: list[Network], asked: Network | None) -> list[dict[str, Any]]:
    """All one's networks, or one of them (`components/choice.html`); nothing for who works in one."""
    if len(networks) < 2:
        return []
    each = [{"label": one.name, "url": f"?network={one.slug}", "current": one == asked} for one in networks]
    return [{"label": _("Tous mes réseaux"), "url": "?", "current": asked is None}, *each]


@seated
@require_http_methods(["GET", "HEAD", "POST"])
def ask_page(request: HttpRequest) -> HttpResponse:
    """Ask a question; the address may bring its words (`question`) and say the network."""
    places = asking_places(request.user)
    if not places:
        told = _("Votre compte permet de lire les questions, pas d'en poser : demandez-le à une direction.")
        raise PermissionDenied(told)
    named = next((place.key for place in places if place.network.slug == request.GET.get("network")), None)
    brought = {"question": request.GET.get("question", "")} | ({"place": named} if named else {})
    form = AskForm(request.POST or None, places=places, **brought)
    if request.method == "POST" and form.is_valid():
        place = form.chosen()
        try:
            call = operations.ask_network(
                actor=request.user,
                network=place.network,
                structure=place.structure,
                token=form.cleaned_data["token"],
                **form.words(),
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Votre question est posée : le réseau la lit ici, et dans la lettre du lundi."))
            return redirect(call)
    context = {"nav": "equipe", "form": form, "places": places}
    return render(request, "actions/call_ask.html", context, status=422 if form.errors else 200)


@seated
@require_http_methods(["GET", "HEAD", "POST"])
def call_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One question: who asks, the sheets that answer, and the gesture that answers."""
    if request.POST.get("do") == "withdraw" and not call_exists(pk):
        return redirect("calls")  # the second click of two
    call = _call(request, pk)
    wrong = ""
    if request.method == "POST":
        gesture = GESTURES.get(request.POST.get("do", ""))
        if gesture is None:
            raise BadRequest
        try:
            return gesture(request, call)
        except ValidationError as error:
            wrong = error.messages[0]
    return render(request, "actions/call.html", _context(request, call, wrong), status=422 if wrong else 200)


def _call(request: HttpRequest, pk: int) -> SheetCall:
    call = get_object_or_404(calls_seen_by(request.user), pk=pk)
    if call.network in request.seat.networks:
        request.desk.network = call.network
    return call


def _context(request: HttpRequest, call: SheetCall, wrong: str) -> dict[str, Any]:
    places = places_written(request.user)
    keeps = call.network in request.seat.networks
    writes = keeps or any(network == call.network_id for network, _structure in places)
    query = request.GET.get("q", "")[:300]
    answers = [_answer(request, one, keeps) for one in answers_seen_by(request.user, call, places)]
    return {
        "nav": "equipe",
        "call": call,
        "answers": [one for one in answers if one["sheet"].is_public],
        "unseen": [one for one in answers if not one["sheet"].is_public],
        "asks": keeps or (call.network_id, call.structure_id) in places,
        "answering": writes and call.is_open,
        "here": f"{call.get_absolute_url()}#repondre",
        "query": query,
        "sheets": [entry(one) | {"pk": one.pk} for one in sheets_for(call, query)] if writes and call.is_open else [],
        "wrong": wrong,
        "words": request.POST.get("text", ""),
    }


def _answer(request: HttpRequest, answer: CallAnswer, keeps: bool) -> dict[str, Any]:
    """A sheet that answers, as a card."""
    mine = answer.created_by == request.user
    return entry(answer.action) | {"answer": answer, "sheet": answer.action, "removable": keeps or mine}


def _give(request: HttpRequest, call: SheetCall) -> HttpResponse:
    sheet = get_object_or_404(published(), pk=number_in(request.POST.get("sheet", "")) or 0)
    operations.answer_call(actor=request.user, call=call, action=sheet, text=request.POST.get("text", ""))
    messages.success(request, _("Merci : votre réponse est donnée. Elle sera lue par %(who)s.") % {"who": call.asker})
    return redirect(call)


def _take_away(request: HttpRequest, call: SheetCall) -> HttpResponse:
    number = number_in(request.POST.get("answer", "")) or 0
    answer = answers_seen_by(request.user, call).filter(pk=number).first()
    if answer:  # the second click of two finds it gone, as it should be
        operations.withdraw_answer(actor=request.user, answer=answer)
        messages.success(request, _("Réponse retirée. La fiche reste comme elle est."))
    return redirect(call)


def _close(request: HttpRequest, call: SheetCall) -> HttpResponse:
    operations.close_call(actor=request.user, call=call)
    messages.success(request, _("Elle reste ici, avec ses réponses, sous « Questions closes »."))
    return redirect(call)


def _reopen(request: HttpRequest, call: SheetCall) -> HttpResponse:
    operations.reopen_call(actor=request.user, call=call)
    messages.success(request, _("Question rouverte : elle attend de nouveau des réponses."))
    return redirect(call)


def _withdraw(request: HttpRequest, call: SheetCall) -> HttpResponse:
    operations.withdraw_call(actor=request.user, call=call)
    messages.success(request, _("Question retirée."))
    return redirect("calls")


GESTURES: dict[str, Callable[[HttpRequest, SheetCall], HttpResponse]] = {
    "answer": _give,
    "take-away": _take_away,
    "close": _close,
    "reopen": _reopen,
    "withdraw": _withdraw,
}


@seated
@require_http_methods(["GET", "HEAD", "POST"])
def correct_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Say a question otherwise, or until another day."""
    call = _call(request, pk)
    if not operations.keeps_call(request.user, call):
        raise PermissionDenied(_("Seule la structure qui demande fait cela, ou l'équipe du réseau."))
    form = CorrectForm(request.POST or None, call=call)
    if request.method == "POST" and form.is_valid():
        try:
            operations.correct_call(actor=request.user, call=call, **form.words())
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Question enregistrée."))
            return redirect(call)
    context = {"nav": "equipe", "form": form, "call": call}
    return render(request, "actions/call_ask.html", context, status=422 if form.errors else 200)


@seated
@require_http_methods(["GET", "HEAD", "POST"])
def write_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin a sheet that answers."""
    call = _call(request, pk)
    places = [place for place in writing_places(request.user) if place.network == call.network]
    if not places:
        raise PermissionDenied(_("Votre compte permet de lire les questions de ce réseau, pas d'y répondre."))
    form = BeginForm(request.POST or None, places=places)
    if request.method == "POST" and form.is_valid():
        structure = form.chosen().structure
        assert structure is not None
        try:
            sheet = operations.begin_answer(
                actor=request.user,
                call=call,
                structure=structure,
                title=form.cleaned_data["title"],
                token=form.cleaned_data["token"],
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return redirect("sheet-write", sheet.pk, SECTIONS[0].slug)
    context = {"nav": "equipe", "form": form, "places": places, "call": call}
    return render(request, "actions/begin.html", context, status=422 if form.errors else 200)
