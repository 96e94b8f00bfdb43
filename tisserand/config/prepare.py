"""Bring the database to the version of the code, once, whoever starts first."""

import fcntl

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor


def prepare_database() -> None:
    """Apply the missing migrations; processes that start together wait for one another.

    Raises:
        CommandError: the database cannot be reached; the message says which and what to look at.
    """
    try:
        if not _is_behind():
            return
        with (settings.DATA / "prepare.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if _is_behind():
                call_command("migrate", verbosity=0, interactive=False)
                _count_again()
    except OperationalError as error:
        name = connection.settings_dict["NAME"]
        raise CommandError(
            f"La base de données « {name} » ne répond pas : {error}. "
            "Vérifiez TISSERAND_DATABASE_URL ou les droits sur le dossier TISSERAND_DATA."
        ) from error


def _count_again() -> None:
    """Tell PostgreSQL of the columns that were added: it counts by itself only once many rows have changed.

    Until then it takes each for unique and reads a million rows where the index would have found none (30 ms a page).
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def _is_behind() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
