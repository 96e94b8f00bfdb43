"""Open a file of sheets, whatever its format, and yield records that can be stored."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from django.utils.translation import gettext as _

from tisserand.actions.fields import BY_KEY
from tisserand.actions.imports import decoding, json_file, published_text, tables
from tisserand.actions.imports.apart import label_of
from tisserand.actions.imports.foreign import HEAD, refuse_archive, refuse_foreign
from tisserand.actions.imports.records import FileRefused, Message, Record, is_storable
from tisserand.common.tables.xlsx import CUT
from tisserand.common.text import one_line, split_lines

LIMITS = {"title": 2_000, "structure": 300, "department": 100}
MAX_TEXT = 200_000
MAX_VALUE = 500
MAX_VALUES = 60


@dataclass(slots=True)
class Reading:
    """A file being read: its format, its records, and what concerns no record (complete once read)."""

    format: str
    records: Iterator[Record]
    messages: list[Message] = field(default_factory=list)


def open_records(path: Path) -> Reading:
    """Recognise the format by its content and start reading.

    Raises:
        FileRefused: now or while reading; the message says what to do.
    """
    with path.open("rb") as file:
        head = file.read(HEAD)
    if head.startswith(b"PK\x03\x04"):
        return _open_workbook(path)
    refuse_foreign(head)
    encoding = decoding.detect_encoding(path)
    return _open_text(path, encoding)


def _open_workbook(path: Path) -> Reading:
    names = tables.workbook_names(path)
    if "xl/workbook.xml" in names:
        kind = "xlsx"
    elif tables.is_spreadsheet(path, names):
        kind = "ods"
    else:
        refuse_archive(names)
    reading = Reading(kind, iter(()))
    rows = tables.workbook_rows(path, reading.messages)
    reading.records = _checked(tables.read_table(rows, reading.messages))
    return reading


def _open_text(path: Path, encoding: str) -> Reading:
    start = decoding.first_character(path, encoding)
    if not start:
        raise FileRefused(_("Le fichier est vide. Vérifiez que c'est le bon, et qu'il a été enregistré."))
    if start in ("{", "["):
        return Reading("json", _checked(json_file.read_json(path, encoding)))
    delimiter = tables.find_delimiter(list(islice(decoding.lines(path, encoding), 400)))
    if delimiter:
        reading = Reading("csv", iter(()))
        rows = tables.csv_rows(decoding.lines(path, encoding), delimiter)
        reading.records = _checked(tables.read_table(rows, reading.messages))
        return reading
    reading = Reading("txt", iter(()))
    whole = decoding.ends_with_newline(path, encoding)
    lines = decoding.lines(path, encoding)
    reading.records = _checked(published_text.read_published_text(lines, reading.messages, ends_whole=whole))
    return reading


def _checked(records: Iterator[Record]) -> Iterator[Record]:
    """Refuse the records that the catalogue cannot hold."""
    for record in records:
        if not record.rejected:
            _tidy(record)
            _check(record)
        yield record


def _tidy(record: Record) -> None:
    """Newlines of one kind, names and values on one line: what every format can hold."""
    for key, value in record.fields.items():
        if isinstance(value, str):
            record.fields[key] = "\n".join(split_lines(value))
        else:
            record.fields[key] = [one_line(one).strip() for one in value]
        if isinstance(value, str) and value.endswith(CUT):
            text = _("Ce texte a été coupé par un tableur. Reprenez-le d'un export en ODS, CSV ou JSON.")
            record.say(text, field=key)
    for one in record.extras:
        one["label"] = label_of(" ".join(one["label"].split()))
        one["text"] = "\n".join(split_lines(one["text"]))
    record.extras = [one for one in record.extras if one["label"] or one["text"].strip()]


def _check(record: Record) -> None:
    for key in ("title", "structure"):
        if not str(record.fields.get(key, "")).strip():
            record.reject(_("Il manque : %(name)s.") % {"name": BY_KEY[key].label}, field=key)
    for key in ("title", "structure", "department"):
        text = str(record.fields.get(key, ""))
        if one_line(text) != text:
            # The published text gives these one line: a second one would be read as the beginning of something else.
            record.fields[key] = one_line(text)
            told = _("Écrit sur plusieurs lignes, mis sur une seule.")
            invisible = _("Des caractères invisibles ont été remplacés par une espace.")
            record.say(told if "\n" in text else invisible, level="info", field=key)
    for key, value in record.fields.items():
        values = [value] if isinstance(value, str) else value
        limit = LIMITS.get(key, MAX_TEXT) if isinstance(value, str) else MAX_VALUE
        if len(values) > MAX_VALUES or any(len(text) > limit for text in values):
            record.reject(_("Trop long pour ce champ (%(max)d caractères au plus).") % {"max": limit}, field=key)
        if any(not is_storable(text) for text in values):
            record.reject(_("Contient un caractère qu'aucune base ne garde (nul ou incomplet)."), field=key)
    if any(not is_storable("".join(extra.values())) for extra in record.extras):
        record.reject(_("Contient un caractère qu'aucune base ne garde (nul ou incomplet)."))
    texts = [text for text in record.fields.values() if isinstance(text, str)]
    if sum(map(len, texts)) + sum(len(extra["text"]) for extra in record.extras) > MAX_TEXT:
        record.reject(_("Cette fiche dépasse %(max)d caractères en tout.") % {"max": MAX_TEXT})
