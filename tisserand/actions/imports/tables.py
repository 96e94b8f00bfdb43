"""Tables with a header row: CSV, XLSX, ODS."""

import csv
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.utils.translation import gettext as _

from tisserand.actions.fields import FIELDS
from tisserand.actions.imports import workbook
from tisserand.actions.imports.apart import extra, known_headings, label_of
from tisserand.actions.imports.records import FileRefused, Message, Record
from tisserand.common.tables import restore_cell, split_list
from tisserand.common.text import fold

MAX_UNPACKED = 50 * 1024 * 1024
MAX_ENTRIES = 2_000
MAX_RATIO = 100
MAX_CELL = 1_000_000

MAX_COLUMNS = workbook.MAX_COLUMNS
Row = workbook.Row


def csv_rows(lines: Iterable[str], delimiter: str) -> Iterator[Row]:
    """Rows of a CSV file with the line where each begins.

    Raises:
        FileRefused: a quote that never closes, or a cell of over a million characters.
    """
    csv.field_size_limit(MAX_CELL)
    reader = csv.reader((line + "\n" for line in lines), delimiter=delimiter, strict=True)
    start = 1
    try:
        for row in reader:
            yield start, [restore_cell(cell) for cell in row]
            start = reader.line_num + 1
    except csv.Error as error:
        raise FileRefused(
            _("Le tableau ne se lit plus dès la ligne %(line)d : guillemet jamais fermé, ou case démesurée.")
            % {"line": start},
            line=start,
        ) from error


def guess_delimiter(header: str) -> str:
    """The separator that cuts the heading into the most known columns."""
    known = known_headings()
    return max(",;\t", key=lambda mark: sum(fold(cell) in known for cell in header.split(mark)))


def check_archive(path: Path) -> set[str]:
    """The names inside a workbook, after making sure that it unpacks to a reasonable size.

    Raises:
        FileRefused: not a whole archive, or one that would unpack too large.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError) as error:
        raise FileRefused(_("Ce classeur est abîmé ou coupé. Ouvrez-le et enregistrez-le à nouveau.")) from error
    unpacked = sum(entry.file_size for entry in entries)
    packed = max(1, path.stat().st_size)
    if len(entries) > MAX_ENTRIES or unpacked > MAX_UNPACKED or unpacked / packed > MAX_RATIO:
        raise FileRefused(
            _("Ce classeur se déplierait en %(size)d Mo : c'est trop. Enregistrez-le en CSV et recommencez.")
            % {"size": unpacked // (1024 * 1024)}
        )
    return {entry.filename for entry in entries}


def workbook_rows(path: Path, messages: list[Message]) -> Iterator[Row]:
    """Rows of the first sheet of an XLSX or ODS workbook that has any; sheets left aside are told.

    Raises:
        FileRefused: damaged, protected by a password, empty, or larger unpacked than it says.
    """
    told = {
        workbook.EMPTY: _("Ce classeur est vide."),
        workbook.UNREADABLE: _("Ce classeur ne se lit pas : il est abîmé ou protégé par un mot de passe."),
        workbook.TOO_LARGE: _("Ce classeur est trop grand une fois déplié. Enregistrez-le en CSV et recommencez."),
    }
    try:
        for number, cells in workbook.rows(path):
            if number:
                yield number, cells
            else:
                messages += [
                    Message(_("La feuille « %(name)s » n'est pas lue.") % {"name": n}, "warning") for n in cells
                ]
    except workbook.WorkbookError as error:
        raise FileRefused(told[error.code]) from error


def read_table(rows: Iterator[Row], messages: list[Message]) -> Iterator[Record]:
    """Yield one record per filled row; *messages* receives what concerns the columns.

    Raises:
        FileRefused: no heading row, or none of the columns that a sheet must have.
    """
    line, header = next(((n, row) for n, row in rows if any(c.strip() for c in row)), (0, []))
    columns = _columns(header, line)
    messages += _about_columns(columns, line)
    number = 0
    for line, row in rows:
        if any(cell.strip() for cell in row):
            number += 1
            yield _record(number, line, columns, row)


def _about_columns(columns: list[tuple[str, str]], line: int) -> Iterator[Message]:
    """What to tell of the columns that no field takes."""
    seen: set[str] = set()
    for key, heading in columns:
        if not key and heading and fold(heading) in seen:
            text = _("Deux colonnes « %(name)s » : rien n'en est perdu, la seconde est gardée à part.")
            yield Message(text % {"name": heading}, "warning", line)
        elif not key and heading:
            yield Message(_("Colonne inconnue « %(name)s », gardée à part.") % {"name": heading}, "info", line)
        seen.add(fold(heading))


def _columns(header: list[str], line: int) -> list[tuple[str, str]]:
    """For each column, (key or "", heading)."""
    if len(header) > MAX_COLUMNS:
        raise FileRefused(_("Ce tableau a plus de %(max)d colonnes.") % {"max": MAX_COLUMNS}, line=line or 1)
    known = known_headings()
    columns: list[tuple[str, str]] = []
    for cell in header:
        key = known.get(fold(cell), "")
        columns.append(("" if key in {k for k, _h in columns} else key, cell.strip()))
    found = {key for key, _heading in columns}
    missing = [name for key, name in (("title", _("Titre")), ("structure", _("Structure"))) if key not in found]
    if missing:
        raise FileRefused(
            _("Il manque une colonne : %(missing)s. La première ligne doit nommer les colonnes.")
            % {"missing": ", ".join(missing)},
            line=line or 1,
        )
    return columns


def _record(number: int, line: int, columns: list[tuple[str, str]], row: list[str]) -> Record:
    record = Record(number, line, {})
    if len(row) > len(columns) and any(cell.strip() for cell in row[len(columns) :]):
        record.reject(
            _("Cette ligne a %(cells)d cases pour %(columns)d colonnes : une case contient-elle le séparateur ?")
            % {"cells": len(row), "columns": len(columns)}
        )
    for (key, heading), cell in zip(columns, row, strict=False):
        if not key:
            if cell.strip():
                record.extras.append(extra(label_of(heading), cell))
        elif _IS_CLOSED[key]:
            record.fields[key] = split_list(cell)
        else:
            record.fields[key] = cell
    return record


_IS_CLOSED = {field.key: bool(field.facet) for field in FIELDS}
