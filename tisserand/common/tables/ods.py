"""ODS by streaming XML: thirty times quicker than the libraries, in constant memory (ADR 0005)."""

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from typing import BinaryIO
from xml.sax.saxutils import escape

from tisserand.common.tables.cells import Loss
from tisserand.common.text import FORBIDDEN_IN_XML

_MIME = "application/vnd.oasis.opendocument.spreadsheet"
_MANIFEST = f"""<?xml version="1.0" encoding="UTF-8"?>
<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.3">
<manifest:file-entry manifest:full-path="/" manifest:media-type="{_MIME}"/>
<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>
</manifest:manifest>"""
_OPEN = """<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"
 xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0" office:version="1.3">
<office:automatic-styles><style:style style:name="head" style:family="table-cell">
<style:text-properties fo:font-weight="bold"/></style:style></office:automatic-styles>
<office:body><office:spreadsheet><table:table table:name="%s">"""
_CLOSE = "</table:table></office:spreadsheet></office:body></office:document-content>"
_SPACES = re.compile(r"(?<= ) +|^ +| +$")


def write_ods(file: BinaryIO, header: Sequence[str], rows: Iterable[Sequence[str]], *, title: str) -> list[Loss]:
    """Write rows as text cells, never as formulas; line breaks inside a cell become paragraphs.

    Returns:
        The cells of which a character becomes a space, since XML has no place for it.
    """
    lost: list[Loss] = []
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", _MIME, zipfile.ZIP_STORED)  # first and stored: the format asks for it
        archive.writestr("META-INF/manifest.xml", _MANIFEST)
        with archive.open("content.xml", "w", force_zip64=True) as raw, io.TextIOWrapper(raw, "utf-8") as xml:
            xml.write(_OPEN % escape(FORBIDDEN_IN_XML.sub(" ", title), {'"': "&quot;"}))
            xml.write(_row(header, ' table:style-name="head"'))
            for number, row in enumerate(rows, 2):
                xml.write(_row(row, ""))
                lost += [
                    Loss(f"{_column(column)}{number}", "character")
                    for column, cell in enumerate(row)
                    if FORBIDDEN_IN_XML.search(cell)
                ]
            xml.write(_CLOSE)
    return lost


def _column(number: int) -> str:
    """`A`, `B`… `AA`: the letters of a column, from 0."""
    return (_column(number // 26 - 1) if number >= 26 else "") + chr(65 + number % 26)


def _row(cells: Sequence[str], style: str) -> str:
    return "<table:table-row>" + "".join(_cell(cell, style) for cell in cells) + "</table:table-row>"


def _cell(text: str, style: str) -> str:
    if not text:
        return "<table:table-cell/>"
    paragraphs = "".join(f"<text:p>{_line(line)}</text:p>" for line in text.split("\n"))
    return f'<table:table-cell{style} office:value-type="string">{paragraphs}</table:table-cell>'


def _line(line: str) -> str:
    """Escape a line; runs of spaces have their own element, or readers would fold them.

    A tab stays a character: the reader we import with drops the element that the format has for it.
    """
    safe = escape(FORBIDDEN_IN_XML.sub(" ", line))
    return _SPACES.sub(lambda m: f'<text:s text:c="{len(m[0])}"/>', safe)
