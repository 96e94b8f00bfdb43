"""Coming back to what a public sheet said."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from tisserand.actions.comparing import changed_fields
from tisserand.actions.models import Action
from tisserand.actions.operations.life import rebase, rewrite
from tisserand.actions.operations.sheets import apply_values, locked
from tisserand.actions.operations.writing import may_write
from tisserand.actions.queries import changes_of, content_at
from tisserand.actions.vocabulary import Vocabulary
from tisserand.common.operations import operation, require
from tisserand.network.rules import Actor
from tisserand.privacy.journal import record


@operation
def restore(*, actor: Actor, action: Action, number: int) -> Action:
    """Begin a rewriting that says what a public sheet said at a revision. Twice is once.

    The public sheet does not change: what comes back is read before it is public, as anything else is.

    Raises:
        ValidationError: someone is rewriting it: their words are not replaced.
    """
    sheet = locked(action)
    require(not sheet.is_under_way, _("Cette fiche n'a pas encore été publiée."))
    wanted = content_at(sheet, number)
    copy = locked(rewrite(actor=actor, action=sheet))
    require(may_write(actor, copy), _("Le réseau est en train de lire une réécriture de cette fiche."))
    values = {key: wanted[key] for key in changed_fields(copy.content(), wanted)}
    if not values:
        return copy
    if changes_of(copy)[0]:
        raise ValidationError(
            _("Quelqu'un est en train de réécrire cette fiche : terminez cette réécriture, ou jetez-la d'abord.")
        )
    copy = rebase(actor=actor, action=copy)
    values = {key: wanted[key] for key in changed_fields(copy.content(), wanted)}
    apply_values(copy, values, Vocabulary(copy.network), by=actor)
    record(actor=actor, verb="actions.restored", subject=copy, public=sheet.pk, number=number, fields=sorted(values))
    return copy
