"""The sheet: one page or two made of facts, a lead, sections, a band of results and a foot.

One shape of data, three formats. Words and labels come in the data, in the reader's language.
"""

from pathlib import Path
from typing import Any, NotRequired, TypedDict

from tisserand.documents.pdf import typst_pdf
from tisserand.documents.registry import Renderer

SHEET_TEMPLATE = Path(__file__).resolve().parent / "templates" / "sheet.typ"


class Block(TypedDict):
    """What stands under a label. `kind` says the other keys: "p" text, "list" items, "table" heads and rows."""

    kind: str
    text: NotRequired[str]
    items: NotRequired[list[str]]
    heads: NotRequired[list[str]]
    rows: NotRequired[list[list[str]]]


class Passage(TypedDict):
    """Blocks under a label."""

    label: str
    blocks: list[Block]


class Fact(TypedDict):
    """A line of the rail: one label, one value or several."""

    label: str
    values: list[str]


class Lead(TypedDict):
    """The opening, set larger."""

    label: str
    paragraphs: list[str]


class Photo(TypedDict):
    """A picture under the opening, in PDF only: a JPEG, its width over its height, what it shows, who made it."""

    file: bytes
    ratio: float
    alt: str
    credit: str


class Hero(TypedDict):
    """A number shown large: "164", "61 %" or "4 sur 11"; `unit` says of what, `note` carries the base."""

    value: str
    unit: NotRequired[str]
    note: NotRequired[str]


class Sheet(TypedDict):
    """All that a sheet prints; a missing or empty part takes no room.

    `accent` is "#RRGGBB", dark enough for text (contrast of 6 on white), otherwise the default is
    used. `rail` looks best up to 11 facts, `band` up to 3 columns, `figures` up to 4, `foot` up to 2.
    """

    title: str
    lang: NotRequired[str]
    kicker: NotRequired[str]
    number: NotRequired[str]
    author: NotRequired[str]
    accent: NotRequired[str]
    rail: NotRequired[list[Fact]]
    lead: NotRequired[Lead | None]
    picture: NotRequired[Photo | None]
    sections: NotRequired[list[Passage]]
    band: NotRequired[list[Passage]]
    figures: NotRequired[list[Hero]]
    foot: NotRequired[list[Passage]]
    footer_left: NotRequired[str]
    footer_right: NotRequired[str]
    address: NotRequired[str]


def sheet_pdf(data: dict[str, Any]) -> bytes:
    """Return *data*, a `Sheet`, as tagged PDF; raises what `typst_pdf` raises."""
    return typst_pdf(SHEET_TEMPLATE, data)


# The libraries of these two formats take a third of a second to load: only who asks for a file waits.
def sheet_odt(data: dict[str, Any]) -> bytes:
    """Return *data*, a `Sheet`, as ODT."""
    from tisserand.documents import odt

    return odt.sheet_odt(data)


def sheet_docx(data: dict[str, Any]) -> bytes:
    """Return *data*, a `Sheet`, as DOCX."""
    from tisserand.documents import docx

    return docx.sheet_docx(data)


SHEET_RENDERERS: dict[str, Renderer] = {"pdf": sheet_pdf, "odt": sheet_odt, "docx": sheet_docx}
