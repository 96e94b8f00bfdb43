"""A table as a temporary file, in the format asked."""

import io
import tempfile
from collections.abc import Iterable, Sequence
from typing import BinaryIO

from tisserand.common.tables.cells import Loss
from tisserand.common.tables.ods import write_ods
from tisserand.common.tables.text import write_csv
from tisserand.common.tables.xlsx import write_xlsx

# In the order in which they are offered: what opens everywhere without a question comes first.
CONTENT_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "csv": "text/csv; charset=utf-8",
}


def write_table(
    file: BinaryIO,
    format: str,
    header: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    title: str,
    plain: bool = False,
) -> list[Loss]:
    """Write rows of text as CSV, XLSX or ODS.

    Args:
        plain: a CSV for programs, not for a spreadsheet (see `write_csv`).

    Returns:
        What the format cannot hold as it is.

    Raises:
        KeyError: an unknown format.
    """
    if format == "csv":
        text = io.TextIOWrapper(file, "utf-8", newline="", write_through=True)
        write_csv(text, header, rows, plain=plain)
        text.detach()
    elif format == "ods":
        return write_ods(file, header, rows, title=title)
    elif format == "xlsx":
        return write_xlsx(file, header, rows, title=title)
    else:
        raise KeyError(format)
    return []


def table_file(format: str, header: Sequence[str], rows: Iterable[Sequence[str]], *, title: str) -> BinaryIO:
    """A temporary file at its start; it goes when closed."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    write_table(file, format, header, rows, title=title)
    file.seek(0)
    return file
