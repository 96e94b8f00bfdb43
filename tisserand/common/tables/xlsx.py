"""XLSX, in constant memory."""

import re
from collections.abc import Iterable, Sequence
from typing import BinaryIO

from tisserand.common.tables.cells import Loss

MAX_CELL = 32_767  # Excel's own limit, in units of UTF-16
CUT = " […] (texte coupé : limite du format XLSX)"


_NO_SHEET_NAME = re.compile(r"[\[\]:*?/\\']")
_LOST = re.compile("[\ufffe\uffff]")


def write_xlsx(file: BinaryIO, header: Sequence[str], rows: Iterable[Sequence[str]], *, title: str) -> list[Loss]:
    """Write rows as text cells, never as formulas.

    Returns:
        What Excel cannot hold whole: the caller must tell. The end of a text that was cut says it too.
    """
    import xlsxwriter  # takes a tenth of a second: only who asks for a file waits
    from xlsxwriter.utility import xl_rowcol_to_cell

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    lost: list[Loss] = []
    with xlsxwriter.Workbook(file, options) as workbook:
        sheet = workbook.add_worksheet(_NO_SHEET_NAME.sub(" ", title)[:31].strip())
        sheet.freeze_panes(1, 0)
        bold = workbook.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        wrap = workbook.add_format({"text_wrap": True, "valign": "top"})
        sheet.set_column(0, len(header) - 1, 28)
        for column, cell in enumerate(header):
            sheet.write_string(0, column, cell, bold)
        for number, row in enumerate(rows, 1):
            for column, cell in enumerate(row):
                if _LOST.search(cell):
                    lost.append(Loss(xl_rowcol_to_cell(number, column), "character"))
                if _size(cell) > MAX_CELL:
                    lost.append(Loss(xl_rowcol_to_cell(number, column), "cut"))
                if cell:
                    sheet.write_string(number, column, _short(_LOST.sub("\ufffd", cell)), wrap)
    return lost


def _size(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def _short(text: str) -> str:
    """What a cell can hold of a text, and that it is not whole."""
    if _size(text) <= MAX_CELL:
        return text
    room = MAX_CELL - len(CUT)
    if not text.isascii():
        text = text.encode("utf-16-le")[: 2 * room].decode("utf-16-le", "ignore")
    return text[:room] + CUT
