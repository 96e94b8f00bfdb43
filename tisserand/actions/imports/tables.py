"""Tables with a header row: CSV, XLSX, ODS."""

import csv
import zipfile
import zlib
from collections.abc import Collection, Iterable, Iterator
from itertools import chain
from pathlib import Path

from django.utils.translation import gettext as _

from tisserand.actions.fields import FIELDS
from tisserand.actions.imports import workbook
from tisserand.actions.imports.apart import extra, known_headings, label_of
from tisserand.actions.imports.published_text import OPENING
from tisserand.actions.imports.records import FileRefused, Message, Record
from tisserand.common.files.archives import ArchiveRefused, check_archive
from tisserand.common.tables import restore_cell, split_list
from tisserand.common.text import fold

MAX_CELL = 1_000_000

HEADING_WITHIN = 20  # filled lines: a title and a date often stand above a table

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
            _(
                "Le tableau ne se lit plus dès la ligne %(line)d : guillemet jamais fermé, ou case démesurée. "
                "Corrigez cette ligne, ou enregistrez le tableau en XLSX."
            )
            % {"line": start},
            line=start,
        ) from error


def find_delimiter(sample: list[str]) -> str:
    """The separator of a table with a heading row, from the first lines of a text; empty when it is no table.

    A line names several columns, or the first one names one and no sheet of the published text begins anywhere.
    """
    filled = [line for line in sample if line.strip()][:HEADING_WITHIN]
    published = any(line.strip() == OPENING for line in sample)
    for place, line in enumerate(filled):
        if line.strip() == OPENING:
            break
        mark = max(",;\t", key=lambda mark: _named(line.split(mark)))
        if _named(line.split(mark)) >= 2 or (place == 0 and not published and _named(line.split(mark))):
            return mark
    return ""


def _named(cells: list[str]) -> int:
    """How many cells name a column."""
    known = known_headings()
    return sum(fold(cell) in known for cell in cells)


def workbook_names(path: Path) -> set[str]:
    """The names inside a workbook, after making sure that it unpacks to a reasonable size.

    Raises:
        FileRefused: not a whole archive, or one that would unpack too large.
    """
    try:
        with path.open("rb") as file:
            entries = check_archive(file)
    except ArchiveRefused as refused:
        if refused.unpacked is None:
            raise FileRefused(_("Ce classeur est abîmé ou coupé. Ouvrez-le et enregistrez-le à nouveau.")) from refused
        raise FileRefused(
            _("Ce classeur se déplierait en %(size)d Mo : c'est trop. Enregistrez-le en CSV et recommencez.")
            % {"size": refused.unpacked // (1024 * 1024)}
        ) from refused
    return {entry.filename for entry in entries}


def is_spreadsheet(path: Path, names: Collection[str]) -> bool:
    """Whether an archive is an ODS: a text or a presentation of the same family is not."""
    if "content.xml" not in names or "META-INF/manifest.xml" not in names:
        return False
    if "mimetype" not in names:
        return True
    with zipfile.ZipFile(path) as archive:
        try:
            return b"spreadsheet" in archive.read("mimetype")[:200]
        except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError, ValueError, zlib.error):
            return True  # its reader will say what is wrong


def workbook_rows(path: Path, messages: list[Message]) -> Iterator[Row]:
    """Rows of the first sheet of an XLSX or ODS workbook that has any; sheets left aside are told.

    Raises:
        FileRefused: damaged, protected by a password, empty, or larger unpacked than it says.
    """
    told = {
        workbook.EMPTY: _("Ce classeur est vide. Vérifiez que c'est le bon, et qu'il a été enregistré."),
        workbook.UNREADABLE: _(
            "Ce classeur ne se lit pas : il est abîmé ou protégé par un mot de passe. Ouvrez-le et enregistrez-le sans."
        ),
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
    above, (line, header), below = _find_heading(rows)
    unread = [message.text for message in messages]  # other sheets of the workbook: the table may be there
    columns = _columns(header, line, unread)
    for number, row in above:
        text = _("Ligne placée au-dessus des titres, pas reprise : « %(text)s »")
        messages.append(Message(text % {"text": " ".join(filter(None, row))[:200]}, "warning", number))
    messages += _about_columns(columns, line)
    number = 0
    for line, row in chain(below, rows):
        if any(cell.strip() for cell in row):
            number += 1
            yield _record(number, line, columns, row)
    if not number:
        raise FileRefused(_("Ce tableau n'a que ses titres. Écrivez une fiche par ligne, dessous."), line=line)


def _find_heading(rows: Iterator[Row]) -> tuple[list[Row], Row, list[Row]]:
    """What stands above the heading row, that row, and rows already read below it.

    It is the first row that names what a sheet must have; failing that the first one, to say what it lacks.
    """
    met: list[Row] = []
    for row in rows:
        if any(cell.strip() for cell in row[1]):
            keys = {known_headings().get(fold(cell)) for cell in row[1]}
            if {"title", "structure"} <= keys:
                return met, row, []
            met.append(row)
        if len(met) == HEADING_WITHIN:
            break
    return [], (met[0] if met else (0, [])), met[1:]


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


def _columns(header: list[str], line: int, unread: list[str]) -> list[tuple[str, str]]:
    """For each column, (key or "", heading)."""
    if len(header) > MAX_COLUMNS:
        raise FileRefused(
            _("Ce tableau a plus de %(max)d colonnes. Retirez celles qui ne servent pas.") % {"max": MAX_COLUMNS},
            line=line or 1,
        )
    known = known_headings()
    columns: list[tuple[str, str]] = []
    for cell in header:
        key = known.get(fold(cell), "")
        columns.append(("" if key in {k for k, _h in columns} else key, cell.strip()))
    found = {key for key, _heading in columns}
    missing = [name for key, name in (("title", _("Titre")), ("structure", _("Structure"))) if key not in found]
    if missing:
        text = _("Il manque une colonne : %(missing)s. La première ligne doit nommer les colonnes.")
        raise FileRefused(" ".join([text % {"missing": ", ".join(missing)}, *unread]), line=line or 1)
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
