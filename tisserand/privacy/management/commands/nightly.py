import logging
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from tisserand.common.nightly import jobs

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Fait le travail de la nuit : efface ce qui a été gardé assez longtemps, envoie les rappels."

    def handle(self, *args: Any, **options: Any) -> None:
        now, failed = timezone.now(), []
        for job in jobs():
            try:
                done = job.run(now)
            except Exception:  # the others are done all the same
                logger.exception("nightly job %s", job.key)
                failed.append(job.key)
            else:
                self.stdout.write(f"{job.label} : {done}")
        if failed:
            raise CommandError(f"À reprendre : {', '.join(failed)}. L'erreur est au-dessus.")
