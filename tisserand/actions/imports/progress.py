"""Following long work from another process, by way of the shared cache."""

import time

from django.core.cache import caches

from tisserand.actions.models import ImportBatch

GROUP = 500  # records held in memory at a time
STALLED_SECONDS = 120
_KEPT = 3_600


def tell_progress(batch_id: int, done: int) -> None:
    """Note how many records are done, and that the work is alive."""
    caches["progress"].set(f"import-{batch_id}", (done, time.time()), _KEPT)


def progress(batch_id: int) -> int:
    """How many records are done."""
    done: int = caches["progress"].get(f"import-{batch_id}", (0, 0.0))[0]
    return done


def is_stalled(batch: ImportBatch) -> bool:
    """Whether nothing has moved for two minutes: a worker that was killed, or none that runs."""
    alive: float = caches["progress"].get(f"import-{batch.pk}", (0, 0.0))[1]
    return time.time() - max(alive, batch.updated_at.timestamp()) > STALLED_SECONDS
