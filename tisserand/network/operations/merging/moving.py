"""Leading all the links of a row to another, and back, one change after the other.

What was done is a list of plain changes, to be undone from the last to the first:

- `{"model", "field", "rows", "last"}`: these rows led to the one that goes; `last` is the highest number of the table;
- `{"model", "row", "was", "now"}`: fields of a row changed;
- `{"model", "row", "whole", "field", "into", "was", "beside"}`: a row went into another, which `was` so, then `beside`;
- `{"model", "row", "whole"}`: the one that went;
- `{"model", "row", "made"}`: a row was added.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from django.apps import apps
from django.db.models import Field, ForeignObjectRel, Max, Model, Q, QuerySet, UniqueConstraint

from tisserand.common.following import Link, links_to
from tisserand.network.queries.merging import still_there

Change = dict[str, Any]
Constraint = tuple[tuple[str, ...], Q]


def move(target: type[Model], gone: int, kept: int) -> list[Change]:
    """Lead to *kept* what follows *gone*; what was done.

    Raises:
        LookupError: nobody said what becomes of a link, or of two rows that cannot both be.
    """
    return [change for link in links_to(target) if link.follows for change in _follow(link, gone, kept)]


def _follow(link: Link, gone: int, kept: int) -> Iterator[Change]:
    for constraint in constraints_on(link):
        for moved, held in _clashes(link, constraint, gone, kept):
            yield from _join(link, moved, held)
    rows, led = _all(link.model).filter(**{link.field: gone}), list[int]()
    # Again, until none is left: writing a row may have waited for someone who added another.
    while found := list(rows.order_by("pk").values_list("pk", flat=True)):
        led += found
        rows.update(**{link.field: kept})
    last = _all(link.model).aggregate(last=Max("pk"))["last"] or 0
    yield {"model": link.model._meta.label_lower, "field": link.field, "rows": led, "last": last}


def constraints_on(link: Link) -> list[Constraint]:
    """What the database allows once: for each, the other fields, and among which rows."""
    options = link.model._meta
    said = [(one.fields, one.condition) for one in options.constraints if isinstance(one, UniqueConstraint)]
    said += [(fields, None) for fields in options.unique_together]
    said += [((link.field,), None)] if _field(link.model, link.field).unique else []
    return [
        (tuple(name for name in fields if name != link.field), condition or Q())
        for fields, condition in said
        if link.field in fields
    ]


def _clashes(link: Link, constraint: Constraint, gone: int, kept: int) -> list[tuple[Model, Model]]:
    """The rows of *gone* that cannot stand beside one of *kept*, each with it."""
    names, condition = constraint
    both = _all(link.model).filter(condition, **{f"{link.field}__in": (gone, kept)}).order_by("pk")
    column = _field(link.model, link.field).attname
    held = {_key(row, names): row for row in both if getattr(row, column) == kept}
    coming = [(row, _key(row, names)) for row in both if getattr(row, column) == gone]
    return [(row, held[key]) for row, key in coming if None not in key and key in held]


def _key(row: Model, names: Iterable[str]) -> tuple[Any, ...]:
    return tuple(getattr(row, _field(type(row), name).attname) for name in names)


def _join(link: Link, moved: Model, held: Model) -> Iterator[Change]:
    if link.join is None:
        raise LookupError(f"what becomes of two {link.model._meta.label} that cannot both be?")
    joined, was = link.join(moved, held), plain(held)
    changes = list(change_row(held, joined.held))
    if joined.moved is not None:
        yield from changes
        yield from change_row(moved, joined.moved)
        return
    left = leading_to(moved)
    if left:
        raise LookupError(f"{left} leads to a {link.model._meta.label} that goes into another")
    yield {
        "model": link.model._meta.label_lower,
        "row": moved.pk,
        "whole": plain(moved),
        "field": link.field,
        "into": held.pk,
        "was": was,
        "beside": plain(held),
    }
    moved.delete()


def change_row(row: Model, values: Mapping[str, Any]) -> Iterator[Change]:
    """Write the fields of *values* that differ; what was done, if anything was."""
    was = plain(row)
    for name, value in values.items():
        setattr(row, name, value)
    row.save(update_fields=list(values))
    yield from changed(row, was)


def changed(row: Model, was: Mapping[str, Any]) -> Iterator[Change]:
    """What differs in *row* from what it was."""
    now = plain(row)
    names = [name for name in now if now[name] != was[name]]
    if names:
        yield {
            "model": row._meta.label_lower,
            "row": row.pk,
            "was": {name: was[name] for name in names},
            "now": {name: now[name] for name in names},
        }


def leading_to(row: Model) -> str:
    """The first link that leads to *row* still; empty when nothing does."""
    for relation in row._meta.get_fields(include_hidden=True):
        if isinstance(relation, ForeignObjectRel) and not relation.many_to_many:
            field = relation.field
            if _all(field.model).filter(**{field.name: row.pk}).exists():
                return f"{field.model._meta.label}.{field.name}"
    return ""


def plain(row: Model) -> dict[str, Any]:
    """The columns of a row, in values that JSON holds exactly."""
    values = {field.attname: field.value_from_object(row) for field in row._meta.concrete_fields}
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in values.items()
        if name != row._meta.pk.attname
    }


def move_back(changes: list[Change], gone: int, kept: int) -> Counter[str]:
    """Undo *changes*, but for what someone changed since; how many rows came `back`, how many `stayed`."""
    counts: Counter[str] = Counter()
    for change in reversed(changes):
        model = apps.get_model(change["model"])
        if "rows" in change:
            back = sum(rows.update(**{change["field"]: gone}) for rows in still_there(change, kept))
            counts["back"] += back
            counts["stayed"] += len(change["rows"]) - back
        elif "into" in change:
            counts["back" if _part(model, change, gone) else "stayed"] += 1
        elif "was" in change:
            _restore(model, change)
        elif "made" in change:
            _all(model).filter(pk=change["row"]).delete()
        else:  # the one that went: the rows moved before come back to it
            gone = recreate(model, change["row"], change["whole"]) or gone
    return counts


def _restore(model: type[Model], change: Change) -> None:
    """Give the fields of a row back what they were, unless they changed since."""
    row = _all(model).filter(pk=change["row"]).first()
    if row is None:
        return
    now = plain(row)
    names = [name for name, value in change["now"].items() if now[name] == value]
    _put(row, {name: change["was"][name] for name in names})
    row.save(update_fields=names)


def _part(model: type[Model], change: Change, gone: int) -> bool:
    """Make again a row that went into another. If that one changed since, so did this one: they are alike."""
    other = _all(model).filter(pk=change["into"]).first()
    if other is None:
        return False  # it was taken away since: so was this one
    since = plain(other)
    same = since == change["beside"]
    if same:
        _put(other, change["was"])
        other.save()
    column = _field(model, change["field"]).attname
    return recreate(model, change["row"], (change["whole"] if same else since) | {column: gone}) is not None


def recreate(model: type[Model], pk: int, values: Mapping[str, Any]) -> int | None:
    """Write again a row that is no more, under its number unless it was given since; None when it has no place."""
    row = model()
    _put(row, values)
    for field in model._meta.concrete_fields:
        led = getattr(row, field.attname) if field.is_relation else None
        if led is None or field.related_model is None or _all(field.related_model).filter(pk=led).exists():
            continue
        if not field.null:
            return None  # what it led to was erased since
        setattr(row, field.attname, None)
    row.pk = None if _all(model).filter(pk=pk).exists() else pk
    row.save_base(raw=True, force_insert=True)
    return int(row.pk)


def _put(row: Model, values: Mapping[str, Any]) -> None:
    fields = {field.attname: field for field in row._meta.concrete_fields}
    for name, value in values.items():
        setattr(row, name, fields[name].to_python(value))


def _field(model: type[Model], name: str) -> "Field[Any, Any]":
    return next(field for field in model._meta.concrete_fields if field.name == name)


def _all(model: type[Model]) -> "QuerySet[Any]":
    return model._base_manager.all()
