"""Calls for sheets: asked of a network, answered by a sheet that exists or by a new one, closed by who asked."""

from datetime import date

from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from tisserand.actions.enums import State
from tisserand.actions.imports.records import is_storable
from tisserand.actions.models import Action, CallAnswer, SheetCall
from tisserand.actions.operations.letters import tell_answered, tell_thanked
from tisserand.actions.operations.life import begun
from tisserand.actions.queries import published
from tisserand.common.operations import once, operation, require
from tisserand.network.models import Network, Structure
from tisserand.network.operations import standing
from tisserand.network.rules import Actor, is_staff_of, require_staff, writes_for, writes_in
from tisserand.privacy.journal import record

LONGEST = {"question": 200, "text": 2_000}  # characters


def keeps_call(actor: Actor, call: SheetCall) -> bool:
    """May correct, close, reopen or withdraw a call: who writes for the structure that asks, and the network's team."""
    if call.structure is None:
        return is_staff_of(actor, call.network)
    return writes_for(actor, call.network, call.structure)


def keeps_answer(actor: Actor, answer: CallAnswer) -> bool:
    """May take an answer away: who gave it, and the network's team."""
    mine = answer.created_by_id is not None and answer.created_by_id == actor.pk
    return is_staff_of(actor, answer.call.network) or (mine and writes_in(actor, answer.call.network))


@operation
def ask_network(
    *,
    actor: Actor,
    network: Network,
    structure: Structure | None,
    question: str,
    text: str = "",
    until: date | None = None,
    token: str,
) -> SheetCall:
    """Ask a question of *network*, in the name of one of its structures, or of the network (None).

    Args:
        until: the last day of the call.
        token: of the form; sent twice, it asks once.

    Raises:
        ValidationError: by field, what cannot be asked.
    """
    if structure is None:
        require_staff(actor, network)
    else:
        structure = standing(structure.pk)
        require(writes_for(actor, network, structure), _("Vous n'écrivez pas pour cette structure."))
    words = _checked(question, text, until)
    token = once(token, actor.pk)
    call, new = SheetCall.objects.get_or_create(
        token=token, defaults={"network": network, "structure": structure, "created_by_id": actor.pk, **words}
    )
    if new:
        record(actor=actor, verb="actions.call_asked", subject=call, network=network.pk)
    return call


@operation
def correct_call(*, actor: Actor, call: SheetCall, question: str, text: str, until: date | None) -> SheetCall:
    """Say it otherwise, or until another day. Twice is once.

    Raises:
        ValidationError: by field, what cannot be asked.
    """
    call = _kept(actor, call)
    words = _checked(question, text, until, before=call.until)
    changed = [name for name, value in words.items() if getattr(call, name) != value]
    if changed:
        for name in changed:
            setattr(call, name, words[name])
        call.save(update_fields=changed)
        record(actor=actor, verb="actions.call_corrected", subject=call, fields=changed)
    return call


def _checked(question: str, text: str, until: date | None, before: date | None = None) -> dict[str, str | date | None]:
    """What is asked, as it is kept; a day that is past may stay, and is not chosen."""
    question, text = " ".join(question.split()), text.replace("\r\n", "\n").strip()
    wrong = {}
    if not question:
        wrong["question"] = _("Écrivez votre question : une ligne suffit.")
    for key, value in (("question", question), ("text", text)):
        if len(value) > LONGEST[key]:
            wrong[key] = _("C'est trop long : %(n)d caractères au plus.") % {"n": LONGEST[key]}
        elif not is_storable(value):
            wrong[key] = _("Ce texte contient un caractère que l'on ne peut pas garder.")
    if until and until != before and until < timezone.localdate():
        wrong["until"] = _("Ce jour est passé : choisissez-en un autre, ou aucun.")
    if wrong:
        raise ValidationError(wrong)
    return {"question": question, "text": text, "until": until}


@operation
def close_call(*, actor: Actor, call: SheetCall) -> SheetCall:
    """Close a call, and thank those whose sheets answer it. Twice is once."""
    call = _kept(actor, call)
    if call.closed_at is None:
        call.closed_at = timezone.now()
        call.save(update_fields=["closed_at"])
        record(actor=actor, verb="actions.call_closed", subject=call)
        tell_thanked(actor, call)
    return call


@operation
def reopen_call(*, actor: Actor, call: SheetCall) -> SheetCall:
    """Ask again; a last day that is past is forgotten. Twice is once."""
    call = _kept(actor, call)
    if not call.is_open:
        past = call.until and call.until < timezone.localdate()
        call.closed_at, call.until = None, None if past else call.until
        call.save(update_fields=["closed_at", "until"])
        record(actor=actor, verb="actions.call_reopened", subject=call)
    return call


