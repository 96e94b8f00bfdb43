"""Ties between structures and networks, for who keeps a network."""

from collections.abc import Callable
from copy import copy
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tisserand.common.paging import page_of
from tisserand.network.forms import AffiliationForm, AgreementForm, EndForm
from tisserand.network.guards import own_network, staff_only, team_address
from tisserand.network.models import Affiliation, Agreement
from tisserand.network.operations import date_affiliation, end_agreement, renew_agreement, sign_agreement
from tisserand.network.queries import affiliations_kept_by, agreements_kept_by, agreements_of, structures, to_renew

ON_A_PAGE = 50  # agreements
WRITES = ["GET", "HEAD", "POST"]


@staff_only
@require_http_methods(WRITES)
def ties_page(request: HttpRequest, slug: str) -> HttpResponse:
    """Since when a structure is a member, and what it signed."""
    tie = _tie(request, slug)
    network, structure = tie.network, tie.structure
    asked = request.POST.get("form", "") if request.method == "POST" else ""
    dated = AffiliationForm(request.POST if asked == "affiliation" else None, instance=copy(tie), prefix="tie")
    signed = AgreementForm(request.POST if asked == "agreement" else None, prefix="new")
    here = f"{reverse('ties', args=[slug])}?network={network.slug}"
    if asked == "affiliation" and _done(
        dated,
        lambda: date_affiliation(actor=request.user, affiliation=tie, **dated.cleaned_data),
    ):
        messages.success(request, _("Les dates sont enregistrées."))
        return redirect(here)
    if asked == "agreement" and _done(
        signed,
        lambda: sign_agreement(actor=request.user, network=network, structure=structure, terms=signed.terms()),
    ):
        messages.success(request, _("La convention est enregistrée."))
        return redirect(here)
    wrong = next((form for form in (dated, signed) if form.errors), None)
    context = {
        "nav": "equipe",
        "network": network,
        "structure": structure,
        "tie": tie,
        "dated": dated,
        "signed": signed,
        "wrong": wrong,
        "agreements": agreements_of(request.user, network).filter(structure=structure),
    }
    return render(request, "network/ties.html", context, status=422 if wrong else 200)


def _tie(request: HttpRequest, slug: str) -> Affiliation:
    """The structure's tie with the network that the address names, or else with one of theirs."""
    found = affiliations_kept_by(request.user, get_object_or_404(structures(), slug=slug))
    named = request.GET.get("network") or request.POST.get("network")
    tie = (found.filter(network__slug=named) if named else found).first()
    if tie is None:
        raise Http404
    request.desk.network = tie.network
    return tie


def _done(form: forms.Form, write: Callable[[], Any]) -> bool:
    """Whether the form held and the write too; what the write refuses is told in the form."""
    if not form.is_valid():
        return False
    try:
        write()
    except ValidationError as error:
        form.add_error(None, error)
        return False
    return True


@staff_only
@require_safe
def agreements_page(request: HttpRequest) -> HttpResponse:
    """Agreements to renew, then all of them."""
    network = own_network(request)
    rows = agreements_of(request.user, network)
    context = {
        "nav": "equipe",
        "network": network,
        "late": page_of(request, to_renew(rows), ON_A_PAGE, "fin"),
        "page": page_of(request, rows.filter(renewed_by=None), ON_A_PAGE),
    }
    return render(request, "network/agreements.html", context)


@staff_only
@require_http_methods(WRITES)
def agreement_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Renew an agreement, or say when it ends."""
    agreement = _agreement(request, pk)
    asked = request.POST.get("form", "") if request.method == "POST" else ""
    ended = EndForm(request.POST if asked == "end" else None, instance=copy(agreement), prefix="end")
    renewed = AgreementForm(request.POST if asked == "renew" else None, initial=_following(agreement), prefix="next")
    if asked == "end" and _done(
        ended, lambda: end_agreement(actor=request.user, agreement=agreement, ends=ended.cleaned_data["ends"])
    ):
        messages.success(request, _("La date est enregistrée."))
        return redirect(team_address(request, "agreements"))
    if asked == "renew" and _done(
        renewed, lambda: renew_agreement(actor=request.user, agreement=agreement, terms=renewed.terms())
    ):
        messages.success(request, _("La convention est renouvelée."))
        return redirect(team_address(request, "agreements"))
    wrong = next((form for form in (ended, renewed) if form.errors), None)
    context = {"nav": "equipe", "agreement": agreement, "ended": ended, "renewed": renewed, "wrong": wrong}
    return render(request, "network/agreement.html", context, status=422 if wrong else 200)


def _agreement(request: HttpRequest, pk: int) -> Agreement:
    agreement = get_object_or_404(agreements_kept_by(request.user), pk=pk)
    request.desk.network = agreement.network
    return agreement


def _following(agreement: Agreement) -> dict[str, Any]:
    """The same words, from the day after, for as long."""
    if agreement.ends is None:
        return {"label": agreement.label}
    starts = agreement.ends + timedelta(days=1)
    return {"label": agreement.label, "starts": starts, "ends": starts + (agreement.ends - agreement.starts)}
