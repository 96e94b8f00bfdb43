"""The team's work on sheets: edit, publish, settle numbers, keep the lists."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tisserand.actions.enums import State
from tisserand.actions.forms import SheetForm
from tisserand.actions.models import Action, Term
from tisserand.actions.operations.sheets import EditedMeanwhile, set_state, update_action
from tisserand.actions.operations.vocabulary import add_alias, merge_term, remove_alias, verify_term
from tisserand.actions.queries import (
    aliases_kept_by,
    closed_lists,
    sheets_kept_by,
    terms_kept_by,
)
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
