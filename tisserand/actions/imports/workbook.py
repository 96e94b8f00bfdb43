"""Reading an XLSX or ODS workbook in a process of its own, with little memory and little time.

A workbook of one kilobyte can ask for gigabytes (a cell in the last corner, a repeated row, one long string used a
thousand times) and its reader then aborts, which no exception catches. So it aborts elsewhere.

As a program: `python -m tisserand.actions.imports.workbook FILE` writes one JSON list per row: number, cells.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

MEMORY = 700 * 1024 * 1024  # address space of the child, most of it mapped and never used
SECONDS = 20  # of processor
MAX_CELLS = 3_000_000
MAX_COLUMNS = 200
MAX_ROWS = 200_000
TOO_LARGE, UNREADABLE, EMPTY = 3, 4, 5

Row = tuple[int, list[str]]


class WorkbookError(Exception):
    """The workbook was not read; `code` says why (TOO_LARGE, UNREADABLE or EMPTY)."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def rows(path: Path) -> Iterator[Row]:
    """Rows of the first sheet that has any, and the names of the sheets left aside as row 0, first.

    Raises:
        WorkbookError: it asks for more than we give, or it is damaged, or protected, or empty.
    """
    command = [sys.executable, "-m", "tisserand.actions.imports.workbook", str(path)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, encoding="utf-8"
    ) as child:
        assert child.stdout is not None
        try:
            for line in child.stdout:
                number, cells = json.loads(line)
                yield number, cells
        finally:
            child.stdout.close()
            if child.poll() is None:
                child.kill()
        code = child.wait()
    if code:
        # A limit reached ends the child by a signal or an abort: told as too large.
        raise WorkbookError(code if code in {UNREADABLE, EMPTY} else TOO_LARGE)


def main() -> int:
    """Read the workbook named on the command line; the exit status tells what went wrong."""
    _limit()
    from python_calamine import CalamineWorkbook

    try:
        workbook = CalamineWorkbook.from_path(sys.argv[1])
        sheets = [workbook.get_sheet_by_name(name) for name in workbook.sheet_names]
        filled = [sheet for sheet in sheets if sheet.width and sheet.height]
        return _write(filled[0], [sheet.name for sheet in filled[1:]]) if filled else EMPTY
    except BaseException as error:
        return TOO_LARGE if isinstance(error, MemoryError) else UNREADABLE


def _limit() -> None:
    with suppress(ImportError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))


def _write(sheet: Any, others: list[str]) -> int:
    if sheet.height * sheet.width > MAX_CELLS or sheet.width > MAX_COLUMNS or sheet.height > MAX_ROWS:
        return TOO_LARGE
    sys.stdout.write(json.dumps([0, others]) + "\n")
    first = sheet.start[0] + 1
    for number, row in enumerate(sheet.to_python(skip_empty_area=True), first):
        sys.stdout.write(json.dumps([number, [told(cell) for cell in row]]) + "\n")
    return 0


def told(cell: Any) -> str:
    """The text of a cell, whatever its type."""
    if isinstance(cell, bool):
        return "oui" if cell else "non"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.strftime("%d/%m/%Y" if cell.time() == time() else "%d/%m/%Y %H:%M")
    if isinstance(cell, date):
        return cell.strftime("%d/%m/%Y")
    return "" if cell is None else str(cell)


if __name__ == "__main__":
    sys.exit(main())
