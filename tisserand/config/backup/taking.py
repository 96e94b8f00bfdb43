"""Taking a backup while people write."""

import fcntl
import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.db.models import FileField
from django.utils import timezone
from django.utils.translation import gettext as _

from tisserand import __version__
from tisserand.config.backup import archive, rows, switch
from tisserand.config.backup.schema import applied_migrations, differences, expected_schema, read_schema
from tisserand.privacy import erasures
from tisserand.privacy.models import Erasure

LAST = "last_backup.json"  # in the data folder: what `doctor` reads
_WORK = ".backup"


class BackupRefused(Exception):
    """No backup was made; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What a backup holds."""

    bytes: int
    rows: int
    files: int
    missing: list[str]  # files that a row names and that were not there
    changed: str  # what someone changed in the tables, and a restore would refuse; empty when they are ours
    unlisted: str  # why the list of erasures beside the archive is not up to date; empty when it is


def take_backup(*, path: Path) -> Taken:
    """Write the whole instance to *path*; interrupted, it leaves no file of that name.

    Raises:
        BackupRefused: the name is taken, the place is wrong, another backup is under way.
        OSError: the disk refused.
    """
    path = path.absolute()
    _check_place(path)
    started = timezone.now()
    with _work_folder() as work:
        database = work / switch.DATABASE
        # The database before the files: each file that a row names was there before its row was.
        (_copy_sqlite if connection.vendor == "sqlite" else _copy_postgresql)(work)
        changed = _changed(database)
        with rows.opened(database) as copy:
            counts = rows.count(copy)
            named = _named_files(copy)
        with archive.writing(path) as writer:
            _add(writer, archive.DATABASE, database)
            database.unlink()
            files = _add_files(writer)
            _add(writer, archive.KEY, settings.DATA / "secret_key")
            missing = sorted(named - files)
            writer.close(_manifest(started, counts, missing))
    taken = Taken(path.stat().st_size, sum(counts.values()), len(files), missing, changed, _list_erasures(path.parent))
    _remember(path, started, taken)
    return taken


def _check_place(path: Path) -> None:
    if path.exists():
        raise BackupRefused(_("%(path)s existe déjà : donnez un autre nom.") % {"path": path})
    if not path.parent.is_dir():
        raise BackupRefused(_("Le dossier %(path)s n'existe pas.") % {"path": path.parent})
    if path.resolve().is_relative_to((settings.DATA / "files").resolve()):
        raise BackupRefused(_("Une sauvegarde ne se range pas parmi les fichiers qu'elle doit contenir."))


@contextmanager
def _work_folder() -> Iterator[Path]:
    """A folder for the copy of the database, and what a killed backup left there removed."""
    work = settings.DATA / _WORK
    with (settings.DATA / "backup.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BackupRefused(_("Une autre sauvegarde est en cours.")) from error
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(mode=0o700)
        try:
            yield work
        finally:
            shutil.rmtree(work, ignore_errors=True)


def _copy_sqlite(work: Path) -> None:
    """The online backup, in one step: in several, each write of others would start it again."""
    connection.ensure_connection()
    with closing(sqlite3.connect(work / switch.DATABASE, isolation_level=None)) as copy:
        connection.connection.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
        for table in rows.LEFT_OUT:
            copy.execute(f'DELETE FROM "{table}"')  # noqa: S608 - a constant of ours
        # Free pages still hold what was erased from the instance: the archive must not.
        copy.execute("VACUUM")
        verdict = copy.execute("PRAGMA quick_check").fetchone()[0]
    if verdict != "ok":
        raise BackupRefused(_("La base de données est abîmée : %(reason)s") % {"reason": verdict})


def _copy_postgresql(work: Path) -> None:
    """Every row at one moment, in a SQLite file that the migrations prepare."""
    try:
        rows.command_in(work, "migrate", "--verbosity", "0")
    except RuntimeError as error:
        raise BackupRefused(str(error)) from error
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        rows.to_file(work / switch.DATABASE)


def _changed(database: Path) -> str:
    """What a restore would refuse must not be learnt on the day of the restore."""
    if connection.vendor != "sqlite":  # the copy was made by our migrations
        return ""
    with closing(sqlite3.connect(database)) as copy:
        return differences(read_schema(copy), expected_schema(applied_migrations(copy)))


def _named_files(copy: Any) -> set[str]:
    """The deposited files that the rows name."""
    named: set[str] = set()
    for model in apps.get_models():
        for field in model._meta.local_concrete_fields:
            if isinstance(field, FileField):
                values = model._base_manager.using(copy.alias).values_list(field.attname, flat=True)
                named |= {str(value) for value in values.exclude(**{field.attname: ""}).iterator(chunk_size=2000)}
    return named - {"", "None"}


def _add(writer: archive.Writer, name: str, path: Path) -> None:
    with path.open("rb") as file:
        writer.add(name, file)


def _add_files(writer: archive.Writer) -> set[str]:
    """Add the deposited files; those that vanish meanwhile are not in what is returned."""
    folder = (settings.DATA / "files").resolve()
    added = set()
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not path.is_file():
            continue
        name = path.relative_to(folder).as_posix()
        try:
            _add(writer, f"{archive.FILES}/{name}", path)
        except FileNotFoundError:  # its time was over, or an import was given up
            continue
        added.add(name)
    return added


def _list_erasures(folder: Path) -> str:
    """Keep beside the archives which accounts were erased: an older one put back must erase them again."""
    try:
        known = erasures.read_list(settings.DATA / erasures.NAME).values()
        erasures.add_to_list(folder / erasures.NAME, [*known, *Erasure.objects.all()])
    except (erasures.ListRefused, OSError) as refused:
        return str(refused)
    return ""


def _manifest(started: Any, counts: dict[str, int], missing: list[str]) -> dict[str, Any]:
    return {
        "format": archive.FORMAT,
        "version": __version__,
        "created_at": started.isoformat(),
        "engine": connection.vendor,
        "rows": counts,
        "missing_files": missing,
    }


def _remember(path: Path, started: Any, taken: Taken) -> None:
    draft = settings.DATA / f"{LAST}.draft"
    draft.write_text(json.dumps({"at": started.isoformat(), "path": str(path), "bytes": taken.bytes}))
    draft.rename(settings.DATA / LAST)
