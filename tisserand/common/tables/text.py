"""CSV."""

import csv
from collections.abc import Iterable, Sequence
from typing import TextIO

from tisserand.common.tables.cells import neutral_cell


def write_csv(file: TextIO, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write rows of text, comma-separated, RFC 4180; cells that look like formulas are neutralised."""
    writer = csv.writer(file)
    writer.writerow([neutral_cell(cell) for cell in header])
    for row in rows:
        writer.writerow([neutral_cell(cell) for cell in row])
