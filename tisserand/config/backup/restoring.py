"""Putting a backup back: everything is prepared and verified beside the instance, then takes its place at once."""

import os
import secrets
import shutil
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, OperationalError, connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone
from django.utils.translation import gettext as _

from tisserand.config import instance_lock
from tisserand.config.backup import archive, rows, switch
from tisserand.config.backup.schema import applied_migrations
from tisserand.config.backup.verifying import RestoreRefused, verify
from tisserand.messages.enums import Delivery
from tisserand.messages.models import Message
from tisserand.privacy.erasures import NAME as LIST
from tisserand.privacy.erasures import ListRefused, add_to_list, read_list
from tisserand.privacy.models import Erasure, JournalEntry


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back."""

    created_at: str
    rows: int
    files: int
    missing: list[str]
    upgraded: bool
    held: int  # messages that waited to leave
    erased: int  # accounts erased again
    listed: bool  # whether any list of erasures was found
    aside: str  # the folder of the old instance; empty when there was none
    schema: str  # the PostgreSQL schema of the old database; empty when there was none


def restore_backup(*, path: Path, replace: bool, lists: Sequence[Path] = ()) -> Restored:
    """Put the backup at *path* in the place of an empty instance, or of any with *replace*.

    Accounts erased since are erased again: those that the present instance knows, its data folder, the list beside the
    backup, and *lists*.

    Raises:
        RestoreRefused, archive.ArchiveRefused: nothing was touched.
    """
    if not path.is_file():
        raise RestoreRefused(_("Le fichier %(path)s n'existe pas.") % {"path": path})
    missing = next((one for one in lists if not one.is_file()), None)
    if missing:
        raise RestoreRefused(_("Le fichier %(path)s n'existe pas.") % {"path": missing})
    _check_target(replace)
    found = [one for one in (settings.DATA / LIST, path.absolute().parent / LIST, *lists) if one.exists()]
    known = _erasures(found)
    staging = settings.DATA / switch.STAGING
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(mode=0o700)
    try:
        manifest = archive.unpack(path, staging)
        (staging / archive.DATABASE).rename(staging / switch.DATABASE)
        (staging / "files").mkdir(exist_ok=True, mode=0o700)
        verify(staging, manifest)
        upgraded = _upgrade(staging, manifest)
        erased = _erase_again(staging, known)
        held = _hold_messages(staging / switch.DATABASE, manifest)
        done = _switch(staging, replace)
        add_to_list(settings.DATA / LIST, known.values())
        return _told(manifest, upgraded=upgraded, held=held, erased=erased, listed=bool(found), **done)
    except RuntimeError as error:
        raise RestoreRefused(str(error)) from error
    finally:
        if not (settings.DATA / switch.NOTE).exists():
            shutil.rmtree(staging, ignore_errors=True)


def _check_target(replace: bool) -> None:
    if not instance_lock.alone(settings.DATA) or _others_connected():
        raise RestoreRefused(_("L'instance est en marche : arrêtez le serveur et les autres commandes, puis relancez."))
    if (settings.DATA / "files").is_mount():
        raise RestoreRefused(_("Le dossier « files » est un disque à part : il ne peut pas être remplacé d'un coup."))
    if not replace and not _is_empty():
        raise RestoreRefused(
            _(
                "Cette instance contient déjà des données. Avec --replace, elles sont mises de côté et la sauvegarde "
                "prend leur place."
            )
        )


def _others_connected() -> bool:
    """PostgreSQL: processes of other machines do not see the lock of our folder."""
    if connection.vendor == "sqlite":
        return False
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() "
            "AND backend_type = 'client backend' AND pid <> pg_backend_pid())"
        )
        return bool(cursor.fetchone()[0])


def _is_empty() -> bool:
    """Nothing but what a first command prepares."""
    if any((settings.DATA / "files").rglob("*")):
        return False
    try:
        tables = set(connection.introspection.table_names())
        with connection.cursor() as cursor:
            for model in apps.get_models():
                table = model._meta.db_table
                if table in tables and model.__module__.startswith("tisserand."):
                    cursor.execute(f"SELECT 1 FROM {connection.ops.quote_name(table)} LIMIT 1")  # noqa: S608
                    if cursor.fetchone():
                        return False
    except OperationalError as error:
        raise RestoreRefused(_("La base de données ne répond pas : %(error)s") % {"error": error}) from error
    except DatabaseError:  # damaged: there was something
        return False
    finally:
        connection.close()
    return True


def _erasures(lists: Iterable[Path]) -> dict[UUID, Erasure]:
    """Every erasure that *lists* and the present instance know of.

    Raises:
        RestoreRefused: a list cannot be read.
    """
    try:
        known = {pk: erasure for path in lists for pk, erasure in read_list(path).items()}
    except ListRefused as refused:
        raise RestoreRefused(str(refused)) from refused
    try:
        known |= {one.pk: one for one in Erasure.objects.all()}
    except DatabaseError:  # none yet, an earlier version, or damaged: then the lists are all there is
        pass
    finally:
        connection.close()
    return known


def _erase_again(staging: Path, known: dict[UUID, Erasure]) -> int:
    """Erase again in the staged instance, by its own command and its own secret; returns how many accounts it held."""
    database = staging / switch.DATABASE
    with rows.opened(database) as file:
        done = set(Erasure.objects.using(file.alias).values_list("pk", flat=True))
        last = JournalEntry.objects.using(file.alias).order_by("pk").values_list("pk", flat=True).last() or 0
    again = [one for pk, one in known.items() if pk not in done]
    if again:
        add_to_list(staging / LIST, again)
        rows.command_in(staging, "erasures", "--replay", str(staging / LIST))
        with closing(sqlite3.connect(database)) as file:
            file.execute("VACUUM")  # free pages still hold what was erased
    with rows.opened(database) as file:
        held = JournalEntry.objects.using(file.alias).filter(pk__gt=last, verb="network.erasure_replayed")
        return held.filter(data__rows__gt=0).count()


def _upgrade(staging: Path, manifest: dict[str, Any]) -> bool:
    """Bring the staged database to this version of the code, as one would any data folder; whether it had to."""
    with closing(sqlite3.connect(staging / switch.DATABASE)) as file:
        late = bool(set(MigrationLoader(None).graph.nodes) - applied_migrations(file))
    if late:
        rows.command_in(staging, "migrate", "--verbosity", "0")
    if connection.vendor == "sqlite" and manifest["engine"] != "sqlite":
        rows.command_in(staging, "reindex_actions")
    with closing(sqlite3.connect(staging / switch.DATABASE)) as file:
        file.execute("PRAGMA journal_mode=DELETE")  # one file to rename, without its log
    return late


def _hold_messages(database: Path, manifest: dict[str, Any]) -> int:
    """Messages that waited may have left since: told as such, and not sent a second time; how many."""
    with rows.opened(database) as file:
        waiting = Message.objects.using(file.alias).filter(state=Delivery.WAITING)
        return waiting.update(state=Delivery.SENDING, tried_at=datetime.fromisoformat(manifest["created_at"]))


def _switch(staging: Path, replace: bool) -> dict[str, str]:
    """Take the place of the instance; where the old one is, by kind."""
    stamp = timezone.localtime().strftime("%Y%m%d-%H%M%S")
    aside, schema = f"avant-{stamp}", f"avant_{stamp.replace('-', '_')}"
    if connection.vendor == "sqlite":
        connection.close()
        _flush(staging)
        switch.decide(settings.DATA, token="", aside=aside)
        schema = ""
    else:
        schema = schema if replace else ""
        _load(staging, aside, schema)
    switch.finish(settings.DATA)
    if not replace:  # what a first command had prepared
        shutil.rmtree(settings.DATA / aside)
        aside = ""
    return {"aside": aside, "schema": schema}


def _told(manifest: dict[str, Any], **done: Any) -> Restored:
    moment = timezone.localtime(datetime.fromisoformat(manifest["created_at"]))
    return Restored(
        created_at=f"{moment:%Y-%m-%d %H:%M}",
        rows=sum(manifest["rows"].values()),
        files=sum(1 for name in manifest["members"] if name.startswith(f"{archive.FILES}/")),
        missing=[str(name) for name in manifest.get("missing_files", [])],
        **done,
    )


def _load(staging: Path, aside: str, schema: str) -> None:
    """Fill PostgreSQL in one transaction: new tables, rows, sequences, search."""
    database = staging / switch.DATABASE
    token = secrets.token_hex(16)
    with rows.opened(database) as file:
        expected = rows.count(file)
    try:
        with transaction.atomic():
            try:
                _fill(database, schema, token, expected)
                database.unlink()
                _flush(staging)
                # Before the commit: from then on, the next command knows how to tell whether it took place.
                switch.decide(settings.DATA, token=token, aside=aside)
            except BaseException:
                switch.give_up(settings.DATA)
                raise
    finally:
        connection.close()


def _fill(database: Path, schema: str, token: str, expected: dict[str, int]) -> None:
    _make_room(schema, token)
    call_command("migrate", verbosity=0, interactive=False)
    rows.from_file(database)
    if rows.count(connection) != expected:
        raise RuntimeError(_("Le nombre de lignes écrites n'est pas celui de la sauvegarde."))
    call_command("reindex_actions", stdout=StringIO())


def _make_room(schema: str, token: str) -> None:
    """Move the old tables to *schema*, or drop those of an empty instance, and start from nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        current = connection.ops.quote_name(cursor.fetchone()[0])
        if schema:
            cursor.execute(f"ALTER SCHEMA {current} RENAME TO {connection.ops.quote_name(schema)}")
        else:
            cursor.execute(f"DROP SCHEMA {current} CASCADE")
        cursor.execute(f"CREATE SCHEMA {current}")
        cursor.execute(f"COMMENT ON SCHEMA {current} IS '{token}'")


def _flush(staging: Path) -> None:
    """Everything that is about to take its place is on the disk."""
    for path in staging.rglob("*"):
        if path.is_file():
            descriptor = os.open(path, os.O_RDONLY)
            os.fsync(descriptor)
            os.close(descriptor)
    switch.flush_folder(staging)
