"""The sheet on paper: PDF, ODT, DOCX from the same data."""

from typing import Any

from django.utils.timezone import localtime
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from tisserand.actions.models import Action
from tisserand.actions.numbers import Number, numbers
from tisserand.actions.presentation import FOOT, RESULTS, SECTIONS, Section, details, sections
from tisserand.actions.queries.attachments import SHOWN
from tisserand.actions.queries.lineage import lineage
from tisserand.common.dates import long_day
from tisserand.common.files.pictures import for_print
from tisserand.documents.registry import DocumentKind, register
from tisserand.documents.sheet import SHEET_RENDERERS

ACCENTS = {"guede": "#1D5B73", "garance": "#9C3A2B"}


def sheet_data(scope: tuple[Action, str]) -> dict[str, Any]:
    """Plain data of a sheet to print; *scope* is the sheet with its content and facts, and its public address."""
    action, address = scope
    structure = action.structure
    where = [structure.name, *([structure.commune] if structure.commune else []), structure.department]
    rail = [{"label": _("Structure"), "values": [part for part in where if part]}]
    rail += [{"label": one.label, "values": [value.label for value in one.values]} for one in details(action)]
    if action.initiator_detail:
        rail.append({"label": _("Précision sur l'initiative"), "values": [action.initiator_detail]})
    rail += _lineage(action)
    contact = [part for part in (structure.phone, structure.email) if part]
    if contact:
        rail.append({"label": _("Contact"), "values": contact})
    lead = [line for line in action.summary.split("\n") if line.strip()]
    updated = long_day(localtime(action.fresh_at))
    return {
        "lang": get_language() or "fr",
        "kicker": action.network.name,
        "number": _("Fiche action n° %(number)d") % {"number": action.pk},
        "title": action.title,
        "accent": ACCENTS[action.network.accent],
        "rail": rail,
        "lead": {"label": _("Résumé"), "paragraphs": lead} if lead else None,
        "picture": _picture(action),
        "sections": [_passage(one) for one in sections(action, SECTIONS)],
        "figures": [_hero(number) for number in numbers(action).heroes],
        "band": [_passage(one) for one in sections(action, RESULTS)],
        "foot": [_passage(one) for one in sections(action, FOOT)],
        "footer_left": _("Fiche mise à jour le %(date)s.") % {"date": updated},
        "footer_right": _("Tisserand · fiche n° %(number)d") % {"number": action.pk},
        "address": address,
    }


def _picture(action: Action) -> dict[str, Any] | None:
    """The first picture that the page shows; only the PDF prints it."""
    first = action.attachments.filter(SHOWN, extension="jpg").first()
    if first is None:
        return None
    try:
        with first.file.open("rb") as file:
            content = for_print(file)
    except OSError:  # its file is not there, or no longer whole: the words print without it
        return None
    credit = _("Photo : %(name)s") % {"name": first.credit} if first.credit else ""
    return {"file": content, "ratio": first.width / first.height, "alt": first.alt, "credit": credit}


def _lineage(action: Action) -> list[dict[str, Any]]:
    """What the sheet came of, and how far it went."""
    kin, told = lineage(action), []
    if kin.parent:
        original = kin.parent.action
        name, place = original.structure.name, original.structure.department
        title = original.title if original.is_public else _("une fiche archivée depuis")
        told.append({"label": _("Inspirée de"), "values": [title, f"{name} ({place})" if place else name]})
    if kin.children:
        count = len(kin.structures)
        values = [ngettext("%(n)d structure", "%(n)d structures", count) % {"n": count}]
        told.append({"label": _("Reprise par"), "values": values})
    return told


def _hero(number: Number) -> dict[str, str]:
    return {"value": number.value, "unit": number.caption, "note": number.origin}


def _passage(section: Section) -> dict[str, Any]:
    blocks = [
        {"kind": "list", "items": list(b.texts)} if b.kind == "list" else {"kind": "p", "text": b.texts[0]}
        for b in section.blocks
    ]
    return {"label": section.label, "blocks": blocks}


register(DocumentKind("actions.sheet", _l("Fiche action"), sheet_data, SHEET_RENDERERS))
