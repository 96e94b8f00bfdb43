"""Sheets out: JSON, CSV, XLSX, ODS, and the published text again."""

import json
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from tisserand.actions.fields import BY_KEY, FIELDS, KEYS
from tisserand.actions.imports.apart import STRUCTURE, by_label, heading, suffixed
from tisserand.actions.imports.published_text import (
    BLOCKS,
    HEADER,
    OPENING,
    PARTNERS_INTRO,
    Block,
    ranks_of,
    read_published_text,
    shielded,
)
from tisserand.actions.models import Action
from tisserand.actions.vocabulary import is_over
from tisserand.common.tables import join_list
from tisserand.common.tables.files import CONTENT_TYPES as TABLES
from tisserand.common.tables.files import write_table
from tisserand.common.text import fold

# One row to imitate, in the words of the lists that a network starts with.
EXAMPLE: dict[str, str | list[str]] = {
    "title": "Exemple à effacer : le banc des devoirs",
    "structure": "Maison du Pré-Long",
    "department": "Somme",
    "status": "En cours",
    "dimension": "Accompagnement de projets",
    "keywords": ["éducation / scolarité", "Parentalité"],
    "summary": "Deux soirs par semaine, les enfants font leurs devoirs avec des retraités.",
    "initiators": ["Un groupe d'habitants"],
    "territory": "Un quartier",
    "objectives": "Que chacun rentre avec ses devoirs faits.",
    "public": "Enfance",
    "partners": ["Caf", "Éducation Nationale"],
    "description": "De 17 h à 18 h 30, le mardi et le jeudi.",
    "funding": "600 € par an",
    "people": "8 bénévoles et 22 enfants",
    "limits": "La salle est petite.",
    "perspectives": "Un troisième soir.",
}

