"""The register of processing on paper."""

from typing import Any

from django.utils.timezone import localdate
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from tisserand.common.dates import long_day
from tisserand.documents.registry import DocumentKind, register
from tisserand.documents.sheet import SHEET_RENDERERS
from tisserand.network.models import Network
from tisserand.portal.register import MEASURES, Line, register_lines


def register_data(network: Network) -> dict[str, Any]:
    """Plain data of the register of a network."""
    told = getattr(network, "controller", None)
    said = [
        (_("Responsable"), [told.name, *told.address.split("\n")] if told else [_("à écrire")]),
        (_("Pour exercer ses droits"), [told.contact] if told else []),
        (_("Délégué·e à la protection des données"), [told.officer] if told else []),
        (_("À jour au"), [long_day(localdate())]),
    ]
    rail = [{"label": label, "values": [one for one in values if one]} for label, values in said]
    return {
        "lang": get_language() or "fr",
        "kicker": network.name,
        "title": _("Registre des traitements"),
        "rail": [one for one in rail if one["values"]],
        "sections": [*map(_section, register_lines()), _measures()],
        "footer_right": _("Registre des traitements, article 30 du RGPD"),
    }


def _section(line: Line) -> dict[str, Any]:
    said = [
        _("Pour quoi faire : %(words)s") % {"words": line.purpose},
        _("Ce qui le permet : %(words)s") % {"words": line.basis},
        _("De qui : %(words)s") % {"words": line.people},
    ]
    heads = [_("Ce qui est gardé"), _("Pourquoi"), _("Qui le voit"), _("Combien de temps")]
    rows = [[one.name, ". ".join(one.why), one.seen_by, " ; ".join(one.how_long)] for one in line.kinds]
    return {
        "label": line.name,
        "blocks": [{"kind": "list", "items": said}, {"kind": "table", "heads": heads, "rows": rows}],
    }


def _measures() -> dict[str, Any]:
    return {"label": _("Mesures de sécurité"), "blocks": [{"kind": "list", "items": [str(one) for one in MEASURES]}]}


# To print, and to complete by hand.
register(
    DocumentKind(
        "portal.register",
        _l("Registre des traitements"),
        register_data,
        {key: SHEET_RENDERERS[key] for key in ("pdf", "odt")},
    )
)
