from typing import Any

from django.core.management.base import BaseCommand
from django.utils.crypto import get_random_string

from tisserand.config.worker import BeatingWorker


class Command(BaseCommand):
    requires_system_checks = ()
    help = "Fait les travaux longs (imports, messages), jusqu'à ce qu'on l'arrête. « serve » en lance déjà un."

    def handle(self, *args: Any, **options: Any) -> None:
        worker = BeatingWorker(
            queue_names=["default"],
            interval=1,
            batch=False,
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=get_random_string(32),
            excluded_queue_names=[],
        )
        worker.configure_signals()
        worker.run()