CONTENT_TYPES = {**TABLES, "json": "application/json", "txt": "text/plain; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class Headings:
    """For whom a table is: programs read code names and a plain CSV; people, labels and a CSV that Excel opens."""

    names: tuple[str, ...]
    plain: bool = False

    @classmethod
    def codes(cls) -> "Headings":
        """`title`, `structure`…"""
        return cls(KEYS, plain=True)

    @classmethod
    def labels(cls) -> "Headings":
        """`Titre`, `Structure`…, in the language in use; imports read them again."""
        return cls(tuple(str(field.label) for field in FIELDS))


def sheet(action: Action) -> dict[str, Any]:
    """A sheet as plain data: text and single values as `str`, lists as lists; `extras` only if there are any."""
    data = action.values()
    for field in FIELDS:
        if field.kind == "choice":
            data[field.key] = join_list(data[field.key])
    data = {key: data[key] for key in KEYS}
    return data | {"extras": action.extras} if action.extras else data


def write_json(file: BinaryIO, actions: Iterable[Action]) -> None:
    """A JSON list, one sheet a line, written as it comes."""
    file.write(b"[")
    for number, action in enumerate(actions):
        file.write(b",\n" if number else b"\n")
        file.write(json.dumps(sheet(action), ensure_ascii=False).encode())
    file.write(b"\n]\n")


class _Rows:
    """Rows of text for tables: the fields, then what was kept apart under each label that some sheet has.

    These labels are known once every sheet was seen, and the heading comes first: rows wait on disk, not in memory.
    """

    def __init__(self, actions: Iterable[Action]) -> None:
        self.labels: dict[str, None] = {}
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the rows
        for action in actions:
            data = sheet(action)
            told = by_label(action.extras)
            self.labels |= dict.fromkeys(told)
            cells = [join_list(value) if isinstance(value := data[key], list) else value for key in KEYS]
            self._file.write(json.dumps([cells, told]).encode() + b"\n")

    def __iter__(self) -> Iterator[list[str]]:
        self._file.seek(0)
        with self._file as file:
            for line in file:
                cells, told = json.loads(line)
                yield cells + [told.get(label, "") for label in self.labels]


def write_text(file: BinaryIO, actions: Iterable[Action]) -> list[str]:
    """The published text; reading it again gives the same sheets.

    Returns:
        What it cannot say: the sheets that would be read otherwise than they are.
    """
    told = []
    file.write(f"{HEADER}\n".encode())
    for action in actions:
        lines = text_lines(action)
        if not reads_back(action, lines):
            told.append(
                _("« %(title)s » ne revient pas à l'identique du texte publié. Gardez-en aussi un export en JSON.")
                % {"title": action.title}
            )
        file.write(("\n".join(lines) + "\n").encode())
    return told


def text_lines(action: Action) -> list[str]:
    """The lines of one sheet in the published text. A label that its file did not have stays out while empty.

    Free text may imitate the form: where it would be misread, a backslash stands before the lines that do.
    """
    lines = list(_lines(action))
    return lines if reads_back(action, lines) else list(_lines(action, careful=True))


def reads_back(action: Action, lines: list[str]) -> bool:
    """Whether reading *lines* gives *action*, and nothing else."""
    records = list(islice(read_published_text(lines, []), 2))
    if len(records) != 1:
        return False
    read, values = records[0].fields, action.values()
    same = all(read.get(key, type(value)()) == value for key, value in values.items())
    return same and by_label(records[0].extras) == by_label(action.extras)


def _lines(action: Action, *, careful: bool = False) -> Iterator[str]:
    values = action.values()
    placed, loose = _places(action.extras, careful)
    yield OPENING
    yield shielded(action.title, careful=careful)
    for block in BLOCKS:
        filled = block.key != "files" and bool(values[block.key.removesuffix("_again")])
        if filled or placed.get(block.key) or _is_labelled(block, action, values):
            yield f"- {block.label}"
            yield from _content(block, values, careful=careful)
            if block.key == "structure":
                yield from _unknown_labels(loose)
            for text in placed.get(block.key, ()):
                yield from (shielded(line) for line in text.split("\n"))


def _places(extras: list[dict[str, str]], careful: bool) -> tuple[dict[str, list[str]], list[dict[str, str]]]:
    """What was kept apart: by the block that it goes back to, and what comes with its own label."""
    placed: dict[str, list[str]] = {}
    loose = []
    for extra in extras:
        if extra["after"] in _PLACES and not careful:
            placed.setdefault(extra["after"], []).append(extra["text"])
        else:
            loose.append(extra)
    return placed, sorted(loose, key=lambda extra: bool(extra["label"]))


# Nothing stands between the title and the structure, or the sheet would not be seen to begin there.
_PLACES = {block.key for block in BLOCKS} - {"structure"}


def _unknown_labels(extras: list[dict[str, str]]) -> Iterator[str]:
    """Labels that the form does not have: under the name of the structure, where a dash can open nothing else."""
    for extra in extras:
        label = heading(extra["label"]) if extra["label"] not in {"", STRUCTURE} else ""
        if label:
            yield f"- {suffixed(label) if ranks_of(f'- {label}') else label}"
        if extra["text"] if label else extra["text"].strip():
            yield from (shielded(line, dash=True) for line in extra["text"].split("\n"))


def _is_labelled(block: Block, action: Action, values: dict[str, Any]) -> bool:
    key = block.key.removesuffix("_again")
    if action.source and key in BY_KEY:
        return key in action.source
    if block.key == "ended_reason":
        return is_over(values["status"])
    if block.key == "initiator_detail":
        return any(fold(initiator) == "autre" for initiator in values["initiators"])
    return True


def _content(block: Block, values: dict[str, Any], *, careful: bool) -> Iterator[str]:
    if block.key == "files":
        return
    value = values[block.key.removesuffix("_again")]
    if block.key == "structure":
        # A name that holds " - " keeps the separator, or its end would be read as a département.
        alone = not values["department"] and " - " not in value
        yield f"- {value}" if alone else f"- {value} - {values['department']}"
    elif block.shape == "text":
        if value:
            yield from (shielded(line, careful=careful) for line in value.split("\n"))
    elif block.shape == "value":
        if careful and len(value) > 1:
            yield "-"  # as before the values of a list: the second one could be no known value
        yield from (f"- {one}" for one in value)
    elif value or block.key in {"keywords", "initiators", "partners"}:
        yield "-"
        if block.key == "partners":
            yield PARTNERS_INTRO
        yield from (f"- {one}" for one in value)


def model_rows() -> list[list[str]]:
    """The row that a table to fill in shows as an example, under the headings of `Headings`."""
    return [[join_list(value) if isinstance(value := EXAMPLE.get(key, ""), list) else value for key in KEYS]]


def write(file: BinaryIO, format: str, actions: Iterable[Action], headings: Headings, title: str) -> list[str]:
    """Write *actions* in *format* to an open file.

    Returns:
        What the reader must be told (cells that the format cannot hold whole).

    Raises:
        KeyError: an unknown format.
    """
    if format == "json":
        write_json(file, actions)
    elif format == "txt":
        return write_text(file, actions)
    else:
        return _write_table(file, format, actions, headings, title)
    return []


def _write_table(file: BinaryIO, format: str, actions: Iterable[Action], headings: Headings, title: str) -> list[str]:
    rows = _Rows(actions)
    header = [*headings.names, *(heading(label) for label in rows.labels)]
    lost = write_table(file, format, header, rows, title=title, plain=headings.plain)
    told = {
        "cut": _(
            "La case %(cell)s dépasse ce qu'Excel sait garder : elle est coupée. L'ODS et le CSV la gardent entière."
        ),
        "character": _("La case %(cell)s contient un caractère que ce format ne garde pas. Le JSON le garde."),
    }
    return [told[one.what] % {"cell": one.cell} for one in lost]


def to_temporary_file(format: str, actions: Iterable[Action], headings: Headings, title: str) -> BinaryIO:
    """Write to a temporary file and hand it over at its start; it goes when closed."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    write(file, format, actions, headings, title)
    file.seek(0)
    return file
