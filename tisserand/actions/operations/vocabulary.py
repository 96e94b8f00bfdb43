"""Keeping the closed lists of a network."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _

from tisserand.actions.models import ActionTerm, Term, TermAlias
from tisserand.actions.search import index_actions
from tisserand.actions.vocabulary import Vocabulary, term_key
from tisserand.common.operations import operation, require
from tisserand.network.models import Network
from tisserand.network.rules import Actor, administers
from tisserand.privacy.journal import record


def _require_administrator(actor: Actor, network: Network) -> None:
    require(administers(actor, network), _("Seule l'administration du réseau tient les listes."))


@operation
def verify_term(*, actor: Actor, term: Term) -> Term:
    """Accept a value that came with a file as one of the network's own."""
    _require_administrator(actor, term.network)
    if not term.verified:
        Term.objects.filter(pk=term.pk).update(verified=True)
        term.verified = True
        record(actor=actor, verb="actions.term_verified", subject=term)
    return term


@operation
def merge_term(*, actor: Actor, term: Term, into: Term) -> TermAlias:
    """Say that *term* is a misspelling of *into*: its sheets follow, what they said stays visible.

    Returns:
        the misspelling, which keeps what `unmerge_term` needs.

    Raises:
        ValidationError: the two are not values of one list.
    """
    _require_administrator(actor, term.network)
    if term.pk == into.pk or (term.network_id, term.facet) != (into.network_id, into.facet):
        raise ValidationError(_("Choisissez une autre valeur de la même liste."))
    links = ActionTerm.objects.filter(term=term)
    held = list(links.values_list("action_id", flat=True))
    both = list(ActionTerm.objects.filter(term=into, action__in=held).values_list("action_id", flat=True))
    aliases = list(TermAlias.objects.filter(term=term).values_list("pk", flat=True))
    links.filter(action__in=both).delete()
    links.filter(original="").update(term=into, original=term.label)
    links.update(term=into)
    TermAlias.objects.filter(pk__in=aliases).update(term=into)
    moved = sorted(set(held) - set(both))
    merged = {"verified": term.verified, "moved": moved, "both": sorted(both), "aliases": aliases}
    alias = _remember(into, term.label, merged)
    record(actor=actor, verb="actions.term_merged", subject=into, merged=term.pk, sheets=len(held))
    term.delete()
    index_actions(held)
    return alias


@operation
def unmerge_term(*, actor: Actor, alias: TermAlias) -> Term | None:
    """Make a value again of a misspelling that was one; None when it is no more (a second click).

    Sheets edited since keep what they were given: only those that still hold the other value are changed.
    """
    _require_administrator(actor, alias.network)
    known = TermAlias.objects.select_for_update(of=("self",)).select_related("term", "network").filter(pk=alias.pk)
    held = known.first()
    if held is None or not held.merged:
        return None
    held.delete()
    term = Vocabulary(held.network).term(held.facet, held.text)
    Term.objects.filter(pk=term.pk).update(verified=held.merged["verified"])
    TermAlias.objects.filter(pk__in=held.merged["aliases"], term=held.term).update(term=term)
    sheets = _give_back(held, term)
    record(actor=actor, verb="actions.term_unmerged", subject=term, merged=held.term_id, sheets=len(sheets))
    index_actions(sheets)
    return term


def _give_back(alias: TermAlias, term: Term) -> list[int]:
    """Put *term* back on the sheets that held it, and on those that came with it since; which ones."""
    links = ActionTerm.objects.filter(term=alias.term)
    moved = links.filter(Q(action__in=alias.merged["moved"]) | Q(original=alias.text))
    sheets = list(moved.values_list("action_id", flat=True))
    beside = links.filter(action__in=alias.merged["both"]).exclude(action__in=sheets)
    made = [ActionTerm(action_id=one.action_id, term=term, position=one.position) for one in beside]
    moved.filter(original=alias.text).update(term=term, original="")
    links.filter(action__in=sheets).update(term=term)
    ActionTerm.objects.bulk_create(made)
    return [*sheets, *(one.action_id for one in made)]


@operation
def add_alias(*, actor: Actor, term: Term, text: str) -> None:
    """Note a misspelling, so that the next imports read it as *term*.

    Raises:
        ValidationError: it is empty, or already a value of the list: merge the two instead.
    """
    _require_administrator(actor, term.network)
    key = term_key(text)
    if not key:
        raise ValidationError(_("Écrivez l'autre façon de l'écrire."))
    if Term.objects.filter(network=term.network, facet=term.facet, key=key).exists():
        raise ValidationError(_("C'est déjà une valeur de la liste : réunissez les deux valeurs."))
    _remember(term, text, {})
    record(actor=actor, verb="actions.alias_added", subject=term)


@operation
def remove_alias(*, actor: Actor, alias: TermAlias) -> None:
    """Forget a misspelling; sheets already read keep their value."""
    _require_administrator(actor, alias.network)
    record(actor=actor, verb="actions.alias_removed", subject=alias.term)
    TermAlias.objects.filter(pk=alias.pk).delete()


def _remember(term: Term, text: str, merged: dict[str, Any]) -> TermAlias:
    alias, _created = TermAlias.objects.update_or_create(
        network=term.network,
        facet=term.facet,
        key=term_key(text),
        defaults={"text": text[:500], "term": term, "merged": merged},
    )
    return alias
