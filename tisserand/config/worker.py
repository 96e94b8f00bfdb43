"""The worker of long tasks, which says that it is alive."""

import threading
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django_tasks_db.management.commands.db_worker import Worker

BEAT = 5  # seconds between two signs of life
STILL = 60  # seconds without a turn of the loop, outside a task, after which there is no sign any more


def beat_file() -> Path:
    """Its date is the last sign of life of any worker: a file, since a row would be a write every few seconds."""
    return Path(settings.DATA) / "worker.alive"


class BeatingWorker(Worker):
    """django-tasks' worker; it asks itself whether to go on at each turn, which shows that it turns."""

    def __init__(self, **options: Any) -> None:
        self._turned = time.monotonic()
        super().__init__(**options)

    @property
    def running(self) -> bool:
        """Whether to go on; asked at each turn of the loop."""
        self._turned = time.monotonic()
        return self._running

    @running.setter
    def running(self, value: bool) -> None:
        self._running = value

    def run(self) -> None:
        """Work until told to stop."""
        threading.Thread(target=self._beat, daemon=True).start()
        super().run()

    def _beat(self) -> None:
        while True:
            self.sign()
            time.sleep(BEAT)

    def sign(self) -> None:
        """Touch the file, unless the loop stands still: a worker that hangs must look dead."""
        if self.running_task or time.monotonic() - self._turned < STILL:
            beat_file().touch()