@operation
def withdraw_call(*, actor: Actor, call: SheetCall) -> None:
    """Take a call away while no public sheet answers it; sheets begun for it stay as they are. Twice is once."""
    held = SheetCall.objects.select_for_update(of=("self",)).filter(pk=call.pk).first()
    if held is None:
        return
    _require_keeper(actor, held)
    answered = held.answers.filter(action__state=State.PUBLISHED).exists()
    require(
        not answered, _("Une fiche répond déjà à cette question : remerciez et fermez-la, plutôt que de la retirer.")
    )
    record(actor=actor, verb="actions.call_withdrawn", subject=held, network=held.network_id)
    held.delete()


@operation
def answer_call(*, actor: Actor, call: SheetCall, action: Action, text: str = "") -> CallAnswer:
    """Answer with a public sheet of the network, whoever wrote it. Twice is once.

    Raises:
        Http404: the sheet is not public, or belongs to another network.
        ValidationError: the call is closed, or the words cannot be kept.
    """
    call = _held(call)
    _require_writer(actor, call.network)
    there = published().filter(network=call.network).select_for_update(of=("self",), no_key=True)
    sheet = get_object_or_404(there.select_related("structure", "network"), pk=action.pk)
    known = call.answers.filter(action=sheet).first()
    if known:
        return known
    answer = _answer(actor, call, sheet, _checked_words(text))
    tell_answered(actor, answer)
    return answer


@operation
def begin_answer(*, actor: Actor, call: SheetCall, structure: Structure, title: str, token: str) -> Action:
    """Begin a draft that will answer once it is public; until then, who cannot read it knows nothing of it.

    Args:
        token: of the form; sent twice, it begins one sheet.

    Raises:
        ValidationError: the call is closed, or the sheet has no title.
    """
    # The structure first, then the call: in the order of a merge.
    draft = Action(network=call.network, structure=structure)
    sheet, new = begun(draft, {"title": title}, actor=actor, token=token, to=f"answer {call.pk}")
    if new:
        _answer(actor, _held(call), sheet, "")
    return sheet


def _answer(actor: Actor, call: SheetCall, sheet: Action, text: str) -> CallAnswer:
    if not call.is_open:
        raise ValidationError(_("Cette question est close : elle n'attend plus de réponse."))
    answer = CallAnswer.objects.create(call=call, action=sheet, text=text, created_by_id=actor.pk)
    record(actor=actor, verb="actions.call_answered", subject=call, sheet=sheet.pk)
    return answer


def _checked_words(text: str) -> str:
    text = text.replace("\r\n", "\n").strip()
    if len(text) > LONGEST["text"]:
        raise ValidationError(_("C'est trop long : %(n)d caractères au plus.") % {"n": LONGEST["text"]})
    if not is_storable(text):
        raise ValidationError(_("Ce texte contient un caractère que l'on ne peut pas garder."))
    return text


@operation
def withdraw_answer(*, actor: Actor, answer: CallAnswer) -> None:
    """Take an answer away, for who gave it and the network's team; the sheet stays. Twice is once."""
    rows = CallAnswer.objects.select_for_update(of=("self",)).select_related("call__network")
    held = rows.filter(pk=answer.pk).first()
    if held is None:
        return
    require(keeps_answer(actor, held), _("Seule la personne qui a répondu retire sa réponse, ou l'équipe du réseau."))
    record(actor=actor, verb="actions.call_answer_withdrawn", subject=held.call, sheet=held.action_id)
    held.delete()


def _require_writer(actor: Actor, network: Network) -> None:
    require(writes_in(actor, network), _("Votre compte permet de lire les questions de ce réseau, pas d'y répondre."))


def _held(call: SheetCall) -> SheetCall:
    """The call as it is now, held until the transaction ends; 404 when it was withdrawn since its page was opened."""
    rows = SheetCall.objects.select_for_update(of=("self",)).select_related("network", "structure")
    return get_object_or_404(rows, pk=call.pk)


def _kept(actor: Actor, call: SheetCall) -> SheetCall:
    call = _held(call)
    _require_keeper(actor, call)
    return call


def _require_keeper(actor: Actor, call: SheetCall) -> None:
    require(keeps_call(actor, call), _("Seule la structure qui demande fait cela, ou l'équipe du réseau."))
