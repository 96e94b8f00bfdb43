"""The fields of a sheet, once: their order, their names in files, their labels on paper and on screen."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tisserand.actions.enums import Facet

Kind = Literal["name", "text", "choice", "choices"]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a sheet.

    Attributes:
        key: its name in JSON, in tables and in the code.
        label: its name on our screens and documents.
        published: its label in the published text; empty when it has none of its own.
        kind: `name` is a short line, `text` is free, `choice` holds one closed value and `choices` several.
        facet: the closed list of its values.
        also: other headings met in tables.
    """

    key: str
    label: str | Promise
    published: str
    kind: Kind
    facet: Facet | None = None
    also: tuple[str, ...] = ()


FIELDS: tuple[Field, ...] = (
    Field("title", _("Titre"), "", "name", also=("Titre de l'action", "Nom de l'action", "Action", "Intitulé")),
    Field("structure", _("Structure"), "Structure organisatrice", "name"),
    Field("department", _("Département"), "", "name"),
    Field("status", _("Statut"), "Statut de l'action", "choice", Facet.STATUS),
    Field(
        "ended_reason",
        _("Pourquoi elle est terminée"),
        "Raisons pour lesquelles l'action est terminée",
        "text",
        also=("Raison de fin",),
    ),
    Field("dimension", _("Dimension"), "Dimension", "choice", Facet.DIMENSION),
    Field("keywords", _("Mots-clés"), "Mots clés associés à l'action", "choices", Facet.KEYWORD, ("Mots clés",)),
    Field("summary", _("Résumé"), "Résumé", "text"),
    Field(
        "initiators",
        _("À l'initiative"),
        "Qui est à l'initiative de l'action ?",
        "choices",
        Facet.INITIATOR,
        ("Initiative", "Initiateurs"),
    ),
    Field("initiator_detail", _("Précision sur l'initiative"), "Précision ( si autre )", "text", also=("Précision",)),
    Field("territory", _("Territoire"), "Territoire concerné", "choice", Facet.TERRITORY),
    Field(
        "objectives",
        _("L'expérience, ses objectifs"),
        "Description de l'expérience, ses objectifs, ses acteurs et ses différentes phases.",
        "text",
        also=("Objectifs",),
    ),
    Field("public", _("Public"), "Public", "choice", Facet.PUBLIC, ("Publics",)),
    Field(
        "partners",
        _("Partenaires"),
        "Avec qui cette action a-t-elle été menée ?",
        "choices",
        Facet.PARTNER,
        ("Partenaires d'action",),
    ),
    Field("description", _("Comment ça se passe"), "Description générale", "text", also=("Description",)),
    Field(
        "funding",
        _("Ressources financières"),
        "Ressources financières mobilisées pour cette action",
        "text",
        also=("Financement", "Budget"),
    ),
    Field(
        "people",
        _("Personnes mobilisées"),
        "Nombre de personnes mobilisés pour cette action",
        "text",
        also=("Nombre de personnes mobilisées", "Nombre de personnes mobilisées pour cette action"),
    ),
    Field("result_territory", _("Résultat sur le territoire"), "Résultat sur le territoire", "text"),
    Field("result_structure", _("Résultat pour le centre social"), "Résultat pour le centre social", "text"),
    Field("result_residents", _("Résultat pour les habitants"), "Résultat pour les habitants", "text"),
    Field("limits", _("Limites"), "Suite de l'action : Limites", "text"),
    Field("perspectives", _("Perspectives"), "Suite de l'action : Perspectives", "text"),
)

BY_KEY = {field.key: field for field in FIELDS}
KEYS = tuple(BY_KEY)
# What the writers of a sheet write, and the network reads: all but whose sheet it is.
WRITTEN = tuple(key for key in KEYS if key not in {"structure", "department"})
TEXT_KEYS = tuple(field.key for field in FIELDS if field.kind == "text")
CLOSED = tuple(field for field in FIELDS if field.facet)


def marks(content: Mapping[str, Any]) -> str:
    """The marks of all that one writes in a sheet, in the order of `WRITTEN`."""
    return " ".join(mark(content[key]) for key in WRITTEN)


def mark(value: Any) -> str:
    """A short digest of a value, text or list without order, to know later whether it is still the same.

    Newlines count as one kind: those of a browser are not those of a file. `write.js` makes the same digest.
    """
    text = "\n".join(sorted(value)) if isinstance(value, list) else str(value)
    return sha256(text.replace("\r\n", "\n").replace("\r", "\n").encode()).hexdigest()[:16]
