"""Add to the journal, and nothing else."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Model

from tisserand.privacy.models import JournalEntry


class SystemActor:
    """Whoever holds the machine: the command line, the worker, the demo. Passes every rule."""

    pk = None
    is_authenticated = True


SYSTEM = SystemActor()


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# What numbers, dates, choices and names of fields look like; words and addresses do not.
_CODE = re.compile(r"[a-z0-9_.:-]{0,60}")


def moment_code(moment: datetime) -> int:
    """A moment to the microsecond, as the journal takes it; `moment_of` reads it back."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def moment_of(code: int) -> datetime:
    """The moment that a code tells."""
    return _EPOCH + timedelta(microseconds=code)


def record(*, actor: Any, verb: str, subject: Model, **data: Any) -> None:
    """Write that *actor* did *verb* to *subject*; *data* holds identifiers and counts, no personal data.

    Raises:
        ValueError: *data* holds words, which could be someone's.
    """
    if not _only_codes(data):
        raise ValueError(f"the journal takes numbers and codes: {verb}")
    JournalEntry.objects.create(**_who_did_what(actor, verb, subject), data=data)


def recorded_since(at: datetime, *, actor: Any, verb: str, subject: Model) -> bool:
    """Whether the journal says it already, since then."""
    return JournalEntry.objects.filter(**_who_did_what(actor, verb, subject), at__gt=at).exists()


def has_done(actor: Any, *verbs: str) -> bool:
    """Whether the journal says that *actor* did any of *verbs*, to whatever subject."""
    return JournalEntry.objects.filter(actor=_who(actor), verb__in=verbs).exists()


def _who(actor: Any) -> str:
    return "system" if isinstance(actor, SystemActor) else f"user:{actor.pk}"


def _who_did_what(actor: Any, verb: str, subject: Model) -> dict[str, str]:
    return {"actor": _who(actor), "verb": verb, "subject": f"{subject._meta.label_lower}:{subject.pk}"}


def _only_codes(value: Any) -> bool:
    if isinstance(value, dict):
        return all(map(_only_codes, value.values()))
    if isinstance(value, list | tuple):
        return all(map(_only_codes, value))
    return value is None or isinstance(value, int) or (isinstance(value, str) and bool(_CODE.fullmatch(value)))
