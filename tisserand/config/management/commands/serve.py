from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from tisserand.config.server import Server, collect_static


class Command(BaseCommand):
    requires_system_checks = ()  # they belong to `make check`, not to each start
    help = "Sert l'application : serveur de production, fichiers compressés, travaux longs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--host", default="127.0.0.1", help="adresse d'écoute (un proxy HTTPS se place devant)")

    def handle(self, *args: Any, **options: Any) -> None:
        collect_static()
        self.stdout.write(f"Tisserand répond sur http://localhost:{options['port']} (Ctrl+C pour arrêter)")
        self.stdout.flush()
        Server(options["host"], options["port"]).run()
