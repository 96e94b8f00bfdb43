"""DOCX to be edited, from the data of a sheet."""

from datetime import UTC, datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from string import Template
from typing import Any
from xml.sax.saxutils import escape

import docx
from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.oxml import serialize_part_xml
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import qn
from docx.shared import Mm
from docx.text.paragraph import Paragraph

from tisserand.documents.flow import Frame, Piece, flow, frame
from tisserand.documents.text import plain

_STYLES = Path(__file__).resolve().parent / "templates" / "sheet.docx.xml"
_PARAGRAPHS = {
    "kicker": "Kicker",
    "title": "Heading 1",
    "label": "Heading 2",
    "lead": "Lead",
    "text": "Body Text",
    "item": "List Bullet",
    "source": "Source",
}
# Leftovers of python-docx's blank document: a picture of it, and its styles for Word 2007.
_LEFTOVERS = ("/thumbnail", "/stylesWithEffects")


def sheet_docx(data: dict[str, Any]) -> bytes:
    """Return *data*, a `Sheet`, as a Word document: real headings, lists, language and title.

    Raises KeyError for a part without its keys, ValueError for an unknown kind of block, TypeError
    for data that is not plain.
    """
    data = plain(data)
    about = frame(data)
    document = docx.Document()
    _dress(document, about)
    _describe(document, about)
    _page(document, about)
    for piece in flow(data):
        _add(document, piece)
    target = BytesIO()
    document.save(target)
    return target.getvalue()


@cache
def _template() -> Template:
    return Template(_STYLES.read_text(encoding="utf-8"))


def _dress(document: Document, about: Frame) -> None:
    filled = _template().substitute(accent=about.accent, locale=escape(about.locale))
    styles, numbering, fonts = parse_xml(filled.encode()).findall("*")
    _replace(document.styles.element, styles)
    _replace(document.part.numbering_part.element, numbering)
    for relation in document.part.rels.values():
        if relation.reltype == RELATIONSHIP_TYPE.FONT_TABLE:
            # python-docx has no class for this part: it keeps its bytes.
            relation.target_part._blob = serialize_part_xml(fonts)
    for rels in (document.part.rels, document.part.package.rels):
        for key in [key for key, relation in rels.items() if relation.reltype.endswith(_LEFTOVERS)]:
            del rels[key]


def _replace(element: Any, other: Any) -> None:
    for child in list(element):
        element.remove(child)
    element.extend(list(other))


def _describe(document: Document, about: Frame) -> None:
    properties = document.core_properties
    properties.title = about.title[:255]
    properties.author = about.author[:255]
    properties.last_modified_by = ""
    properties.language = about.locale
    properties.comments = ""
    properties.created = properties.modified = datetime.now(UTC).replace(tzinfo=None)


def _page(document: Document, about: Frame) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(18)
    section.footer_distance = Mm(9)
    foot = section.footer.paragraphs[0]
    foot.add_run(f"{about.footer}\t")
    _add_field(foot, "PAGE")
    foot.add_run(" / ")
    _add_field(foot, "NUMPAGES")


def _add_field(paragraph: Paragraph, name: str) -> None:
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), name)
    shown = OxmlElement("w:r")
    text = OxmlElement("w:t")
    text.text = "1"
    shown.append(text)
    field.append(shown)
    paragraph._p.append(field)


def _add(document: Document, piece: Piece) -> None:
    if piece.role == "fact":
        paragraph = document.add_paragraph(style="Fact")
        paragraph.add_run(piece.texts[0], style="Label")
        paragraph.add_run("\t" + "\n".join(piece.texts[1:]))
    elif piece.role == "figure":
        _add_figure(document.add_paragraph(style="Figure"), *piece.texts)
    elif piece.role == "link":
        _add_link(document.add_paragraph(style="Source"), piece.texts[0])
    else:
        document.add_paragraph(piece.texts[0], style=_PARAGRAPHS[piece.role])


def _add_figure(paragraph: Paragraph, value: str, unit: str, note: str) -> None:
    paragraph.add_run(value, style="Numeral")
    if unit:
        paragraph.add_run(" ")
        paragraph.add_run(unit, style="Unit")
    if note:
        paragraph.add_run(f"\n{note}")


def _add_link(paragraph: Paragraph, address: str) -> None:
    link = OxmlElement("w:hyperlink")
    link.set(qn("r:id"), paragraph.part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
    link.append(paragraph.add_run(address, style="Hyperlink")._r)
    paragraph._p.append(link)
