"""What an archive holds is read without trusting it, before anything of it takes place."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from django.db.migrations.loader import MigrationLoader
from django.utils.translation import gettext as _

from tisserand import __version__
from tisserand.config.backup import archive, rows, switch
from tisserand.config.backup.schema import Schema, applied_migrations, differences, expected_schema, read_schema
from tisserand.config.data_folder import long_enough


class RestoreRefused(Exception):
    """Nothing was changed; the message says why and what to do."""


def verify(folder: Path, manifest: dict[str, Any]) -> None:
    """What was unpacked in *folder* is an instance: its key, a sound database that our migrations made, all its rows.

    Rows that someone changed, in an archive that they made again, cannot be told from others.

    Raises:
        RestoreRefused, archive.ArchiveRefused: it is not.
    """
    _check_key(folder / archive.KEY)
    broken = archive.ArchiveRefused(_("La base de données de l'archive est abîmée."))
    try:
        with closing(sqlite3.connect(folder / switch.DATABASE)) as file:
            if file.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
                raise broken
            if file.execute("PRAGMA foreign_key_check").fetchone():
                raise broken
            applied = applied_migrations(file)
            _check_version(applied, manifest)
            expected = expected_schema(applied)
            _check_schema(read_schema(file), expected)
            _check_rows(file, expected, manifest)
    except sqlite3.DatabaseError as error:
        raise broken from error


def _check_key(path: Path) -> None:
    with path.open(errors="replace") as file:
        key = file.read(1000)
    if not long_enough(key):
        raise archive.ArchiveRefused(
            _("La clé secrète de l'archive est vide ou trop courte : elle n'a pas été faite ici.")
        )


def _known_migrations() -> set[tuple[str, str]]:
    """Those of this code, and those that it replaced by others."""
    loader = MigrationLoader(None)
    replaced = {old for migration in loader.disk_migrations.values() for old in migration.replaces}
    return set(loader.disk_migrations) | replaced


def _check_version(applied: frozenset[tuple[str, str]], manifest: dict[str, Any]) -> None:
    unknown = applied - _known_migrations()
    if unknown and _order(manifest["version"]) >= _order(__version__):
        raise RestoreRefused(
            _(
                "Cette sauvegarde vient d'une version plus récente (%(theirs)s) que celle-ci (%(ours)s) : mettez "
                "Tisserand à jour d'abord."
            )
            % {"theirs": str(manifest["version"])[:40], "ours": __version__}
        )


def _order(version: str) -> list[int]:
    return [int(part) if part.isdecimal() else 0 for part in str(version)[:40].split(".")]


def _check_schema(found: Schema, expected: Schema) -> None:
    told = differences(found, expected)
    if told:
        raise archive.ArchiveRefused(
            _(
                "Les tables de l'archive ne sont pas celles que Tisserand fait : quelqu'un les a changées. "
                "%(differences)s Prenez une autre sauvegarde."
            )
            % {"differences": told}
        )


def _check_rows(file: Any, expected: Schema, manifest: dict[str, Any]) -> None:
    """Every table that a backup carries is counted, and holds as many rows; those that it leaves out hold none."""
    if manifest["rows"].keys() != rows.carried_tables(name for kind, name in expected if kind == "table"):
        raise archive.ArchiveRefused(_("Le manifeste de l'archive ne compte pas les lignes de toutes les tables."))
    counts = manifest["rows"] | dict.fromkeys(rows.LEFT_OUT, 0)
    for table, wanted in counts.items():
        if file.execute(f'SELECT count(*) FROM "{table}"').fetchone() != (wanted,):  # noqa: S608 - names of our tables
            raise archive.ArchiveRefused(
                _("La table « %(table)s » n'a pas le nombre de lignes que la sauvegarde a écrit.") % {"table": table}
            )
