"""Letters as files, where the instance has no mail server (`EMAIL_FILE_PATH`)."""

import re
from collections.abc import Iterable
from datetime import datetime
from email import message_from_bytes, policy
from pathlib import Path

from django.conf import settings

from tisserand.privacy.privacy import naming as words_naming
from tisserand.privacy.registry import Subject

_BETWEEN = b"-" * 79  # as Django's backend writes between two letters


def letters() -> list[Path]:
    """Every file of letters; none where letters leave by a server."""
    folder = Path(getattr(settings, "EMAIL_FILE_PATH", None) or "")
    return sorted(folder.glob("*.log")) if folder.name else []


def older_than(moment: datetime) -> list[Path]:
    """The files written before *moment*."""
    return [path for path in letters() if path.stat().st_mtime < moment.timestamp()]


def naming(subject: Subject) -> list[Path]:
    """The files that hold an address or a name of the person."""
    words = words_naming(subject)
    return [path for path in letters() if re.search(words, _text(path))] if words else []


def delete(paths: Iterable[Path]) -> None:
    """Delete them; those that went meanwhile are gone."""
    for path in paths:
        path.unlink(missing_ok=True)


def _text(path: Path) -> str:
    found = []
    for letter in path.read_bytes().split(_BETWEEN):
        message = message_from_bytes(letter.lstrip(), policy=policy.default)
        body = message.get_body()
        found += [*map(str, message.values()), str(body.get_content()) if body else ""]
    return " ".join(found)
