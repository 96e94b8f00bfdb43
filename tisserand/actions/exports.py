"""Sheets out: JSON, CSV, XLSX, ODS, and the published text again."""

import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from tisserand.actions.fields import BY_KEY, FIELDS, KEYS
from tisserand.actions.imports.published_text import BLOCKS, HEADER, OPENING, PARTNERS_INTRO, Block
from tisserand.actions.models import Action
from tisserand.common.tables import join_list
from tisserand.common.tables.files import CONTENT_TYPES as TABLES
from tisserand.common.tables.files import write_table
from tisserand.common.text import fold

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


def rows(actions: Iterable[Action], extra_labels: list[str]) -> Iterator[list[str]]:
    """Rows of text for tables: the fields, then what was kept apart under each extra label."""
    for action in actions:
        data = sheet(action)
        cells = [join_list(v) if isinstance(v := data[key], list) else v for key in KEYS]
        extras: dict[str, str] = {}
        for extra in action.extras:
            label = extra_label(extra)
            extras[label] = f"{extras[label]}\n{extra['text']}" if label in extras else extra["text"]
        yield cells + [extras.get(label, "") for label in extra_labels]


def extra_label(extra: Mapping[str, str]) -> str:
    """The column of something kept apart: its own label, never that of a known field."""
    label = extra["label"] or _("Texte sans étiquette")
    known = {fold(name) for f in FIELDS for name in (f.key, f.published, str(f.label), *f.also)}
    return f"{label} ({_('à vérifier')})" if fold(label) in known else label


def write_text(file: BinaryIO, actions: Iterable[Action]) -> None:
    """The published text; reading it again gives the same sheets."""
    file.write(f"{HEADER}\n".encode())
    file.writelines(("\n".join(text_lines(action)) + "\n").encode() for action in actions)


def text_lines(action: Action) -> Iterator[str]:
    """The lines of one sheet in the published text. A label that its file did not have stays out while empty."""
    values = action.values()
    kept_apart: dict[str, list[str]] = {}
    for extra in action.extras:
        kept_apart.setdefault(extra["after"], []).append(extra["text"])
    yield OPENING
    yield action.title
    yield from kept_apart.get("title", ())
    for block in BLOCKS:
        filled = block.key != "files" and bool(values[block.key.removesuffix("_again")])
        if filled or kept_apart.get(block.key) or _is_labelled(block, action, values):
            yield f"- {block.label}"
            yield from _content(block, values)
            yield from kept_apart.get(block.key, ())


def _is_labelled(block: Block, action: Action, values: dict[str, Any]) -> bool:
    key = block.key.removesuffix("_again")
    if action.source and key in BY_KEY and key not in action.source:
        return False
    if block.key == "ended_reason":
        return any(fold(status) == "terminee" for status in values["status"])
    if block.key == "initiator_detail":
        return any(fold(initiator) == "autre" for initiator in values["initiators"])
    return True


def _content(block: Block, values: dict[str, Any]) -> Iterator[str]:
    if block.key == "files":
        return
    value = values[block.key.removesuffix("_again")]
    if block.key == "structure":
        # A name that holds " - " keeps the separator, or its end would be read as a département.
        alone = not values["department"] and " - " not in value
        yield f"- {value}" if alone else f"- {value} - {values['department']}"
    elif block.shape == "text":
        if value:
            yield value
    elif block.shape == "value":
        yield from (f"- {one}" for one in value)
    elif value or block.key in {"keywords", "initiators", "partners"}:
        yield "-"
        if block.key == "partners":
            yield PARTNERS_INTRO
        yield from (f"- {one}" for one in value)


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
        write_text(file, actions)
    else:
        return _write_table(file, format, actions, headings, title)
    return []


def _write_table(file: BinaryIO, format: str, actions: Iterable[Action], headings: Headings, title: str) -> list[str]:
    extra_labels: dict[str, None] = {}
    held = []
    for action in actions:
        # What was kept apart decides the columns, so all sheets are seen before the first row is written.
        held.append(action)
        extra_labels |= dict.fromkeys(extra_label(extra) for extra in action.extras)
    header = [*headings.names, *extra_labels]
    cut = write_table(file, format, header, rows(held, list(extra_labels)), title=title, plain=headings.plain)
    return [_("La case %(cell)s dépasse ce qu'Excel sait garder : elle est coupée.") % {"cell": c} for c in cut]


def to_temporary_file(format: str, actions: Iterable[Action], headings: Headings, title: str) -> BinaryIO:
    """Write to a temporary file and hand it over at its start; it goes when closed."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    write(file, format, actions, headings, title)
    file.seek(0)
    return file
