from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from tisserand.privacy.registry import retentions
from tisserand.privacy.retention import apply_retention


class Command(BaseCommand):
    help = "Efface ce qui a été gardé assez longtemps (à lancer chaque nuit)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="dit ce qui partirait, sans rien effacer")

    def handle(self, *args: Any, **options: Any) -> None:
        counts = apply_retention(now=timezone.now(), dry_run=options["dry_run"])
        verb = "à effacer" if options["dry_run"] else "effacées"
        for job in retentions():
            self.stdout.write(f"{job.label} : {counts[job.key]} lignes {verb}")
