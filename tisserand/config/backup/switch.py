"""Putting a restored instance in the place of the old one, so that nobody ever finds half of each.

A restore prepares everything in a folder of its own, writes down what it is about to do, then renames. A
process killed in between leaves the note: the next `tisserand` command finishes before reading anything.
No Django here: this runs before the settings know their secret key.
"""

import json
import os
import shutil
import sys
from pathlib import Path

NOTE = "restore.json"
STAGING = ".restoring"
DATABASE = "tisserand.sqlite3"
# The log and the shared memory leave with their database: the next one must not find them.
_COMPANIONS = {DATABASE: (f"{DATABASE}-wal", f"{DATABASE}-shm")}


def decide(folder: Path, *, token: str, aside: str) -> None:
    """Write down that the restore prepared in *folder* is to take place.

    Args:
        token: what the restored PostgreSQL schema carries once committed; empty when the database is a file.
        aside: name of the folder where the old instance goes.
    """
    draft = folder / f"{NOTE}.draft"
    with draft.open("w") as file:
        json.dump({"token": token, "aside": aside}, file)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(folder / NOTE)
    flush_folder(folder)


def give_up(folder: Path) -> None:
    """Forget a restore that did not take place."""
    (folder / NOTE).unlink(missing_ok=True)
    shutil.rmtree(folder / STAGING, ignore_errors=True)


def finish(folder: Path) -> None:
    """Do what is left of a decided restore; nothing when none is. Can be killed and run again at any point.

    Raises:
        SystemExit: whether the restore took place cannot be known, PostgreSQL does not answer.
    """
    note = folder / NOTE
    if not note.exists():
        return
    decided = json.loads(note.read_text())
    if decided["token"] and decided["token"] != _token_of_schema():
        give_up(folder)
        return
    staging, aside = folder / STAGING, folder / decided["aside"]
    aside.mkdir(mode=0o700, exist_ok=True)
    for name in (DATABASE, "files", "secret_key"):
        _replace(name, staging=staging, folder=folder, aside=aside)
    shutil.rmtree(folder / "cache", ignore_errors=True)  # it speaks of the old instance
    flush_folder(folder)
    note.unlink()
    flush_folder(folder)
    shutil.rmtree(staging, ignore_errors=True)


def _replace(name: str, *, staging: Path, folder: Path, aside: Path) -> None:
    new = staging / name
    if not new.exists():  # done before a cut, or not part of this restore
        return
    for old in (name, *_COMPANIONS.get(name, ())):
        if (folder / old).exists():
            (folder / old).rename(aside / old)
    new.rename(folder / name)


def _token_of_schema() -> str:
    """What the schema in place says of the restore that made it."""
    import psycopg
    from environ import Env

    address = Env.db_url_config(os.environ.get("TISSERAND_DATABASE_URL", ""))
    wanted = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    try:
        with psycopg.connect(**{key: address[name] for key, name in wanted.items() if address.get(name)}) as connection:
            found = connection.execute("SELECT obj_description(current_schema()::regnamespace)").fetchone()
    except (psycopg.Error, KeyError) as error:
        sys.exit(
            "Une restauration a été interrompue, et la base de données ne répond pas pour dire si elle avait abouti : "
            f"{type(error).__name__}. Démarrez PostgreSQL, vérifiez TISSERAND_DATABASE_URL, puis relancez."
        )
    return str(found[0] or "") if found else ""


def flush_folder(folder: Path) -> None:
    """Make renames in *folder* outlive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
