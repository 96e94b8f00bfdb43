"""XLSX, in constant memory."""

from collections.abc import Iterable, Sequence
from typing import BinaryIO

MAX_CELL = 32_767  # Excel's own limit
CUT = " […] (texte coupé : limite du format XLSX)"


def write_xlsx(file: BinaryIO, header: Sequence[str], rows: Iterable[Sequence[str]], *, title: str) -> list[str]:
    """Write rows as text cells, never as formulas.

    Returns:
        The cells that Excel cannot hold whole, as `B12`; they are cut, and the caller must tell.
    """
    import xlsxwriter  # takes a tenth of a second: only who asks for a file waits
    from xlsxwriter.utility import xl_rowcol_to_cell

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    cut: list[str] = []
    with xlsxwriter.Workbook(file, options) as workbook:
        sheet = workbook.add_worksheet(title[:31])
        sheet.freeze_panes(1, 0)
        bold = workbook.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        wrap = workbook.add_format({"text_wrap": True, "valign": "top"})
        sheet.set_column(0, len(header) - 1, 28)
        for column, cell in enumerate(header):
            sheet.write_string(0, column, cell, bold)
        for number, row in enumerate(rows, 1):
            for column, cell in enumerate(row):
                if len(cell) > MAX_CELL:
                    cut.append(xl_rowcol_to_cell(number, column))
                    cell = cell[: MAX_CELL - len(CUT)] + CUT  # noqa: PLW2901 - told in the cell itself
                if cell:
                    sheet.write_string(number, column, cell, wrap)
    return cut
