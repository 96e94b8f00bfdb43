"""Long work, done by the worker."""

from django_tasks import task

from tisserand.actions.models import ImportBatch
from tisserand.actions.operations.imports import apply_import, read_import
from tisserand.network.models import User


@task()
def read_deposited(batch_id: int) -> None:
    """Read a deposited file."""
    read_import(ImportBatch.objects.get(pk=batch_id))


@task()
def apply_waiting(batch_id: int, user_id: int) -> None:
    """Write a staged import, on behalf of who confirmed it."""
    apply_import(actor=User.objects.get(pk=user_id), batch=ImportBatch.objects.get(pk=batch_id))
