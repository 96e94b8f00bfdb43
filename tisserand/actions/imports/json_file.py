"""JSON, as exported: a list of sheets."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from tisserand.actions.fields import BY_KEY
from tisserand.actions.imports.apart import extra
from tisserand.actions.imports.records import FileRefused, Record
from tisserand.common.tables import split_list

MAX_BYTES = 50 * 1024 * 1024  # read whole in memory; larger catalogues travel as CSV


def read_json(path: Path, encoding: str) -> Iterator[Record]:
    """Yield the sheets of a JSON file.

    Raises:
        FileRefused: not JSON, too large, nested beyond reason, or not a list of objects.
    """
    if path.stat().st_size > MAX_BYTES:
        raise FileRefused(_("Ce fichier JSON dépasse 50 Mo. Exportez en CSV, qui n'a pas de limite."))
    try:
        content = json.loads(path.read_text(encoding=encoding), object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        raise FileRefused(
            _("Le JSON ne se lit plus à la ligne %(line)d, colonne %(column)d. Reprenez l'export d'origine.")
            % {"line": error.lineno, "column": error.colno},
            line=error.lineno,
        ) from error
    except RecursionError as error:
        raise FileRefused(
            _("Ce JSON emboîte trop de niveaux. Déposez une liste de fiches, comme celle que le catalogue exporte.")
        ) from error
    except ValueError as error:  # an integer of thousands of digits, or text that is not its encoding
        raise FileRefused(
            _("Ce JSON contient une valeur qui ne se lit pas. Reprenez l'export, ou déposez un tableau.")
        ) from error
    sheets = content.get("actions") if isinstance(content, dict) else content
    if not isinstance(sheets, list) or not all(isinstance(sheet, dict) for sheet in sheets):
        raise FileRefused(
            _("Ce JSON n'est pas une liste de fiches. Déposez-en une comme celle que le catalogue exporte."), line=1
        )
    for number, sheet in enumerate(sheets, 1):
        yield _record(number, sheet)


class _Object(dict[str, Any]):
    """A JSON object of which nothing is lost: `again` holds the pairs whose key was already there."""

    again: list[tuple[str, Any]]


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    first: _Object = _Object()
    first.again = []
    for key, value in pairs:
        if key in first:
            first.again.append((key, value))
        else:
            first[key] = value
    return first if first.again else dict(first)


def _record(number: int, sheet: dict[str, Any]) -> Record:
    record = Record(number, number, {})
    for key, value in sheet.items():
        field = BY_KEY.get(key)
        if key == "extras" and isinstance(value, list):
            record.extras += _extras(value)
        elif field is None:
            record.extras.append(extra(key, _as_text(value)))
            record.say(_("Clé inconnue « %(name)s », gardée à part.") % {"name": key}, level="info")
        elif field.facet:
            values = [str(v) for v in value] if isinstance(value, list) else split_list(_as_text(value))
            record.fields[key] = [v for v in values if v.strip()]
        elif isinstance(value, dict | list):
            record.reject(_("Le champ doit être un texte."), field=key)
        else:
            record.fields[key] = _as_text(value)
    for key, value in getattr(sheet, "again", ()):
        record.extras.append(extra(key, _as_text(value)))
        told = _("La clé « %(name)s » est deux fois dans cette fiche : la première est prise, l'autre gardée à part.")
        record.say(told % {"name": key}, field=key if key in BY_KEY else None)
    return record


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, _Object):  # written as it came: `dumps` would leave out what comes twice
        pairs = (f"{_written(key)}: {_written(one)}" for key, one in [*value.items(), *value.again])
        return "{" + ", ".join(pairs) + "}"
    return value if isinstance(value, str) else _written(value)


def _written(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _extras(value: list[Any]) -> list[dict[str, str]]:
    """What was kept apart, as exported; what has another shape is kept as it is written."""
    keys = {"label", "after", "text"}
    return [
        {key: _as_text(one.get(key)) for key in ("label", "after", "text")}
        if isinstance(one, dict) and one.keys() <= keys
        else extra("", _as_text(one))
        for one in value
    ]
