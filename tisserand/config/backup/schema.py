"""What the tables of a database are, and what its own migrations make of them from nothing."""

import re
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _

from tisserand.config.backup import rows

Schema = dict[tuple[str, str], list[str]]

# Text between quotes, a name between quotes, a word, any other sign.
_WORDS = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|\w+|\S")
_QUOTED = re.compile(r'^"(\w+)"$')
_NAMED = 8  # differences told before one has understood


def read_schema(file: sqlite3.Connection) -> Schema:
    """What each table, index, trigger and view is made of, by kind and name.

    Two versions of Django may write the same table in another order, or with other spaces: that is no difference.
    """
    made = file.execute("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    return {(kind, name): _definitions(sql, kind) for kind, name, sql in made if not _statistics(name)}


def applied_migrations(file: sqlite3.Connection) -> frozenset[tuple[str, str]]:
    """The migrations that made the tables of *file*, as it says."""
    return frozenset(file.execute("SELECT app, name FROM django_migrations"))


@cache  # the same migrations make the same tables, in some seconds
def expected_schema(applied: frozenset[tuple[str, str]]) -> Schema:
    """What the migrations *applied*, and no other, make of a database that holds nothing."""
    with TemporaryDirectory() as work:
        path = Path(work) / "expected.sqlite3"
        _migrate(path, applied)
        with closing(sqlite3.connect(path)) as file:
            return read_schema(file)


def differences(found: Schema, expected: Schema) -> str:
    """What of *found* is not as *expected*, in words; empty when all is."""
    told = {
        _("Absent"): expected.keys() - found.keys(),
        _("En trop"): found.keys() - expected.keys(),
        _("Changé"): {key for key in found.keys() & expected.keys() if found[key] != expected[key]},
    }
    return " ".join(f"{label} : {_list(keys)}." for label, keys in told.items() if keys)


def _migrate(path: Path, applied: frozenset[tuple[str, str]]) -> None:
    """In this process, which knows all migrations already; they write to the database that Django calls its own."""
    own = connections[DEFAULT_DB_ALIAS]
    with rows.opened(path) as file:
        alias, file.alias = file.alias, DEFAULT_DB_ALIAS
        connections[DEFAULT_DB_ALIAS] = file
        try:
            executor = MigrationExecutor(file)
            nodes = executor.loader.graph.node_map
            # The last ones bring those that they follow; told of an earlier one too, Django would go back to it.
            executor.migrate([key for key in applied & nodes.keys() if not applied & {*nodes[key].children}])
        finally:
            connections[DEFAULT_DB_ALIAS], file.alias = own, alias


def _statistics(name: str) -> bool:
    """SQLite keeps there what it learnt of the rows, when asked to."""
    return name in {"sqlite_stat1", "sqlite_stat4"}


def _definitions(sql: str, kind: str) -> list[str]:
    """Columns and constraints of a table, in one order; the words of anything else."""
    depth, parts = 0, [""]
    for word in _WORDS.findall(sql):
        before, depth = depth, depth + (word == "(") - (word == ")")
        if kind == "table" and max(before, depth) == 1 and word in "(,)":
            parts.append("")
        parts[-1] += " " + (word if word.startswith("'") else _QUOTED.sub(r"\1", word).lower())
    return sorted(parts)


def _list(keys: Iterable[tuple[str, str]]) -> str:
    """Names that someone else may have chosen: what a terminal would obey is left out."""
    kinds = {"trigger": _("déclencheur"), "view": _("vue")}  # the others are the same words
    names = sorted(f"{kinds.get(kind, kind)} {name}" for kind, name in keys)
    shown = ["".join(sign for sign in name[:80] if sign.isprintable()) for name in names[:_NAMED]]
    return ", ".join(shown) + (", …" if len(names) > _NAMED else "")
