"""Pages where two structures, or two accounts, become one; and two again."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tisserand.common.templatetags.typography import fr, typo_filter
from tisserand.common.text import number_in
from tisserand.network.guards import own_network, staff_only, team_address
from tisserand.network.models import Network, Structure, User
from tisserand.network.operations import merge_accounts, merge_structures, part_accounts, part_structures
from tisserand.network.operations.merging import accounts as of_accounts
from tisserand.network.operations.merging import structures as of_structures
from tisserand.network.queries import structures_kept_by
from tisserand.network.queries.merging import (
    account_merges_seen_by,
    accounts_known_in,
    beside,
    carried,
    doors,
    in_the_way,
    look_alikes,
    named,
    pairs,
    parting,
    people_named,
    same_names,
    structure_merges_of,
)
from tisserand.network.rules import joins_accounts

WRITES = ["GET", "HEAD", "POST"]
FROM_GONE = "gone"  # what the form says of a field that the one that goes says better


@dataclass(frozen=True, slots=True)
class Row:
    """A field of the two, as people read it.

    Attributes:
        choice: both say something, and not the same thing.
        fills: only the one that goes says something: it is kept.
    """

    name: str
    label: str
    kept: SafeString
    gone: SafeString
    choice: bool
    fills: bool


def _rows(fields: Iterable[str], kept: Structure | User, gone: Structure | User) -> list[Row]:
    """What one of the two says at least."""
    rows = []
    for name in fields:
        said = getattr(kept, name), getattr(gone, name)
        if any(said):
            label = str(kept._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
            shown = _shown(kept, name), _shown(gone, name)
            rows.append(Row(name, label, *shown, all(said) and said[0] != said[1], bool(said[1] and not said[0])))
    return rows


def _shown(one: Structure | User, name: str) -> SafeString:
    """The words of a choice are ours; the rest is what people wrote, in French."""
    value, words = getattr(one, name), getattr(one, f"get_{name}_display", None)
    return typo_filter(str(words())) if value and words else fr(str(value))


def _taken(request: HttpRequest, fields: Iterable[str]) -> set[str]:
    return {name for name in fields if request.POST.get(name) == FROM_GONE}


def _done(request: HttpRequest, write: Callable[[], Any], told: str = "") -> bool:
    """Whether the write held; why not is told on the next page, as is *told*, where that page does not say it."""
    try:
        write()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return False
    if told:
        messages.success(request, told)
    return True


# Structures


@staff_only
@require_http_methods(WRITES)
def structure_merge(request: HttpRequest, slug: str) -> HttpResponse:
    """Which other structure is the same as this one; then what each says, and what would move; then it is done."""
    kept = get_object_or_404(structures_kept_by(request.user), slug=slug)
    request.desk.network = kept.home
    other = request.POST.get("avec") or request.GET.get("avec", "")
    if not other:
        text = request.GET.get("q", "").strip()[:100]
        found = named(request.user, kept, text) if text else look_alikes(request.user, kept)
        context = {
            "nav": "equipe",
            "structure": kept,
            "text": text,
            "found": pairs(kept, found, of_structures.FIELDS),
        }
        return render(request, "network/structure_choose.html", context)
    gone = beside(request.user, kept).filter(slug=other).first()
    if gone is None:
        if request.method == "POST" and structure_merges_of(kept).filter(slug=other).exists():
            return redirect(kept)  # a double click
        raise Http404
    if request.method == "POST":
        taken = _taken(request, of_structures.FIELDS)
        done = _done(
            request,
            lambda: merge_structures(actor=request.user, kept=kept, gone=gone, taken=taken),
        )
        return redirect(kept) if done else redirect(f"{request.path}?avec={other}")
    context = {
        "nav": "equipe",
        "kept": kept,
        "gone": gone,
        "rows": _rows(of_structures.FIELDS, kept, gone),
        "moves": carried(gone),
    }
    return render(request, "network/structure_merge.html", context)


@staff_only
@require_http_methods(WRITES)
def structure_part(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """What parting two structures would do; then it is done."""
    kept = get_object_or_404(structures_kept_by(request.user), slug=slug)
    request.desk.network = kept.home
    merge = structure_merges_of(kept).filter(pk=pk).first()
    if merge is None:
        if request.method == "POST":
            return redirect(kept)  # a double click
        raise Http404
    name = merge.former["name"]
    if request.method == "POST":
        told = _("%(gone)s et %(kept)s sont de nouveau deux structures.") % {"gone": name, "kept": kept.name}
        done = _done(request, lambda: part_structures(actor=request.user, merge=merge), told)
        return redirect(kept) if done else redirect(request.path)
    context = {
        "nav": "equipe",
        "title": _("Séparer de nouveau ces deux structures ?"),
        "kept": kept.name,
        "gone": name,
        "parent": kept.name,
        "merge": merge,
        "parting": parting(merge),
        "obstacle": in_the_way(merge),
        "back": kept.get_absolute_url(),
    }
    return render(request, "network/part.html", context)


# Accounts


@staff_only
@require_http_methods(WRITES)
def account_merge(request: HttpRequest, pk: int) -> HttpResponse:
    """Which other account is of the same person; then what each says, and what would move; then it is done."""
    network = own_network(request)
    accounts = accounts_known_in(request.user, network)
    kept = get_object_or_404(accounts, pk=pk)
    asked = request.POST.get("avec") or request.GET.get("avec", "")
    if not asked:
        return _choose_account(request, network, kept)
    other = number_in(asked)
    gone = accounts.exclude(pk=kept.pk).filter(pk=other).first()
    if gone is None:
        joined = account_merges_seen_by(request.user, network).filter(gone=other, kept=kept)
        if request.method == "POST" and joined.exists():
            return redirect(team_address(request, "people"))  # a double click
        raise Http404
    if request.method == "POST":
        taken = _taken(request, of_accounts.FIELDS)
        done = _done(
            request,
            lambda: merge_accounts(actor=request.user, network=network, kept=kept, gone=gone, taken=taken),
            _("Les deux comptes n'en font plus qu'un. Un message le dit à la personne."),
        )
        return redirect(team_address(request, "people") if done else request.get_full_path())
    context = {
        "nav": "equipe",
        "network": network,
        "kept": kept,
        "gone": gone,
        "rows": _rows(of_accounts.FIELDS, kept, gone),
        "doors": doors(kept, gone),
        "moves": carried(gone),
        "allowed": joins_accounts(request.user, network, kept, gone),
        "mine": gone == request.user,
    }
    return render(request, "network/account_merge.html", context)


def _choose_account(request: HttpRequest, network: Network, person: User) -> HttpResponse:
    text = request.GET.get("q", "").strip()[:100]
    context = {
        "nav": "equipe",
        "network": network,
        "person": person,
        "text": text,
        "found": people_named(request.user, network, person, text),
        "alike": same_names(request.user, network, person),
        "keep": [("network", network.slug)],
    }
    return render(request, "network/account_choose.html", context)


@staff_only
@require_http_methods(WRITES)
def account_part(request: HttpRequest, pk: int) -> HttpResponse:
    """What parting two accounts would do; then it is done."""
    network = own_network(request)
    back = team_address(request, "people")
    merge = account_merges_seen_by(request.user, network).filter(pk=pk).first()
    if merge is None:
        parted = accounts_known_in(request.user, network).filter(pk=number_in(request.POST.get("avec", "")))
        if request.method == "POST" and parted.exists():
            return redirect(back)  # a double click
        raise Http404
    if request.method == "POST":
        told = _("Ce sont de nouveau deux comptes. Un message le dit à la personne.")
        done = _done(request, lambda: part_accounts(actor=request.user, merge=merge), told)
        return redirect(back if done else request.get_full_path())
    context = {
        "nav": "equipe",
        "network": network,
        "title": _("Séparer de nouveau ces deux comptes ?"),
        "kept": merge.kept.email,
        "gone": merge.gone.email,
        "parent": _("Personnes"),
        "merge": merge,
        "parting": parting(merge),
        "obstacle": in_the_way(merge),
        "back": back,
    }
    return render(request, "network/part.html", context)
