"""What the network asks of a sheet that it reads, field by field, and what is said of it: taken up, or still to do."""

from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from tisserand.actions.enums import State
from tisserand.actions.fields import WRITTEN
from tisserand.actions.imports.records import is_storable
from tisserand.actions.models import Action, Remark
from tisserand.actions.operations.sheets import locked
from tisserand.actions.operations.writing import may_write
from tisserand.common.operations import once, operation, require
from tisserand.network.rules import Actor, is_staff_of, require_staff
from tisserand.privacy.journal import record

LONGEST = 5_000  # characters


@operation
def add_remark(*, actor: Actor, action: Action, field: str, text: str, token: str) -> Remark:
    """Ask something of a field of a sheet that was proposed, or of all of it (`field` empty).

    Args:
        token: of the form; the same words sent twice are one remark.

    Raises:
        PermissionDenied: *actor* does not keep this network, or the sheet is not read by it now.
        ValidationError: nothing is asked, or nothing that can be kept.
    """
    sheet = locked(action)
    require_staff(actor, sheet.network)
    # Of the form, the person and the words: a page that comes back by the browser's arrow may ask something else.
    token = once(token, actor.pk, sheet.pk, field, text.strip())
    known = Remark.objects.filter(token=token).first()
    if known:
        return known
    require(sheet.state in {State.SUBMITTED, State.RETURNED}, _("Cette fiche n'est pas à relire."))
    if field and field not in WRITTEN:
        raise ValidationError(_("Cette rubrique n'existe pas."))
    remark = Remark(action=sheet, field=field, text=_checked(text), token=token, created_by_id=actor.pk)
    remark.save()
    record(actor=actor, verb="actions.remarked", subject=sheet, remark=remark.pk, field=field)
    return remark


def _checked(text: str) -> str:
    text = text.replace("\r\n", "\n").strip()  # a form sends both
    if not text:
        raise ValidationError({"text": _("Écrivez votre remarque : quelques mots suffisent.")})
    if len(text) > LONGEST:
        raise ValidationError({"text": _("Cette remarque est trop longue : l'essentiel tient en quelques phrases.")})
    if not is_storable(text):
        raise ValidationError({"text": _("Ce texte contient un caractère que l'on ne peut pas garder.")})
    return text


@operation
def change_remark(*, actor: Actor, remark: Remark, text: str) -> Remark:
    """Say it otherwise, for who wrote it, while nobody has taken it up. Twice is once."""
    sheet = locked(remark.action)
    remark = get_object_or_404(sheet.remarks, pk=remark.pk)
    _require_author(actor, sheet, remark)
    require(remark.settled_at is None, _("Cette remarque est déjà reprise."))
    text = _checked(text)
    if text != remark.text:
        remark.text = text
        remark.save(update_fields=["text"])
        record(actor=actor, verb="actions.remark_changed", subject=sheet, remark=remark.pk)
    return remark


@operation
def withdraw_remark(*, actor: Actor, remark: Remark) -> None:
    """Take a remark away, for who wrote it. Twice is once."""
    sheet = locked(remark.action)
    held = sheet.remarks.filter(pk=remark.pk).first()
    if held is None:
        return
    _require_author(actor, sheet, held)
    record(actor=actor, verb="actions.remark_withdrawn", subject=sheet, remark=held.pk)
    held.delete()


def _require_author(actor: Actor, sheet: Action, remark: Remark) -> None:
    mine = remark.created_by_id == actor.pk and is_staff_of(actor, sheet.network)
    require(mine and sheet.is_under_way, _("Seule la personne qui a écrit une remarque la change."))


@operation
def settle_remark(*, actor: Actor, remark: Remark) -> Remark:
    """Say that a remark is taken up, for who may write the sheet now. Twice is once: the first one stays."""
    sheet, remark = _open_to(actor, remark)
    if remark.settled_at is None:
        remark.settled_at, remark.settled_by_id = timezone.now(), actor.pk
        remark.save(update_fields=["settled_at", "settled_by"])
        record(actor=actor, verb="actions.remark_settled", subject=sheet, remark=remark.pk)
    return remark


@operation
def reopen_remark(*, actor: Actor, remark: Remark) -> Remark:
    """Say that a remark is still to take up, for who may write the sheet now. Twice is once."""
    sheet, remark = _open_to(actor, remark)
    if remark.settled_at:
        remark.settled_at = remark.settled_by = None
        remark.save(update_fields=["settled_at", "settled_by"])
        record(actor=actor, verb="actions.remark_reopened", subject=sheet, remark=remark.pk)
    return remark


def _open_to(actor: Actor, remark: Remark) -> tuple[Action, Remark]:
    """The sheet, held, and its remark as it is now, if *actor* may write there."""
    sheet = locked(remark.action)
    require(may_write(actor, sheet), _("Cette fiche ne s'écrit pas maintenant."))
    return sheet, get_object_or_404(sheet.remarks, pk=remark.pk)
