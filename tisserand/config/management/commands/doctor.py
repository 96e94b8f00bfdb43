import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from tisserand.config.health import ERROR, OK, WARN, examine
from tisserand.config.health.findings import worst

_MARKS = {OK: "  ok     ", WARN: "  avis   ", ERROR: "  ERREUR "}


class Command(BaseCommand):
    requires_system_checks = ()
    help = "Examine l'instance et dit quoi faire ; le statut de sortie est 1 s'il y a une erreur."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--report", choices=["text", "json"], default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        found = examine()
        status = worst([finding.level for finding in found])
        if options["report"] == "json":
            told = {"status": status, "checks": [asdict(finding) for finding in found]}
            self.stdout.write(json.dumps(told, ensure_ascii=False))
        else:
            for finding in found:
                self.stdout.write(f"{_MARKS[finding.level]} {finding.text}")
                if finding.remedy:
                    self.stdout.write(f"          → {finding.remedy}")
        if status == ERROR:
            sys.exit(1)
