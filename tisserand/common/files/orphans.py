"""Files that no row knows: a process ended between a file and its row, or between a row and its file."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.core.files.storage import Storage

YOUNG = timedelta(days=1)  # younger ones may belong to a deposit that is not committed yet


def delete_orphans(storage: Storage, folder: str, known: Collection[str], now: datetime, *, dry_run: bool) -> int:
    """Delete the files of *folder* that are not among *known*; returns how many there are."""
    if not storage.exists(folder):
        return 0
    names = (f"{folder}/{name}" for name in storage.listdir(folder)[1])
    old = [name for name in names if name not in known and storage.get_modified_time(name) < now - YOUNG]
    for name in [] if dry_run else old:
        storage.delete(name)
    return len(old)
