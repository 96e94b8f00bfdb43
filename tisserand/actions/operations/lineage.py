"""Taking up the sheet of another structure: a draft of one's own that begins with its words."""

from collections.abc import Iterable
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from tisserand.actions.fields import BY_KEY, CLOSED, FIELDS, WRITTEN, Field
from tisserand.actions.models import Action
from tisserand.actions.operations.life import begun
from tisserand.actions.queries import published
from tisserand.actions.vocabulary import Vocabulary, ensure_vocabulary
from tisserand.common.operations import operation, require
from tisserand.network.models import Network, Structure
from tisserand.network.rules import Actor
from tisserand.privacy.journal import record

# What tells how it is done and for whom. Who did it, with whose money and what came of it belong to the original.
TAKEN = tuple(
    field
    for field in FIELDS
    if field.key in {"dimension", "keywords", "summary", "objectives", "public", "description", "limits"}
)


def shared(original: Action, networks: Iterable[Network]) -> tuple[list[Field], list[Field]]:
    """The fields of a sheet of which something is taken into one of *networks*, and those that are left to write."""
    values = [_taken(original, Vocabulary(network)) for network in networks]
    taken = [field for field in TAKEN if any(one[field.key] for one in values)]
    return taken, [field for key in WRITTEN if key != "title" and (field := BY_KEY[key]) not in taken]


@operation
def take_up(*, actor: Actor, action: Action, network: Network, structure: Structure, title: str, token: str) -> Action:
    """Begin a draft of *structure* with what describes a public sheet.

    Args:
        token: of the form; sent twice, it begins one sheet.

    Raises:
        Http404: the sheet is not public any more.
        ValidationError: without a title, nobody finds it again.
    """
    original = get_object_or_404(published().select_related("structure", "network"), pk=action.pk)
    require(original.structure_id != structure.pk, _("Cette fiche est déjà celle de votre structure."))
    # The numbers in these words count what others did: they are not proposed as ours.
    values = {"title": title, **_taken(original, ensure_vocabulary(network))}
    copy = Action(network=network, structure=structure, inspired_by=original)
    sheet, new = begun(copy, values, actor=actor, token=token, to=f"take up {original.pk}")
    if new:
        record(actor=actor, verb="actions.taken_up", subject=sheet, original=original.pk)
    return sheet


def _taken(original: Action, vocabulary: Vocabulary) -> dict[str, Any]:
    """The values to take; of the closed lists, those that the network of the copy has too."""
    content = original.content()
    values = {field.key: content[field.key] for field in TAKEN}
    for field in CLOSED:
        if field.key in values:
            found = [vocabulary.resolve(str(field.facet), label) for label in values[field.key]]
            values[field.key] = [one.label for one in found if one.verified]
    return values
