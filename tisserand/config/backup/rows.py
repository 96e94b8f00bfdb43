"""Rows of all tables, between a SQLite file and PostgreSQL. Both have the tables of this version of the code."""

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.sqlite3.base import DatabaseWrapper as Sqlite
from django.db.models import Field, Model

# Sessions stay out: one that was closed since the backup would open again. People log in once more.
LEFT_OUT = frozenset({"django_session"})
# Made from the rows by `reindex_actions`; FTS5 keeps no text that could be carried to PostgreSQL.
DERIVED = ("search_tokens",)
_ARCHIVE = "archive"  # alias of the SQLite file, beside "default"
_AT_ONCE = 2_000


def carried_models() -> list[type[Model]]:
    """Every model that has a table, links between two models included."""
    models = apps.get_models(include_auto_created=True)
    return [m for m in models if m._meta.managed and not m._meta.proxy and m._meta.db_table not in LEFT_OUT]


@contextmanager
def opened(path: Path) -> Iterator[Sqlite]:
    """The SQLite file at *path* as a second database of Django, without checks between rows while they come."""
    settings = {**connections["default"].settings_dict, "NAME": str(path), "OPTIONS": {}, "CONN_MAX_AGE": 0}
    wrapper = Sqlite({**settings, "ENGINE": "django.db.backends.sqlite3"}, alias=_ARCHIVE)
    connections[_ARCHIVE] = wrapper
    try:
        wrapper.disable_constraint_checking()
        yield wrapper
    finally:
        wrapper.close()
        del connections[_ARCHIVE]


def carried_tables(tables: Iterable[str]) -> set[str]:
    """Of all *tables* of a SQLite file, those that a backup fills and counts."""
    ours = {name for name in tables if not name.startswith(("sqlite_", *DERIVED))}
    return ours - LEFT_OUT - {"django_migrations"}


def to_file(path: Path) -> None:
    """Copy every row of the database in use, as one moment saw it, to the SQLite file at *path* (tables, no rows)."""
    with opened(path) as file, file.cursor() as cursor:
        for table in carried_tables(file.introspection.table_names()):
            cursor.execute(f"DELETE FROM {file.ops.quote_name(table)}")  # noqa: S608 - names of our own tables
        cursor.execute("BEGIN")
        for model in carried_models():
            columns = _columns(model)
            marks = ", ".join(["?"] * len(columns))
            insert = f"INSERT INTO {_target(model, columns, file)} VALUES ({marks})"  # noqa: S608 - the same
            rows = _rows(model, columns, source=connection, target=file)
            while group := [row for _n, row in zip(range(_AT_ONCE), rows, strict=False)]:
                file.connection.executemany(insert, group)
        cursor.execute("COMMIT")


def from_file(path: Path) -> None:
    """Copy every row of the SQLite file at *path* to PostgreSQL, inside the caller's transaction."""
    with opened(path) as file, connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")  # the migrations of this transaction made them immediate
        for model in reversed(carried_models()):  # what migrations put there
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(model._meta.db_table)}")  # noqa: S608
        for model in carried_models():
            columns = _columns(model)
            statement = f"COPY {_target(model, columns, connection)} FROM STDIN"
            with cursor.cursor.copy(statement) as copy:
                for row in _rows(model, columns, source=file, target=connection):
                    copy.write_row(row)
        for statement in connection.ops.sequence_reset_sql(no_style(), carried_models()):
            cursor.execute(statement)


def count(database: BaseDatabaseWrapper) -> dict[str, int]:
    """Rows of each table of models, by its name."""
    counts = {}
    with database.cursor() as cursor:
        for model in carried_models():
            table = model._meta.db_table
            cursor.execute(f"SELECT count(*) FROM {database.ops.quote_name(table)}")  # noqa: S608
            counts[table] = int(cursor.fetchone()[0])
    return counts


def command_in(folder: Path, *arguments: str) -> None:
    """Run a `tisserand` command on the data folder *folder*, with its SQLite database.

    Raises:
        RuntimeError: it failed; the message is what it said.
    """
    kept = {key: value for key, value in os.environ.items() if not key.startswith("TISSERAND_")}
    variables = {"TISSERAND_DATA": str(folder), "DJANGO_SETTINGS_MODULE": "tisserand.config.settings"}
    command = [sys.executable, "-m", "tisserand", *arguments]
    done = subprocess.run(command, env={**kept, **variables}, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr.strip().rsplit("\n", 1)[-1] or str(done.returncode))


def _columns(model: type[Model]) -> list["Field[Any, Any]"]:
    return list(model._meta.local_concrete_fields)


def _target(model: type[Model], columns: list["Field[Any, Any]"], database: BaseDatabaseWrapper) -> str:
    quote = database.ops.quote_name
    return f"{quote(model._meta.db_table)} ({', '.join(quote(str(field.column)) for field in columns)})"


def _rows(
    model: type[Model],
    columns: list["Field[Any, Any]"],
    *,
    source: BaseDatabaseWrapper,
    target: BaseDatabaseWrapper,
) -> Iterator[tuple[Any, ...]]:
    """The rows of *source*, in the values that *target* stores."""
    names = [field.attname for field in columns]
    query = model._base_manager.using(source.alias).order_by("pk").values_list(*names)
    for row in query.iterator(chunk_size=_AT_ONCE):
        yield tuple(field.get_db_prep_save(value, connection=target) for field, value in zip(columns, row, strict=True))
