"""Keeping the closed lists of a network."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from tisserand.actions.models import ActionTerm, Term, TermAlias
from tisserand.actions.search import index_actions
from tisserand.actions.vocabulary import term_key
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
def merge_term(*, actor: Actor, term: Term, into: Term) -> Term:
    """Say that *term* is a misspelling of *into*: its sheets follow, an alias is kept, the original stays visible.

    Raises:
        ValidationError: the two are not values of one list.
    """
    _require_administrator(actor, term.network)
    if term.pk == into.pk or (term.network_id, term.facet) != (into.network_id, into.facet):
        raise ValidationError(_("Choisissez une autre valeur de la même liste."))
    sheets = list(ActionTerm.objects.filter(term=term).values_list("action_id", flat=True))
    already = ActionTerm.objects.filter(term=into, action__in=sheets).values_list("action_id", flat=True)
    ActionTerm.objects.filter(term=term, action__in=list(already)).delete()
    ActionTerm.objects.filter(term=term, original="").update(term=into, original=term.label)
    ActionTerm.objects.filter(term=term).update(term=into)
    TermAlias.objects.filter(term=term).update(term=into)
    _remember(into, term.label)
    record(actor=actor, verb="actions.term_merged", subject=into, merged=term.pk, sheets=len(sheets))
    term.delete()
    index_actions(sheets)
    return into


@operation
def add_alias(*, actor: Actor, term: Term, text: str) -> None:
    """Note a misspelling, so that the next imports read it as *term*.

    Raises:
        ValidationError: it is empty, or already a value of the list: merge the two instead.
    """
    _require_administrator(actor, term.network)
    key = term_key(text)
    if not key:
        raise ValidationError(_("Écrivez la graphie à reconnaître."))
    if Term.objects.filter(network=term.network, facet=term.facet, key=key).exists():
        raise ValidationError(_("C'est déjà une valeur de la liste : réunissez les deux valeurs."))
    _remember(term, text)
    record(actor=actor, verb="actions.alias_added", subject=term)


@operation
def remove_alias(*, actor: Actor, alias: TermAlias) -> None:
    """Forget a misspelling; sheets already read keep their value."""
    _require_administrator(actor, alias.network)
    record(actor=actor, verb="actions.alias_removed", subject=alias.term)
    TermAlias.objects.filter(pk=alias.pk).delete()


def _remember(term: Term, text: str) -> None:
    TermAlias.objects.update_or_create(
        network=term.network, facet=term.facet, key=term_key(text), defaults={"text": text[:500], "term": term}
    )
