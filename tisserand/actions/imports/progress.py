"""Following long work from another process, and asking it to stop, by way of the shared cache.

Whoever writes an import holds the database until the end: only the cache can be read and written meanwhile.
"""

import time

from django.core.cache import caches

from tisserand.actions.enums import BatchState
from tisserand.actions.models import ImportBatch

GROUP = 500  # records held in memory at a time
TOLD_EVERY = 50  # records
STALLED_SECONDS = 120
_KEPT = 3_600


class Abandoned(Exception):
    """Someone asked to stop: nothing is written."""

    def __init__(self, user_id: int) -> None:
        super().__init__()
        self.user_id = user_id


def tell_progress(batch_id: int, done: int, *, step: BatchState) -> None:
    """Note how many records are done at this step, and that the work is alive."""
    caches["progress"].set(_key(batch_id), (done, time.time(), step.value), _KEPT)


def progress(batch: ImportBatch) -> int:
    """How many records are done, at the step where the batch is."""
    done, _alive, step = caches["progress"].get(_key(batch.pk), (0, 0.0, ""))
    return done if step == batch.state else 0


def is_stalled(batch: ImportBatch) -> bool:
    """Whether nothing has moved for two minutes: a worker that was killed, or none that runs."""
    alive: float = caches["progress"].get(_key(batch.pk), (0, 0.0, ""))[1]
    return time.time() - max(alive, batch.updated_at.timestamp()) > STALLED_SECONDS


def ask_to_stop(batch_id: int, user_id: int | None) -> None:
    """Ask whoever writes this import to leave everything as it was."""
    caches["progress"].set(_stop(batch_id), user_id or 0, _KEPT)


def is_asked_to_stop(batch_id: int) -> bool:
    """Whether someone asked so."""
    return caches["progress"].get(_stop(batch_id)) is not None


def stop_if_asked(batch_id: int) -> None:
    """Leave, inside the transaction that writes.

    Raises:
        Abandoned: someone asked so.
    """
    user_id = caches["progress"].get(_stop(batch_id))
    if user_id is not None:
        raise Abandoned(user_id)


def start_anew(batch_id: int) -> None:
    """Forget what was asked of an earlier try, and how far it went."""
    caches["progress"].delete_many([_key(batch_id), _stop(batch_id)])


def _key(batch_id: int) -> str:
    return f"import-{batch_id}"


def _stop(batch_id: int) -> str:
    return f"import-{batch_id}-stop"
