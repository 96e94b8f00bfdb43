"""Sending, done by the worker."""

from django.utils import timezone
from django_tasks import task

from tisserand.messages.operations import send


@task()
def deliver(message_id: int) -> None:
    """Send a message, or come back to it later."""
    wait = send(message_id=message_id)
    if wait is not None:
        deliver.using(run_after=timezone.now() + wait).enqueue(message_id)
