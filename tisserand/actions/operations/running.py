"""Whether an action still runs, once a year."""

from django.utils import timezone
from django.utils.translation import gettext as _

from tisserand.actions.enums import Facet
from tisserand.actions.models import Action
from tisserand.actions.operations.life import rewrite
from tisserand.actions.operations.sheets import apply_values, locked
from tisserand.actions.operations.writing import may_write
from tisserand.actions.vocabulary import OVER, Vocabulary
from tisserand.common.operations import operation, require
from tisserand.network.rules import Actor, writes_for
from tisserand.privacy.journal import record


@operation
def confirm_running(*, actor: Actor, action: Action) -> Action:
    """Say that an action still runs, so that its sheet is not told as stale. Twice in a day is once."""
    sheet = locked(action)
    allowed = writes_for(actor, sheet.network, sheet.structure)
    require(allowed and sheet.is_public, _("Vous n'écrivez pas cette fiche, ou elle n'est pas au catalogue."))
    today = timezone.localdate()
    if sheet.confirmed_at is None or timezone.localdate(sheet.confirmed_at) != today:
        sheet.confirmed_at = timezone.now()
        sheet.save(update_fields=["confirmed_at"])
        record(actor=actor, verb="actions.confirmed", subject=sheet)
    return sheet


@operation
def say_over(*, actor: Actor, action: Action) -> Action:
    """Begin a rewriting that says that an action is over, for its writers to say why. Twice is once."""
    copy = locked(rewrite(actor=actor, action=action))
    require(may_write(actor, copy), _("Le réseau est en train de lire une réécriture de cette fiche."))
    vocabulary = Vocabulary(copy.network)
    status = [vocabulary.resolve(Facet.STATUS, OVER).label]
    if copy.labels(Facet.STATUS) != status:
        apply_values(copy, {"status": status}, vocabulary, by=actor)
        record(actor=actor, verb="actions.said_over", subject=copy)
    return copy
