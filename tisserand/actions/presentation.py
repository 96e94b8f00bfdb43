"""A sheet as it is read: sections in the order of the form, empty ones left out. For screens and for paper."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from tisserand.actions.enums import Facet
from tisserand.actions.fields import BY_KEY, Field
from tisserand.actions.models import Action, ActionTerm
from tisserand.actions.numbers import numbers
from tisserand.actions.queries.attachments import shown
from tisserand.actions.vocabulary import is_over
from tisserand.common.text import shorten, split_lines
from tisserand.common.typography import NBSP

SECTIONS = ("ended_reason", "objectives", "description", "funding", "people")
RESULTS = ("result_territory", "result_structure", "result_residents")
FOOT = ("limits", "perspectives")
EXCERPT = 180  # characters of a summary, on the pages that announce a sheet
SEPARATOR = f"{NBSP}· "
_BULLET = re.compile(r"\s*(?:[-–•*]|->)\s*(?=\S)")


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph (`kind` "p", one text) or a list (`kind` "list", its items)."""

    kind: str
    texts: tuple[str, ...]


def blocks(text: str) -> list[Block]:
    """Paragraphs and lists of a free text: lines that begin with a dash or a bullet make a list."""
    made: list[Block] = []
    for line in split_lines(text):
        if not line.strip():
            continue
        bullet = _BULLET.match(line)
        if bullet and made and made[-1].kind == "list":
            made[-1] = Block("list", (*made[-1].texts, line[bullet.end() :]))
        elif bullet:
            made.append(Block("list", (line[bullet.end() :],)))
        else:
            made.append(Block("p", (line.strip(),)))
    return made


@dataclass(frozen=True, slots=True)
class Section:
    """A free text of a sheet under its label."""

    key: str
    label: str
    blocks: list[Block]


@dataclass(frozen=True, slots=True)
class Value:
    """A closed value: what to show, where it leads, whether it waits for a decision, what the file said."""

    label: str
    address: str
    verified: bool
    original: str


@dataclass(frozen=True, slots=True)
class Detail:
    """A closed list of a sheet under its label."""

    key: str
    label: str
    values: list[Value]


def section(action: Action, key: str) -> Section | None:
    """One free text, or None when it is empty, or says why an action that goes on is over."""
    if key == "ended_reason" and _goes_on(action):
        return None
    made = blocks(getattr(action, key))
    return Section(key, str(BY_KEY[key].label), made) if made else None


def _goes_on(action: Action) -> bool:
    """Whether its status says so, in a value of the network: what a file told without one, or with another, shows."""
    statuses = [link.term for link in action.term_links.all() if link.term.facet == Facet.STATUS]
    return bool(statuses) and all(term.verified and not is_over([term.label]) for term in statuses)


def sections(action: Action, keys: tuple[str, ...]) -> list[Section]:
    """Several free texts, empty ones left out."""
    return [one for key in keys if (one := section(action, key))]


def whole(action: Action) -> dict[str, Any]:
    """All that a sheet tells, for the templates `_telling.html` and `_aside.html`."""
    hung = shown(action)
    pictures = [one for one in hung if one.kind.is_picture]
    return {
        "picture": pictures[0] if pictures else None,
        "pictures": pictures[1:],
        "documents": [one for one in hung if not one.kind.is_picture],
        "lead": section(action, "summary"),
        "sections": sections(action, SECTIONS),
        "results": sections(action, RESULTS),
        "foot": sections(action, FOOT),
        "detail": section(action, "initiator_detail"),
        "details": details(action),
        "numbers": numbers(action),
        "extras": kept_apart(action),
    }


def details(action: Action) -> list[Detail]:
    """The closed lists of a sheet that are not empty, in the order of the form."""
    keys = ("status", "dimension", "keywords", "initiators", "territory", "public", "partners")
    found = [_detail(BY_KEY[key], list(action.term_links.all())) for key in keys]
    return [one for one in found if one.values]


def _detail(field: Field, links: list[ActionTerm]) -> Detail:
    return Detail(
        field.key,
        str(field.label),
        [
            Value(
                link.term.label,
                f"{reverse('catalogue')}?{link.term.facet}={link.term.slug}",
                link.term.verified,
                link.original,
            )
            for link in links
            if link.term.facet == field.facet
        ],
    )


def entry(action: Action) -> dict[str, str]:
    """A sheet announced on another page: title, the start of its summary, structure and place."""
    structure = action.structure
    places = dict.fromkeys(name for name in (structure.name, structure.commune or structure.department) if name)
    return {
        "url": action.get_absolute_url(),
        "title": action.title,
        "text": shorten(action.summary, EXCERPT),
        "meta": SEPARATOR.join(places),
    }


def neighbour(action: Action, shared: Sequence[tuple[str, Sequence[str]]]) -> dict[str, Any]:
    """A sheet announced beside one that resembles it: what they share (see `queries.Neighbour`), not its summary."""
    reasons = [{"label": _sameness(kind, len(values)), "values": ", ".join(values)} for kind, values in shared]
    return entry(action) | {"text": "", "reasons": reasons}


def _sameness(kind: str, count: int) -> str:
    told = {
        "words": (_("Même sujet"), _("Même sujet")),
        "keyword": (_("Même mot-clé"), _("Mêmes mots-clés")),
        "public": (_("Même public"), _("Mêmes publics")),
        "partner": (_("Même partenaire"), _("Mêmes partenaires")),
        "initiator": (_("Même initiative"), _("Mêmes initiatives")),
    }
    return told[kind][count > 1]


def kept_apart(action: Action) -> list[dict[str, str]]:
    """What the file held and no field takes, with the label that stands before it."""
    return [
        {
            "label": extra.get("label", ""),
            "after": str(BY_KEY[extra["after"]].label) if extra.get("after") in BY_KEY else "",
            "text": extra.get("text", ""),
        }
        for extra in action.extras
    ]
