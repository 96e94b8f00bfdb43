"""Who is at work on a data folder: many processes together, or a restore alone."""

import fcntl
import os
import sys
from pathlib import Path

from tisserand.config.backup import switch

_held: dict[Path, int] = {}  # descriptors, open until the process ends


def enter(folder: Path) -> None:
    """Say that this process works on *folder*, until it ends; finish first a restore that was interrupted.

    The processes that it forks hold the same lock.

    Raises:
        SystemExit: the folder belongs to someone else.
    """
    if folder in _held:
        return
    try:
        # Not inherited by what it executes: a command that it starts takes its own.
        lock = os.open(folder / "instance.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except PermissionError:
        sys.exit(
            f"Le dossier {folder} n'est pas ouvert en écriture : lancez la commande avec l'utilisateur du service."
        )
    _held[folder] = lock
    if (folder / switch.NOTE).exists():
        fcntl.flock(lock, fcntl.LOCK_EX)
        switch.finish(folder)
    fcntl.flock(lock, fcntl.LOCK_SH)


def alone(folder: Path) -> bool:
    """Take *folder* for this process only, until it ends; False when another one is at work."""
    enter(folder)
    try:
        fcntl.flock(_held[folder], fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        fcntl.flock(_held[folder], fcntl.LOCK_SH)  # a conversion that fails may have let go of the shared one
        return False
    return True
