from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from tisserand.common.ports import PortRefused, answer_on, check_port
from tisserand.config.server import collect_static, supervise
from tisserand.config.sqlite_library import is_wal_safe


class Command(BaseCommand):
    requires_system_checks = ()  # they belong to `make check`, not to each start
    help = "Sert l'application : serveur de production, fichiers compressés, travaux longs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--host", default="127.0.0.1", help="adresse d'écoute (un proxy HTTPS se place devant)")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            check_port(options["host"], options["port"])
        except PortRefused as refused:
            raise CommandError(str(refused)) from refused
        address = answer_on(options["port"])
        collect_static()
        if connection.vendor == "sqlite":
            version = ".".join(map(str, settings.SQLITE_VERSION))
            mode = "WAL" if is_wal_safe(settings.SQLITE_VERSION) else "DELETE"
            self.stdout.write(f"SQLite {version}, journal {mode}")
        self.stdout.write(f"Tisserand répond sur {address} (Ctrl+C pour arrêter)")
        self.stdout.flush()
        supervise(options["host"], options["port"])
