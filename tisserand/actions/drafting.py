"""A sheet under way as its writers follow it: the steps of its form, and what comes next."""

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tisserand.actions.enums import State
from tisserand.actions.guidance import SECTIONS
from tisserand.actions.models import Action
from tisserand.actions.operations.life import NEEDED, missing
from tisserand.common.dates import hour, short_day

LAST = "proposer"


def last_step(*, publishes: bool) -> str:
    """What the last step is called for who may publish the sheet, and for who proposes it."""
    return _("Relire et publier") if publishes else _("Relire et proposer")


def steps(action: Action, current: str, *, publishes: bool) -> list[dict[str, str]]:
    """The steps of `components/steps.html`; a section is past once it says something, and all that it must."""
    content = action.content()
    made = []
    for section in SECTIONS:
        filled = [key for key in section.keys if content[key]]
        done = filled and all(key in filled for key in section.keys if key in NEEDED)
        state = "current" if section.slug == current else "past" if done else "to_come"
        address = reverse("sheet-write", args=[action.pk, section.slug])
        made.append({"label": str(section.title), "state": state, "url": address})
    state, address = "current" if current == LAST else "to_come", reverse("sheet-propose", args=[action.pk])
    return [*made, {"label": last_step(publishes=publishes), "state": state, "url": address}]


def under_way(action: Action, *, publishes: bool) -> dict[str, Any]:
    """A sheet under way in a list: where it is, what to do next (`components/todo.html`).

    Reads `asked`, as `sheets_under_way` gives it.

    Args:
        publishes: whether it is told to someone who may publish it, rather than propose it.
    """
    last = reverse("sheet-propose", args=[action.pk])
    first = reverse("sheet-write", args=[action.pk, SECTIONS[0].slug])
    told = {"title": action.title, "when": _changed(action)}
    if action.state == State.SUBMITTED:
        day = short_day(timezone.localtime(action.submitted_at))
        why = _("Proposée le %(day)s : le réseau la relit.") % {"day": day}
        return told | {"why": why, "url": last, "button": _("Voir")}
    if action.state == State.RETURNED:
        return told | {"why": _returned(action, publishes=publishes), "url": last, "button": _("Reprendre")}
    lacks = missing(action)
    if lacks:
        labels = [str(field.label).lower() for field in lacks]
        why = _("Il manque : %(fields)s.") % {"fields": get_text_list(labels, _("et"))}
        return told | {"why": why, "url": first, "button": _("Continuer")}
    why = _("Prête à publier.") if publishes else _("Prête à proposer.")
    return told | {"why": why, "url": last, "button": last_step(publishes=publishes)}


def _returned(action: Action, *, publishes: bool) -> str:
    asked = action.asked  # type: ignore[attr-defined]
    if not asked:
        return _("Tout est repris.") if publishes else _("Tout est repris : proposez-la de nouveau.")
    return ngettext("Le réseau demande %(n)s reprise.", "Le réseau demande %(n)s reprises.", asked) % {"n": asked}


def _changed(action: Action) -> str:
    moment = timezone.localtime(action.updated_at)
    told = _("Modifiée le %(day)s à %(hour)s") % {"day": short_day(moment), "hour": hour(moment)}
    return _("%(told)s · réécriture d'une fiche publique") % {"told": told} if action.revises_id else told
