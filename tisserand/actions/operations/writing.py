"""Writing a sheet field by field, as one types; nobody's words are overwritten."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Prefetch, prefetch_related_objects
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from tisserand.actions.enums import State
from tisserand.actions.fields import BY_KEY, WRITTEN, mark
from tisserand.actions.imports.records import is_storable
from tisserand.actions.models import Action, ActionTerm, Presence
from tisserand.actions.operations.sheets import EditedMeanwhile, apply_values, locked
from tisserand.actions.vocabulary import Vocabulary
from tisserand.common.operations import operation, require
from tisserand.common.text import one_line
from tisserand.network.rules import Actor, is_staff_of, writes_for
from tisserand.privacy.journal import record, recorded_since

LONGEST = {"name": 2_000, "text": 200_000}  # characters
Refused = ValidationError | EditedMeanwhile
SITTING = timedelta(minutes=30)


def may_write(actor: Actor, action: Action) -> bool:
    """Whether the form of a sheet is open to *actor* now.

    While the network reads it, only its team may mend it; a public sheet is rewritten beside (`rewrite`).
    """
    if action.state == State.SUBMITTED:
        return is_staff_of(actor, action.network)
    return action.is_under_way and writes_for(actor, action.network, action.structure)


@operation
def write_field(*, actor: Actor, action: Action, key: str, value: Any, base: str) -> str:
    """Write one field of a sheet under way; returns its mark, the base of the next change. Sent twice is once.

    Args:
        value: text as `str`, closed values as a list of labels.
        base: the mark of what the person was reading in this field; after it, those of what they sent since without
            hearing whether it was kept.

    Raises:
        ValidationError: told in words; nothing is written.
        EditedMeanwhile: someone else wrote in this field; `theirs` holds what is there.
    """
    refused = _write(actor, action, {key: value}, {key: base})
    if refused:
        raise refused[key]
    return mark(_on_its_lines(key, value))


def _on_its_lines(key: str, value: Any) -> Any:
    """What a field keeps of what is typed: a name is on one line."""
    return one_line(value) if isinstance(value, str) and key in BY_KEY and BY_KEY[key].kind == "name" else value


@operation
def write_fields(
    *, actor: Actor, action: Action, values: Mapping[str, Any], bases: Mapping[str, str]
) -> dict[str, Refused]:
    """Write what a person changed among several fields; what could not be kept is told by key, the rest holds.

    Args:
        values: by key, everything that their page held.
        bases: by key, see `write_field`.
    """
    # What nobody touched never replaces someone else's words.
    touched = {key: value for key, value in values.items() if mark(value) != bases.get(key, "")}
    return _write(actor, action, touched, bases) if touched else {}


def _write(actor: Actor, action: Action, values: Mapping[str, Any], bases: Mapping[str, str]) -> dict[str, Refused]:
    """Write those of *values* that can be kept, all at once; why not for the others."""
    sheet = locked(action)
    require(may_write(actor, sheet), _("Cette fiche ne s'écrit pas maintenant."))
    if any(isinstance(value, list) for value in values.values()):
        prefetch_related_objects([sheet], Prefetch("term_links", ActionTerm.objects.select_related("term")))
    vocabulary, changed = Vocabulary(sheet.network), {}
    refused: dict[str, Refused] = {}
    for key, sent in values.items():
        try:
            value = _on_its_lines(key, sent)
            _check(key, value, sheet, vocabulary)
            before = _held(sheet, key)
            if mark(value) != mark(before):
                if mark(before) not in bases.get(key, "").split():
                    raise EditedMeanwhile(theirs=before)
                changed[key] = value
        except (ValidationError, EditedMeanwhile) as error:
            refused[key] = error
    if changed:
        apply_values(sheet, changed, vocabulary, by=actor)
    kept = [key for key in values if key not in refused]
    if kept:
        _note(actor, sheet, kept[-1], wrote=bool(changed))
    return refused


def _held(sheet: Action, key: str) -> Any:
    """What a sheet says in one field."""
    facet = BY_KEY[key].facet
    return sheet.labels(str(facet)) if facet else getattr(sheet, key)


def _check(key: str, value: Any, sheet: Action, vocabulary: Vocabulary) -> None:
    """Refuse a value that a field does not take."""
    if key not in WRITTEN:
        raise ValidationError(_("Cette rubrique n'existe pas."))
    field = BY_KEY[key]
    texts = [value] if isinstance(value, str) else value
    if not all(is_storable(text) for text in texts):
        raise ValidationError(_("Ce texte contient un caractère que l'on ne peut pas garder."))
    if not field.facet:
        if len(value) > LONGEST[field.kind]:
            raise ValidationError(_("Ce texte est trop long."))
        if field.kind == "name" and not value.strip():
            raise ValidationError(_("Écrivez quelques mots."))
        return
    held = sheet.labels(str(field.facet))
    if field.kind == "choice" and len(value) > max(1, len(held)):
        raise ValidationError(_("Choisissez une seule valeur."))
    if {*value} - {*held, *vocabulary.offered(str(field.facet))}:
        raise ValidationError(_("Cette valeur n'est plus dans la liste."))


@operation
def note_presence(*, actor: Actor, action: Action, field: str = "") -> None:
    """Note that *actor* has the form open, to warn whoever opens it too."""
    sheet = get_object_or_404(Action.objects.select_related("structure", "network"), pk=action.pk)
    require(may_write(actor, sheet), _("Cette fiche ne s'écrit pas maintenant."))
    _note(actor, sheet, field)


def _note(actor: Actor, sheet: Action, field: str, *, wrote: bool = False) -> None:
    """Note where someone is in a sheet; who *wrote* is journalled once a sitting: each pause would tell no more."""
    told = {"actor": actor, "verb": "actions.written", "subject": sheet}
    if wrote and not recorded_since(timezone.now() - SITTING, **told):
        record(**told, revision=sheet.revision)
    if actor.pk is not None:
        here = Presence(action=sheet, user_id=actor.pk, field=field, seen_at=timezone.now())
        Presence.objects.bulk_create(
            [here], update_conflicts=True, unique_fields=["action", "user"], update_fields=["field", "seen_at"]
        )
