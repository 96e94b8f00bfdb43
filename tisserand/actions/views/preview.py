"""The records of an import as the screen shows them: what changes, what is asked, what will be saved."""

from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from tisserand.actions.fields import BY_KEY, FIELDS, Field
from tisserand.actions.models import ImportRow
from tisserand.actions.operations.imports import Answer
from tisserand.actions.presentation import blocks
from tisserand.actions.queries.imports import Missing
from tisserand.actions.vocabulary import Vocabulary
from tisserand.common.differences import differences, differences_of_lists
from tisserand.common.text import number_in

ANSWERS = {"yes": True, "no": False}


def shown_row(row: ImportRow, vocabulary: Vocabulary, *, insist: bool) -> dict[str, Any]:
    """A record: its questions, its changes as a diff, what it would write; with *insist*, what lacks is an error."""
    lacks = bool(row.near_name) and row.same_structure is None
    unsettled = [c for c in row.changes if c["kind"] == "conflict" and c["field"] not in row.choices]
    answers = (row.same_structure if row.near_name else None, row.same_sheet if row.near_sheet else None)
    return {
        "row": row,
        "asks": bool(row.changes or row.near_name or row.near_sheet),
        "missing": bool(lacks or unsettled),
        "answered": bool(row.choices) or any(answer is not None for answer in answers),
        "changes": [_change(row, change, insist) for change in row.changes],
        "structure_error": insist and lacks,
        "fields": _saved(row, vocabulary),
        # The resemblance is asked as a question.
        "messages": [m for m in row.messages if not (row.looks_like and m["field"] == "structure")],
    }


def _change(row: ImportRow, change: dict[str, Any], insist: bool) -> dict[str, Any]:
    """A change as `components/diff.html` takes it."""
    field, kind = change["field"], change["kind"]
    conflict = kind == "conflict"
    here, file = _compared(change)
    kept = row.choices.get(field, {}).get("kept", "" if conflict else "file")
    options = [("file", _("Ajouter"))] if kind == "new" else [("here", _("Tisserand")), ("file", _("Le fichier"))]
    return {
        "id": choice_id(row.number, field),
        "field": BY_KEY[field].label if field in BY_KEY else _("Gardé à part"),
        "status": "contradiction" if conflict else kind,
        "here": here,
        "here_note": _("modifié ici depuis le dernier import") if conflict else "",
        "file": file,
        "marked": kind != "new",
        "name": f"{row.number}.{field}",
        "options": [{"value": value, "label": label, "checked": value == kept} for value, label in options],
        "error": _("choisissez ce qu'il faut garder.") if insist and conflict and not kept else "",
    }


def _compared(change: dict[str, Any]) -> tuple[str, str]:
    """Both values; the words that differ stand out, unless nothing is here yet."""
    here, file, kind = change["here"], change["file"], change["kind"]
    if kind == "new":
        return "", ", ".join(file) if isinstance(file, list) else str(file)
    compare = differences_of_lists if isinstance(here, list) else differences
    return compare(here, file, change=kind == "changed")


def _saved(row: ImportRow, vocabulary: Vocabulary) -> list[dict[str, Any]]:
    """The fields of the sheet as saving would leave it, empty ones left out."""
    values: dict[str, Any] = dict(row.action.values() if row.action else row.fields)
    values |= {key: row.fields[key] for key in _taken(row)}
    if row.same_structure and row.near:
        values |= {"structure": row.near.name, "department": row.near.department}
    elif row.same_structure and row.near_name:
        values |= {"structure": row.near_name, "department": row.near_department}
    told = [_field(field, values.get(field.key), vocabulary) for field in FIELDS if field.key != "title"]
    if not row.action:
        apart = "\n".join(extra["text"] for extra in row.extras)
        told.append({"label": _("Gardé à part"), "values": [], "blocks": blocks(apart)})
    return [one for one in told if one["values"] or one["blocks"]]


def _taken(row: ImportRow) -> set[str]:
    """The fields that the file gives to a sheet that is here."""
    taken = set()
    for change in row.changes:
        kept = row.choices.get(change["field"], {}).get("kept", "" if change["kind"] == "conflict" else "file")
        if kept == "file" and change["field"] in row.fields:
            taken.add(change["field"])
    return taken


def _field(field: Field, value: str | list[str] | None, vocabulary: Vocabulary) -> dict[str, Any]:
    if field.facet:
        return {"label": field.label, "values": _read(field, value or [], vocabulary), "blocks": []}
    return {"label": field.label, "values": [], "blocks": blocks(str(value or ""))}


def _read(field: Field, raws: str | list[str], vocabulary: Vocabulary) -> list[dict[str, Any]]:
    """Closed values as the lists read them: under which label, known or not, written how."""
    told: dict[str, dict[str, Any]] = {}
    for raw in [raws] if isinstance(raws, str) else raws:
        read = vocabulary.resolve(str(field.facet), raw)
        told.setdefault(
            read.label,
            {"label": read.label, "verified": read.verified, "original": raw if raw != read.label else ""},
        )
    return list(told.values())


def choice_id(number: int, asks: str) -> str:
    """The identifier, in the page, of a choice to make: what is expected is one key away."""
    return f"choix-{number}-{asks}"


def expected(missing: list[Missing], listed: set[int]) -> list[dict[str, str]]:
    """The choices that nobody made, each with its address: on this page, or on the one that lists its record."""
    return [
        {
            "title": one.title,
            "asks": _("est-ce la même structure ?") if one.asks == "structure" else str(BY_KEY[one.asks].label),
            "url": ("" if one.number in listed else f"?fiche={one.number}&manque=1")
            + f"#{choice_id(one.number, one.asks)}",
        }
        for one in missing
    ]


def answers_in(data: QueryDict) -> dict[int, Answer]:
    """What was chosen on the page, record by record."""
    numbers = {number for sent in data.getlist("fiche") if (number := number_in(sent)) is not None}
    return {number: _answer(data, number) for number in sorted(numbers)}


def _answer(data: QueryDict, number: int) -> Answer:
    prefix = f"{number}."
    said = {name.removeprefix(prefix): data[name] for name in data if name.startswith(prefix)}
    return Answer(
        choices={name: value for name, value in said.items() if name not in {"structure", "sheet"}},
        same_structure=ANSWERS.get(said.get("structure", "")),
        same_sheet=ANSWERS.get(said.get("sheet", "")),
    )
