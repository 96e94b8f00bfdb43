"""ODT to be edited, from the data of a sheet."""

from datetime import UTC, datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from string import Template
from typing import Any
from xml.sax.saxutils import escape

from odfdo import Document, Element, Header, Link, List, ListItem, Paragraph, Span, Tab

from tisserand.documents.flow import Frame, Piece, flow, frame
from tisserand.documents.text import plain

_STYLES = Path(__file__).resolve().parent / "templates" / "sheet.odt.xml"
_THUMBNAIL = "Thumbnails/thumbnail.png"
_HEADINGS = {"title": 1, "label": 2}
_PARAGRAPHS = {"kicker": "Kicker", "lead": "Lead", "text": "Text_20_body", "source": "Source"}


def sheet_odt(data: dict[str, Any]) -> bytes:
    """Return *data*, a `Sheet`, as an OpenDocument text: real headings, lists, language and title.

    Raises KeyError for a part without its keys, ValueError for an unknown kind of block, TypeError
    for data that is not plain.
    """
    data = plain(data)
    about = frame(data)
    document = Document("text")
    document.set_part("styles.xml", _styles(about))
    _describe(document, about)
    body = document.body
    body.clear()
    dashes: List | None = None
    for piece in flow(data):
        if piece.role == "item":
            if dashes is None:
                dashes = List(style="Dashes")
                body.append(dashes)
            dashes.append(ListItem(_paragraph("Text_20_body", piece.texts[0])))
        else:
            dashes = None
            body.append(_element(piece))
    target = BytesIO()
    document.save(target)
    return target.getvalue()


@cache
def _template() -> Template:
    return Template(_STYLES.read_text(encoding="utf-8"))


def _styles(about: Frame) -> bytes:
    filled = _template().substitute(
        accent=about.accent.lower(),
        language=escape(about.language),
        country=about.country or "none",
        footer=escape(about.footer),
    )
    return filled.encode()


def _describe(document: Document, about: Frame) -> None:
    # The blank document comes with the picture of another one.
    document.del_part(_THUMBNAIL)
    document.manifest.del_full_path(_THUMBNAIL)
    meta = document.meta
    meta.title = about.title
    meta.language = about.locale
    meta.creator = about.author
    meta.creation_date = datetime.now(UTC).replace(tzinfo=None)
    meta.set_generator("Tisserand")


def _element(piece: Piece) -> Element:
    if piece.role in _HEADINGS:
        level = _HEADINGS[piece.role]
        header = Header(level)
        header.style = f"Heading_20_{level}"  # given to the constructor, it is lost
        header.append_plain_text(piece.texts[0])
        return header
    if piece.role == "fact":
        return _fact(piece)
    if piece.role == "figure":
        return _figure(piece)
    if piece.role == "link":
        return _link(piece.texts[0])
    return _paragraph(_PARAGRAPHS[piece.role], piece.texts[0])


def _paragraph(style: str, text: str = "") -> Paragraph:
    paragraph = Paragraph(style=style)
    paragraph.append_plain_text(text)
    return paragraph


def _span(style: str, text: str) -> Span:
    span = Span(style=style)
    span.append_plain_text(text)
    return span


def _fact(piece: Piece) -> Paragraph:
    paragraph = _paragraph("Fact")
    paragraph.append(_span("Label", piece.texts[0]))
    paragraph.append(Tab())
    paragraph.append_plain_text("\n".join(piece.texts[1:]))
    return paragraph


def _figure(piece: Piece) -> Paragraph:
    value, unit, note = piece.texts
    paragraph = _paragraph("Figure")
    paragraph.append(_span("Numeral", value))
    if unit:
        paragraph.append_plain_text(" ")
        paragraph.append(_span("Unit", unit))
    if note:
        paragraph.append_plain_text(f"\n{note}")
    return paragraph


def _link(address: str) -> Paragraph:
    paragraph = _paragraph("Source")
    link = Link(address, text=address, style="Internet_20_link")
    link.set_attribute("xlink:type", "simple")
    paragraph.append(link)
    return paragraph
