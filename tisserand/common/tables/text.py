"""CSV: for people who double-click it, or for programs."""

import csv
from collections.abc import Iterable, Sequence
from typing import TextIO

from tisserand.common.tables.cells import neutral_cell

MARK = "\ufeff"  # without it, Excel reads the accents of UTF-8 as Windows-1252


def write_csv(file: TextIO, header: Sequence[str], rows: Iterable[Sequence[str]], *, plain: bool = False) -> None:
    """Write rows of text; cells that look like formulas are neutralised.

    Args:
        plain: RFC 4180, comma-separated and without a mark, for programs; otherwise what a French Excel opens by a
            double click (ADR 0013).
    """
    if not plain:
        file.write(MARK)
    writer = csv.writer(file, delimiter="," if plain else ";")
    writer.writerow([neutral_cell(cell) for cell in header])
    for row in rows:
        writer.writerow([neutral_cell(cell) for cell in row])
