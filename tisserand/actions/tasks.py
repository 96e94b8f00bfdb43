"""Long work, done by the worker. Work that fails gives the batch back, and the failure is logged."""

import logging

from django_tasks import task

from tisserand.actions.imports.progress import Abandoned
from tisserand.actions.models import ImportBatch
from tisserand.actions.operations.imports import apply_import, cancel_import, give_back, read_import, undo_import
from tisserand.network.models import User
from tisserand.privacy.journal import SYSTEM

logger = logging.getLogger(__name__)


@task()
def read_deposited(batch_id: int) -> None:
    """Read a deposited file."""
    batch = ImportBatch.objects.get(pk=batch_id)
    try:
        read_import(actor=SYSTEM, batch=batch)
    except Exception:
        logger.exception("reading import %s", batch_id)
        give_back(batch=batch)


@task()
def apply_waiting(batch_id: int, user_id: int) -> None:
    """Write a staged import, on behalf of who confirmed it."""
    batch = ImportBatch.objects.get(pk=batch_id)
    try:
        apply_import(actor=User.objects.get(pk=user_id), batch=batch)
    except Abandoned as asked:
        cancel_import(actor=User.objects.get(pk=asked.user_id), batch=batch)
    except Exception:
        logger.exception("applying import %s", batch_id)
        give_back(batch=batch)


@task()
def undo_applied(batch_id: int, user_id: int) -> None:
    """Undo a large import, on behalf of who confirmed it; one that fails leaves it recorded, as it was."""
    undo_import(actor=User.objects.get(pk=user_id), batch=ImportBatch.objects.get(pk=batch_id))
