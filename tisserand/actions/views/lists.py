"""The closed lists of a network: values to check, values, and the other ways of writing them."""

from collections.abc import Callable, Iterable

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from tisserand.actions.models import Term, TermAlias
from tisserand.actions.operations.vocabulary import add_alias, merge_term, remove_alias, unmerge_term, verify_term
from tisserand.actions.queries import aliases_kept_by, closed_lists, nearest, terms_kept_by
from tisserand.common.paging import page_of
from tisserand.common.templatetags.typography import typo_filter
from tisserand.common.text import number_in
from tisserand.common.typography import thousands, typo
from tisserand.network.guards import own_network, staff_only, team_address
from tisserand.network.rules import administers

ON_A_PAGE = 10  # values to check, each with the values that it may be


class _Gone(Exception):
    """What the gesture is about is no longer there: someone was quicker, or clicked twice."""


@staff_only
@require_safe
def lists_page(request: HttpRequest) -> HttpResponse:
    """The closed lists of the network: values to check first, then the values and how else they are written."""
    network = own_network(request)
    lists = closed_lists(network)
    page = page_of(request, [(term, one) for one in lists for term in one.unknown], ON_A_PAGE)
    # Written once for each list: a value may be any of hundreds.
    options = {one.facet: _options(one.terms) for one in {one.facet: one for _term, one in page}.values()}
    unknown = [{"term": term, "near": nearest(term, one.terms), "choices": options[one.facet]} for term, one in page]
    merged = aliases_kept_by(request.user).filter(network=network, pk=number_in(request.GET.get("reunie", ""))).first()
    context = {
        "nav": "equipe",
        "lists": lists,
        "unknown": unknown,
        "page": page,
        "merged": merged if merged and merged.merged else None,
        "may_change": administers(request.user, network),
    }
    return render(request, "actions/lists.html", context)


def _options(terms: Iterable[Term]) -> SafeString:
    return format_html_join(
        "", '<option value="{}">{}</option>', ((term.pk, typo_filter(term.label)) for term in terms)
    )


@staff_only
@require_POST
def list_change(request: HttpRequest) -> HttpResponse:
    """One change to the lists; the page then says what changed."""
    change = CHANGES.get(request.POST.get("change", ""))
    if change is None:
        raise Http404
    try:
        return redirect(change(request))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    except _Gone:
        messages.info(request, _("C'était déjà fait."))
    return redirect(team_address(request, "lists"))


def _verify(request: HttpRequest) -> str:
    term = verify_term(actor=request.user, term=_term(request, "term"))
    told = _("« %(value)s » est maintenant une valeur de la liste « %(list)s ».")
    messages.success(request, told % {"value": typo(term.label), "list": term.get_facet_display()})
    return team_address(request, "lists")


def _merge(request: HttpRequest) -> str:
    """The page then tells the two values, how many sheets changed, and how to undo it."""
    term = _term(request, "term")
    if not request.POST.get("into"):
        told = _("Pour « %(value)s », choisissez d'abord la valeur connue qui dit la même chose.")
        raise ValidationError(told % {"value": typo(term.label)})
    alias = merge_term(actor=request.user, term=term, into=_term(request, "into"))
    return team_address(request, "lists", reunie=alias.pk)


def _undo(request: HttpRequest) -> str:
    alias = _alias(request)
    term = unmerge_term(actor=request.user, alias=alias)
    if term is None:
        raise _Gone
    count = term.action_links.count()
    told = ngettext(
        "« %(value)s » est de nouveau à part : %(n)s fiche l'a retrouvée.",
        "« %(value)s » est de nouveau à part : %(n)s fiches l'ont retrouvée.",
        count,
    )
    messages.success(request, told % {"value": typo(term.label), "n": thousands(count)})
    return team_address(request, "lists")


def _add(request: HttpRequest) -> str:
    term, text = _term(request, "term"), request.POST.get("text", "").strip()
    add_alias(actor=request.user, term=term, text=text)
    told = _("« %(text)s » se lira « %(value)s » dans les prochains fichiers.")
    messages.success(request, told % {"text": typo(text), "value": typo(term.label)})
    return team_address(request, "lists")


def _forget(request: HttpRequest) -> str:
    alias = _alias(request)
    remove_alias(actor=request.user, alias=alias)
    told = _("« %(text)s » ne se lira plus « %(value)s ». Les fiches déjà lues gardent leur valeur.")
    messages.success(request, told % {"text": typo(alias.text), "value": typo(alias.term.label)})
    return team_address(request, "lists")


CHANGES: dict[str, Callable[[HttpRequest], str]] = {
    "verify": _verify, "merge": _merge, "undo": _undo, "alias": _add, "forget": _forget,
}  # fmt: skip


def _term(request: HttpRequest, name: str) -> Term:
    term = terms_kept_by(request.user).filter(pk=_asked(request, name)).first()
    if term is None:
        raise _Gone
    request.desk.network = term.network
    return term


def _alias(request: HttpRequest) -> TermAlias:
    alias = aliases_kept_by(request.user).filter(pk=_asked(request, "alias")).first()
    if alias is None:
        raise _Gone
    request.desk.network = alias.network
    return alias


def _asked(request: HttpRequest, name: str) -> int:
    """A number of the form; what is not one was not sent by a page of ours."""
    number = number_in(request.POST.get(name, ""))
    if not number:
        raise Http404
    return number
