"""The list of erasures, as a file: a backup is older than the erasures that follow it, the list is not.

One JSON object a line. It is kept in the data folder, which a restore leaves in place, and beside each backup.
"""

import fcntl
import json
import os
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from tisserand.privacy.models import Erasure
from tisserand.privacy.privacy import ERASURE_DAYS

NAME = "erasures.jsonl"


class ListRefused(Exception):
    """The file is no list of erasures; the message says where."""


def read_list(path: Path) -> dict[uuid.UUID, Erasure]:
    """The erasures of the file at *path*, not saved; none when there is no such file.

    Raises:
        ListRefused: a line is not one of ours.
    """
    if not path.exists():
        return {}
    erasures = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            one = _read(json.loads(line))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ListRefused(
                _("%(path)s, ligne %(n)d : ce n'est pas un effacement.") % {"path": path, "n": number}
            ) from error
        erasures[one.pk] = one
    return erasures


def _read(line: dict[str, Any]) -> Erasure:
    at, opened_at = datetime.fromisoformat(line["at"]), datetime.fromisoformat(line["opened_at"])
    if not (at.tzinfo and opened_at.tzinfo and all(isinstance(one, str) for one in line["addresses"])):
        raise ValueError
    return Erasure(
        pk=uuid.UUID(line["id"]), at=at, account=int(line["account"]), opened_at=opened_at, addresses=line["addresses"]
    )


def add_to_list(path: Path, erasures: Iterable[Erasure]) -> int:
    """Add *erasures* to the list at *path*, and take out those whose time is over; returns how many it holds.

    Raises:
        ListRefused: something else is there.
    """
    with (settings.DATA / "erasures.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        known = read_list(path) | {one.pk: one for one in erasures}
        oldest = timezone.now() - timedelta(days=ERASURE_DAYS)
        kept = sorted((one for one in known.values() if one.at >= oldest), key=lambda one: (one.at, str(one.pk)))
        draft = path.with_name(f".{path.name}.draft")
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.writelines(_line(one) for one in kept)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
    return len(kept)


def keep_list() -> None:
    """Bring the list of the data folder up to date with the database."""
    add_to_list(settings.DATA / NAME, Erasure.objects.all())


def _line(one: Erasure) -> str:
    said = {
        "id": str(one.pk),
        "at": one.at.isoformat(),
        "account": one.account,
        "opened_at": one.opened_at.isoformat(),
        "addresses": one.addresses,
    }
    return json.dumps(said) + "\n"
