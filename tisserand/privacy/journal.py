"""Add to the journal, and nothing else."""

from typing import Any

from django.db.models import Model

from tisserand.privacy.models import JournalEntry


class SystemActor:
    """Whoever holds the machine: the command line, the worker, the demo. Passes every rule."""

    pk = None
    is_authenticated = True


SYSTEM = SystemActor()


def record(*, actor: Any, verb: str, subject: Model, **data: Any) -> None:
    """Write that *actor* did *verb* to *subject*; *data* holds identifiers and counts, no personal data."""
    JournalEntry.objects.create(
        actor="system" if isinstance(actor, SystemActor) else f"user:{actor.pk}",
        verb=verb,
        subject=f"{subject._meta.label_lower}:{subject.pk}",
        data=data,
    )
