"""Writing a sheet field by field, as one types; nobody's words are overwritten."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from tisserand.actions.enums import State
from tisserand.actions.fields import BY_KEY, WRITTEN, Field, mark
from tisserand.actions.imports.records import is_storable
from tisserand.actions.models import Action, Presence, Term
from tisserand.actions.operations.sheets import EditedMeanwhile, apply_values, locked
from tisserand.actions.vocabulary import Vocabulary
from tisserand.common.operations import operation, require
from tisserand.network.rules import Actor, is_staff_of, writes_for
from tisserand.privacy.journal import record

LONGEST = {"name": 2_000, "text": 200_000}  # characters
SITTING = timedelta(minutes=30)  # someone who writes again after that sits down anew


@dataclass(frozen=True, slots=True)
class Written:
    """What is kept of a field: its mark is the base of the next change."""

    mark: str
    revision: int


def may_write(actor: Actor, action: Action) -> bool:
    """Whether the form of a sheet is open to *actor* now.

    While the network reads it, only its team may mend it; a public sheet is rewritten beside (`rewrite`).
    """
    if action.state == State.SUBMITTED:
        return is_staff_of(actor, action.network)
    return action.is_under_way and writes_for(actor, action.network, action.structure)


@operation
def write_field(*, actor: Actor, action: Action, key: str, value: Any, base: str) -> Written:
    """Write one field of a sheet under way. Sent twice, it is written once.

    Args:
        value: text as `str`, closed values as a list of labels.
        base: the mark of what the person was reading in this field; after it, those of what they sent since without
            hearing whether it was kept.

    Raises:
        ValidationError: told in words; nothing is written.
        EditedMeanwhile: someone else wrote in this field; `theirs` holds what is there.
    """
    sheet = locked(action)
    require(may_write(actor, sheet), _("Cette fiche ne s'écrit pas maintenant."))
    if key not in WRITTEN:
        raise ValidationError(_("Cette rubrique n'existe pas."))
    field = BY_KEY[key]
    before = _held(sheet, field)
    _check(field, value, sheet)
    if mark(value) != mark(before):
        if mark(before) not in base.split():
            raise EditedMeanwhile(theirs=before)
        apply_values(sheet, {key: value}, Vocabulary(sheet.network), by=actor)
        _journal_sitting(actor, sheet)
    _note(actor, sheet, key)
    return Written(mark(value), sheet.revision)


def _held(sheet: Action, field: Field) -> Any:
    """What a sheet says in one field."""
    if not field.facet:
        return getattr(sheet, field.key)
    links = sheet.term_links.select_related("term")
    return [link.term.label for link in links if link.term.facet == field.facet]


@operation
def write_fields(
    *, actor: Actor, action: Action, values: Mapping[str, Any], bases: Mapping[str, str]
) -> dict[str, ValidationError | EditedMeanwhile]:
    """Write what a person changed among several fields; what could not be kept is told by key, the rest holds.

    Args:
        values: by key, everything that their page held.
        bases: by key, see `write_field`.
    """
    refused: dict[str, ValidationError | EditedMeanwhile] = {}
    for key, value in values.items():
        base = bases.get(key, "")
        if mark(value) == base:
            continue  # nobody touched it: it never replaces someone else's words
        try:
            write_field(actor=actor, action=action, key=key, value=value, base=base)
        except (ValidationError, EditedMeanwhile) as error:
            refused[key] = error
    return refused


def _check(field: Field, value: Any, sheet: Action) -> None:
    texts = [value] if isinstance(value, str) else value
    if not all(is_storable(text) for text in texts):
        raise ValidationError(_("Ce texte contient un caractère que l'on ne peut pas garder."))
    if not field.facet:
        if len(value) > LONGEST[field.kind]:
            raise ValidationError(_("Ce texte est trop long."))
        if field.kind == "name" and not value.strip():
            raise ValidationError(_("Écrivez quelques mots."))
        return
    if field.kind == "choice" and len(value) > max(1, len(sheet.labels(str(field.facet)))):
        raise ValidationError(_("Choisissez une seule valeur."))
    known = Term.objects.filter(network=sheet.network_id, facet=field.facet, verified=True)
    if set(value) - {*known.values_list("label", flat=True), *sheet.labels(str(field.facet))}:
        raise ValidationError(_("Cette valeur n'est plus dans la liste."))


def _journal_sitting(actor: Actor, sheet: Action) -> None:
    """Journal that someone writes once a sitting: a line for each pause in typing would tell no more."""
    recent = Presence.objects.filter(action=sheet, user_id=actor.pk, seen_at__gt=timezone.now() - SITTING)
    if not recent.exists():
        record(actor=actor, verb="actions.written", subject=sheet, revision=sheet.revision)


@operation
def note_presence(*, actor: Actor, action: Action, field: str = "") -> None:
    """Note that *actor* has the form open, to warn whoever opens it too."""
    sheet = get_object_or_404(Action.objects.select_related("structure", "network"), pk=action.pk)
    require(may_write(actor, sheet), _("Cette fiche ne s'écrit pas maintenant."))
    _note(actor, sheet, field)


def _note(actor: Actor, sheet: Action, field: str) -> None:
    if actor.pk is None:
        return
    Presence.objects.update_or_create(
        action=sheet, user_id=actor.pk, defaults={"field": field, "seen_at": timezone.now()}
    )
