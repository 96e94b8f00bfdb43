"""Where a sheet stands, told to those who write it and to the network: who sees it, and what comes next."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from tisserand.actions.enums import State
from tisserand.actions.models import Action
from tisserand.actions.queries import rewriting_of
from tisserand.common.dates import long_day


@dataclass(frozen=True, slots=True)
class Standing:
    """A sentence, and the one gesture that comes next (`url` and `label`, empty when there is none)."""

    text: str
    url: str = ""
    label: str = ""


def standing(action: Action, *, keeps: bool) -> Standing | None:
    """Where *action* stands; None for a public sheet that nobody rewrites.

    Args:
        keeps: whether it is told to the network's team, or to those who write the sheet.
    """
    if action.is_public:
        rewriting = rewriting_of(action)
        return _rewritten(rewriting, keeps=keeps) if rewriting else None
    if action.state == State.ARCHIVED:
        return Standing(_("Archivée : elle n'est plus au catalogue. Sa structure et le réseau la lisent encore ici."))
    return _under_way(action, keeps=keeps)


def _rewritten(rewriting: Action, *, keeps: bool) -> Standing:
    """A public sheet whose rewriting is somewhere on its way."""
    if rewriting.state != State.SUBMITTED:
        text = _("Une réécriture de cette fiche est en cours ; tout le monde lit encore celle-ci.")
        return Standing(text, reverse("action-edit", args=[rewriting.pk]), _("Continuer la réécriture"))
    text = _("Une réécriture de cette fiche attend d'être relue par le réseau ; tout le monde lit encore celle-ci.")
    return Standing(text, *_read(rewriting, keeps=keeps))


def _under_way(action: Action, *, keeps: bool) -> Standing:
    seen = _("Sa structure et l'équipe du réseau la voient, personne d'autre.")
    if action.state == State.SUBMITTED:
        assert action.submitted_at is not None
        day = long_day(timezone.localtime(action.submitted_at))
        text = _("Proposée le %(day)s : le réseau la relit, puis la publie ou dit quoi reprendre.") % {"day": day}
        return Standing(f"{text} {seen}", *_read(action, keeps=keeps))
    edit = reverse("action-edit", args=[action.pk])
    if action.state == State.RETURNED:
        text = _("À reprendre : le réseau l'a lue, et ses remarques attendent une réponse.")
        return Standing(f"{text} {seen}", edit, _("Reprendre la fiche"))
    text = _("Brouillon : quand elle est prête, on la propose au réseau, qui la relit avant de la publier.")
    if keeps:
        text = _("Brouillon : sa structure la propose quand elle est prête, ou vous la publiez.")
    return Standing(f"{text} {seen}", edit, _("Continuer à écrire"))


def _read(action: Action, *, keeps: bool) -> tuple[str, str]:
    if keeps:
        return reverse("review", args=[action.pk]), _("Relire et répondre")
    return reverse("sheet-propose", args=[action.pk]), _("Voir où elle en est")
